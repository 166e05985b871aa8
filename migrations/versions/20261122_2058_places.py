"""places, regions that officers confirm, and members without a known name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import urbact_calls.database

revision = "7d31c9a4e6b2"
down_revision = "5b7d2f9c0a31"
branch_labels = None
depends_on = None


def upgrade() -> None:
    folded = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
    op.create_table(
        "european_place",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("folded", folded, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("admin1", sa.String(length=20), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_european_place")),
    )
    with op.batch_alter_table("european_place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_european_place_folded_id"), ["folded", "id"], unique=False)

    op.create_table(
        "reference_table",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("loaded_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_reference_table")),
    )
    op.create_table(
        "unnamed_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("provenance", sa.Text(), nullable=False),
        sa.Column("confidence", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('lead', 'partner')", name=op.f("ck_unnamed_member_role")),
        sa.ForeignKeyConstraint(
            ["network_id"], ["network.id"], name=op.f("fk_unnamed_member_network_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unnamed_member")),
        sa.UniqueConstraint("network_id", "number", name=op.f("uq_unnamed_member_network_id_number")),
    )
    op.create_table(
        "region_confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("nuts2", sa.String(length=8), nullable=True),
        sa.Column("region_category", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "region_category IN ('less developed', 'transition', 'more developed')",
            name=op.f("ck_region_confirmation_region_category"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_region_confirmation_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["user_account.id"], name=op.f("fk_region_confirmation_confirmed_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_confirmation")),
    )
    with op.batch_alter_table("region_confirmation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_region_confirmation_organisation_id"), ["organisation_id"], unique=False)

    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("region_basis", sa.String(length=12), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_organisation_region_basis"),
            "region_basis IS NULL OR region_basis IN ('place', 'source', 'chosen', 'officer')",
        )


def downgrade() -> None:
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_organisation_region_basis"), type_="check")
        batch_op.drop_column("region_basis")

    with op.batch_alter_table("region_confirmation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_region_confirmation_organisation_id"))

    op.drop_table("region_confirmation")
    op.drop_table("unnamed_member")
    op.drop_table("reference_table")
    with op.batch_alter_table("european_place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_european_place_folded_id"))

    op.drop_table("european_place")
