"""The pool of experts, and the experts and agreements of networks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import urbact_calls.database

revision = "f048201e83a1"
down_revision = "c2a41e905b37"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "expert_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column("track", sa.String(length=8), nullable=True),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("validated_kinds", sa.JSON(), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("years", sa.Integer(), nullable=True),
        sa.Column("skills", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("cv_key", sa.String(length=32), nullable=True),
        sa.Column("cv_filename", sa.String(length=120), nullable=True),
        sa.Column("cv_size", sa.Integer(), nullable=True),
        sa.Column("cv_sha256", sa.String(length=64), nullable=True),
        sa.Column("cv_uploaded_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("consented_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decided_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state = 'draft' OR submitted_at IS NOT NULL", name=op.f("ck_expert_profile_submitted")),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'validated_lead', 'validated_ad_hoc', 'refused')",
            name=op.f("ck_expert_profile_state"),
        ),
        sa.CheckConstraint("track IS NULL OR track IN ('lead', 'ad_hoc')", name=op.f("ck_expert_profile_track")),
        sa.CheckConstraint("years IS NULL OR years BETWEEN 0 AND 70", name=op.f("ck_expert_profile_years")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_expert_profile_decided_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_expert_profile_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_profile")),
        sa.UniqueConstraint("slug", name=op.f("uq_expert_profile_slug")),
        sa.UniqueConstraint("user_id", name=op.f("uq_expert_profile_user_id")),
    )
    with op.batch_alter_table("expert_profile", schema=None) as batch_op:
        batch_op.create_index("ix_expert_profile_state_id", ["state", "id"], unique=False)

    op.create_table(
        "expert_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("opened_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('lead', 'ad_hoc')", name=op.f("ck_expert_search_role")),
        sa.ForeignKeyConstraint(
            ["network_id"], ["network.id"], name=op.f("fk_expert_search_network_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["user_account.id"], name=op.f("fk_expert_search_opened_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_search")),
    )
    with op.batch_alter_table("expert_search", schema=None) as batch_op:
        batch_op.create_index("ix_expert_search_closed_at_opened_at", ["closed_at", "opened_at"], unique=False)
        batch_op.create_index("ix_expert_search_network_id", ["network_id"], unique=False)

    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(length=32), nullable=False),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_agreement_member_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["user_account.id"], name=op.f("fk_agreement_uploaded_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("member_id", name=op.f("uq_agreement_member_id")),
    )
    op.create_table(
        "expert_application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("search_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("motivation", sa.Text(), nullable=False),
        sa.Column("submitted_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state = 'submitted' OR decided_at IS NOT NULL", name=op.f("ck_expert_application_decided")),
        sa.CheckConstraint(
            "state IN ('submitted', 'appointed', 'declined', 'withdrawn')", name=op.f("ck_expert_application_state")
        ),
        sa.ForeignKeyConstraint(["profile_id"], ["expert_profile.id"], name=op.f("fk_expert_application_profile_id")),
        sa.ForeignKeyConstraint(
            ["search_id"], ["expert_search.id"], name=op.f("fk_expert_application_search_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_application")),
    )
    with op.batch_alter_table("expert_application", schema=None) as batch_op:
        batch_op.create_index("ix_expert_application_profile_id", ["profile_id"], unique=False)
        batch_op.create_index("ix_expert_application_search_id", ["search_id"], unique=False)

    op.create_table(
        "appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("expert_application_id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("daily_fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("appointed_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("appointed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("role IN ('lead', 'ad_hoc')", name=op.f("ck_appointment_role")),
        sa.CheckConstraint("amount_cents = days * daily_fee_cents", name=op.f("ck_appointment_amount")),
        sa.CheckConstraint("days > 0", name=op.f("ck_appointment_days")),
        sa.ForeignKeyConstraint(
            ["appointed_by"], ["user_account.id"], name=op.f("fk_appointment_appointed_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["expert_application_id"],
            ["expert_application.id"],
            name=op.f("fk_appointment_expert_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_appointment_network_id")),
        sa.ForeignKeyConstraint(["profile_id"], ["expert_profile.id"], name=op.f("fk_appointment_profile_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("expert_application_id", name=op.f("uq_appointment_expert_application_id")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index("ix_appointment_network_id", ["network_id"], unique=False)
        batch_op.create_index("ix_appointment_profile_id", ["profile_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index("ix_appointment_profile_id")
        batch_op.drop_index("ix_appointment_network_id")

    op.drop_table("appointment")
    with op.batch_alter_table("expert_application", schema=None) as batch_op:
        batch_op.drop_index("ix_expert_application_search_id")
        batch_op.drop_index("ix_expert_application_profile_id")

    op.drop_table("expert_application")
    op.drop_table("agreement")
    with op.batch_alter_table("expert_search", schema=None) as batch_op:
        batch_op.drop_index("ix_expert_search_network_id")
        batch_op.drop_index("ix_expert_search_closed_at_opened_at")

    op.drop_table("expert_search")
    with op.batch_alter_table("expert_profile", schema=None) as batch_op:
        batch_op.drop_index("ix_expert_profile_state_id")

    op.drop_table("expert_profile")
