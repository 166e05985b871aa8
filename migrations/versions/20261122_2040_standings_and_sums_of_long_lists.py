"""standings and sums of long lists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "5d7c3a90e1f4"
down_revision = "5d0c8e61f3a7"
branch_labels = None
depends_on = None

# The scale and the weights of every grid when this was written.
SCALE = 5
HIGHEST_TOTAL = 500


def upgrade() -> None:
    with op.batch_alter_table("submission") as batch_op:
        batch_op.add_column(sa.Column("budget_cents", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("consensus_sheet") as batch_op:
        batch_op.add_column(sa.Column("call_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("standing", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("ranking") as batch_op:
        batch_op.add_column(sa.Column("partners_by_category", sa.JSON(), nullable=True))
    with op.batch_alter_table("place") as batch_op:
        batch_op.add_column(sa.Column("standing", sa.BigInteger(), nullable=True))
        batch_op.create_index("ix_place_ranking_id_place", ["ranking_id", "place"])
    with op.batch_alter_table("decision") as batch_op:
        batch_op.create_index("ix_decision_meeting_id_outcome", ["meeting_id", "outcome"])
        batch_op.create_index("ix_decision_announced_at", ["announced_at"])

    connection = op.get_bind()
    _budgets(connection)
    _standings(connection)
    _balances(connection)

    with op.batch_alter_table("consensus_sheet") as batch_op:
        batch_op.alter_column("call_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_foreign_key(op.f("fk_consensus_sheet_call_id"), "call", ["call_id"], ["id"], ondelete="CASCADE")
        batch_op.drop_index("ix_consensus_sheet_total_points")
        batch_op.create_index("ix_consensus_sheet_call_id_standing", ["call_id", "standing"])
    with op.batch_alter_table("ranking") as batch_op:
        batch_op.alter_column("partners_by_category", existing_type=sa.JSON(), nullable=False)


def _budgets(connection: sa.Connection) -> None:
    for key, dossier in connection.execute(sa.text("SELECT id, dossier FROM submission")).all():
        total = _loaded(dossier).get("budget_total")
        if total is not None:
            connection.execute(
                sa.text("UPDATE submission SET budget_cents = :total WHERE id = :key"),
                {"total": int(total), "key": key},
            )


def _standings(connection: sa.Connection) -> None:
    """As `domain.scoring.ranking.standing` has it, for the sheets that are scored already."""
    rows = connection.execute(
        sa.text(
            "SELECT s.id, s.total_points, a.call_id, c.terms FROM consensus_sheet s "
            "JOIN application a ON a.id = s.application_id JOIN call c ON c.id = a.call_id"
        )
    ).all()
    for key, total, call_id, terms in rows:
        points = dict(
            connection.execute(
                sa.text("SELECT criterion, points FROM consensus_points WHERE sheet_id = :key"), {"key": key}
            ).all()
        )
        standing = None if total is None else _standing(total, points, _loaded(terms))
        connection.execute(
            sa.text("UPDATE consensus_sheet SET call_id = :call_id, standing = :standing WHERE id = :key"),
            {"call_id": call_id, "standing": standing, "key": key},
        )
    connection.execute(
        sa.text(
            "UPDATE place SET standing = (SELECT s.standing FROM consensus_sheet s "
            "WHERE s.application_id = place.application_id AND s.total_points = place.total_points)"
        )
    )


def _standing(total: int, points: Mapping[str, int], terms: Mapping[str, Any]) -> int:
    overall, single = terms.get("overall_threshold"), terms.get("criterion_threshold")
    is_below = (overall is not None and total < overall * SCALE) or (
        single is not None and min(points.values()) < single
    )
    number = (0 if is_below else HIGHEST_TOTAL + 1) + total
    confidence = terms.get("provenance", {}).get("tie_break", {}).get("confidence")
    if confidence in (None, "default", "K-low", "X"):
        return number
    for code in terms.get("tie_break", ()):
        number = number * (SCALE + 1) + points[code]
    return number


def _balances(connection: sa.Connection) -> None:
    for (key,) in connection.execute(sa.text("SELECT id FROM ranking")).all():
        counts = dict(
            connection.execute(
                sa.text(
                    "SELECT coalesce(o.region_category, ''), count(*) FROM place r "
                    "JOIN partner p ON p.application_id = r.application_id "
                    "JOIN organisation o ON o.id = p.organisation_id WHERE r.ranking_id = :key "
                    "GROUP BY o.region_category"
                ),
                {"key": key},
            ).all()
        )
        connection.execute(
            sa.text("UPDATE ranking SET partners_by_category = :counts WHERE id = :key"),
            {"counts": json.dumps(counts), "key": key},
        )


def _loaded(value: Any) -> dict[str, Any]:
    """A JSON column as the driver gives it: text from SQLite, an object from PostgreSQL."""
    return json.loads(value) if isinstance(value, str) else value


def downgrade() -> None:
    with op.batch_alter_table("decision") as batch_op:
        batch_op.drop_index("ix_decision_announced_at")
        batch_op.drop_index("ix_decision_meeting_id_outcome")
    with op.batch_alter_table("place") as batch_op:
        batch_op.drop_index("ix_place_ranking_id_place")
        batch_op.drop_column("standing")
    with op.batch_alter_table("ranking") as batch_op:
        batch_op.drop_column("partners_by_category")
    with op.batch_alter_table("consensus_sheet") as batch_op:
        batch_op.drop_index("ix_consensus_sheet_call_id_standing")
        batch_op.drop_constraint(op.f("fk_consensus_sheet_call_id"), type_="foreignkey")
        batch_op.drop_column("standing")
        batch_op.drop_column("call_id")
        batch_op.create_index("ix_consensus_sheet_total_points", ["total_points"])
    with op.batch_alter_table("submission") as batch_op:
        batch_op.drop_column("budget_cents")
