"""Progress of applications in plain words: whether each counts, what happened, what happens next and when."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, defer

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import public_state, time_left
from urbact_calls.applications.submission.models import Submission
from urbact_calls.calls.models import Call
from urbact_calls.domain.eligibility.clarification import clarification_due
from urbact_calls.domain.permissions import Actor, Relation
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import ApplicationState, PublicState, Tone
from urbact_calls.domain.words import PARIS
from urbact_calls.domain.workflow.application import CLARIFICATION_ROUND
from urbact_calls.domain.workflow.status import STAGES, STATUSES, Counted, Milestone
from urbact_calls.record.models import RefusedAttempt, WorkflowEvent
from urbact_calls.subjects import is_about
from urbact_calls.workflow.lives import act_of, told


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressStep:
    """A step of `macros/timeline.html`."""

    label: Text
    state: str
    when: Text | None = None
    text: Text | str | None = None


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The one line that says whether an application counts as submitted."""

    title: Text
    text: Text
    tone: Tone


def status_line(
    application: Application, submission: Submission | None, state: PublicState, now: datetime
) -> StatusLine:
    """Whether the application counts or what came of it, with the proof or with the time that is left."""
    status = STATUSES[state]
    counted = status.counted
    if application.handed_in_at is not None:
        return StatusLine(HANDED_IN(), RECEIVED(received=application.handed_in_at), Tone.INFO)
    if counted is Counted.COUNTS and submission is not None:
        proof = (COUNTS if state is PublicState.SUBMITTED else COUNTED)(
            reference=application.reference,
            received=submission.received_at,
            fingerprint=_short(submission.fingerprint),
        )
        # While others work on it, all is well for those who wrote it; what asks or ends something keeps its tone.
        return StatusLine(
            status.line or STATE(state=state.text), proof, Tone.GOOD if state.tone is Tone.INFO else state.tone
        )
    if counted is Counted.NOT_YET:
        left = time_left(application.call, now)
        text = NOT_YET(left=left) if submission is None else NOT_YET_AGAIN(left=left)
        return StatusLine(NOT_SUBMITTED(), text, Tone.CAUTION)
    if state is PublicState.LAPSED:
        return StatusLine(NOT_SUBMITTED(), LAPSED(closes_at=application.call.closes_at), Tone.NEUTRAL)
    return StatusLine(STATE(state=state.text), NOT_ANY_MORE(), Tone.NEUTRAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was read of one application beside its row: its events, its last submission, and dates that other
    features know."""

    events: Sequence[WorkflowEvent] = ()
    submission: Submission | None = None
    dates: Mapping[Milestone, date | None] = field(default_factory=dict)


def histories_of(session: Session, applications: Sequence[Application]) -> Mapping[int, History]:
    """What happened to each application, by its id; one query, and one for each feature that knows a date of theirs."""
    if not applications:
        return {}
    ids = [each.id for each in applications]
    events: dict[int, list[WorkflowEvent]] = {number: [] for number in ids}
    submissions: dict[int, Submission] = {}
    for number, event, submission in session.execute(_HAPPENED, {"application_ids": ids}):
        if event is not None:
            events[number].append(event)
        if submission is not None:
            submissions[number] = submission
    known: dict[int, dict[Milestone, date | None]] = {number: {} for number in ids}
    for milestone, (states, read) in DATES.items():
        waiting = [each.id for each in applications if each.state in states]
        for number, value in (read(session, waiting) if waiting else {}).items():
            known[number][milestone] = value
    return {
        each.id: History(
            events=events[each.id],
            submission=submissions.get(each.id),
            dates=known[each.id],
        )
        for each in applications
    }


_HAPPENED = (
    select(Application.id, WorkflowEvent, Submission)
    .outerjoin(WorkflowEvent, is_about(WorkflowEvent, SubjectKind.APPLICATION, Application.id))
    .outerjoin(
        Submission,
        and_(Submission.application_id == Application.id, Submission.number == Application.submission_count),
    )
    .where(Application.id.in_(bindparam("application_ids", expanding=True)))
    .order_by(Application.id, WorkflowEvent.number)
    # What was handed in is long, and only its number, hour and fingerprint are shown.
    .options(defer(Submission.dossier))
)


def latest_attempt(
    session: Session, application: Application, actor: Actor, names: Collection[str]
) -> RefusedAttempt | None:
    """Which of these steps this person tried last to take and was refused."""
    own = is_about(RefusedAttempt, SubjectKind.APPLICATION, application.id), RefusedAttempt.actor_id == actor.user_id
    tried = select(RefusedAttempt).where(*own, RefusedAttempt.transition.in_(names))
    return session.scalar(tried.order_by(RefusedAttempt.id.desc()).limit(1))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the receipt of a submission says of it."""

    number: int
    received_at: datetime
    committed_at: datetime
    fingerprint: str


def receipt_of(session: Session, application: Application) -> Receipt | None:
    """The receipt of the submission that counts, read without what was submitted, which is long; None where none
    counts."""
    if application.state in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN):
        return None
    columns = Submission.number, Submission.received_at, Submission.committed_at, Submission.fingerprint
    last = select(*columns).where(Submission.application_id == application.id).order_by(Submission.number.desc())
    found = session.execute(last.limit(1)).one_or_none()
    return Receipt(*found) if found else None


def waiting_before(session: Session, application: Application) -> int:
    """How many of the call were handed in before this one and wait to be stored."""
    before = Application.call_id == application.call_id, Application.handed_in_at < application.handed_in_at
    return session.scalar(select(func.count()).where(*before)) or 0


UNKNOWN = message("progress.unknown", "Date not known yet")()
NOT_REACHED = message("progress.not_reached", "Not reached")()
LAST = message("progress.last", "{happened}, {at:short}")
MOMENT = message("progress.moment", "{at}")
MOMENT_SHORT = message("progress.moment_short", "{at:short}")
SUBMIT_BY = message("progress.submit_by", "Submit by {closes_at:short}")
BY_CLOSING = message("progress.by_closing", "By {closes_at:short}")
AFTER_CLOSING = message("progress.after_closing", "After the call has closed")
AFTER_ELIGIBILITY = message("progress.after_eligibility", "After the eligibility check")

COUNTS = message("status_line.counts", "{reference}, received {received:second}, fingerprint {fingerprint}.")
COUNTED = message(
    "status_line.counted", "Submitted as {reference}, received {received:second}, fingerprint {fingerprint}."
)
HANDED_IN = message("status_line.handed_in", "Handed in.")
RECEIVED = message("status_line.handed_in/received", "Received {received:second}; it is being stored.")
NOT_SUBMITTED = message("status_line.not_submitted", "Not submitted.")
NOT_YET = message("status_line.not_yet", "It does not count until the lead partner submits it: {left}.")
NOT_YET_AGAIN = message(
    "status_line.not_yet_again",
    "What was submitted before was reopened. It does not count until the lead partner submits it again: {left}.",
)
LAPSED = message("status_line.lapsed", "It does not count: the call closed on {closes_at}.")
NOT_ANY_MORE = message("status_line.not_any_more", "It does not count any more.")
STATE = message("status_line.state", "{state}.")
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


Dates = Callable[[Session, Collection[int]], Mapping[int, date | None]]
DATES: dict[Milestone, tuple[frozenset[ApplicationState], Dates]] = {}


def dates(milestone: Milestone, *, states: Collection[ApplicationState]) -> Callable[[Dates], Dates]:
    """Makes a function the one that reads a date of some applications, of those in these states.

    Raises ValueError where two features know the same date.
    """

    def register(read: Dates) -> Dates:
        if milestone in DATES:
            raise ValueError(f"two features know the date of {milestone.name}")
        DATES[milestone] = frozenset(states), read
        return read

    return register


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One application from draft to network as its applicants are told."""

    application: Application
    state: PublicState
    status: StatusLine
    last: Text | None
    next: Text
    yours: Text | None
    when: Text | None
    steps: tuple[ProgressStep, ...]


def progress_of(session: Session, applications: Sequence[Application], now: datetime) -> list[Progress]:
    """Where each application stands, in the order given; as many queries as `histories_of`, however many there are."""
    histories = histories_of(session, applications)
    return [progress(each, histories[each.id], now) for each in applications]


def progress(application: Application, history: History, now: datetime) -> Progress:
    """Where one application stands."""
    state = public_state(application, now)
    status = STATUSES[state]
    terms = application.call.terms
    public = [event for event in history.events if not act_of(event).internal]
    return Progress(
        application=application,
        state=state,
        status=status_line(application, history.submission, state, now),
        last=LAST(happened=act_of(public[-1]).told, at=public[-1].at) if public else None,
        next=status.next,
        yours=status.yours,
        when=_when(status.on, application, terms, history, now),
        steps=tuple(_steps(application, terms, state, history.events)),
    )


def _short(fingerprint: str) -> str:
    """The first 16 digits of a fingerprint in groups of four: so many can be compared by telephone."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, 16, 4))


def _steps(
    application: Application, terms: CallTerms, state: PublicState, events: Sequence[WorkflowEvent]
) -> list[ProgressStep]:
    """From draft to network: what is done with its day, what is now, what comes and when."""
    status = STATUSES[state]
    here = _stage_left(events) if state is PublicState.WITHDRAWN else status.stage
    is_done = here == len(STAGES) - 1
    found = []
    for number, label in enumerate(STAGES):
        if number < here:
            found.append(ProgressStep(label=label, state="done", when=_moment(application, number)))
        elif number == here:
            moment = (_moment(application, number) if number else None) or _due(application.call, terms, number)
            found.append(ProgressStep(label=label, state="done" if is_done else "now", when=moment, text=status.said))
        elif status.is_over:
            found.append(ProgressStep(label=label, state="not_reached", when=NOT_REACHED))
        else:
            found.append(ProgressStep(label=label, state="to_come", when=_due(application.call, terms, number)))
    return found


def history_steps(events: Sequence[WorkflowEvent], actor: Actor, relation: Relation) -> list[ProgressStep]:
    """What happened as this reader may know it, the newest first, with the reasons that were given."""
    return [
        ProgressStep(label=act_of(event).told, state="done", when=MOMENT(at=event.at), text=event.reason)
        for event in reversed(told(events, actor, relation))
    ]


def _when(
    milestone: Milestone | None, application: Application, terms: CallTerms, history: History, now: datetime
) -> Text | None:
    """The date of what happens next as a sentence; it says so where the date has passed or is not known."""
    if milestone is None:
        return None
    value = _date_of(milestone, application.call, terms, history)
    if value is None:
        return milestone.unknown
    is_over = value < now if isinstance(value, datetime) else value < now.astimezone(PARIS).date()
    return (milestone.passed if is_over else milestone.known)(on=value)


def _date_of(milestone: Milestone, call: Call, terms: CallTerms, history: History) -> date | datetime | None:
    asked = next((each for each in reversed(history.events) if act_of(each).uses_up == CLARIFICATION_ROUND), None)
    return {
        Milestone.CLOSING: call.closes_at,
        Milestone.CLARIFICATION: clarification_due(asked.at, terms) if asked else None,
        Milestone.DECISION: terms.decision_date,
        Milestone.CONDITIONS: history.dates.get(Milestone.CONDITIONS),
        Milestone.START: terms.network_start,
    }[milestone]


def _stage_left(events: Sequence[WorkflowEvent]) -> int:
    """How far an application had come when it was withdrawn."""
    source = next((event.source for event in reversed(events) if event.target == ApplicationState.WITHDRAWN), None)
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
