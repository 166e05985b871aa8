"""Reading reports: what casework decides on, and what the office sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import LETTER, Application, Document, Partner, Submission
from urbact_calls.audit.models import FieldChange
from urbact_calls.calls.models import Call
from urbact_calls.domain.eligibility import RULEBOOK_VERSION
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.vocabulary import ApplicationState, FindingOutcome, PartnerRole, ReportKind
from urbact_calls.eligibility.models import Report, ReportFinding
from urbact_calls.organisations.models import Organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityFacts:
    """What the official report of the last submission says now; the tuples hold rule codes in reading order.

    `open_findings` wait for a person, `unmet_findings` are blocking and not met, `confirmed_unmet_findings` are
    those of them that a person has confirmed. `only_curable_open`: something waits, and the call lets all of it
    be cured.
    """

    official_report: bool = False
    open_findings: tuple[str, ...] = ()
    unmet_findings: tuple[str, ...] = ()
    confirmed_unmet_findings: tuple[str, ...] = ()
    only_curable_open: bool = False


def case_facts(session: Session, application_id: int) -> EligibilityFacts:
    """The facts of one application, in one query."""
    newest = select(func.max(Submission.number)).where(Submission.application_id == application_id).scalar_subquery()
    findings = session.scalars(
        select(ReportFinding)
        .join(ReportFinding.report)
        .join(Report.submission)
        .where(
            Report.application_id == application_id,
            Report.kind == ReportKind.OFFICIAL,
            Submission.number == newest,
        )
        .order_by(Report.id, ReportFinding.position)
    ).all()
    # A later version of the rule book makes a report of its own; the last one counts.
    current = [finding for finding in findings if finding.report_id == findings[-1].report_id]
    waiting = [finding for finding in current if is_open(finding) or is_unmet(finding)]
    return EligibilityFacts(
        official_report=bool(current),
        open_findings=tuple(finding.code for finding in current if is_open(finding)),
        unmet_findings=tuple(finding.code for finding in current if is_unmet(finding)),
        confirmed_unmet_findings=tuple(
            finding.code for finding in current if is_unmet(finding) and finding.settled_outcome is not None
        ),
        only_curable_open=bool(waiting) and all(finding.is_curable for finding in waiting),
    )


def is_open(finding: ReportFinding) -> bool:
    """Whether the finding waits for a person."""
    return finding.current_outcome is FindingOutcome.TO_BE_CHECKED


def is_unmet(finding: ReportFinding) -> bool:
    """Whether the finding, as it stands now, keeps the application out."""
    return finding.is_blocking and finding.current_outcome is FindingOutcome.NOT_MET


def latest_report(session: Session, application_id: int, kind: ReportKind | None = None) -> Report | None:
    """The report that counts, with its findings: of the last submission that has one, the official before the
    provisional, unless `kind` asks for one of the two."""
    query = (
        select(Report)
        .join(Report.submission)
        .where(Report.application_id == application_id)
        .order_by(
            Submission.number.desc(),
            case((Report.kind == ReportKind.OFFICIAL, 0), else_=1),
            Report.id.desc(),
        )
        .options(selectinload(Report.findings))
        .limit(1)
    )
    if kind is not None:
        query = query.where(Report.kind == kind)
    return session.scalar(query)


def submission(session: Session, reference: str, number: int) -> Submission:
    """One submission of an application, with its call. Raises NotFound."""
    found = session.scalar(_submissions(reference).where(Submission.number == number))
    if found is None:
        raise NotFound(f"submission {number} of {reference}")
    return found


def last_submission(session: Session, reference: str) -> Submission | None:
    """The last thing that was handed in, with its call; None before the first."""
    return session.scalar(_submissions(reference).order_by(Submission.number.desc()).limit(1))


def _submissions(reference: str) -> Select[Submission]:
    return (
        select(Submission)
        .join(Submission.application)
        .where(Application.reference == reference)
        .options(contains_eager(Submission.application).joinedload(Application.call))
    )


def has_report(session: Session, submission_id: int, kind: ReportKind) -> bool:
    """Whether this version of the rule book has made this report."""
    known = select(Report.id).where(
        Report.submission_id == submission_id, Report.kind == kind, Report.rulebook_version == RULEBOOK_VERSION
    )
    return session.scalar(known) is not None


def is_about_the_last_submission(session: Session, report: Report) -> bool:
    """Whether nothing was handed in after what this report is about."""
    later = select(Submission.id).where(
        Submission.application_id == report.application_id, Submission.number > report.submission.number
    )
    return session.scalar(later.limit(1)) is None


def settlement_token(finding: ReportFinding) -> str:
    """Tells two settlements of a finding apart, so that an officer does not overwrite one unseen."""
    return finding.settled_at.isoformat() if finding.settled_at else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the office looks for in the applications of one call; `after` is the number of the last one it has seen."""

    states: tuple[ApplicationState, ...] = ()
    findings: str = ""
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


def lines(session: Session, call_id: int, filters: Filters, *, limit: int) -> list[Line]:
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
        )
        .outerjoin(Partner, and_(Partner.application_id == Application.id, Partner.role == PartnerRole.LEAD))
        .outerjoin(Organisation, Organisation.id == Partner.organisation_id)
        .outerjoin(reports, reports.c.application_id == Application.id)
        .where(
            Application.call_id == call_id,
            Application.state != ApplicationState.DRAFT,
            Application.number > filters.after,
            *_wanted(filters, reports),
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

    @property
    def total(self) -> int:
        return sum(self.by_state.values())


def counts(session: Session, call_id: int) -> Counts:
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
        )
        .outerjoin(reports, reports.c.application_id == Application.id)
        .where(Application.call_id == call_id, Application.state != ApplicationState.DRAFT)
        .group_by(Application.state)
    ).all()
    by_state = {ApplicationState(row[0]): row[1] for row in rows}
    return Counts(
        by_state={state: by_state[state] for state in ApplicationState if state in by_state},
        findings={name: sum(int(row[column]) for row in rows) for column, name in enumerate(FINDINGS_FILTERS, start=2)},
    )


def calls_in_check(session: Session) -> Sequence[Call]:
    """The calls that applications were handed in to, the last to close first."""
    handed_in = exists().where(Application.call_id == Call.id, Application.state != ApplicationState.DRAFT)
    return session.scalars(select(Call).where(handed_in).order_by(Call.closes_at.desc(), Call.code)).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What an officer has said about a finding, now or before."""

    outcome: FindingOutcome
    note: str
    officer: str
    at: datetime


def settlements(session: Session, reference: str) -> dict[str, list[Settlement]]:
    """Every settlement of an application's findings by rule code, the last one first."""
    rows = session.execute(
        select(FieldChange, User.name)
        .outerjoin(User, User.id == FieldChange.actor_id)
        .where(FieldChange.object_ref == f"eligibility:{reference}", FieldChange.field.startswith("finding:"))
        .order_by(FieldChange.id.desc())
    ).all()
    told: dict[str, list[Settlement]] = {}
    for change, officer in rows:
        after = (change.after or {})["value"]
        told.setdefault(change.field.removeprefix("finding:"), []).append(
            Settlement(
                outcome=FindingOutcome(after["outcome"]),
                note=after["note"],
                officer=officer or "an account that was removed",
                at=change.at,
            )
        )
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The letter of commitment of one partner; `filename` is None where there is none."""

    partner_id: int
    partner: str
    country: str
    filename: str | None


def letters(session: Session, application_id: int) -> list[Letter]:
    """The letters of an application in the order of its partners."""
    rows = session.execute(
        select(Partner.id, Organisation.name, Organisation.country, Document.filename)
        .join(Partner.organisation)
        .outerjoin(Document, and_(Document.partner_id == Partner.id, Document.kind == LETTER))
        .where(Partner.application_id == application_id)
        .order_by(Partner.position, Partner.id)
    )
    return [Letter(partner_id=row[0], partner=row[1], country=row[2], filename=row[3]) for row in rows]
