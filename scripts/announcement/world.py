"""Database of the trial: a call with a sealed ranking and a recorded decision on each of many applications.

Written in portions by table, so that ten thousand take seconds on both databases. All figures and names are made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from tests.factories.accounts import password_hash, person
from tests.factories.assessment import GRID
from tests.factories.calls import closed_call
from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application, ApplicationAccess, Partner
from urbact_calls.assessment.models import ConsensusPoints, ConsensusSheet, RankedPlace, Ranking
from urbact_calls.calls.models import Call
from urbact_calls.database import Model, db, transaction
from urbact_calls.decisions.meetings.models import Meeting
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.domain.vocabulary import ApplicationState as S
from urbact_calls.domain.vocabulary import DecisionOutcome, PartnerRole, Role
from urbact_calls.organisations.models import Organisation

CODE = "APN-MANY"
# A call founds some dozens of networks, however many cities apply.
MOST_APPROVED = 50
CITIES, PARTNERS = 200, 6
REASONS = "The committee follows the panel. " * 20
COMMENT = "The cities know their challenge and say how they mean to meet it. " * 6
COUNTRIES = ("FR", "IT", "GR", "HU", "PT", "ES", "SI", "RO", "PL", "LT")


@dataclass(frozen=True, slots=True)
class World:
    """Who announces, and who applied last."""

    officer: str
    last_lead: str
    last_reference: str
    decisions: int
    approved: int


def outcome_of(number: int, decisions: int) -> DecisionOutcome:
    """The outcome of the application with this number, counted from 1, of so many."""
    if number <= min(MOST_APPROVED, max(1, decisions // 10)):
        return DecisionOutcome.APPROVED
    rest = (DecisionOutcome.NOT_APPROVED, DecisionOutcome.RESERVE, DecisionOutcome.APPROVED_WITH_CONDITIONS)
    return rest[number % len(rest)]


def build(decisions: int, now: datetime) -> World:
    """Makes the world in the empty database of the current app."""
    recorder, officer = person(Role.PROGRAMME_OFFICER), person(Role.PROGRAMME_OFFICER)
    call = closed_call(db.session(), now, CODE)
    numbers = range(1, decisions + 1)
    with transaction() as session:
        leads = _leads(session, numbers, now)
        applications = _applications(session, call, numbers, leads, now)
        _partners(session, applications, now)
        _sheets(session, call, applications, now)
        _ranking(session, call, applications, now)
        _decisions(session, call, applications, recorder, now)
        # So that the planner knows how large the tables are.
        session.execute(text("ANALYZE"))
    return World(
        officer=officer.email,
        last_lead=f"lead-{decisions}@example.org",
        last_reference=_reference(decisions),
        decisions=decisions,
        approved=sum(outcome_of(number, decisions) is DecisionOutcome.APPROVED for number in numbers),
    )


def _reference(number: int) -> str:
    return f"{CODE}-{number:05}"


def _added(session: Session, table: type[Model], rows: Iterable[Mapping[str, Any]]) -> list[int]:
    """The ids of rows that were written, in their order."""
    return [*session.scalars(insert(table).returning(table.id, sort_by_parameter_order=True), [*rows])]


def _leads(session: Session, numbers: Iterable[int], now: datetime) -> list[int]:
    known = {"password_hash": password_hash(), "created_at": now, "confirmed_at": now}
    rows = ({"email": f"lead-{n}@example.org", "name": f"Lead {n}", **known} for n in numbers)
    return _added(session, User, rows)


def _applications(session: Session, call: Call, numbers: Iterable[int], leads: list[int], now: datetime) -> list[int]:
    then = now - timedelta(days=1)
    dates = {"created_at": then, "submitted_at": then, "eligibility_declared_at": then, "assessed_at": then}
    rows = (
        {
            "reference": _reference(number),
            "call_id": call.id,
            "number": number,
            "acronym": f"MANY{number}",
            "title": f"Network {number} of many",
            "state": S.ASSESSED,
            "created_by": lead,
            **dates,
        }
        for number, lead in zip(numbers, leads, strict=True)
    )
    applications = _added(session, Application, rows)
    places = (
        {"application_id": application, "user_id": lead, "role": Role.LEAD, "granted_at": then}
        for application, lead in zip(applications, leads, strict=True)
    )
    _added(session, ApplicationAccess, places)
    return applications


def _partners(session: Session, applications: list[int], now: datetime) -> None:
    cities = _added(
        session,
        Organisation,
        (
            {
                "slug": f"city-{number}",
                "name": f"City {number}",
                "folded": f"city {number}",
                "seat_city": f"City {number}",
                "country": COUNTRIES[number % len(COUNTRIES)],
                "kind": "city",
                "category": "CITY_MUNICIPALITY",
                "region_category": "transition",
                "is_verified": True,
                "created_at": now,
            }
            for number in range(CITIES)
        ),
    )
    rows = (
        {
            "application_id": application,
            "organisation_id": cities[(number + position * 31) % CITIES],
            "role": PartnerRole.LEAD if position == 1 else PartnerRole.PARTNER,
            "position": position,
        }
        for number, application in enumerate(applications)
        for position in range(1, PARTNERS + 1)
    )
    _added(session, Partner, rows)


def _sheets(session: Session, call: Call, applications: list[int], now: datetime) -> None:
    """What the panel agreed on: the letters say it."""
    sheets = _added(
        session,
        ConsensusSheet,
        (
            {
                "application_id": application,
                "call_id": call.id,
                "state": "signed",
                "recommendation": COMMENT,
                "total_points": 400,
                "standing": 400,
                "opened_at": now,
                "signed_at": now,
            }
            for application in applications
        ),
    )
    points = (
        {"sheet_id": sheet, "criterion": code, "points": 4, "comment": COMMENT}
        for sheet in sheets
        for code in GRID.codes
    )
    _added(session, ConsensusPoints, points)


def _ranking(session: Session, call: Call, applications: list[int], now: datetime) -> None:
    ranking = Ranking(call_id=call.id, sealed_at=now, fingerprint="0" * 64, partners_by_category={})
    session.add(ranking)
    session.flush()
    same = {"ranking_id": ranking.id, "total_points": 400, "is_tied": False, "is_below_threshold": False}
    _added(
        session,
        RankedPlace,
        ({**same, "application_id": application, "place": place} for place, application in enumerate(applications, 1)),
    )


def _decisions(session: Session, call: Call, applications: list[int], recorder: User, now: datetime) -> None:
    meeting = Meeting(call_id=call.id, reference="MC-MANY", held_on=now.date(), created_at=now)
    session.add(meeting)
    session.flush()
    rows = []
    for number, application in enumerate(applications, 1):
        outcome = outcome_of(number, len(applications))
        conditional = outcome is DecisionOutcome.APPROVED_WITH_CONDITIONS
        rows.append(
            {
                "application_id": application,
                "meeting_id": meeting.id,
                "outcome": outcome,
                "reasons": REASONS,
                "conditions": "Name a second contact." if conditional else "",
                "conditions_due_on": date(2030, 1, 31) if conditional else None,
                "recorded_at": now,
                "recorded_by": recorder.id,
            }
        )
    _added(session, Decision, rows)
