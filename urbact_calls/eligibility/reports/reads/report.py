"""Reads of eligibility reports: the facts that the workflow decides on, the latest report, what was handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, contains_eager, defer, joinedload, selectinload

from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.reads import applications
from urbact_calls.applications.submission.models import Submission
from urbact_calls.applications.submission.reads.decided import grounds
from urbact_calls.applications.submission.reads.facts import IN_THE_CHECK, contributes
from urbact_calls.database import existing
from urbact_calls.domain.eligibility.rulebook import RULEBOOK_VERSION
from urbact_calls.domain.permissions import auditor, office
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import ApplicationState, FindingOutcome, ReportKind
from urbact_calls.eligibility.reports.models import ReportFinding, StoredReport
from urbact_calls.subjects import register


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityFacts:
    """What the official report of the last submission says now; the tuples hold rule codes in reading order,
    `titles` what people read instead of each.

    `open_findings` wait for a person, `unmet_findings` are blocking and not met, `confirmed_unmet_findings` are
    those of them that a person has confirmed. `only_curable_open`: something waits, and the call lets all of it
    be cured.
    """

    official_report: bool = False
    open_findings: tuple[str, ...] = ()
    unmet_findings: tuple[str, ...] = ()
    confirmed_unmet_findings: tuple[str, ...] = ()
    only_curable_open: bool = False
    titles: Mapping[str, Text] = field(default_factory=dict, compare=False)


def case_facts(session: Session, application_id: int) -> EligibilityFacts:
    """The facts of one application, in one query."""
    report = official_report(session, application_id)
    current = report.findings if report else []
    unsettled = [finding for finding in current if is_open(finding) or is_unmet(finding)]
    return EligibilityFacts(
        official_report=report is not None,
        open_findings=tuple(finding.code for finding in current if is_open(finding)),
        unmet_findings=tuple(finding.code for finding in current if is_unmet(finding)),
        confirmed_unmet_findings=tuple(
            finding.code for finding in current if is_unmet(finding) and finding.settled_outcome is not None
        ),
        only_curable_open=bool(unsettled) and all(finding.is_curable for finding in unsettled),
        titles={finding.code: finding.title for finding in unsettled},
    )


_FINDINGS = ("open_findings", "unmet_findings", "confirmed_unmet_findings")


@contributes("official_report", "only_curable_open", *_FINDINGS, states=IN_THE_CHECK)
def _facts_for_guards(session: Session, application: Application) -> Mapping[str, object]:
    """The same with the titles of the findings, as people read them in a refusal."""
    found = case_facts(session, application.id)
    titles = {name: tuple(found.titles[code] for code in getattr(found, name)) for name in _FINDINGS}
    return {"official_report": found.official_report, "only_curable_open": found.only_curable_open, **titles}


def is_open(finding: ReportFinding) -> bool:
    """Whether the finding waits for a person."""
    return finding.current_outcome is FindingOutcome.TO_BE_CHECKED


def is_unmet(finding: ReportFinding) -> bool:
    """Whether the finding, as it stands now, keeps the application out."""
    return finding.is_blocking and finding.current_outcome is FindingOutcome.NOT_MET


def confirmed_unmet(session: Session, application_id: int) -> Sequence[ReportFinding]:
    """The findings for which an application was declared not eligible: only what a person has confirmed keeps it out,
    so only that is told."""
    report = latest_report(session, application_id, ReportKind.OFFICIAL)
    return [each for each in report.findings if is_unmet(each) and each.settled_outcome is not None] if report else []


@grounds(ApplicationState.INELIGIBLE)
def _grounds(session: Session, application: Application) -> Iterable[tuple[Text, Text | str]]:
    """Each rule that is not met, with what the officer found."""
    for each in confirmed_unmet(session, application.id):
        yield NOT_MET(title=each.title), each.message
        if each.note:
            yield FOUND_BY_OFFICER, each.note


NOT_MET = message("decided.not_met", "Not met: {title}")
FOUND_BY_OFFICER = message("decided.found_by_officer", "What the officer found")()


def latest_report(session: Session, application_id: int, kind: ReportKind | None = None) -> StoredReport | None:
    """The report that counts, with its findings: of the last submission that has one, the official before the
    provisional, unless `kind` asks for one of the two."""
    of_kind = () if kind is None else (StoredReport.kind == kind,)
    return _report(session, StoredReport.application_id == application_id, *of_kind)


def official_report(session: Session, application_id: int) -> StoredReport | None:
    """The official report of the last submission, with its findings; None before it is made."""
    return _report(session, *is_official(application_id))


def is_official(application_id: int) -> tuple[ColumnElement[bool], ...]:
    """The conditions that a report, joined with its submission, is an official one of the last submission."""
    newest = select(func.max(Submission.number)).where(Submission.application_id == application_id).scalar_subquery()
    return (
        StoredReport.application_id == application_id,
        StoredReport.kind == ReportKind.OFFICIAL,
        Submission.number == newest,
    )


def _report(session: Session, *wanted: ColumnElement[bool]) -> StoredReport | None:
    """The last of some reports. A later version of the rule book makes one of its own, which counts."""
    is_provisional = case((StoredReport.kind == ReportKind.OFFICIAL, 0), else_=1)
    query = (
        select(StoredReport)
        .join(StoredReport.submission)
        .where(*wanted)
        .order_by(Submission.number.desc(), is_provisional, StoredReport.id.desc())
        # The dossier is long; who reads it again asks for it.
        .options(joinedload(StoredReport.findings), defer(StoredReport.dossier))
        .limit(1)
    )
    return session.scalars(query).unique().one_or_none()


def report_for(session: Session, application: Application, *, is_applicant: bool) -> StoredReport | None:
    """The report this reader may see, if the application counts: an applicant sees the official one once eligibility
    is declared, and the provisional one before."""
    if application.state in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN):
        return None
    if not is_applicant or application.eligibility_declared_at is not None:
        return latest_report(session, application.id)
    return latest_report(session, application.id, ReportKind.PROVISIONAL)


def submission(session: Session, reference: str, number: int) -> Submission:
    """One submission of an application, with its call. Raises NotFound."""
    query = _submissions(reference).where(Submission.number == number)
    return existing(session, query, f"submission {number} of {reference}")


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


@dataclass(frozen=True, slots=True)
class MadeReport:
    """A report that was made, and by which closing list; a provisional one and one of before have none."""

    id: int
    closing_list_id: int | None


def report_on(session: Session, submission_id: int, kind: ReportKind) -> MadeReport | None:
    """The report of this kind that this version of the rule book has made on a submission."""
    row = session.execute(
        select(StoredReport.id, StoredReport.closing_list_id).where(
            StoredReport.submission_id == submission_id,
            StoredReport.kind == kind,
            StoredReport.rulebook_version == RULEBOOK_VERSION,
        )
    ).one_or_none()
    return MadeReport(*row) if row else None


def partners_with_letters(session: Session, application_id: int) -> Sequence[Partner]:
    """The partners of an application in order, the lead partner first, each with organisation and documents."""
    query = select(Partner).where(Partner.application_id == application_id).order_by(Partner.position, Partner.id)
    return session.scalars(query.options(joinedload(Partner.organisation), selectinload(Partner.documents))).all()


register(
    SubjectKind.ELIGIBILITY_CHECK,
    may_see=office | auditor,
    names=applications.named("Eligibility of ", "eligibility.show"),
    found=applications.ids_of,
    involved=applications.own_ids,
    part_of=applications.UNDER_ITS_ID,
)
