"""Lists of the assessment: an assessor's desk, and the allocations of a call; a constant number of queries each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from urbact_calls.accounts.models import RoleGrant, User
from urbact_calls.applications.models import Application
from urbact_calls.assessment import queries
from urbact_calls.assessment.models import Allocation, ConsensusSheet, Divergence, IndividualSheet, PanelMember
from urbact_calls.calls.models import Call
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    ConflictAnswer,
    ConsensusSheetState,
    IndividualSheetState,
    Role,
    Tone,
)
from urbact_calls.handling.queries import handlers_of

IN_ASSESSMENT = (ApplicationState.ELIGIBLE, ApplicationState.ASSESSED)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a piece of work stands, as a chip shows it. `step` is the page on which it goes on."""

    label: str
    tone: Tone
    step: str


DECLARE = Stand("Declare first", Tone.CAUTION, "assessment.declare")
TO_SCORE = Stand("To be scored", Tone.CAUTION, "assessment.sheet")
LOCKED = Stand("Locked, the other sheet is open", Tone.CALM, "assessment.sheet")
TO_AGREE = Stand("Consensus to agree", Tone.CAUTION, "assessment.consensus")
SIGNED_BY_YOU = Stand("Signed by you", Tone.INFO, "assessment.consensus")
PENDING = Stand("Decision pending", Tone.CALM, "assessment.consensus")
ENDED = Stand("Not assessed by you", Tone.NEUTRAL, "assessment.declare")
SHEETS_OPEN = Stand("Sheets are open", Tone.INFO, "assessment.consensus")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLine:
    """One application on the desk of an assessor or a chair; before the declaration nothing but its name."""

    reference: str
    title: str
    acronym: str
    call: str
    due_on: date | None
    stand: Stand
    has_network: bool


def desk(session: Session, actor: Actor) -> tuple[list[DeskLine], list[DeskLine]]:
    """What the actor assesses, by due date; and what the actor's panel has to agree on with the actor in the chair."""
    allocations = session.scalars(
        select(Allocation)
        .where(Allocation.user_id == actor.user_id, Allocation.released_at.is_(None))
        .order_by(Allocation.due_on, Allocation.id)
        .options(joinedload(Allocation.application).joinedload(Application.call), joinedload(Allocation.sheet))
    ).all()
    chaired = _chaired(session, actor)
    sheets = _consensus_sheets(session, [each.application_id for each in allocations] + [each.id for each in chaired])
    all_in = _with_all_sheets(session, list(sheets))
    own = [
        _line(each.application, each.due_on, _stand(each, sheets.get(each.application_id), all_in))
        for each in allocations
    ]
    agreed = [
        _line(each, None, _consensus_stand(each, sheets[each.id], actor, is_ready=each.id in all_in))
        for each in chaired
        if each.id in sheets
    ]
    return own, agreed


def _line(application: Application, due_on: date | None, stand: Stand) -> DeskLine:
    return DeskLine(
        reference=application.reference,
        title=application.title,
        acronym=application.acronym,
        call=application.call.title,
        due_on=due_on,
        stand=stand,
        has_network=application.current_state is ApplicationState.IN_NETWORK,
    )


def _chaired(session: Session, actor: Actor) -> Sequence[Application]:
    """Applications of the panels that the actor chairs, without those whose partners the actor works for."""
    if Role.PANEL_CHAIR not in actor.roles:
        return ()
    applications = session.scalars(
        select(Application)
        .join(PanelMember, PanelMember.call_id == Application.call_id)
        .join(ConsensusSheet, ConsensusSheet.application_id == Application.id)
        .where(PanelMember.user_id == actor.user_id, PanelMember.is_chair.is_(True))
        .order_by(Application.call_id, Application.number)
        .options(joinedload(Application.call), selectinload(Application.partners))
    ).all()
    return [
        each
        for each in applications
        if not {partner.organisation_id for partner in each.partners} & actor.organisation_ids
    ]


def _consensus_sheets(session: Session, application_ids: Sequence[int]) -> Mapping[int, ConsensusSheet]:
    sheets = session.scalars(
        select(ConsensusSheet)
        .where(ConsensusSheet.application_id.in_(application_ids))
        .options(selectinload(ConsensusSheet.signatures))
    )
    return {sheet.application_id: sheet for sheet in sheets}


def _with_all_sheets(session: Session, application_ids: Sequence[int]) -> set[int]:
    """Applications none of whose assessors has an open sheet, and which have as many as their call asks for."""
    rows = session.execute(
        select(Application.id, Call.terms, func.count(Allocation.id))
        .join(Application.call)
        .join(Allocation, Allocation.application_id == Application.id)
        .join(Allocation.sheet)
        .where(
            Application.id.in_(application_ids),
            Allocation.released_at.is_(None),
            IndividualSheet.state == IndividualSheetState.SUBMITTED,
        )
        .group_by(Application.id, Call.id)
    ).all()
    open_ones = set(
        session.scalars(
            select(Allocation.application_id)
            .join(Allocation.sheet)
            .where(
                Allocation.application_id.in_(application_ids),
                Allocation.released_at.is_(None),
                IndividualSheet.state == IndividualSheetState.OPEN,
            )
        )
    )
    return {
        application_id
        for application_id, terms, locked in rows
        if application_id not in open_ones and locked >= CallTerms.from_json(terms).assessors_per_application
    }


def _stand(allocation: Allocation, consensus: ConsensusSheet | None, all_in: set[int]) -> Stand:
    if allocation.conflict is None:
        # Whoever has not declared learns nothing of the application, the outcome included.
        return DECLARE if allocation.application.current_state in IN_ASSESSMENT else ENDED
    if allocation.application.current_state not in IN_ASSESSMENT:
        return _after(allocation.application)
    if allocation.sheet.state == IndividualSheetState.OPEN:
        return TO_SCORE
    if consensus is None or allocation.application_id not in all_in:
        return LOCKED
    if consensus.state == ConsensusSheetState.SIGNED:
        return _after(allocation.application)
    signed = allocation.user_id in {signature.user_id for signature in consensus.signatures}
    return SIGNED_BY_YOU if signed else TO_AGREE


def _consensus_stand(application: Application, sheet: ConsensusSheet, actor: Actor, *, is_ready: bool) -> Stand:
    if sheet.state == ConsensusSheetState.SIGNED or application.current_state not in IN_ASSESSMENT:
        return _after(application)
    if not is_ready:
        return SHEETS_OPEN
    return SIGNED_BY_YOU if actor.user_id in {signature.user_id for signature in sheet.signatures} else TO_AGREE


def _after(application: Application) -> Stand:
    """The state moves on only when a decision is announced; until then it is pending for everybody."""
    state = application.current_state
    return PENDING if state in IN_ASSESSMENT else Stand(state.label, state.tone, "assessment.consensus")


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
        runs = self.application.current_state is ApplicationState.ELIGIBLE
        is_signed = self.consensus is not None and self.consensus.state == ConsensusSheetState.SIGNED
        locked = all(each.sheet.state == IndividualSheetState.SUBMITTED for each in self.allocations)
        return runs and not is_signed and (len(self.allocations) < self.needed or (self.is_apart and locked))


def allocation_lines(
    session: Session, call: Call, members: Sequence[PanelMember], *conditions: ColumnElement[bool]
) -> list[AllocationLine]:
    """The applications of a call that are or were assessed, by number; `conditions` choose among them."""
    applications = session.scalars(
        select(Application)
        .where(Application.call_id == call.id, Application.eligibility_declared_at.is_not(None))
        .where(Application.state.not_in((ApplicationState.INELIGIBLE, ApplicationState.WITHDRAWN)), *conditions)
        .order_by(Application.number)
    ).all()
    ids = [application.id for application in applications]
    allocations: dict[int, list[Allocation]] = {}
    for each in session.scalars(
        select(Allocation)
        .where(Allocation.application_id.in_(ids))
        .order_by(Allocation.id)
        .options(joinedload(Allocation.user), joinedload(Allocation.sheet))
    ):
        allocations.setdefault(each.application_id, []).append(each)
    sheets = _consensus_sheets(session, ids)
    conflicts = queries.hard_conflicts(session, call.id)
    countries = queries.lead_countries(session, call.id)
    needed = CallTerms.from_json(call.terms).assessors_per_application
    handlers = handlers_of(session, ids)
    apart = set(
        session.scalars(
            select(Divergence.application_id).where(Divergence.application_id.in_(ids), Divergence.criterion == "")
        )
    )
    found = [
        _allocation_line(
            each, allocations.get(each.id, []), sheets.get(each.id), members, conflicts, countries, needed, apart
        )
        for each in applications
    ]
    return [replace(line, handler=handlers.get(line.application.id, "")) for line in found]


def _allocation_line(  # noqa: PLR0913 -- what was read for all lines at once
    application: Application,
    allocations: Sequence[Allocation],
    consensus: ConsensusSheet | None,
    members: Sequence[PanelMember],
    conflicts: Mapping[int, Set[int]],
    countries: Mapping[int, str],
    needed: int,
    apart: Set[int],
) -> AllocationLine:
    hard = conflicts.get(application.id, frozenset())
    declared = {each.user_id for each in allocations if each.conflict == ConflictAnswer.CONFLICT}
    active = [each for each in allocations if each.released_at is None]
    taken = {each.user_id for each in active}
    assessors = [member for member in members if not member.is_chair and member.user_id not in taken]
    return AllocationLine(
        application=application,
        allocations=active,
        consensus=consensus,
        candidates=[
            Candidate(
                user_id=member.user_id,
                name=member.user.name,
                is_compatriot=member.country is not None and member.country == countries.get(application.id),
            )
            for member in assessors
            if member.user_id not in hard | declared
        ],
        barred=[
            f"{member.user.name} ({'declared a conflict' if member.user_id in declared else 'works for a partner'})"
            for member in assessors
            if member.user_id in hard | declared
        ],
        needed=needed,
        is_apart=application.id in apart and len(active) == needed,
    )


def invitable(session: Session, members: Sequence[PanelMember]) -> list[tuple[User, Role]]:
    """Active accounts with the role of an assessor or a chair that are not on this panel yet, by name."""
    rows = session.execute(
        select(User, RoleGrant.role)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(
            RoleGrant.role.in_((Role.ASSESSOR, Role.PANEL_CHAIR)),
            User.disabled_at.is_(None),
            User.confirmed_at.is_not(None),
            User.id.not_in([member.user_id for member in members]),
        )
        .order_by(func.lower(User.name), User.id, RoleGrant.role)
    )
    return [(user, Role(role)) for user, role in rows]


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
        select(Call, number_of(*IN_ASSESSMENT), number_of(ApplicationState.ASSESSED), members)
        .where(Call.is_historical.is_(False), Call.published_at.is_not(None))
        .order_by(Call.closes_at.desc(), Call.code)
    )
    return [CallLine(call=row[0], eligible=row[1], assessed=row[2], members=row[3]) for row in rows]
