"""Reads of the assessment.

What the workflow decides on, what an actor is to an application, allocations and sheets.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, joinedload, selectinload

from urbact_calls.accounts.models import RoleGrant, User
from urbact_calls.accounts.reads import withholds
from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.submission.reads.facts import contributes, relates
from urbact_calls.assessment.models import Allocation, ConsensusSheet, IndividualSheet, PanelMember, StoredDivergence
from urbact_calls.calls.models import Call
from urbact_calls.database import existing
from urbact_calls.domain.network_types import scoring_grid
from urbact_calls.domain.permissions import (
    STRANGER,
    Actor,
    Interests,
    Relation,
    allocated_assessor,
    auditor,
    chair_of_this_panel,
    office,
)
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    ConflictAnswer,
    ConsensusSheetState,
    IndividualSheetState,
    PartnerRole,
    Role,
)
from urbact_calls.organisations.models import Organisation
from urbact_calls.record.reads.field_words import Describe, FieldWords, describes
from urbact_calls.subjects import Named, labelled, register


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentFacts:
    """How far the assessment of one application is. A third assessor, once added, is needed too."""

    sheets_needed: int = 2
    sheets_in: int = 0
    consensus_signed: bool = False


def case_facts(session: Session, application_id: int) -> AssessmentFacts:
    """The facts of one application, in one query."""
    is_in = IndividualSheet.state == IndividualSheetState.SUBMITTED
    terms, allocated, sheets_in, consensus = session.execute(
        select(
            Call.terms, func.count(Allocation.id), func.count(IndividualSheet.id).filter(is_in), ConsensusSheet.state
        )
        .select_from(Application)
        .join(Application.call)
        .outerjoin(Allocation, and_(Allocation.application_id == Application.id, Allocation.released_at.is_(None)))
        .outerjoin(Allocation.sheet)
        .outerjoin(ConsensusSheet, ConsensusSheet.application_id == Application.id)
        .where(Application.id == application_id)
        .group_by(Call.id, ConsensusSheet.id)
    ).one()
    return AssessmentFacts(
        sheets_needed=max(terms.assessors_per_application, allocated),
        sheets_in=sheets_in,
        consensus_signed=consensus == ConsensusSheetState.SIGNED,
    )


@contributes("sheets_needed", "sheets_in", "consensus_signed", states=(ApplicationState.ELIGIBLE,))
def _facts_for_guards(session: Session, application: Application) -> Mapping[str, object]:
    return asdict(case_facts(session, application.id))


def relation_to(session: Session, actor: Actor, application_id: int) -> Relation:
    """What the actor is to the application as a member of the panel; one query.

    A declared conflict, taking part in the application, or losing the role in the programme takes every right away at
    once.
    """
    if application_id in actor.interests.applications:
        return Relation(is_conflicted=True)
    if not actor.roles & {Role.ASSESSOR, Role.PANEL_CHAIR}:
        return STRANGER
    row = session.execute(
        select(Allocation.conflict, Allocation.released_at, Allocation.id, PanelMember.is_chair)
        .select_from(Application)
        .outerjoin(Allocation, and_(Allocation.application_id == Application.id, Allocation.user_id == actor.user_id))
        .outerjoin(PanelMember, and_(PanelMember.call_id == Application.call_id, PanelMember.user_id == actor.user_id))
        .where(
            Application.id == application_id,
            or_(Allocation.id.is_not(None), PanelMember.is_chair.is_(True)),
        )
    ).one_or_none()
    if row is None:
        return STRANGER
    conflict, released_at, allocation_id, is_chair = row
    if conflict == ConflictAnswer.CONFLICT:
        return Relation(is_conflicted=True)
    roles = set()
    if allocation_id is not None and released_at is None:
        roles.add(Role.ASSESSOR)
    if is_chair and Role.PANEL_CHAIR in actor.roles:
        roles.add(Role.PANEL_CHAIR)
    return Relation(roles=frozenset(roles))


relates(lambda session, actor, application: relation_to(session, actor, application.id))


def _active(application_id: int) -> Select[Allocation]:
    """The allocations of an application that stand, with sheets and points."""
    return (
        select(Allocation)
        .where(Allocation.application_id == application_id, Allocation.released_at.is_(None))
        .options(joinedload(Allocation.sheet).selectinload(IndividualSheet.points))
    )


def active_allocations(session: Session, application_id: int) -> Sequence[Allocation]:
    """Who assesses an application now, with names, sheets and points, in the order of allocation."""
    query = _active(application_id).order_by(Allocation.id)
    return session.scalars(query.options(joinedload(Allocation.user))).all()


def own_allocation(session: Session, application_id: int, user_id: int | None) -> Allocation:
    """The allocation of one assessor, with the sheet. Raises NotFound once it is released."""
    query = _active(application_id).where(Allocation.user_id == user_id)
    return existing(session, query, f"allocation of application {application_id}")


def allocation_by_id(session: Session, application_id: int, allocation_id: int) -> Allocation:
    """An allocation of this application that stands. Raises NotFound."""
    known = {allocation.id: allocation for allocation in active_allocations(session, application_id)}
    return or_not_found(known.get(allocation_id), f"allocation {allocation_id}")


def consensus_of(session: Session, application_id: int) -> ConsensusSheet | None:
    """The agreed sheet of an application, with points and signatures; None before all sheets are locked."""
    return session.scalar(
        select(ConsensusSheet)
        .where(ConsensusSheet.application_id == application_id)
        .options(selectinload(ConsensusSheet.points), selectinload(ConsensusSheet.signatures))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedSheet:
    """What the panel agreed on, as applicants read it; it names nobody. `total_points` is 0 to 100 times `scale_max`,
    `criteria` have title, points of the scale and comment."""

    total_points: int | None
    scale_max: int
    criteria: tuple[tuple[str, int | None, str], ...]
    recommendation: str


def agreed_sheet(session: Session, application: Application) -> AgreedSheet | None:
    """The agreed sheet of an application in the order of its grid; None before there is one."""
    sheet = consensus_of(session, application.id)
    if sheet is None:
        return None
    grid, rows = scoring_grid(application.call.terms), {row.criterion: row for row in sheet.points}
    return AgreedSheet(
        total_points=sheet.total_points,
        scale_max=grid.scale_max,
        criteria=tuple(
            (criterion.title, rows[criterion.code].points, rows[criterion.code].comment)
            for criterion in grid.criteria
            if criterion.code in rows
        ),
        recommendation=sheet.recommendation,
    )


def is_signed(session: Session, application_id: int) -> bool:
    """Whether the consensus sheet of an application is signed by everybody."""
    state = select(ConsensusSheet.state).where(ConsensusSheet.application_id == application_id)
    return session.scalar(state) is ConsensusSheetState.SIGNED


def divergences(session: Session, application_id: int) -> Mapping[str, StoredDivergence]:
    """Where the sheets differ enough to talk, by code of the criterion; the total under the empty code."""
    rows = session.scalars(select(StoredDivergence).where(StoredDivergence.application_id == application_id))
    return {row.criterion: row for row in rows}


def panel(session: Session, call_id: int) -> Sequence[PanelMember]:
    """The panel of a call: the chair first, then assessors by name."""
    return session.scalars(
        select(PanelMember)
        .join(PanelMember.user)
        .where(PanelMember.call_id == call_id)
        .order_by(PanelMember.is_chair.desc(), func.lower(User.name), PanelMember.id)
        .options(contains_eager(PanelMember.user).lazyload(User.grants))
    ).all()


def invitable(session: Session, members: Sequence[PanelMember], actor: Actor) -> Sequence[Row[int, str, Role]]:
    """Active accounts (`id` and `name`) with the `role` of an assessor or a chair that are not on this panel yet, by
    name.

    Whoever assesses in a call in which the actor competes is not named: a colleague invites these.
    """
    return session.execute(
        select(User.id, User.name, RoleGrant.role)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(
            RoleGrant.role.in_((Role.ASSESSOR, Role.PANEL_CHAIR)),
            User.disabled_at.is_(None),
            User.confirmed_at.is_not(None),
            User.id.not_in([member.user_id for member in members]),
            User.id.not_in(who_assesses_rivals(actor.interests)),
        )
        .order_by(func.lower(User.name), User.id, RoleGrant.role)
    ).all()


@withholds
def who_assesses_rivals(interests: Interests) -> Select[int]:
    """Selects the accounts on the panels of the calls in which somebody competes, and those that were."""
    calls = interests.calls
    assessed = select(Allocation.user_id).join(Allocation.application).where(Application.call_id.in_(calls))
    seated = select(PanelMember.user_id).where(PanelMember.call_id.in_(calls))
    return select(User.id).where(or_(User.id.in_(seated), User.id.in_(assessed)))


def is_chair(session: Session, actor: Actor, call_id: int) -> bool:
    """Whether the actor chairs the panel of a call, and still holds that role in the programme."""
    place = select(PanelMember.id).where(
        PanelMember.call_id == call_id, PanelMember.user_id == actor.user_id, PanelMember.is_chair.is_(True)
    )
    return Role.PANEL_CHAIR in actor.roles and session.scalar(place) is not None


def with_lead_place(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A query of applications with two columns more: `seat_city` and `country` of the lead partner of each."""
    return (
        query.add_columns(Organisation.seat_city, Organisation.country)
        .outerjoin(Partner, and_(Partner.application_id == Application.id, Partner.role == PartnerRole.LEAD))
        .outerjoin(Organisation, Organisation.id == Partner.organisation_id)
    )


def _of_application(prefix: str, row_id: InstrumentedAttribute[int], *path: Any) -> dict[str, Any]:
    """Labels and finder of rows of the assessment from which a path of relationships leads to the application to which
    they belong, and which of them are about a call in which somebody competes."""

    def rows(*columns: Any) -> Any:
        return reduce(Select.join, path, select(*columns))

    def names(session: Session, ids: Collection[int]) -> Mapping[int, Named]:
        known = session.execute(rows(row_id, Application.reference).where(row_id.in_(ids)))
        return {number: Named(f"{prefix} {reference}") for number, reference in known}

    def found(session: Session, text: str) -> Sequence[int]:
        return session.scalars(rows(row_id).where(Application.reference == text.upper())).all()

    def involved(interests: Interests) -> Any:
        return rows(row_id).where(Application.call_id.in_(interests.calls))

    def of_application(application_id: int) -> Any:
        return rows(row_id).where(Application.id == application_id)

    part_of = {SubjectKind.APPLICATION: of_application}
    return {"names": names, "found": found, "involved": involved, "part_of": part_of}


for _kind, _may_see, _policy in (
    (
        SubjectKind.ALLOCATION,
        office | auditor | allocated_assessor,
        _of_application("Allocation of", Allocation.id, Allocation.application),
    ),
    (
        SubjectKind.INDIVIDUAL_SHEET,
        office | auditor | allocated_assessor,
        _of_application("Sheet of", IndividualSheet.id, IndividualSheet.allocation, Allocation.application),
    ),
    (
        SubjectKind.CONSENSUS_SHEET,
        office | auditor | allocated_assessor | chair_of_this_panel,
        _of_application("Consensus sheet of", ConsensusSheet.id, ConsensusSheet.application),
    ),
):
    register(_kind, may_see=_may_see, **_policy)

register(
    SubjectKind.PANEL,
    may_see=office | auditor,
    names=labelled("Panel of ", Call.code, Call.id, "assessment.call", "code"),
    part_of={SubjectKind.CALL: lambda call_id: (call_id,)},
    involved=lambda interests: interests.calls,
)


def _about_a_person(label: str) -> Describe:
    """Words for a field whose name ends with the account of a person."""

    def words(name: str) -> FieldWords | None:
        number = name.partition(":")[2]
        return FieldWords(label, person=int(number)) if number.isdigit() else None

    return words


@describes(SubjectKind.PANEL, rights=("member:%",))
def _panel_field(name: str) -> FieldWords | None:
    if name == "ranking":
        return FieldWords("Ranking sealed (fingerprint)")
    return _about_a_person("On the panel")(name)


describes(SubjectKind.ALLOCATION, rights=("assessor:%",))(_about_a_person("Assessor"))
