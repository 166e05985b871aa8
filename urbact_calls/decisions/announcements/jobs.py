"""Job that carries out an announcement, piece by piece."""

from __future__ import annotations

from urbact_calls.database import db
from urbact_calls.decisions.announcements import commands, reads
from urbact_calls.decisions.announcements.models import Piece
from urbact_calls.jobs import Claim, Effect, job


@job(commands.TAKE_STEPS, args=Piece, queue="slow")
def take_steps(claim: Claim[Piece]) -> Effect:
    """The decisions of a piece become known, and their applications take the steps that they say: one commit.

    A piece that did not come to its end is halved, and so on, until what is in the way of a step is alone.
    """
    piece = claim.args
    left = reads.not_carried_out(db.session(), piece)
    if claim.attempt > 1 and len(left) > 1:
        return lambda session: commands.halve_step(session, piece.announcement, left, claim.now)
    return lambda session: commands.carry_out_step(session, piece, claim.now)
