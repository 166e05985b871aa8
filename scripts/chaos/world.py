"""Database of the chaos trial: drafts that can be submitted, open sheets, and decisions to be announced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.factories.accounts import person
from tests.factories.applications import Draft, city, complete_draft, row, ten_cities
from tests.factories.assessment import allocated, declared, panel
from tests.factories.calls import closed_call, open_call
from tests.factories.eligibility import eligible
from urbact_calls.assessment.models import RankedPlace, Ranking
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.decisions.meetings.models import Meeting
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.domain.vocabulary import ApplicationState, DecisionOutcome, Role

# The decisions of each of these calls are announced at another moment.
DECIDED = ("APN-OLDA", "APN-OLDB", "APN-OLDC", "APN-OLDD")


@dataclass(frozen=True, slots=True)
class World:
    """Drafts of an open call, sheets of a closed one, and decided applications whose decisions wait to be announced.

    `sheets` are references by the address of the assessor who writes them.
    """

    drafts: tuple[Draft, ...]
    sheets: dict[str, list[str]]
    decided: tuple[Draft, ...]
    officer: str


def build(drafts: int, sheets: int, decisions: int, now: datetime) -> World:
    """Makes the world in the database of the current app, without notifying anybody."""
    officer = person(Role.PROGRAMME_OFFICER)
    call = open_call(db.session(), now)
    old = [open_call(db.session(), now, code) for code in DECIDED]
    # The program knows the real cities already. Each application has a lead partner of its own, because its people
    # hear about it.
    others = ten_cities(now, " of the trial")[1:]

    def one(in_call: Call, number: int) -> Draft:
        return complete_draft(in_call, now, [city(f"Lead {in_call.code} {number}", now), *others])

    decided = tuple(one(old[number % len(old)], number) for number in range(decisions))
    for number, draft in enumerate(decided):
        outcome = DecisionOutcome.APPROVED if number < decisions // 2 else DecisionOutcome.NOT_APPROVED
        _record(draft, outcome, now - timedelta(days=1))
    for in_call in old:
        _seal(in_call, decided, now - timedelta(days=2))
    return World(
        drafts=tuple(one(call, number) for number in range(drafts)),
        sheets=_sheets(sheets, now),
        decided=decided,
        officer=officer.email,
    )


def _sheets(number: int, now: datetime) -> dict[str, list[str]]:
    """Open sheets of two assessors who have declared, for so many applications of a call that closed a day ago."""
    call = closed_call(db.session(), now, "APN-SHUT")
    members = panel(call, now)
    then = call.closes_at - timedelta(days=1)
    cases = [eligible(call, then, f"Scored city {each}") for each in range(number)]
    for case in cases:
        allocated(case, members, now)
        declared(case, now, members.anna, members.aron)
    return {user.email: [case.reference for case in cases] for user in (members.anna, members.aron)}


def _seal(call: Call, decided: tuple[Draft, ...], then: datetime) -> None:
    """The ranking that the committee had before it: what is decided of a call, in the order of the references."""
    of_call = [each for each in (row(draft.reference) for draft in decided) if each.call_id == call.id]
    with transaction() as session:
        places = [
            RankedPlace(application_id=each.id, place=place, total_points=400, is_tied=False, is_below_threshold=False)
            for place, each in enumerate(of_call, start=1)
        ]
        ranking = Ranking(call_id=call.id, sealed_at=then, fingerprint="0" * 64, partners_by_category={}, places=places)
        session.add(ranking)


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
        session.add(
            Decision(
                application_id=application.id,
                meeting=meeting,
                outcome=outcome,
                reasons="The committee followed the ranking.",
                recorded_at=then,
            )
        )
