"""What the trial works on: drafts that can be submitted, and decisions that wait to be announced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.factories.accounts import actor_of, person
from tests.factories.applications import Draft, city, complete_draft, row, ten_cities
from tests.factories.calls import open_call
from urbact_calls.calls.models import Call
from urbact_calls.casework.services import take_transition
from urbact_calls.database import db, transaction
from urbact_calls.decisions.models import Decision, Meeting
from urbact_calls.decisions.services import announce_decisions
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import ApplicationState, DecisionOutcome, Role

# The decisions of each of these calls are announced at another moment.
DECIDED = ("APN-OLDA", "APN-OLDB", "APN-OLDC", "APN-OLDD")


@dataclass(frozen=True, slots=True)
class World:
    """Drafts of an open call, and decided applications of another one, with the officer who announces.

    `addresses` are those of the lead applicants, by reference.
    """

    drafts: tuple[Draft, ...]
    decided: tuple[Draft, ...]
    officer: Actor
    addresses: dict[str, str]

    def submit(self, draft: Draft, now: datetime) -> None:
        take_transition(draft.reference, "submit", draft.actor, now)

    def announce(self, code: str, now: datetime) -> int:
        return announce_decisions(code, self.officer, now)


def build(drafts: int, decisions: int, now: datetime) -> World:
    """Makes the world in the database of the current app, without ringing for anybody."""
    officer = person(Role.PROGRAMME_OFFICER)
    call = open_call(db.session, now)
    old = [open_call(db.session, now, code) for code in DECIDED]
    # The program knows the real cities already. Each application has a lead partner of its own, because its people
    # hear about it.
    others = ten_cities(now, " of the trial")[1:]

    def one(in_call: Call, number: int) -> Draft:
        return complete_draft(in_call, now, [city(f"Lead {in_call.code} {number}", now), *others])

    world = World(
        drafts=tuple(one(call, number) for number in range(drafts)),
        decided=tuple(one(old[number % len(old)], number) for number in range(decisions)),
        officer=actor_of(officer),
        addresses={},
    )
    for number, draft in enumerate(world.decided):
        outcome = DecisionOutcome.APPROVED if number < decisions // 2 else DecisionOutcome.NOT_APPROVED
        _record(draft, outcome, now - timedelta(days=1))
    world.addresses.update({draft.reference: draft.lead.email for draft in (*world.drafts, *world.decided)})
    return world


def _record(draft: Draft, outcome: DecisionOutcome, then: datetime) -> None:
    """Puts an application before the committee and records its word, without the way that leads there."""
    application = row(draft.reference)
    with transaction() as session:
        session.add(application)
        application.submitted_at = application.assessed_at = then
        application.state = ApplicationState.ASSESSED
        meeting = Meeting(
            call_id=application.call_id, reference=f"MC {draft.reference}", held_on=then.date(), created_at=then
        )
        session.add(meeting)
        session.flush()
        session.add(
            Decision(
                application_id=application.id,
                meeting_id=meeting.id,
                outcome=outcome,
                reasons="The committee followed the ranking.",
                recorded_at=then,
            )
        )
