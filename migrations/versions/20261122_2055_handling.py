"""Who handles an application, and the notes of the office."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import urbact_calls.database

revision = "5b7d2f9c0a31"
down_revision = "9d27c4e81f30"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handler",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("assigned_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("assigned_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_handler_application_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_handler_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["assigned_by"], ["user_account.id"], name=op.f("fk_handler_assigned_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handler")),
        sa.UniqueConstraint("application_id", name=op.f("uq_handler_application_id")),
    )
    op.create_index(op.f("ix_handler_user_id"), "handler", ["user_id"], unique=False)
    op.create_table(
        "internal_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_internal_note_application_id")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_internal_note_author_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_internal_note")),
    )
    op.create_index("ix_internal_note_application_id_id", "internal_note", ["application_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_internal_note_application_id_id", table_name="internal_note")
    op.drop_table("internal_note")
    op.drop_index(op.f("ix_handler_user_id"), table_name="handler")
    op.drop_table("handler")
