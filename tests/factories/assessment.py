"""A panel, and applications on their way from allocation to a signed consensus sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.factories import eligibility as make
from tests.factories.accounts import actor_of, person
from tests.factories.eligibility import Case, after_closing
from tests.factories.jobs import work_off
from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application
from urbact_calls.assessment import reads as assessment
from urbact_calls.assessment.allocation import commands as allocation
from urbact_calls.assessment.consensus import commands as consensus
from urbact_calls.assessment.models import ConsensusPoints, ConsensusSheet
from urbact_calls.assessment.panel import commands as panel_commands
from urbact_calls.assessment.sheets import commands as sheets
from urbact_calls.assessment.sheets.commands import Scores
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.scoring import standing
from urbact_calls.domain.vocabulary import ConflictAnswer, NetworkType, Role

GRID = KINDS[NetworkType.APN].grid
REASONS = "The partners complement each other and each of them names a local need."


@dataclass(frozen=True, slots=True)
class Panel:
    """Two assessors, a third one, the chair, and the officer who allocates."""

    anna: User
    aron: User
    third: User
    chair: User
    officer: User

    @property
    def acting(self) -> Actor:
        return actor_of(self.officer)


def panel(call: Call, now: datetime) -> Panel:
    members = Panel(
        anna=person(Role.ASSESSOR, name="Anna Assessor"),
        aron=person(Role.ASSESSOR, name="Aron Assessor"),
        third=person(Role.ASSESSOR, name="Thea Third"),
        chair=person(Role.PANEL_CHAIR, name="Chiara Chair"),
        officer=person(Role.PROGRAMME_OFFICER, name="Olga Officer"),
    )
    for user in (members.anna, members.aron, members.third, members.chair):
        panel_commands.add_to_panel(
            call.code,
            user_id=user.id,
            is_chair=user is members.chair,
            country="AT",
            actor=members.acting,
            now=now,
        )
    return members


def due(now: datetime) -> date:
    return now.date() + timedelta(days=14)


def allocated(case: Case, members: Panel, now: datetime, *users: User) -> None:
    """Gives the application to Anna and Aron, or to the people named."""
    for user in users or (members.anna, members.aron):
        allocation.allocate(case.reference, user_id=user.id, due_on=due(now), actor=members.acting, now=now)


def declared(case: Case, now: datetime, *users: User) -> None:
    for user in users:
        allocation.declare(case.reference, answer=ConflictAnswer.NONE, note="", actor=actor_of(user), now=now)


def scores(*points: int, reasons: str = REASONS, **changed: int) -> Scores:
    """A whole sheet: four points for each criterion, or those given in grid order, or by code."""
    given = dict(zip(GRID.codes, points or (4,) * len(GRID.codes), strict=True)) | changed
    return Scores(points=given, comments=dict.fromkeys(GRID.codes, reasons), recommendation="Name a second contact.")


def version_of(case: Case, user: User) -> int:
    db.session.rollback()
    return assessment.own_allocation(db.session(), case.row.id, user.id).sheet.version


def locked(case: Case, user: User, sheet: Scores, now: datetime) -> None:
    """A sheet that its assessor has filled in and locked."""
    actor = actor_of(user)
    sheets.save_sheet(case.reference, sheet, version=version_of(case, user), actor=actor, now=now)
    sheets.submit_sheet(case.reference, version=version_of(case, user), actor=actor, now=now)


def scored(case: Case, members: Panel, now: datetime, first: Scores, second: Scores) -> None:
    """Both sheets are locked, and compared by the workers."""
    allocated(case, members, now)
    declared(case, now, members.anna, members.aron)
    locked(case, members.anna, first, now)
    locked(case, members.aron, second, now)
    work_off(now)


def consensus_version(case: Case) -> int:
    db.session.rollback()
    sheet = assessment.consensus_of(db.session(), case.row.id)
    assert sheet is not None
    return sheet.text_version


def agreed(case: Case, members: Panel, now: datetime, sheet: Scores) -> None:
    """The agreed sheet, written by Anna and signed by nobody."""
    consensus.save_consensus(
        case.reference, sheet, version=consensus_version(case), actor=actor_of(members.anna), now=now
    )


def signed(case: Case, now: datetime, *users: User) -> None:
    for user in users:
        consensus.sign_consensus(case.reference, version=consensus_version(case), actor=actor_of(user), now=now)


def assessed(call: Call, members: Panel, now: datetime, lead: tuple[str, str], points: Mapping[str, int]) -> Case:
    """An application whose assessment is closed with these points."""
    case = make.eligible(call, now, *lead)
    later = after_closing(call)
    sheet = scores(**points)
    scored(case, members, later, sheet, sheet)
    agreed(case, members, later, sheet)
    signed(case, later, members.anna, members.aron, members.chair)
    work_off(later)
    return case


def assessed_row(call: Call, number: int, points: Mapping[str, int], now: datetime, user_id: int) -> str:
    """An assessed application with a signed consensus sheet, written straight into its tables; its reference."""
    with transaction() as session:
        application = Application(
            reference=f"{call.code}-{number:03d}",
            call_id=call.id,
            number=number,
            title=f"Night Gardens {number} (demonstration)",
            state="assessed",
            created_at=now,
            created_by=user_id,
            submitted_at=now,
            eligibility_declared_at=now,
            assessed_at=now,
        )
        session.add(application)
        session.flush()
        session.add(
            ConsensusSheet(
                application_id=application.id,
                call_id=call.id,
                state="signed",
                opened_at=now,
                signed_at=now,
                total_points=GRID.total(points),
                standing=standing(points, GRID, call.terms),
                points=[
                    ConsensusPoints(criterion=code, points=given, comment=REASONS) for code, given in points.items()
                ],
            )
        )
        return application.reference
