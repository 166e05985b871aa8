"""Jobs of networks: found one once its application is approved."""

from __future__ import annotations

from sqlalchemy.orm import Session

from urbact_calls.applications.reads.applications import by_reference, for_update
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.jobs import Claim, Effect, OfApplication, job
from urbact_calls.networks.members import commands


@job("network.found", args=OfApplication)
def found(claim: Claim[OfApplication]) -> Effect | None:
    """The application was approved: its network is founded. Nothing to do if it is, or if the lead withdrew."""
    reference = claim.args.reference
    if by_reference(db.session(), reference).state is not ApplicationState.APPROVED:
        return None

    def found_network(session: Session) -> None:
        application = for_update(session, reference)
        # Between the question and the lock the lead may have withdrawn.
        if application.state is ApplicationState.APPROVED:
            commands.found(session, application, claim.now)

    return found_network
