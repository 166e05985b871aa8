"""Former members are kept for some months, roles wait for a second administrator, managers are confirmed.

Who left an organisation before is read from the record of field changes and counts for 24 months, the months that hold
where no setting says otherwise.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "b2a4c6e81357"
down_revision = "4c7e1a92d0b5"
branch_labels = None
depends_on = None


COUNTS = timedelta(days=730)
LEFT = "member."

_users = sa.table("user_account", sa.column("id", sa.Integer))
_organisations = sa.table("organisation", sa.column("id", sa.Integer))
_changes = sa.table(
    "field_change",
    sa.column("subject_kind", sa.String),
    sa.column("subject_id", sa.Integer),
    sa.column("field", sa.String),
    sa.column("after", sa.JSON),
    sa.column("at", sa.DateTime(timezone=True)),
)
_former = sa.table(
    "former_membership",
    sa.column("user_id", sa.Integer),
    sa.column("organisation_id", sa.Integer),
    sa.column("left_at", sa.DateTime(timezone=True)),
    sa.column("counts_until", sa.DateTime(timezone=True)),
)


def _keep_who_left() -> None:
    """Whoever was taken out of an organisation that is still here, by an account that is still here."""
    connection = op.get_bind()
    left = connection.execute(
        sa.select(_changes.c.subject_id, _changes.c.field, _changes.c.after, _changes.c.at)
        .where(
            _changes.c.subject_kind == "organisation",
            _changes.c.field.startswith(LEFT),
            _changes.c.at > datetime.now(UTC) - COUNTS,
        )
        .order_by(_changes.c.at)
    ).all()
    people = set(connection.scalars(sa.select(_users.c.id)))
    places = set(connection.scalars(sa.select(_organisations.c.id)))
    rows = [
        {
            "user_id": int(change.field.removeprefix(LEFT)),
            "organisation_id": change.subject_id,
            "left_at": change.at,
            "counts_until": change.at + COUNTS,
        }
        for change in left
        if change.after == {"value": False}
    ]
    known = [row for row in rows if row["user_id"] in people and row["organisation_id"] in places]
    if known:
        connection.execute(sa.insert(_former), known)


def upgrade() -> None:
    op.create_table(
        "former_membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_former_membership_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_former_membership_organisation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_former_membership"),
    )
    op.create_index("ix_former_membership_user_id", "former_membership", ["user_id"])
    op.create_index("ix_former_membership_organisation_id", "former_membership", ["organisation_id"])
    op.create_index("ix_partner_invitation_address", "partner_invitation", ["address"])

    with op.batch_alter_table("membership") as membership:
        membership.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        membership.add_column(sa.Column("confirmed_by", sa.Integer(), nullable=True))
        membership.create_foreign_key(
            "fk_membership_confirmed_by", "user_account", ["confirmed_by"], ["id"], ondelete="SET NULL"
        )
    # Whoever was accepted by somebody else of the office was looked at then; whoever entered the organisation was not.
    op.execute(
        "UPDATE membership SET confirmed_at = accepted_at, confirmed_by = accepted_by "
        "WHERE is_manager AND accepted_by <> user_id AND accepted_by IN "
        "(SELECT user_id FROM role_grant WHERE role IN ('programme_officer', 'programme_manager'))"
    )
    _keep_who_left()
    op.create_table(
        "role_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("country", sa.String(2), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "role IN ('expert', 'assessor', 'panel_chair', 'programme_officer', 'programme_manager', "
            "'managing_authority', 'committee', 'national_point', 'auditor', 'administrator')",
            name=op.f("ck_role_request_role"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_role_request_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user_account.id"], name="fk_role_request_asked_by", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_role_request"),
        sa.UniqueConstraint("user_id", "role", name="uq_role_request_user_id_role"),
    )


def downgrade() -> None:
    op.drop_table("role_request")
    with op.batch_alter_table("membership") as membership:
        membership.drop_constraint("fk_membership_confirmed_by", type_="foreignkey")
        membership.drop_column("confirmed_by")
        membership.drop_column("confirmed_at")
    op.drop_index("ix_partner_invitation_address", "partner_invitation")
    op.drop_table("former_membership")
