"""The list of the eligibility check: the applications of a call, filtered, with the figures beside the filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application, Partner, Submission
from urbact_calls.calls.models import Call
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import ApplicationState, FindingOutcome, PartnerRole, ReportKind
from urbact_calls.eligibility.models import Report, ReportFinding
from urbact_calls.handling.models import Handler
from urbact_calls.handling.queries import WHOSE, is_whose
from urbact_calls.organisations.models import Organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the office looks for in the applications of one call; `after` is the number of the last one it has seen."""

    states: tuple[ApplicationState, ...] = ()
    findings: str = ""
    whose: str = ""
    text: str = ""
    after: int = 0


FINDINGS_FILTERS = {"unmet": "Any rule not met", "open": "Needs a person", "met": "All met"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One application in the office's list. The counts are of the report that counts, as settled by now."""

    reference: str
    number: int
    acronym: str
    title: str
    state: ApplicationState
    lead: str
    country: str
    partners: int
    report_kind: ReportKind | None
    unmet: int
    open: int
    handler: str


def _current_reports(call_id: int) -> Subquery:
    """The report that counts of each application of a call: as in `latest_report`."""
    ranked = (
        select(
            Report.id.label("report_id"),
            Report.application_id,
            Report.kind,
            func.row_number()
            .over(
                partition_by=Report.application_id,
                order_by=(
                    Submission.number.desc(),
                    case((Report.kind == ReportKind.OFFICIAL, 0), else_=1),
                    Report.id.desc(),
                ),
            )
            .label("newest"),
        )
        .join(Report.submission)
        .join(Report.application)
        .where(Application.call_id == call_id)
        .subquery()
    )
    outcome = func.coalesce(ReportFinding.settled_outcome, ReportFinding.outcome)
    unmet = and_(outcome == FindingOutcome.NOT_MET, ReportFinding.is_blocking.is_(True))
    return (
        select(
            ranked.c.application_id,
            ranked.c.kind,
            func.sum(case((unmet, 1), else_=0)).label("unmet"),
            func.sum(case((outcome == FindingOutcome.TO_BE_CHECKED, 1), else_=0)).label("open"),
        )
        .join(ReportFinding, ReportFinding.report_id == ranked.c.report_id)
        .where(ranked.c.newest == 1)
        .group_by(ranked.c.application_id, ranked.c.kind)
        .subquery()
    )


def lines(session: Session, call_id: int, filters: Filters, actor: Actor, *, limit: int) -> list[Line]:
    """The applications of a call that were ever handed in, by number, from the one after `filters.after`."""
    reports = _current_reports(call_id)
    partners = (
        select(func.count(Partner.id))
        .where(Partner.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )
    query = (
        select(
            Application.reference,
            Application.number,
            Application.acronym,
            Application.title,
            Application.state,
            Organisation.seat_city,
            Organisation.country,
            partners,
            reports.c.kind,
            func.coalesce(reports.c.unmet, 0),
            func.coalesce(reports.c.open, 0),
            User.name,
        )
        .outerjoin(Partner, and_(Partner.application_id == Application.id, Partner.role == PartnerRole.LEAD))
        .outerjoin(Organisation, Organisation.id == Partner.organisation_id)
        .outerjoin(reports, reports.c.application_id == Application.id)
        .outerjoin(Handler, Handler.application_id == Application.id)
        .outerjoin(User, User.id == Handler.user_id)
        .where(
            Application.call_id == call_id,
            Application.state != ApplicationState.DRAFT,
            Application.number > filters.after,
            *_wanted(filters, reports),
            *is_whose(filters.whose, actor),
        )
        .order_by(Application.number)
        .limit(limit)
    )
    return [
        Line(
            reference=row[0],
            number=row[1],
            acronym=row[2],
            title=row[3],
            state=ApplicationState(row[4]),
            lead=row[5] or "",
            country=row[6] or "",
            partners=row[7],
            report_kind=ReportKind(row[8]) if row[8] else None,
            unmet=row[9],
            open=row[10],
            handler=row[11] or "",
        )
        for row in session.execute(query)
    ]


def _wanted(filters: Filters, reports: Subquery) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.states:
        wanted.append(Application.state.in_(filters.states))
    if filters.text:
        text = filters.text.lower()
        wanted.append(
            or_(
                *(
                    func.lower(column).contains(text, autoescape=True)
                    for column in (
                        Application.reference,
                        Application.acronym,
                        Application.title,
                        Organisation.seat_city,
                    )
                )
            )
        )
    if filters.findings == "unmet":
        wanted.append(reports.c.unmet > 0)
    elif filters.findings == "open":
        wanted.append(reports.c.open > 0)
    elif filters.findings == "met":
        wanted.append(and_(reports.c.unmet == 0, reports.c.open == 0))
    return wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many applications of a call stand where, without any filter."""

    by_state: Mapping[ApplicationState, int]
    findings: Mapping[str, int]
    whose: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_state.values())


def counts(session: Session, call_id: int, actor: Actor) -> Counts:
    """The figures beside the filters, in one query."""
    reports = _current_reports(call_id)

    def number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    rows = session.execute(
        select(
            Application.state,
            func.count(Application.id),
            number_of(reports.c.unmet > 0),
            number_of(reports.c.open > 0),
            number_of(and_(reports.c.unmet == 0, reports.c.open == 0)),
            number_of(Handler.user_id == actor.user_id),
            number_of(Handler.id.is_(None)),
        )
        .outerjoin(Handler, Handler.application_id == Application.id)
        .outerjoin(reports, reports.c.application_id == Application.id)
        .where(Application.call_id == call_id, Application.state != ApplicationState.DRAFT)
        .group_by(Application.state)
    ).all()
    by_state = {ApplicationState(row[0]): row[1] for row in rows}
    return Counts(
        by_state={state: by_state[state] for state in ApplicationState if state in by_state},
        findings={name: sum(int(row[column]) for row in rows) for column, name in enumerate(FINDINGS_FILTERS, start=2)},
        whose={name: sum(int(row[column]) for row in rows) for column, name in enumerate(WHOSE, start=5)},
    )


def calls_in_check(session: Session) -> Sequence[Call]:
    """The calls that applications were handed in to, the last to close first."""
    handed_in = exists().where(Application.call_id == Call.id, Application.state != ApplicationState.DRAFT)
    return session.scalars(select(Call).where(handed_in).order_by(Call.closes_at.desc(), Call.code)).all()
