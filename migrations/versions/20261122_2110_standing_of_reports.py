"""standing of reports, and what the figures of the office are counted in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2f6b8c40d9e1"
down_revision = "8d3f51c2e7a4"
branch_labels = None
depends_on = None

# The report that counts, as `eligibility.queries.latest_report` chooses it, with what stands in it now.
FILL = """
WITH ranked AS (
    SELECT r.id, r.application_id, r.kind, s.number,
        row_number() OVER (
            PARTITION BY r.application_id
            ORDER BY s.number DESC, CASE WHEN r.kind = 'official' THEN 0 ELSE 1 END, r.id DESC
        ) AS place
    FROM report r JOIN submission s ON s.id = r.submission_id
), standing AS (
    SELECT ranked.application_id, ranked.kind, ranked.number,
        sum(CASE WHEN f.is_blocking AND coalesce(f.settled_outcome, f.outcome) = 'not_met' THEN 1 ELSE 0 END) AS unmet,
        sum(CASE WHEN coalesce(f.settled_outcome, f.outcome) = 'to_be_checked' THEN 1 ELSE 0 END) AS waiting
    FROM ranked LEFT JOIN finding f ON f.report_id = ranked.id
    WHERE ranked.place = 1
    GROUP BY ranked.application_id, ranked.kind, ranked.number
)
UPDATE application
SET report_kind = standing.kind, reported_submission = standing.number,
    unmet_findings = standing.unmet, open_findings = standing.waiting
FROM standing WHERE standing.application_id = application.id
"""


def upgrade() -> None:
    with op.batch_alter_table("application") as batch_op:
        batch_op.add_column(sa.Column("report_kind", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("reported_submission", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("unmet_findings", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("open_findings", sa.Integer(), nullable=True))
    op.execute(FILL)
    with op.batch_alter_table("application") as batch_op:
        batch_op.create_index(
            "ix_application_state_call_id_findings", ["state", "call_id", "unmet_findings", "open_findings", "id"]
        )
    with op.batch_alter_table("handler") as batch_op:
        batch_op.drop_index("ix_handler_user_id")
        batch_op.create_index("ix_handler_user_id_assigned_at_id", ["user_id", "assigned_at", "id"])
    with op.batch_alter_table("allocation") as batch_op:
        batch_op.create_index("ix_allocation_application_id_released_at", ["application_id", "released_at"])


def downgrade() -> None:
    with op.batch_alter_table("allocation") as batch_op:
        batch_op.drop_index("ix_allocation_application_id_released_at")
    with op.batch_alter_table("handler") as batch_op:
        batch_op.drop_index("ix_handler_user_id_assigned_at_id")
        batch_op.create_index("ix_handler_user_id", ["user_id"])
    with op.batch_alter_table("application") as batch_op:
        batch_op.drop_index("ix_application_state_call_id_findings")
        batch_op.drop_column("open_findings")
        batch_op.drop_column("unmet_findings")
        batch_op.drop_column("reported_submission")
        batch_op.drop_column("report_kind")
