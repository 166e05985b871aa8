"""Other names of places, how large they are; summaries and themes of networks as a search reads them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.themes import fold_themes

revision = "d3a9f10c7b52"
down_revision = "8f2d5b60c1e4"
branch_labels = None
depends_on = None

FOLDED = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
NETWORK = sa.table(
    "network",
    sa.column("id", sa.Integer),
    *(sa.column(name, sa.Text) for name in ("summary", "summary_folded", "theme", "themes_folded")),
)
REFERENCE_TABLE = sa.table("reference_table", sa.column("name", sa.String))


def upgrade() -> None:
    op.add_column("european_place", sa.Column("people", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "place_name",
        sa.Column("folded", FOLDED, nullable=False),
        sa.Column("place_id", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["place_id"], ["european_place.id"], name="fk_place_name_place_id_european_place", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("folded", "place_id", name="pk_place_name"),
    )
    # The next start loads the places anew, with how large they are and their other names.
    op.execute(REFERENCE_TABLE.delete().where(REFERENCE_TABLE.c.name == "places.csv.gz"))
    op.add_column("network", sa.Column("summary_folded", sa.Text))
    for row in op.get_bind().execute(sa.select(NETWORK.c.id, NETWORK.c.summary, NETWORK.c.theme)).all():
        texts = {"summary_folded": fold(row.summary or ""), "themes_folded": fold_themes(row.theme)}
        op.get_bind().execute(NETWORK.update().where(NETWORK.c.id == row.id).values(texts))


def downgrade() -> None:
    op.drop_column("network", "summary_folded")
    op.drop_table("place_name")
    op.drop_column("european_place", "people")
