"""Job that plays the demonstration, some acts at a time. Only a demonstration imports it: see `factory.create_app`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from urbact_calls.demonstration.play import acts
from urbact_calls.jobs import Args, Claim, Effect, announce, job

PLAY = "demonstration.play"
# Some seconds of work: whoever waits for a worker of the slow queue does not wait long for it.
AT_ONCE = 3


@dataclass(frozen=True, kw_only=True)
class ActsFrom(Args):
    """The arguments of the job: the number of the first act to be done, from 0."""

    first: int


def announce_step(session: Session, first: int, now: datetime) -> None:
    """Has acts from this number on played, once."""
    announce(session, kind=PLAY, key=f"{PLAY}:{first}", args=ActsFrom(first=first), now=now)


@job(PLAY, args=ActsFrom, queue="slow", lease=timedelta(minutes=5))
def play(claim: Claim[ActsFrom]) -> Effect | None:
    """Plays the next acts and has those after them played. What was done already is left alone."""
    first = claim.args.first
    for act in acts()[first : first + AT_ONCE]:
        act.do()
    following = first + AT_ONCE
    if following >= len(acts()):
        return None
    return lambda session: announce_step(session, following, claim.now)
