"""Subscriptions to calls, the version of a call's terms, and where an address leaves a list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import urbact_calls.database

revision = "c2a41e905b37"
down_revision = "7a9930ddde17"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("delivery", sa.Column("leave_href", sa.String(length=300), nullable=True))
    op.create_table(
        "call_subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("asked_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_subscription_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_subscription")),
        sa.UniqueConstraint("call_id", "address", name=op.f("uq_call_subscription_call_id_address")),
        sa.UniqueConstraint("key", name=op.f("uq_call_subscription_key")),
    )
    op.create_index(op.f("ix_call_subscription_call_id"), "call_subscription", ["call_id"])


def downgrade() -> None:
    # The list of addresses goes with its table: nobody could be told any more, or leave.
    op.drop_table("call_subscription")
    op.drop_column("delivery", "leave_href")
    op.drop_column("call", "version")
