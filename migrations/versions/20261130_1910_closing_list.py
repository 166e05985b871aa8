"""Adds the closing lists of calls, who takes part in what is in them, and by which list a report was made.

Expand only: reports of before hold the other applications in their dossier and name no list. A program of before makes
such reports, which count until the dates of the call are moved.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5d1f6b28c9e4"
down_revision = "5e1b7d93c406"
branch_labels = None
depends_on = None

FK_OF_REPORT = "fk_report_closing_list_id_closing_list"


def upgrade() -> None:
    op.create_table(
        "closing_list",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("call_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("last_second", sa.DateTime(timezone=True), nullable=False),
        sa.Column("after", sa.Integer, nullable=False),
        sa.Column("listed", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("is_outdated", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_closing_list"),
        sa.UniqueConstraint("call_id", "number", name="uq_closing_list_call_id_number"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_closing_list_call_id_call", ondelete="CASCADE"),
    )
    op.create_table(
        "participation",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("closing_list_id", sa.Integer, nullable=False),
        sa.Column("submission_id", sa.Integer, nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("is_lead", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_participation"),
        sa.ForeignKeyConstraint(
            ["closing_list_id"],
            ["closing_list.id"],
            name="fk_participation_closing_list_id_closing_list",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name="fk_participation_submission_id_submission", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_participation_closing_list_id_country_name", "participation", ["closing_list_id", "country", "name"]
    )
    op.create_index("ix_participation_submission_id", "participation", ["submission_id"])
    with op.batch_alter_table("report") as report:
        report.add_column(sa.Column("closing_list_id", sa.Integer))
        report.create_foreign_key(FK_OF_REPORT, "closing_list", ["closing_list_id"], ["id"], ondelete="SET NULL")


def downgrade() -> None:
    with op.batch_alter_table("report") as report:
        report.drop_constraint(FK_OF_REPORT, type_="foreignkey")
        report.drop_column("closing_list_id")
    op.drop_table("participation")
    op.drop_table("closing_list")
