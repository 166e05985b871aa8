"""What waits for a person now, counted: one query per line, however many rows there are. Read only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, Submission
from urbact_calls.applications.queries import takes_part
from urbact_calls.assessment.models import Allocation, ConsensusSheet, IndividualSheet, PanelMember, Ranking, Signature
from urbact_calls.calls.models import Call
from urbact_calls.decisions.models import Decision
from urbact_calls.domain.permissions import (
    Actor,
    Predicate,
    administrator,
    committee,
    office,
    panel_chair,
    panel_member,
    signed_in,
)
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    ConsensusSheetState,
    FindingOutcome,
    IndividualSheetState,
    JobState,
    PartnerRole,
    ReportKind,
    Tone,
)
from urbact_calls.eligibility.models import Report, ReportFinding
from urbact_calls.jobs import Job
from urbact_calls.networks.models import Member, Network
from urbact_calls.organisations.models import Membership

Counting = Callable[[Actor, datetime], Select[Any]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Some things of one kind that wait for this person, and where they are dealt with."""

    one: str
    many: str
    count: int
    endpoint: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of thing that can wait: for whom, how it is counted, where it is dealt with."""

    permission: Predicate
    one: str
    many: str
    counting: Counting
    endpoint: str
    tone: Tone = field(default=Tone.CAUTION)


@dataclass(frozen=True, slots=True)
class OwnNetwork:
    """A network that one of the actor's organisations is a member of."""

    slug: str
    name: str
    is_lead: bool


def waiting(session: Session, actor: Actor, now: datetime) -> Sequence[Waiting]:
    """Everything that waits for this actor, in the order of the work; nothing for what does not wait."""
    return [found for found in _counted(session, actor, now) if found.count]


def own_networks(session: Session, actor: Actor) -> Sequence[OwnNetwork]:
    """The networks founded on this site that the actor's organisations are members of, by name."""
    rows = session.execute(
        select(Network.slug, Network.name, func.max(case((Member.role == PartnerRole.LEAD, 1), else_=0)))
        .join(Member, Member.network_id == Network.id)
        .where(Network.application_id.is_not(None), Member.organisation_id.in_(actor.organisation_ids))
        .group_by(Network.slug, Network.name)
        .order_by(Network.name, Network.slug)
    )
    return [OwnNetwork(slug, name, bool(is_lead)) for slug, name, is_lead in rows]


def _counted(session: Session, actor: Actor, now: datetime) -> Iterator[Waiting]:
    for line in LINES:
        if line.permission(actor):
            count = session.scalar(line.counting(actor, now)) or 0
            yield Waiting(line.one, line.many, count, line.endpoint, line.tone)


def _applications(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.count(Application.id)).join(Call, Call.id == Application.call_id).where(*conditions)


def _drafts(actor: Actor, now: datetime) -> Select[Any]:
    """Drafts of calls that can still be submitted."""
    is_open = Call.published_at <= now, Call.opens_at <= now, Call.closes_at >= now.replace(microsecond=0)
    return _applications(Application.state == ApplicationState.DRAFT, takes_part(actor), *is_open)


def _clarifications(actor: Actor, now: datetime) -> Select[Any]:
    return _applications(Application.state == ApplicationState.CLARIFICATION, takes_part(actor))


def _join_requests(actor: Actor, now: datetime) -> Select[Any]:
    managed = select(Membership.organisation_id).where(
        Membership.user_id == actor.user_id, Membership.is_manager, Membership.accepted_at.is_not(None)
    )
    return select(func.count(Membership.id)).where(
        Membership.accepted_at.is_(None), Membership.organisation_id.in_(managed)
    )


def _requests_nobody_can_answer(actor: Actor, now: datetime) -> Select[Any]:
    manager = Membership.__table__.alias("manager")
    managed = exists().where(
        manager.c.organisation_id == Membership.organisation_id,
        manager.c.is_manager,
        manager.c.accepted_at.is_not(None),
    )
    return select(func.count(Membership.id)).where(Membership.accepted_at.is_(None), ~managed)


def _own_allocations(actor: Actor, *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.count(Allocation.id)).where(
        Allocation.user_id == actor.user_id, Allocation.released_at.is_(None), *conditions
    )


def _declarations(actor: Actor, now: datetime) -> Select[Any]:
    return _own_allocations(actor, Allocation.conflict.is_(None))


def _open_sheets(actor: Actor, now: datetime) -> Select[Any]:
    is_open = exists().where(
        IndividualSheet.allocation_id == Allocation.id, IndividualSheet.state == IndividualSheetState.OPEN
    )
    return _own_allocations(actor, Allocation.conflict.is_not(None), is_open)


def _sheets_to_agree(actor: Actor, now: datetime) -> Select[Any]:
    """Consensus sheets that are open and do not carry this person's signature as they stand now."""
    signed = exists().where(
        Signature.sheet_id == ConsensusSheet.id,
        Signature.user_id == actor.user_id,
        Signature.sheet_version == ConsensusSheet.version,
    )
    allocated = exists().where(
        Allocation.application_id == Application.id,
        Allocation.user_id == actor.user_id,
        Allocation.released_at.is_(None),
    )
    chaired = exists().where(
        PanelMember.call_id == Application.call_id, PanelMember.user_id == actor.user_id, PanelMember.is_chair
    )
    return (
        select(func.count(ConsensusSheet.id))
        .join(Application, Application.id == ConsensusSheet.application_id)
        .where(ConsensusSheet.state == ConsensusSheetState.OPEN, ~signed, or_(allocated, chaired))
    )


def _findings(actor: Actor, now: datetime) -> Select[Any]:
    """Findings of official reports on the last submission that wait for a person."""
    return (
        select(func.count(ReportFinding.id))
        .join(Report, Report.id == ReportFinding.report_id)
        .join(Submission, Submission.id == Report.submission_id)
        .join(Application, Application.id == Report.application_id)
        .where(
            Report.kind == ReportKind.OFFICIAL,
            Application.state == ApplicationState.SUBMITTED,
            Submission.number == Application.submission_count,
            ReportFinding.outcome == FindingOutcome.TO_BE_CHECKED,
            ReportFinding.settled_outcome.is_(None),
        )
    )


def _to_declare(actor: Actor, now: datetime) -> Select[Any]:
    return _applications(Application.state == ApplicationState.SUBMITTED, Call.closes_at < now)


def _to_allocate(actor: Actor, now: datetime) -> Select[Any]:
    """Eligible applications that nobody, or only one assessor, has been given."""
    given = (
        select(func.count(Allocation.id))
        .where(Allocation.application_id == Application.id, Allocation.released_at.is_(None))
        .correlate(Application)
        .scalar_subquery()
    )
    return _applications(Application.state == ApplicationState.ELIGIBLE, given < 2)


def _unranked(actor: Actor, now: datetime) -> Select[Any]:
    """Assessed applications of calls whose ranking was never sealed."""
    sealed = exists().where(Ranking.call_id == Application.call_id)
    return _applications(Application.state == ApplicationState.ASSESSED, ~sealed)


def _undecided(actor: Actor, now: datetime) -> Select[Any]:
    decided = exists().where(Decision.application_id == Application.id, Decision.announced_at.is_(None))
    sealed = exists().where(Ranking.call_id == Application.call_id)
    return _applications(Application.state == ApplicationState.ASSESSED, sealed, ~decided)


def _to_announce(actor: Actor, now: datetime) -> Select[Any]:
    return select(func.count(Decision.id)).where(Decision.announced_at.is_(None))


def _dead_jobs(actor: Actor, now: datetime) -> Select[Any]:
    uncertain = and_(Job.state == JobState.SENDING, Job.lease_until < now)
    return select(func.count(Job.id)).where(or_(Job.state == JobState.DEAD, uncertain))


LINES = (
    Line(signed_in, "draft is not submitted", "drafts are not submitted", _drafts, "applications.index"),
    Line(
        signed_in,
        "question of the Joint Secretariat to answer",
        "questions of the Joint Secretariat to answer",
        _clarifications,
        "applications.index",
    ),
    Line(
        signed_in,
        "person asks to join your organisation",
        "people ask to join your organisation",
        _join_requests,
        "organisations.index",
    ),
    Line(
        panel_member | panel_chair,
        "declaration of interest to give",
        "declarations of interest to give",
        _declarations,
        "assessment.desk",
    ),
    Line(panel_member | panel_chair, "sheet to fill in", "sheets to fill in", _open_sheets, "assessment.desk"),
    Line(
        panel_member | panel_chair,
        "consensus sheet to agree and sign",
        "consensus sheets to agree and sign",
        _sheets_to_agree,
        "assessment.desk",
    ),
    Line(office, "finding to settle", "findings to settle", _findings, "eligibility.index"),
    Line(
        office,
        "application to declare eligible or not",
        "applications to declare eligible or not",
        _to_declare,
        "eligibility.index",
    ),
    Line(
        office,
        "eligible application to allocate",
        "eligible applications to allocate",
        _to_allocate,
        "assessment.index",
    ),
    Line(office, "assessed application to rank", "assessed applications to rank", _unranked, "assessment.index"),
    Line(
        office,
        "ranked application without a decision",
        "ranked applications without a decision",
        _undecided,
        "decisions.index",
    ),
    Line(office, "decision to announce", "decisions to announce", _to_announce, "decisions.index"),
    Line(
        committee,
        "ranked application waits for your decision",
        "ranked applications wait for your decision",
        _undecided,
        "decisions.index",
        Tone.CALM,
    ),
    Line(
        office,
        "request to join an organisation that has no manager",
        "requests to join organisations that have no manager",
        _requests_nobody_can_answer,
        "organisations.index",
    ),
    Line(
        office | administrator,
        "job of the workers that is dead or uncertain",
        "jobs of the workers that are dead or uncertain",
        _dead_jobs,
        "notifications.jobs",
        Tone.BAD,
    ),
)
"""Everything that can wait for somebody, in the order of the work."""
