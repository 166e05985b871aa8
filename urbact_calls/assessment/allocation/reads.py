"""Reads of allocations: those of a call, page by page, and the calls in assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application
from urbact_calls.applications.officers.reads import handlers_of
from urbact_calls.assessment import reads
from urbact_calls.assessment.models import Allocation, ConsensusSheet, PanelMember, StoredDivergence
from urbact_calls.assessment.sheets.reads import IN_ASSESSMENT
from urbact_calls.calls.models import Call
from urbact_calls.domain.vocabulary import ApplicationState, ConflictAnswer, ConsensusSheetState, IndividualSheetState
from urbact_calls.organisations.models import Organisation
from urbact_calls.paging import Page, page_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An assessor who may be given an application; `is_compatriot`: from the country of the lead partner."""

    user_id: int
    name: str
    is_compatriot: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationLine:
    """One application of a call in the officer's table."""

    application: Application
    allocations: Sequence[Allocation]
    consensus: ConsensusSheet | None
    candidates: Sequence[Candidate]
    barred: Sequence[str]
    needed: int
    is_apart: bool
    handler: str = ""

    @property
    def may_have_another(self) -> bool:
        """Whether the form for one more assessor is shown; whether a third one may come is the command's answer."""
        runs = self.application.state is ApplicationState.ELIGIBLE
        is_signed = self.consensus is not None and self.consensus.state == ConsensusSheetState.SIGNED
        locked = all(each.sheet.state == IndividualSheetState.SUBMITTED for each in self.allocations)
        return runs and not is_signed and (len(self.allocations) < self.needed or (self.is_apart and locked))


def allocation_lines(
    session: Session,
    call: Call,
    members: Sequence[PanelMember],
    *conditions: ColumnElement[bool],
    after: int,
    size: int,
) -> Page[AllocationLine]:
    """The applications of a call that are or were assessed, by number, those after the number `after`; `conditions`
    choose among them."""
    applications = session.scalars(
        select(Application)
        .where(Application.call_id == call.id, Application.eligibility_declared_at.is_not(None))
        .where(Application.state.not_in((ApplicationState.INELIGIBLE, ApplicationState.WITHDRAWN)), *conditions)
        .where(Application.number > after)
        .order_by(Application.number)
        .limit(size + 1)
    ).all()
    ids = [application.id for application in applications]
    allocations: dict[int, list[Allocation]] = {}
    for each in session.scalars(
        select(Allocation)
        .where(Allocation.application_id.in_(ids))
        .order_by(Allocation.id)
        .options(joinedload(Allocation.user).lazyload(User.grants), joinedload(Allocation.sheet))
    ):
        allocations.setdefault(each.application_id, []).append(each)
    sheets = reads.consensus_sheets(session, ids, with_signatures=False)
    conflicts = reads.hard_conflicts(session, call.id, ids)
    leads = reads.lead_partners(session, ids)
    needed = call.terms.assessors_per_application
    handlers = handlers_of(session, ids)
    apart = set(
        session.scalars(
            select(StoredDivergence.application_id).where(
                StoredDivergence.application_id.in_(ids), StoredDivergence.criterion == ""
            )
        )
    )
    assessors = [each for each in members if not each.is_chair]
    found = [
        _allocation_line(
            each, allocations.get(each.id, []), sheets.get(each.id), assessors, conflicts, leads, needed, apart
        )
        for each in applications
    ]
    lines = [replace(line, handler=handlers.get(line.application.id, "")) for line in found]
    return page_of(lines, size=size, key=lambda line: str(line.application.number))


def _allocation_line(  # noqa: PLR0913 -- what was read for all lines at once
    application: Application,
    allocations: Sequence[Allocation],
    consensus: ConsensusSheet | None,
    panel: Sequence[PanelMember],
    conflicts: Mapping[int, Set[int]],
    leads: Mapping[int, Organisation],
    needed: int,
    apart: Set[int],
) -> AllocationLine:
    hard = conflicts.get(application.id, frozenset())
    declared = {each.user_id for each in allocations if each.conflict == ConflictAnswer.CONFLICT}
    active = [each for each in allocations if each.released_at is None]
    taken = {each.user_id for each in active}
    assessors = [each for each in panel if each.user_id not in taken]
    out = hard | declared
    lead = leads.get(application.id)
    return AllocationLine(
        application=application,
        allocations=active,
        consensus=consensus,
        candidates=[
            Candidate(
                user_id=each.user_id,
                name=each.user.name,
                is_compatriot=lead is not None and each.country == lead.country,
            )
            for each in assessors
            if each.user_id not in out
        ],
        barred=[
            f"{each.user.name} ({'declared a conflict' if each.user_id in declared else 'works for a partner'})"
            for each in assessors
            if each.user_id in out
        ],
        needed=needed,
        is_apart=application.id in apart and len(active) == needed,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLine:
    """A call in the list of the assessment, with how far it is."""

    call: Call
    eligible: int
    assessed: int
    members: int


def calls_in_assessment(session: Session) -> list[CallLine]:
    """The calls with applications that were handed in, the last to close first."""

    def number_of(*states: ApplicationState) -> ScalarSelect[int]:
        return (
            select(func.count(Application.id))
            .where(Application.call_id == Call.id, Application.state.in_(states))
            .correlate(Call)
            .scalar_subquery()
        )

    members = select(func.count(PanelMember.id)).where(PanelMember.call_id == Call.id).correlate(Call).scalar_subquery()
    rows = session.execute(
        select(
            Call,
            number_of(*IN_ASSESSMENT).label("eligible"),
            number_of(ApplicationState.ASSESSED).label("assessed"),
            members.label("members"),
        )
        .where(Call.is_historical.is_(False), Call.published_at.is_not(None))
        .order_by(Call.closes_at.desc(), Call.code)
    )
    return [CallLine(call=row.Call, eligible=row.eligible, assessed=row.assessed, members=row.members) for row in rows]
