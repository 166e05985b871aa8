"""Adds the table of uploaded files that wait for a check or a scan, or were refused by one.

Expand only: files that are there were checked when they came and have no row. A program of before writes none.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3c7a90d1f5b2"
down_revision = "c4d8e2f60a17"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("storage_key", sa.String(32), nullable=False),
        sa.Column("paper", sa.String(24), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("subject_kind", sa.String(24), nullable=False),
        sa.Column("subject_id", sa.Integer, nullable=False),
        sa.Column("refusal", sa.JSON),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Integer),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_stored_file"),
        sa.UniqueConstraint("storage_key", name="uq_stored_file_storage_key"),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["user_account.id"], name="fk_stored_file_uploaded_by_user_account", ondelete="SET NULL"
        ),
        sa.CheckConstraint("state IN ('unchecked', 'unscanned', 'passed', 'refused')", name="state"),
        sa.CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name="refusal"),
        sa.CheckConstraint("(state IN ('passed', 'refused')) = (settled_at IS NOT NULL)", name="settled"),
    )


def downgrade() -> None:
    op.drop_table("stored_file")
