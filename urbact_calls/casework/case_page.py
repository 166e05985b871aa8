"""What the page of one application shows beside its progress: a question, its partners, what the rules said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.outline import NOT_STARTED, Outline, Profile
from urbact_calls.audit.models import WorkflowEvent
from urbact_calls.casework import progress
from urbact_calls.domain.eligibility.clarification import clarification_due
from urbact_calls.domain.text import Text
from urbact_calls.domain.vocabulary import ApplicationState, FindingOutcome, Tone
from urbact_calls.domain.workflow.application import CLARIFICATION_ROUND
from urbact_calls.web.filters import when
from urbact_calls.workflow.timeline import act_of


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


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a page of an application: the endpoint, the anchor on it, and the words of the link."""

    endpoint: str
    anchor: str
    label: str


ShowReport = Callable[[Session, Application, bool], ShownReport | None]

PLACES: dict[str, Place] = {}
"""Where a reason can be mended, by its code; the feature whose reason it is enters it."""
REPORTS: list[ShowReport] = []
"""The function that gives the report of an application for an applicant, or for somebody else."""


def ways_out(reference: str) -> dict[str, Way]:
    """The places where reasons can be mended, by code; only those who may mend them are given these reasons."""
    return {
        code: Way(place.label, url_for(place.endpoint, reference=reference, _anchor=place.anchor))
        for code, place in PLACES.items()
    }


def shown_report(session: Session, application: Application, *, is_applicant: bool) -> ShownReport | None:
    """The report of the rule book that this reader may see."""
    return next((report for show in REPORTS if (report := show(session, application, is_applicant))), None)


def question_of(events: Sequence[WorkflowEvent], application: Application) -> str:
    """What the Joint Secretariat asks, and until when an answer counts; nothing if it asks nothing."""
    if application.state is not ApplicationState.CLARIFICATION:
        return ""
    asked = next(event for event in reversed(events) if act_of(event).uses_up == CLARIFICATION_ROUND)
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
