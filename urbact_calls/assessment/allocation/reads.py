"""Reads of allocations: those of a call, page by page, and the calls in assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, and_, bindparam, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.reads.interests import not_competing, who_takes_part
from urbact_calls.assessment.models import Allocation, ConsensusSheet, IndividualSheet, PanelMember, StoredDivergence
from urbact_calls.assessment.sheets.reads import IN_ASSESSMENT
from urbact_calls.calls.models import Call
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    ConflictAnswer,
    ConsensusSheetState,
    IndividualSheetState,
    PartnerRole,
)
from urbact_calls.organisations.models import Organisation
from urbact_calls.paging import Page, page_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationLine:
    """One application of a call in the officer's table; `candidates` are the assessors who may be given it, by account,
    `barred` those of the panel who may not, with the reason. `conflicts` are the conflicts of interest that were
    declared: who, and which.

    `application` has the columns of `_LINE`, its agreed sheet among them, each of `allocations` those of `_ALLOCATION`.
    """

    application: Row[*tuple[Any, ...]]
    allocations: Sequence[Row[*tuple[Any, ...]]]
    candidates: Mapping[int, str]
    barred: Sequence[str]
    conflicts: Sequence[tuple[str, str]]
    needed: int

    @property
    def may_have_another(self) -> bool:
        """Whether the form for one more assessor is shown; whether one more than the call says may come, the command
        answers."""
        runs = self.application.state is ApplicationState.ELIGIBLE
        is_signed = self.application.consensus is ConsensusSheetState.SIGNED
        locked = all(each.sheet is IndividualSheetState.SUBMITTED for each in self.allocations)
        is_apart = self.application.is_apart and len(self.allocations) == self.needed
        return runs and not is_signed and (len(self.allocations) < self.needed or (is_apart and locked))


_LINE = (
    select(
        Application.id,
        Application.number,
        Application.reference,
        Application.acronym,
        Application.title,
        Application.state,
        User.name.label("handler"),
        Organisation.country.label("lead_country"),
        ConsensusSheet.state.label("consensus"),
        ConsensusSheet.total_points,
        exists()
        .where(StoredDivergence.application_id == Application.id, StoredDivergence.criterion == "")
        .label("is_apart"),
    )
    .outerjoin(User, User.id == Application.handled_by)
    .outerjoin(Partner, and_(Partner.application_id == Application.id, Partner.role == PartnerRole.LEAD))
    .outerjoin(Organisation, Organisation.id == Partner.organisation_id)
    .outerjoin(ConsensusSheet, ConsensusSheet.application_id == Application.id)
    .where(Application.eligibility_declared_at.is_not(None))
    .where(Application.state.not_in((ApplicationState.INELIGIBLE, ApplicationState.WITHDRAWN)))
    .order_by(Application.number)
)
_ALLOCATION = (
    select(
        Allocation.id,
        Allocation.application_id,
        Allocation.user_id,
        Allocation.due_on,
        Allocation.conflict,
        Allocation.conflict_note,
        Allocation.released_at,
        User.name,
        IndividualSheet.state.label("sheet"),
        IndividualSheet.version,
    )
    .join(User, User.id == Allocation.user_id)
    .join(IndividualSheet, IndividualSheet.allocation_id == Allocation.id)
    .where(Allocation.application_id.in_(bindparam("application_ids", expanding=True)))
    .order_by(Allocation.id)
)


def allocation_lines(
    session: Session,
    call: Call,
    members: Sequence[PanelMember],
    *conditions: ColumnElement[bool],
    now: datetime,
    after: int,
    size: int,
) -> Page[AllocationLine]:
    """The applications of a call that are or were assessed, by number, those after the number `after`; `conditions`
    choose among them."""
    applications = session.execute(
        _LINE.where(Application.call_id == call.id, Application.number > after, *conditions).limit(size + 1)
    ).all()
    ids = [application.id for application in applications]
    allocations: dict[int, list[Row[*tuple[Any, ...]]]] = {number: [] for number in ids}
    for each in session.execute(_ALLOCATION, {"application_ids": ids}):
        allocations[each.application_id].append(each)
    conflicts = who_takes_part(session, ids, now, among={each.user_id for each in members})
    needed = call.terms.assessors_per_application
    # Read of the rows once: each line asks everybody of the panel.
    panel = {each.user_id: (each.user.name, each.country) for each in members if not each.is_chair}

    def line(application: Row[*tuple[Any, ...]]) -> AllocationLine:
        active = [each for each in allocations[application.id] if each.released_at is None]
        reasons = dict.fromkeys(conflicts[application.id], "takes part in it")
        declared = [each for each in allocations[application.id] if each.conflict is ConflictAnswer.CONFLICT]
        reasons |= dict.fromkeys([each.user_id for each in declared], "declared a conflict")
        taken = {each.user_id for each in active}
        free = [(each, *person) for each, person in panel.items() if each not in taken]
        return AllocationLine(
            application=application,
            allocations=active,
            candidates={
                each: _label(name, home, application.lead_country) for each, name, home in free if each not in reasons
            },
            barred=[f"{name} ({reasons[each]})" for each, name, _ in free if each in reasons],
            conflicts=[(each.name, each.conflict_note or "") for each in declared],
            needed=needed,
        )

    return page_of([line(each) for each in applications], size=size, key=lambda line: str(line.application.number))


def _label(name: str, home: str | None, lead: str | None) -> str:
    return f"{name} (country of the lead partner)" if home is not None and home == lead else name


@dataclass(frozen=True, slots=True)
class CallLine:
    """A call in the list of the assessment, with how far it is."""

    call: Call
    eligible: int
    assessed: int
    members: int


def calls_in_assessment(session: Session, actor: Actor) -> list[CallLine]:
    """The calls with applications that were handed in, the last to close first; none in which the actor competes."""

    def number_of(row: InstrumentedAttribute[int], *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
        return select(func.count(row)).where(*conditions).correlate(Call).scalar_subquery()

    of_call = Application.call_id == Call.id
    rows = session.execute(
        select(
            Call,
            number_of(Application.id, of_call, Application.state.in_(IN_ASSESSMENT)),
            number_of(Application.id, of_call, Application.state == ApplicationState.ASSESSED),
            number_of(PanelMember.id, PanelMember.call_id == Call.id),
        )
        .where(Call.is_historical.is_(False), Call.published_at.is_not(None), not_competing(actor, Call.id))
        .order_by(Call.closes_at.desc(), Call.code)
    )
    return [CallLine(*row) for row in rows]
