"""What the public pages search and show: themes, other names of places, recommendations of networks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import urbact_calls.database
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.themes import fold_themes

revision = "5e0c7b1f2a64"
down_revision = "4c1e0b7a95d2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("network", sa.Column("themes_folded", sa.Text(), nullable=True))
    op.add_column("organisation", sa.Column("other_names", sa.Text(), nullable=True))
    op.create_table(
        "recommendation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("url", sa.String(length=300), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("created_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["network_id"], ["network.id"], name=op.f("fk_recommendation_network_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_recommendation_member_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name=op.f("fk_recommendation_created_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation")),
    )
    op.create_index(op.f("ix_recommendation_network_id"), "recommendation", ["network_id"])
    _fold_what_is_there()


def downgrade() -> None:
    op.drop_table("recommendation")
    op.drop_column("organisation", "other_names")
    op.drop_column("network", "themes_folded")


def _fold_what_is_there() -> None:
    """Makes networks and organisations of today findable by theme and seat; no database can fold a text."""
    connection = op.get_bind()
    network = sa.table("network", sa.column("id"), sa.column("theme"), sa.column("themes_folded"))
    for id_, theme in connection.execute(sa.select(network.c.id, network.c.theme)).all():
        connection.execute(network.update().where(network.c.id == id_).values(themes_folded=fold_themes(theme)))
    organisation = sa.table("organisation", sa.column("id"), sa.column("seat_city"), sa.column("other_names"))
    for id_, seat in connection.execute(sa.select(organisation.c.id, organisation.c.seat_city)).all():
        connection.execute(organisation.update().where(organisation.c.id == id_).values(other_names=fold(seat)))
