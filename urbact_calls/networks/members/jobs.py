"""Jobs of networks: found one once its application is approved."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from urbact_calls.applications.reads.applications import by_reference, for_update
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.jobs import Claim, Effect, OfApplication, Outcome, job
from urbact_calls.networks.members import commands

# Founded in one commit, which takes some tenths of a second.
AT_ONCE = 10


@job("network.found", args=OfApplication, batch=AT_ONCE)
def found(claims: Sequence[Claim[OfApplication]]) -> Sequence[Outcome]:
    """The applications were approved: their networks are founded. Nothing to do for one that is, or whose lead has
    withdrawn."""
    return [_founded(claim) for claim in claims]


def _founded(claim: Claim[OfApplication]) -> Effect | None:
    reference = claim.args.reference
    if by_reference(db.session(), reference).state is not ApplicationState.APPROVED:
        return None

    def found_network(session: Session) -> None:
        application = for_update(session, reference)
        # Between the question and the lock the lead may have withdrawn.
        if application.state is ApplicationState.APPROVED:
            commands.found(session, application, claim.now)

    return found_network
