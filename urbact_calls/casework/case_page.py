"""One application as its page tells it: from draft to network in plain words, what happened, what the rules said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from urbact_calls.applications.models import Application
from urbact_calls.applications.outline import NOT_STARTED, Outline, Profile
from urbact_calls.audit.models import WorkflowEvent
from urbact_calls.domain.eligibility.clarification import clarification_due
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import ApplicationState, FindingOutcome, PublicState, Tone
from urbact_calls.eligibility.models import Report
from urbact_calls.web.filters import day, when, when_short

# What officers do among themselves before a declaration; an applicant hears of it when it is declared.
INTERNAL = frozenset({"propose_eligible", "propose_ineligible"})

_STEPS = ("Draft", "Submitted", "Eligibility check", "Assessment", "Decision", "Network")
_STEP_OF = {
    PublicState.DRAFT: 0,
    PublicState.LAPSED: 0,
    PublicState.SUBMITTED: 1,
    PublicState.ELIGIBILITY_CHECK: 2,
    PublicState.CLARIFICATION: 2,
    PublicState.INELIGIBLE: 2,
    PublicState.ASSESSMENT: 3,
    PublicState.DECISION_PENDING: 4,
    PublicState.POSTPONED: 4,
    PublicState.RESERVE: 4,
    PublicState.NOT_APPROVED: 4,
    PublicState.APPROVED: 4,
    PublicState.APPROVED_WITH_CONDITIONS: 4,
    PublicState.IN_NETWORK: 5,
}
_ENDED = {PublicState.LAPSED, PublicState.INELIGIBLE, PublicState.NOT_APPROVED, PublicState.WITHDRAWN}
_SAID = {
    PublicState.LAPSED: "Not submitted before the call closed",
    PublicState.CLARIFICATION: "Your answer is needed",
    PublicState.INELIGIBLE: "Not eligible",
    PublicState.DECISION_PENDING: "Waiting for the Monitoring Committee",
    PublicState.POSTPONED: "Decision postponed",
    PublicState.RESERVE: "On the reserve list",
    PublicState.NOT_APPROVED: "Not approved",
    PublicState.APPROVED: "Approved",
    PublicState.APPROVED_WITH_CONDITIONS: "Approved with conditions",
    PublicState.IN_NETWORK: "Founded",
}
_DONE_LABELS = {
    "start": "Draft started",
    "submit": "Submitted",
    "reopen": "Reopened as a draft",
    "ask_clarification": "Clarification asked",
    "answer_clarification": "Clarification answered",
    "clarification_lapsed": "Time to answer has passed",
    "propose_eligible": "Proposed: eligible",
    "declare_eligible": "Declared eligible",
    "propose_ineligible": "Proposed: not eligible",
    "declare_ineligible": "Declared not eligible",
    "reinstate_eligibility": "Taken back to the eligibility check",
    "reinstate_assessment": "Taken back to the decision",
    "close_assessment": "Assessment closed",
    "approve": "Approved",
    "approve_with_conditions": "Approved with conditions",
    "put_on_reserve": "Put on the reserve list",
    "refuse": "Not approved",
    "postpone": "Decision postponed",
    "conditions_met": "Conditions met",
    "conditions_missed": "Conditions not met",
    "found_network": "Network founded",
    "withdraw": "Withdrawn",
}


_NEXT = {
    PublicState.SUBMITTED: "You can reopen it until the call closes. Then the Joint Secretariat checks eligibility.",
    PublicState.ELIGIBILITY_CHECK: "Nothing for you to do. The Joint Secretariat checks eligibility.",
    PublicState.CLARIFICATION: "Send your answer to the Joint Secretariat.",
    PublicState.INELIGIBLE: "Read the findings. If a rule was applied wrongly, write to the Joint Secretariat.",
    PublicState.ASSESSMENT: "Nothing for you to do. Two assessors read the application.",
    PublicState.DECISION_PENDING: "Nothing for you to do. The Monitoring Committee decides.",
    PublicState.POSTPONED: "Nothing for you to do. The Monitoring Committee decides later.",
    PublicState.RESERVE: "Nothing for you to do. You hear from us if a place becomes free.",
    PublicState.APPROVED: "The network is being founded. You hear from us.",
    PublicState.APPROVED_WITH_CONDITIONS: "Meet the conditions of the decision letter.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of `macros/timeline.html`."""

    label: str
    state: str
    when: str = ""
    text: str = ""


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

    title: str
    outcome: FindingOutcome
    message: str
    source: str
    fix: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReport:
    """A report of the rule book for `macros/findings.html`."""

    findings: tuple[ShownFinding, ...]
    version: str
    made_at: datetime
    note: str
    title: str


def steps(application: Application, state: PublicState, events: Sequence[WorkflowEvent]) -> list[Step]:
    """From draft to network: what is done with its day, what is now, what comes and when."""
    now_at = _last_step(events) if state is PublicState.WITHDRAWN else _STEP_OF[state]
    found = []
    for number, label in enumerate(_STEPS):
        if number < now_at:
            found.append(Step(label=label, state="done", when=_moment(application, number)))
        elif number == now_at:
            said = "Withdrawn" if state is PublicState.WITHDRAWN else _SAID.get(state, "")
            is_done = state is PublicState.IN_NETWORK
            found.append(
                Step(
                    label=label,
                    state="done" if is_done else "now",
                    when=(_moment(application, number) if number else "") or _due(application, number),
                    text=said,
                )
            )
        else:
            not_reached = state in _ENDED
            found.append(
                Step(
                    label=label,
                    state="not_reached" if not_reached else "to_come",
                    when="Not reached" if not_reached else _due(application, number),
                )
            )
    return found


def next_step(state: PublicState) -> str:
    """What comes now, for those who wait; nothing where nothing comes."""
    return _NEXT.get(state, "")


def question_of(events: Sequence[WorkflowEvent], application: Application) -> str:
    """What the Joint Secretariat asks, and until when an answer counts; nothing if it asks nothing."""
    if application.current_state is not ApplicationState.CLARIFICATION:
        return ""
    asked = next(event for event in reversed(events) if event.transition == "ask_clarification")
    due = clarification_due(asked.at, CallTerms.from_json(application.call.terms))
    return f"The Joint Secretariat asks, and your answer counts until {when(due)}: {asked.reason}"


def history(events: Sequence[WorkflowEvent], *, for_applicants: bool) -> list[Step]:
    """What happened, the newest first, with the reasons that were given."""
    return [
        Step(
            label=_DONE_LABELS.get(event.transition, event.transition),
            state="done",
            when=when(event.at),
            text=event.reason or "",
        )
        for event in reversed(events)
        if not (for_applicants and event.transition in INTERNAL)
    ]


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
        title=report.report_kind.label,
    )


def _last_step(events: Sequence[WorkflowEvent]) -> int:
    """How far an application had come when it was withdrawn."""
    source = next((event.source for event in reversed(events) if event.transition == "withdraw"), None)
    order = {"draft": 0, "submitted": 1, "clarification": 2, "eligible": 3, "assessed": 4}
    return order.get(source or "draft", 4)


def _moment(application: Application, number: int) -> str:
    moment = (
        application.created_at,
        application.submitted_at,
        application.eligibility_declared_at,
        application.assessed_at,
        application.decided_at,
        None,
    )[number]
    return when_short(moment) if moment else ""


def _due(application: Application, number: int) -> str:
    """What the call says about a step that is not taken yet."""
    call, terms = application.call, CallTerms.from_json(application.call.terms)
    return (
        f"Submit by {when_short(call.closes_at)}",
        f"By {when_short(call.closes_at)}",
        "After the call has closed",
        "",
        day(terms.decision_date) if terms.decision_date else "",
        day(terms.network_start) if terms.network_start else "",
    )[number]
