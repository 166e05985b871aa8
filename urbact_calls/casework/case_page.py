"""What the page of one application shows beside its progress: a question, its partners, what the rules said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from urbact_calls.applications.models import Application
from urbact_calls.applications.outline import NOT_STARTED, Outline, Profile
from urbact_calls.audit.models import WorkflowEvent
from urbact_calls.casework import progress
from urbact_calls.domain.eligibility.clarification import clarification_due
from urbact_calls.domain.text import Text
from urbact_calls.domain.vocabulary import ApplicationState, FindingOutcome, Tone
from urbact_calls.eligibility.models import Report
from urbact_calls.web.filters import when


@dataclass(frozen=True, slots=True)
class Cell:
    label: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRow:
    """A row of `macros/readiness.html`."""

    name: str
    href: str
    place: str
    region: str
    cells: tuple[Cell, ...]
    act_href: str
    act_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFinding:
    """A finding as it stands now: an officer's word, else the program's."""

    title: Text
    outcome: FindingOutcome
    message: Text
    source: str
    fix: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReport:
    """A report of the rule book for `macros/findings.html`."""

    findings: tuple[ShownFinding, ...]
    version: str
    made_at: datetime
    note: str
    title: str


@dataclass(frozen=True, slots=True)
class Way:
    """Where a reason that closes a step can be mended."""

    label: str
    href: str


_PLACES_IN_THE_CHECK = {
    "eligibility.findings_open": ("findings-head", "Go to the findings"),
    "eligibility.nothing_unmet": ("findings-head", "Go to the findings"),
    "eligibility.regions_unconfirmed": ("regions", "Go to the regions"),
}


def ways_out(reference: str) -> dict[str, Way]:
    """The places in the eligibility check by the code of a reason; only those who check are given these reasons."""
    return {
        code: Way(label, url_for("eligibility.show", reference=reference, _anchor=anchor))
        for code, (anchor, label) in _PLACES_IN_THE_CHECK.items()
    }


def question_of(events: Sequence[WorkflowEvent], application: Application) -> str:
    """What the Joint Secretariat asks, and until when an answer counts; nothing if it asks nothing."""
    if application.state is not ApplicationState.CLARIFICATION:
        return ""
    asked = next(event for event in reversed(events) if event.transition == "ask_clarification")
    due = clarification_due(asked.at, application.call.terms)
    return f"The Joint Secretariat asks, and your answer counts until {when(due)}: {asked.reason}"


def not_yet(outline: Outline, stand: progress.Progress) -> str:
    """What the lead partner must know while the draft is not submitted: who sees it, until when, what is missing."""
    closes_at = when(outline.application.call.closes_at)
    private = f"The Joint Secretariat cannot see this application; the call closes on {closes_at}."
    return f"{stand.standing.text} {private} {outline.missing_words}"


def partner_rows(outline: Outline) -> list[PartnerRow]:
    """How far each partner is: its region, its profile, its figures, its letter, and whether its people may write."""
    documents = url_for("applications.documents", reference=outline.application.reference)
    budget = outline.dossier.budget
    rows = []
    for number, (profile, facts) in enumerate(zip(outline.profiles, outline.dossier.partners, strict=True), start=1):
        planned = budget.total_of(number) if budget else None
        rows.append(
            PartnerRow(
                name=facts.name,
                place=f"{facts.country}, lead" if facts.is_lead else facts.country,
                region=facts.region_category.label if facts.region_category else "Not known",
                href=profile.parts[0].href if profile.parts else "",
                cells=(
                    _profile_cell(profile),
                    Cell(str(planned), Tone.GOOD) if planned else Cell("Missing", Tone.NEUTRAL),
                    Cell("Here", Tone.GOOD) if facts.letter_of_commitment else Cell("Missing", Tone.NEUTRAL),
                    Cell("Can write", Tone.GOOD) if profile.partner.may_edit else Cell("Reads", Tone.NEUTRAL),
                ),
                act_href="" if facts.letter_of_commitment else documents,
                act_label="" if facts.letter_of_commitment else "Add the letter",
            )
        )
    return rows


def _profile_cell(profile: Profile) -> Cell:
    if profile.is_complete:
        return Cell("Complete", Tone.GOOD)
    started = any(part.state is not NOT_STARTED for part in profile.parts)
    return Cell(profile.fact, Tone.INFO) if started else Cell("Not started", Tone.NEUTRAL)


def shown_report(report: Report | None) -> ShownReport | None:
    """A stored report as the page shows it."""
    if report is None:
        return None
    return ShownReport(
        findings=tuple(
            ShownFinding(
                title=finding.title,
                outcome=finding.current_outcome,
                message=finding.message,
                source=finding.source,
                fix=finding.fix,
            )
            for finding in report.findings
        ),
        version=f"rule book {report.rulebook_version}",
        made_at=report.made_at,
        note="" if report.kind == "official" else "The official check comes after the call has closed.",
        title=report.kind.label,
    )
