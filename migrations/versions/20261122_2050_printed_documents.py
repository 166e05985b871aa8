"""printed documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import urbact_calls.database

revision = "9d27c4e81f30"
down_revision = "5d7c3a90e1f4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "printed_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("requested_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "storage_key IS NULL OR (size IS NOT NULL AND made_at IS NOT NULL)",
            name=op.f("ck_printed_document_made_when_stored"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_printed_document_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_printed_document_job_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_document")),
        sa.UniqueConstraint(
            "application_id", "content_sha256", name=op.f("uq_printed_document_application_id_content_sha256")
        ),
        sa.UniqueConstraint("storage_key", name=op.f("uq_printed_document_storage_key")),
    )
    with op.batch_alter_table("printed_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printed_document_requested_at"), ["requested_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("printed_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printed_document_requested_at"))

    op.drop_table("printed_document")
