"""Changes of fields are found by their day among those of all subjects of a kind."""

from __future__ import annotations

from alembic import op

revision = "c4d8e2f60a17"
down_revision = "b2a4c6e81357"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_field_change_subject_kind_at", "field_change", ["subject_kind", "at"])


def downgrade() -> None:
    op.drop_index("ix_field_change_subject_kind_at", table_name="field_change")
