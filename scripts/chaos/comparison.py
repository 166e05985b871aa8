"""Comparison of what people were told with what is stored and what was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy import func, select

from scripts.chaos.people import Attempt, Notes, Told
from scripts.chaos.world import World
from tests.services_mail import MailSink
from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application, SavedSection
from urbact_calls.applications.submission.models import Submission
from urbact_calls.assessment.models import Allocation, IndividualSheet
from urbact_calls.database import db
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import JobState, ReportKind
from urbact_calls.eligibility.reports.models import StoredReport
from urbact_calls.jobs import Job
from urbact_calls.messages.models import Delivery
from urbact_calls.networks.models import Network
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.subjects import is_about


def compare(world: World, notes: Notes, sink: MailSink) -> tuple[dict[str, int], list[str]]:
    """What was counted, by name, and every difference in words.

    Reads the database of the current app; `sink` holds what was sent by mail.
    """
    sent = Counter(str(message["Message-ID"]) for message in sink.messages)
    states = Counter(db.session.scalars(select(Job.state)))
    events = _events()
    problems = [
        *notes.problems,
        *_texts(notes),
        *_submissions(world, notes, events),
        *_receipts(world, events, sent),
        *_letters(world, sent),
        *_locks(notes),
        *_networks(world),
        *(f"{states[state]} jobs are {state}" for state in _NOT_FINISHED if states[state]),
    ]
    return _counts(notes, sent, states), problems


# A job that is `sending` waits for a person: it may have left, and a letter must not come twice.
_NOT_FINISHED = (JobState.READY, JobState.RUNNING, JobState.DEAD)


def _counts(notes: Notes, sent: Counter[str], states: Counter[JobState]) -> dict[str, int]:
    last = [latest(attempts) for attempts in notes.texts.values()]
    return {
        "texts acknowledged": sum(each.told is Told.KEPT for all_of in notes.texts.values() for each in all_of),
        "places compared": len(last),
        "steps taken": notes.steps.total(),
        "reports": db.session.scalar(select(func.count()).select_from(StoredReport)) or 0,
        "messages": len(sent),
        "receipts repeated": sum(number - 1 for number in sent.values()),
        "jobs done": states[JobState.DONE],
        "jobs taken more than once": db.session.scalar(select(func.count()).where(Job.attempts > 1)) or 0,
        "letters that wait for a person": states[JobState.SENDING],
    }


def latest(attempts: Iterable[Attempt]) -> tuple[Attempt | None, list[Attempt]]:
    """The last text that was acknowledged, and those sent after it whose end is not known."""
    kept: Attempt | None = None
    after: list[Attempt] = []
    for attempt in attempts:
        if attempt.told is Told.KEPT:
            kept, after = attempt, []
        elif attempt.told is not Told.REFUSED:
            after.append(attempt)
    return kept, after


def _texts(notes: Notes) -> Iterator[str]:
    """A stored text is the last acknowledged one, or one that was sent after it and whose answer got lost."""
    sections = select(Application.reference, SavedSection.code, SavedSection.version, SavedSection.answers).join(
        SavedSection.application
    )
    stored = {(row.reference, row.code): (row.version, [*row.answers.values()]) for row in db.session.execute(sections)}
    sheets = (
        select(Application.reference, User.email, IndividualSheet.version, IndividualSheet.recommendation)
        .join(Allocation, IndividualSheet.allocation_id == Allocation.id)
        .join(Application, Allocation.application_id == Application.id)
        .join(User, Allocation.user_id == User.id)
    )
    stored |= {(row.reference, row.email): (row.version, [row.recommendation]) for row in db.session.execute(sheets)}
    for what, attempts in notes.texts.items():
        kept, after = latest(attempts)
        version, texts = stored[what]
        if kept is None:
            continue
        if version < kept.version:
            yield f"{what}: version {kept.version} was acknowledged, {version} is stored"
        if not any(attempt.text in texts for attempt in (kept, *after)):
            yield f"{what}: the acknowledged text {kept.text[:60]!r} is not stored, but {texts[0][:60]!r}"


def _events() -> Counter[tuple[str, str]]:
    """How often each step of each application was taken."""
    of = is_about(WorkflowEvent, SubjectKind.APPLICATION, Application.id)
    taken = select(Application.reference, WorkflowEvent.transition).join(WorkflowEvent, of)
    return Counter((row.reference, row.transition) for row in db.session.execute(taken))


def _submissions(world: World, notes: Notes, events: Counter[tuple[str, str]]) -> Iterator[str]:
    """Each step that was seen to be taken is one event; each submission is one row with one provisional report."""
    of_application = select(Application.reference, Submission.number).join(
        Submission, Submission.application_id == Application.id
    )
    submissions = Counter(row.reference for row in db.session.execute(of_application))
    reported = of_application.join(StoredReport, StoredReport.submission_id == Submission.id)
    provisional = reported.where(StoredReport.kind == ReportKind.PROVISIONAL)
    reports = Counter((row.reference, row.number) for row in db.session.execute(provisional))
    for reference in (draft.reference for draft in world.drafts):
        for step in ("submit", "reopen"):
            seen, stored = notes.steps[reference, step], events[reference, step]
            if seen != stored:
                yield f"{reference}: {step} was taken {seen} times, {stored} events are stored"
        if submissions[reference] != events[reference, "submit"]:
            yield f"{reference}: {submissions[reference]} submissions of {events[reference, 'submit']} events"
        for number in range(1, submissions[reference] + 1):
            if reports[reference, number] != 1:
                yield f"{reference}: submission {number} has {reports[reference, number]} provisional reports"


def _receipts(world: World, events: Counter[tuple[str, str]], sent: Counter[str]) -> Iterator[str]:
    """Each submission has one receipt; when it was repeated, as the same message."""
    for draft in world.drafts:
        submitted = events[draft.reference, "submit"]
        messages = _messages("application.submitted", draft.lead_address)
        if len(messages) != submitted:
            yield f"{draft.reference}: {len(messages)} receipts for {submitted} submissions"
        yield from (f"{draft.reference}: receipt {each} was not sent" for each in messages if not sent[each])


def _letters(world: World, sent: Counter[str]) -> Iterator[str]:
    """No letter came twice; one that did not come waits for a person."""
    sending = [args["delivery"] for args in db.session.scalars(select(Job.args).where(Job.state == JobState.SENDING))]
    parked = set(db.session.scalars(select(Delivery.message_id).where(Delivery.id.in_(sending))))
    for draft in world.decided:
        messages = _messages("decision.announced", draft.lead_address)
        if len(messages) != 1:
            yield f"{draft.reference}: {len(messages)} letters"
        for each in messages:
            if sent[each] > 1:
                yield f"{draft.reference}: the letter came {sent[each]} times"
            if not sent[each] and each not in parked:
                yield f"{draft.reference}: the letter was not sent and waits for nobody"


def _messages(key: str, address: str) -> list[str]:
    return [
        *db.session.scalars(select(Delivery.message_id).where(Delivery.email_key == key, Delivery.address == address))
    ]


def _locks(notes: Notes) -> Iterator[str]:
    """Each sheet that was locked is locked, once."""
    events = Counter(
        db.session.scalars(select(WorkflowEvent.subject_id).where(WorkflowEvent.transition == "submit_sheet"))
    )
    yield from (f"sheet {what} was locked {number} times" for what, number in events.items() if number != 1)
    seen = sum(number for (_, step), number in notes.steps.items() if step.startswith("lock"))
    if seen != events.total():
        yield f"{seen} sheets were seen to be locked, {events.total()} are"


def _networks(world: World) -> Iterator[str]:
    """Each approved application has its network."""
    expected = len(world.decided) // 2
    founded = db.session.scalar(select(func.count()).where(Network.application_id.is_not(None))) or 0
    if founded != expected:
        yield f"{founded} networks of {expected} approved applications"
