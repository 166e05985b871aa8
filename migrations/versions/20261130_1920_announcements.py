"""Adds the table of announcements, and what a decision knows of its own.

Expand only. What was announced before has no announcement: who did it and when stands in each decision. Steps that a
program of before left to its workers, a job for each, become pieces of announcements, so that the program of now takes
them; nobody could read those decisions in a letter yet, and until the step they count as not known again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5d8e21b7c09a"
down_revision = "5d1f6b28c9e4"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
LEFT = ("ready", "running", "dead")


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("call_id", sa.Integer, nullable=False),
        sa.Column("announced_at", INSTANT, nullable=False),
        sa.Column("announced_by", sa.Integer),
        sa.Column("decisions", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_announcement"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_announcement_call_id_call", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["announced_by"], ["user_account.id"], name="fk_announcement_announced_by_user_account", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_announcement_call_id_id", "announcement", ["call_id", "id"])
    with op.batch_alter_table("decision") as decision:
        decision.add_column(sa.Column("announcement_id", sa.Integer))
        decision.add_column(sa.Column("event_number", sa.Integer))
        decision.create_foreign_key(
            "fk_decision_announcement_id_announcement", "announcement", ["announcement_id"], ["id"]
        )
        decision.create_index("ix_decision_announcement_id_announced_at", ["announcement_id", "announced_at"])
    _take_over(op.get_bind())


def _take_over(connection: sa.Connection) -> None:
    known = sa.MetaData()
    job, decision, meeting, announcement = (
        sa.Table(name, known, autoload_with=connection) for name in ("job", "decision", "meeting", "announcement")
    )
    left = connection.execute(
        sa.select(job.c.id, job.c.key).where(job.c.kind == "decisions.carry_out", job.c.state.in_(LEFT))
    ).all()
    for job_id, key in left:
        number = int(key.rpartition(":")[2])
        call_id, at, by = connection.execute(
            sa.select(meeting.c.call_id, decision.c.announced_at, decision.c.announced_by)
            .join(meeting, meeting.c.id == decision.c.meeting_id)
            .where(decision.c.id == number)
        ).one()
        # Nobody took a fingerprint of what was announced then.
        one = {"call_id": call_id, "announced_at": at, "announced_by": by, "decisions": 1, "fingerprint": ""}
        made = connection.execute(sa.insert(announcement).values(one)).inserted_primary_key[0]
        connection.execute(
            sa.update(decision).where(decision.c.id == number).values(announcement_id=made, announced_at=None)
        )
        args = {"announcement": made, "first": number, "last": number}
        connection.execute(
            sa.update(job).where(job.c.id == job_id).values(kind="decisions.take_steps", args=args, attempts=0)
        )


def downgrade() -> None:
    with op.batch_alter_table("decision") as decision:
        decision.drop_index("ix_decision_announcement_id_announced_at")
        decision.drop_constraint("fk_decision_announcement_id_announcement", type_="foreignkey")
        decision.drop_column("event_number")
        decision.drop_column("announcement_id")
    op.drop_table("announcement")
