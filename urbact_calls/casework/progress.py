"""Where applications stand, in plain words: whether each counts, what happened, what happens next and when.

The words are data of the workflow (`domain.workflow.outlook`); here they meet the dates of one application.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, defer

from urbact_calls.applications.models import Application, Submission
from urbact_calls.applications.outline import time_left
from urbact_calls.applications.queries import public_state
from urbact_calls.audit.models import WorkflowEvent
from urbact_calls.calls.models import Call
from urbact_calls.decisions.models import Decision
from urbact_calls.domain.eligibility.clarification import clarification_due
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.text import PARIS, Text, message
from urbact_calls.domain.vocabulary import ApplicationState, PublicState, Tone
from urbact_calls.domain.workflow.outlook import HAPPENED, INTERNAL, OUTLOOK, STAGES, Milestone, Standing

UNKNOWN = message("progress.unknown", "Date not known yet")()
NOT_REACHED = message("progress.not_reached", "Not reached")()
LAST = message("progress.last", "{happened}, {at:short}")
MOMENT = message("progress.moment", "{at}")
MOMENT_SHORT = message("progress.moment_short", "{at:short}")
SUBMIT_BY = message("progress.submit_by", "Submit by {closes_at:short}")
BY_CLOSING = message("progress.by_closing", "By {closes_at:short}")
AFTER_CLOSING = message("progress.after_closing", "After the call has closed")
AFTER_ELIGIBILITY = message("progress.after_eligibility", "After the eligibility check")

COUNTS = message("standing.counts", "{reference}, received {received:second}, fingerprint {fingerprint}.")
COUNTED = message(
    "standing.counted", "Submitted as {reference}, received {received:second}, fingerprint {fingerprint}."
)
NOT_SUBMITTED = message("standing.not_submitted", "Not submitted.")
NOT_YET = message("standing.not_yet", "It does not count until the lead partner submits it: {left}.")
NOT_YET_AGAIN = message(
    "standing.not_yet_again",
    "What was submitted before was reopened. It does not count until the lead partner submits it again: {left}.",
)
LAPSED = message("standing.lapsed", "It does not count: the call closed on {closes_at}.")
NOT_ANY_MORE = message("standing.not_any_more", "It does not count any more.")
STATE = message("standing.state", "{state}.")
_STAGE_LEFT = {
    "draft": 0,
    "submitted": 1,
    "clarification": 2,
    "eligible": 3,
    "assessed": 4,
    "approved": 4,
    "approved_with_conditions": 4,
    "reserve": 4,
    "postponed": 4,
}
"""The stage that a state belongs to, for an application that was withdrawn from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of `macros/timeline.html`."""

    label: Text
    state: str
    when: Text | None = None
    text: Text | str | None = None


@dataclass(frozen=True, slots=True)
class StandingLine:
    """The one line that says whether an application counts as submitted."""

    title: Text
    text: Text
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One application from draft to network as its applicants are told."""

    application: Application
    state: PublicState
    standing: StandingLine
    last: Text | None
    next: Text
    yours: Text | None
    when: Text | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What was read of one application beside its row: its events, its last submission, its announced decision."""

    events: Sequence[WorkflowEvent] = ()
    submission: Submission | None = None
    conditions_due_on: date | None = None


def progress_of(session: Session, applications: Sequence[Application], now: datetime) -> list[Progress]:
    """Where each application stands, in the order given; three queries, however many there are."""
    courses = courses_of(session, applications)
    return [progress(each, courses[each.id], now) for each in applications]


def courses_of(session: Session, applications: Sequence[Application]) -> Mapping[int, Course]:
    """What happened to each application, by its id; at most three queries. Of decisions only what was made known."""
    if not applications:
        return {}
    ids = [each.id for each in applications]
    events: dict[str, list[WorkflowEvent]] = {each.reference: [] for each in applications}
    for event in session.scalars(
        select(WorkflowEvent)
        .where(WorkflowEvent.object_ref.in_(list(events)))
        .order_by(WorkflowEvent.object_ref, WorkflowEvent.number)
    ):
        events[event.object_ref].append(event)
    newest = (
        select(Submission.application_id, func.max(Submission.number).label("number"))
        .where(Submission.application_id.in_(ids))
        .group_by(Submission.application_id)
        .subquery()
    )
    matches = and_(Submission.application_id == newest.c.application_id, Submission.number == newest.c.number)
    # What was handed in is long, and only its number, hour and fingerprint are shown.
    handed_in = select(Submission).join(newest, matches).options(defer(Submission.dossier))
    submissions = {row.application_id: row for row in session.scalars(handed_in)}
    conditional = [each.id for each in applications if each.state is ApplicationState.APPROVED_WITH_CONDITIONS]
    conditions = _conditions_due(session, conditional) if conditional else {}
    return {
        each.id: Course(
            events=events[each.reference],
            submission=submissions.get(each.id),
            conditions_due_on=conditions.get(each.id),
        )
        for each in applications
    }


def _conditions_due(session: Session, application_ids: Sequence[int]) -> Mapping[int, date | None]:
    due = session.execute(
        select(Decision.application_id, Decision.conditions_due_on)
        .where(Decision.application_id.in_(application_ids), Decision.announced_at.is_not(None))
        .order_by(Decision.announced_at, Decision.id)
    )
    return dict(due.all())


def progress(application: Application, course: Course, now: datetime) -> Progress:
    """Where one application stands."""
    state = public_state(application, now)
    outlook = OUTLOOK[state]
    terms = application.call.terms
    told = [event for event in course.events if event.transition not in INTERNAL]
    return Progress(
        application=application,
        state=state,
        standing=standing_line(application, course.submission, state, now),
        last=LAST(happened=HAPPENED[told[-1].transition], at=told[-1].at) if told else None,
        next=outlook.next,
        yours=outlook.yours,
        when=_when(outlook.on, application, terms, course, now),
        steps=tuple(_steps(application, terms, state, course.events)),
    )


def standing_line(
    application: Application, submission: Submission | None, state: PublicState, now: datetime
) -> StandingLine:
    """Whether the application counts or what came of it, with the proof or with the time that is left."""
    outlook = OUTLOOK[state]
    standing = outlook.standing
    if standing is Standing.COUNTS and submission is not None:
        proof = (COUNTS if state is PublicState.SUBMITTED else COUNTED)(
            reference=application.reference,
            received=submission.received_at,
            fingerprint=_short(submission.fingerprint),
        )
        # While others work on it, all is well for those who wrote it; what asks or ends something keeps its tone.
        return StandingLine(
            outlook.line or STATE(state=state.text), proof, Tone.GOOD if state.tone is Tone.INFO else state.tone
        )
    if standing is Standing.NOT_YET:
        left = time_left(application.call.closes_at, now)
        text = NOT_YET(left=left) if submission is None else NOT_YET_AGAIN(left=left)
        return StandingLine(NOT_SUBMITTED(), text, Tone.CAUTION)
    if state is PublicState.LAPSED:
        return StandingLine(NOT_SUBMITTED(), LAPSED(closes_at=application.call.closes_at), Tone.NEUTRAL)
    return StandingLine(STATE(state=state.text), NOT_ANY_MORE(), Tone.NEUTRAL)


def _short(fingerprint: str) -> str:
    """The first figures of a fingerprint in groups of four, to compare by telephone."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, 16, 4))


def _steps(
    application: Application, terms: CallTerms, state: PublicState, events: Sequence[WorkflowEvent]
) -> list[Step]:
    """From draft to network: what is done with its day, what is now, what comes and when."""
    outlook = OUTLOOK[state]
    here = _stage_left(events) if state is PublicState.WITHDRAWN else outlook.stage
    is_done = here == len(STAGES) - 1
    found = []
    for number, label in enumerate(STAGES):
        if number < here:
            found.append(Step(label=label, state="done", when=_moment(application, number)))
        elif number == here:
            moment = (_moment(application, number) if number else None) or _due(application.call, terms, number)
            found.append(Step(label=label, state="done" if is_done else "now", when=moment, text=outlook.said))
        elif outlook.is_over:
            found.append(Step(label=label, state="not_reached", when=NOT_REACHED))
        else:
            found.append(Step(label=label, state="to_come", when=_due(application.call, terms, number)))
    return found


def history(events: Sequence[WorkflowEvent], *, for_applicants: bool) -> list[Step]:
    """What happened, the newest first, with the reasons that were given."""
    return [
        Step(label=HAPPENED[event.transition], state="done", when=MOMENT(at=event.at), text=event.reason)
        for event in reversed(events)
        if not (for_applicants and event.transition in INTERNAL)
    ]


def _when(
    milestone: Milestone | None, application: Application, terms: CallTerms, course: Course, now: datetime
) -> Text | None:
    """The date of what happens next as a sentence; it says so where the date has passed or is not known."""
    if milestone is None:
        return None
    value = _date_of(milestone, application.call, terms, course)
    if value is None:
        return milestone.unknown
    is_over = value < now if isinstance(value, datetime) else value < now.astimezone(PARIS).date()
    return (milestone.passed if is_over else milestone.known)(on=value)


def _date_of(milestone: Milestone, call: Call, terms: CallTerms, course: Course) -> date | datetime | None:
    asked = next((event for event in reversed(course.events) if event.transition == "ask_clarification"), None)
    return {
        Milestone.CLOSING: call.closes_at,
        Milestone.CLARIFICATION: clarification_due(asked.at, terms) if asked else None,
        Milestone.DECISION: terms.decision_date,
        Milestone.CONDITIONS: course.conditions_due_on,
        Milestone.START: terms.network_start,
    }[milestone]


def _stage_left(events: Sequence[WorkflowEvent]) -> int:
    """How far an application had come when it was withdrawn."""
    source = next((event.source for event in reversed(events) if event.transition == "withdraw"), None)
    return _STAGE_LEFT[source or "draft"]


def _moment(application: Application, number: int) -> Text | None:
    moment = (
        application.created_at,
        application.submitted_at,
        application.eligibility_declared_at,
        application.assessed_at,
        application.decided_at,
        None,
    )[number]
    return MOMENT_SHORT(at=moment) if moment else None


def _due(call: Call, terms: CallTerms, number: int) -> Text:
    """What the call says about a step that is not taken yet."""
    return (
        SUBMIT_BY(closes_at=call.closes_at),
        BY_CLOSING(closes_at=call.closes_at),
        AFTER_CLOSING(),
        AFTER_ELIGIBILITY(),
        MOMENT(at=terms.decision_date) if terms.decision_date else UNKNOWN,
        MOMENT(at=terms.network_start) if terms.network_start else UNKNOWN,
    )[number]
