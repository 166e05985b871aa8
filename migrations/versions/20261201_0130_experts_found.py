"""Readings of kinds of expertise, availability, expiry and suspension of experts; what a search needs; choices that wait
for the Joint Secretariat, periods and ends of appointments.

Expand only. Appointments that are there count, as they did, since they were made; their period is not known. Searches that
are there need nothing but their task. Validations that are there have no last day.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "6a4f20d8b713"
down_revision = "5f2a90c47d13"
branch_labels = None
depends_on = None

PROFILE = "'draft', 'submitted', 'validated_lead', 'validated_ad_hoc', 'refused'"
PROFILE_NOW = "'draft', 'submitted', 'validated_lead', 'validated_ad_hoc', 'suspended', 'expired', 'refused'"
APPLICATION = "'submitted', 'appointed', 'declined', 'withdrawn'"
APPLICATION_NOW = "'submitted', 'chosen', 'appointed', 'ended', 'declined', 'withdrawn'"


def upgrade() -> None:
    _readings_and_availability()
    with op.batch_alter_table("expert_profile") as profile:
        profile.add_column(sa.Column("round", sa.Integer, nullable=False, server_default="0"))
        profile.add_column(sa.Column("valid_until", sa.Date))
        profile.add_column(sa.Column("suspended_from", sa.String(20)))
        profile.add_column(sa.Column("suspended_until", sa.Date))
        profile.drop_constraint(op.f("ck_expert_profile_state"), type_="check")
        profile.create_check_constraint(op.f("ck_expert_profile_state"), f"state IN ({PROFILE_NOW})")
    with op.batch_alter_table("expert_application") as application:
        application.drop_constraint(op.f("ck_expert_application_state"), type_="check")
        application.create_check_constraint(op.f("ck_expert_application_state"), f"state IN ({APPLICATION_NOW})")
        application.drop_constraint(op.f("ck_expert_application_decided"), type_="check")
        application.create_check_constraint(
            op.f("ck_expert_application_decided"), "state IN ('submitted', 'chosen') OR decided_at IS NOT NULL"
        )
    with op.batch_alter_table("expert_search") as search:
        search.add_column(sa.Column("themes", sa.JSON))
        search.add_column(sa.Column("languages", sa.JSON))
        search.add_column(sa.Column("days", sa.Integer))
        search.add_column(sa.Column("starts_on", sa.Date))
        search.add_column(sa.Column("ends_on", sa.Date))
        search.add_column(sa.Column("apply_by", sa.Date))
        search.add_column(sa.Column("chosen_at", sa.DateTime(timezone=True)))
        search.add_column(sa.Column("is_replacement", sa.Boolean, nullable=False, server_default=sa.false()))
        search.create_check_constraint(op.f("ck_expert_search_days"), "days > 0")
        search.create_check_constraint(op.f("ck_expert_search_period"), "ends_on >= starts_on")
    with op.batch_alter_table("appointment") as appointment:
        appointment.add_column(sa.Column("starts_on", sa.Date))
        appointment.add_column(sa.Column("ends_on", sa.Date))
        appointment.add_column(sa.Column("validated_at", sa.DateTime(timezone=True)))
        appointment.add_column(sa.Column("validated_by", sa.Integer))
        appointment.add_column(sa.Column("ended_on", sa.Date))
        appointment.add_column(sa.Column("days_used", sa.Integer))
        appointment.create_foreign_key(
            "fk_appointment_validated_by_user_account",
            "user_account",
            ["validated_by"],
            ["id"],
            ondelete="SET NULL",
        )
        appointment.create_check_constraint(op.f("ck_appointment_period"), "ends_on >= starts_on")
        appointment.create_check_constraint(op.f("ck_appointment_days_used"), "days_used BETWEEN 0 AND days")
        appointment.create_check_constraint(op.f("ck_appointment_ended"), "(ended_on IS NULL) = (days_used IS NULL)")
    op.execute("UPDATE appointment SET validated_at = appointed_at")


def _readings_and_availability() -> None:
    op.create_table(
        "expertise_reading",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("profile_id", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("reader_id", sa.Integer),
        sa.Column("is_proven", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_expertise_reading"),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["expert_profile.id"],
            name="fk_expertise_reading_profile_id_expert_profile",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["user_account.id"], name="fk_expertise_reading_reader_id_user_account", ondelete="SET NULL"
        ),
        sa.UniqueConstraint(
            "profile_id", "round", "kind", "reader_id", name="uq_expertise_reading_profile_id_round_kind_reader_id"
        ),
        sa.CheckConstraint("kind IN ('exchange', 'thematic', 'methods')", name=op.f("ck_expertise_reading_kind")),
    )
    op.create_table(
        "expert_availability",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("profile_id", sa.Integer, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_expert_availability"),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["expert_profile.id"],
            name="fk_expert_availability_profile_id_expert_profile",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("days > 0", name=op.f("ck_expert_availability_days")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_expert_availability_period")),
    )
    op.create_index("ix_expert_availability_profile_id", "expert_availability", ["profile_id"])


def downgrade() -> None:
    # What the program of before does not know: a choice was no appointment yet, one that ended was one, and who is not
    # validated now is refused.
    op.execute(
        "DELETE FROM appointment WHERE expert_application_id IN "
        "(SELECT id FROM expert_application WHERE state = 'chosen')"
    )
    op.execute("UPDATE expert_application SET state = 'submitted' WHERE state = 'chosen'")
    op.execute("UPDATE expert_application SET state = 'appointed' WHERE state = 'ended'")
    op.execute("UPDATE expert_profile SET state = 'refused' WHERE state IN ('suspended', 'expired')")
    with op.batch_alter_table("appointment") as appointment:
        for name in ("period", "days_used", "ended"):
            appointment.drop_constraint(op.f(f"ck_appointment_{name}"), type_="check")
        appointment.drop_constraint("fk_appointment_validated_by_user_account", type_="foreignkey")
        for column in ("starts_on", "ends_on", "validated_at", "validated_by", "ended_on", "days_used"):
            appointment.drop_column(column)
    with op.batch_alter_table("expert_search") as search:
        search.drop_constraint(op.f("ck_expert_search_days"), type_="check")
        search.drop_constraint(op.f("ck_expert_search_period"), type_="check")
        for column in ("themes", "languages", "days", "starts_on", "ends_on", "apply_by", "chosen_at"):
            search.drop_column(column)
        search.drop_column("is_replacement")
    with op.batch_alter_table("expert_application") as application:
        application.drop_constraint(op.f("ck_expert_application_state"), type_="check")
        application.create_check_constraint(op.f("ck_expert_application_state"), f"state IN ({APPLICATION})")
        application.drop_constraint(op.f("ck_expert_application_decided"), type_="check")
        application.create_check_constraint(
            op.f("ck_expert_application_decided"), "state = 'submitted' OR decided_at IS NOT NULL"
        )
    with op.batch_alter_table("expert_profile") as profile:
        profile.drop_constraint(op.f("ck_expert_profile_state"), type_="check")
        profile.create_check_constraint(op.f("ck_expert_profile_state"), f"state IN ({PROFILE})")
        for column in ("round", "valid_until", "suspended_from", "suspended_until"):
            profile.drop_column(column)
    op.drop_table("expert_availability")
    op.drop_table("expertise_reading")
