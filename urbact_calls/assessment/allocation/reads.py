"""Reads of allocations: those of a call, page by page, and the calls in assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application
from urbact_calls.applications.officers.reads import handlers_of
from urbact_calls.applications.reads.interests import not_competing
from urbact_calls.assessment import reads
from urbact_calls.assessment.models import Allocation, ConsensusSheet, PanelMember, StoredDivergence
from urbact_calls.assessment.sheets.reads import IN_ASSESSMENT
from urbact_calls.calls.models import Call
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import ApplicationState, ConflictAnswer, ConsensusSheetState, IndividualSheetState
from urbact_calls.paging import Page, page_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationLine:
    """One application of a call in the officer's table; `candidates` are the assessors who may be given it, by account,
    `barred` those of the panel who may not, with the reason. `conflicts` are the conflicts of interest that were
    declared: who, and which."""

    application: Application
    allocations: Sequence[Allocation]
    consensus: ConsensusSheet | None
    candidates: Mapping[int, str]
    barred: Sequence[str]
    conflicts: Sequence[tuple[str, str]]
    needed: int
    is_apart: bool
    handler: str

    @property
    def may_have_another(self) -> bool:
        """Whether the form for one more assessor is shown; whether one more than the call says may come, the command
        answers."""
        runs = self.application.state is ApplicationState.ELIGIBLE
        is_signed = self.consensus is not None and self.consensus.state == ConsensusSheetState.SIGNED
        locked = all(each.sheet.state == IndividualSheetState.SUBMITTED for each in self.allocations)
        return runs and not is_signed and (len(self.allocations) < self.needed or (self.is_apart and locked))


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
    applications = session.scalars(
        select(Application)
        .where(Application.call_id == call.id, Application.eligibility_declared_at.is_not(None))
        .where(Application.state.not_in((ApplicationState.INELIGIBLE, ApplicationState.WITHDRAWN)), *conditions)
        .where(Application.number > after)
        .order_by(Application.number)
        .limit(size + 1)
    ).all()
    ids = [application.id for application in applications]
    allocations: dict[int, list[Allocation]] = {number: [] for number in ids}
    for each in session.scalars(
        select(Allocation)
        .where(Allocation.application_id.in_(ids))
        .order_by(Allocation.id)
        .options(joinedload(Allocation.user).lazyload(User.grants), joinedload(Allocation.sheet))
    ):
        allocations[each.application_id].append(each)
    sheets = reads.consensus_sheets(session, ids, with_signatures=False)
    conflicts = reads.hard_conflicts(session, call.id, ids, now)
    leads = reads.lead_partners(session, ids)
    handlers = handlers_of(session, ids)
    far_apart = StoredDivergence.application_id.in_(ids), StoredDivergence.criterion == ""
    apart = set(session.scalars(select(StoredDivergence.application_id).where(*far_apart)))
    needed = call.terms.assessors_per_application
    # Read of the rows once: each line asks everybody of the panel.
    panel = {each.user_id: (each.user.name, each.country) for each in members if not each.is_chair}

    def line(application: Application) -> AllocationLine:
        number, active = application.id, [each for each in allocations[application.id] if each.released_at is None]
        lead = leads[number].country if number in leads else None
        reasons = dict.fromkeys(conflicts.get(number, ()), "takes part in it")
        declared = [each for each in allocations[number] if each.conflict is ConflictAnswer.CONFLICT]
        reasons |= dict.fromkeys([each.user_id for each in declared], "declared a conflict")
        taken = {each.user_id for each in active}
        free = [(each, *person) for each, person in panel.items() if each not in taken]
        return AllocationLine(
            application=application,
            allocations=active,
            consensus=sheets.get(number),
            candidates={each: _label(name, home, lead) for each, name, home in free if each not in reasons},
            barred=[f"{name} ({reasons[each]})" for each, name, _ in free if each in reasons],
            conflicts=[(each.user.name, each.conflict_note or "") for each in declared],
            needed=needed,
            is_apart=number in apart and len(active) == needed,
            handler=handlers.get(number, ""),
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
