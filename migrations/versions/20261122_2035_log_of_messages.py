"""What a message is about and which job sends it, messages sent again, reminders switched off, invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import urbact_calls.database

revision = "5d0c8e61f3a7"
down_revision = "5e0c7b1f2a64"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_delivery_address_id": ["address", "id"],
    "ix_delivery_email_key_id": ["email_key", "id"],
    "ix_delivery_object_ref_id": ["object_ref", "id"],
    "ix_delivery_job_id": ["job_id"],
    "ix_delivery_resent_of": ["resent_of"],
}


def upgrade() -> None:
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("object_ref", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("job_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("resent_of", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("resent_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("resend_reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("resends", sa.Integer(), server_default="0", nullable=False))
        for column, table in (("job_id", "job"), ("resent_of", "delivery"), ("resent_by", "user_account")):
            batch_op.create_foreign_key(
                batch_op.f(f"fk_delivery_{column}"), table, [column], ["id"], ondelete="SET NULL"
            )
        for name, columns in INDEXES.items():
            batch_op.create_index(batch_op.f(name), columns, unique=False)
    # The key of the job that sends a message is the first part of its Message-ID, which is 40 characters long.
    op.execute(
        "UPDATE delivery SET job_id = (SELECT job.id FROM job WHERE job.key = 'deliver:' || substr(message_id, 2, 40))"
    )
    op.execute(
        "UPDATE delivery SET object_ref = COALESCE((SELECT job.object_ref FROM job WHERE job.id = delivery.job_id), "
        "(SELECT job.object_ref FROM job WHERE job.key = delivery.event))"
    )
    op.create_table(
        "muted_email",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("email_key", sa.String(length=60), nullable=False),
        sa.Column("muted_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_muted_email_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_muted_email")),
        sa.UniqueConstraint("user_id", "email_key", name=op.f("uq_muted_email_user_id_email_key")),
    )
    op.create_table(
        "partner_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=True),
        sa.Column("invited_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("accepted_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Integer(), nullable=True),
        sa.Column("revoked_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("gave_access", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_partner_invitation_partner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["user_account.id"], name=op.f("fk_partner_invitation_invited_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["user_account.id"], name=op.f("fk_partner_invitation_accepted_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_invitation")),
        sa.UniqueConstraint("partner_id", "address", name=op.f("uq_partner_invitation_partner_id_address")),
    )


def downgrade() -> None:
    op.drop_table("partner_invitation")
    op.drop_table("muted_email")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        for name in INDEXES:
            batch_op.drop_index(batch_op.f(name))
        for column in ("job_id", "resent_of", "resent_by"):
            batch_op.drop_constraint(batch_op.f(f"fk_delivery_{column}"), type_="foreignkey")
        for column in ("object_ref", "job_id", "resent_of", "resent_by", "resend_reason", "resends"):
            batch_op.drop_column(column)
