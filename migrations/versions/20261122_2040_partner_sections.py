"""partner sections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import urbact_calls.database

revision = "8d3f51c2e7a4"
down_revision = "4c1e0b7a95d2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner_section",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_partner_section_partner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["user_account.id"], name=op.f("fk_partner_section_updated_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_section")),
        sa.UniqueConstraint("partner_id", "code", name=op.f("uq_partner_section_partner_id_code")),
    )


def downgrade() -> None:
    op.drop_table("partner_section")
