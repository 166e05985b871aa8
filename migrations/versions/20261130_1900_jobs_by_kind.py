"""Jobs are taken by their kind, and what is due of one kind is found among all that wait of others."""

from __future__ import annotations

from alembic import op

revision = "5e1b7d93c406"
down_revision = "3c7a90d1f5b2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_job_state_kind_next_at_id", "job", ["state", "kind", "next_at", "id"])
    # PostgreSQL would go on reading in it all that waits, in the hope to meet the kind that it looks for.
    op.drop_index("ix_job_state_next_at", table_name="job")


def downgrade() -> None:
    op.create_index("ix_job_state_next_at", "job", ["state", "next_at"])
    op.drop_index("ix_job_state_kind_next_at_id", table_name="job")
