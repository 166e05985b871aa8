"""What the clock tells people about drafts: that the call closes soon, and what colleagues changed the day before."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, ChangesMessage, ClosingMessage, DigestArgs
from urbact_calls.applications.reads.changed_fields import changed_between
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.domain.words import PARIS, day_in_paris
from urbact_calls.job_sets import JobForEach, announce_each, due_for_each
from urbact_calls.jobs import Claim, Effect, Job, announce, job

DAYS_BEFORE = (7, 1)
DIGEST_AT = time(7)


def announce_closing_soon(session: Session, now: datetime) -> Effect | None:
    """Announces the reminders that are due for drafts of open calls, once for each draft, day and closing date.

    Only the last that is due is sent. A draft that was started after a reminder was due does not get that one:
    whoever starts so late has just read the date.
    """
    soon = session.scalars(
        select(Call).where(
            Call.closes_at > now,
            Call.closes_at <= now + timedelta(days=max(DAYS_BEFORE)),
            Call.opens_at <= now,
            Call.published_at <= now,
            Call.is_historical.is_(False),
        )
    ).all()
    return due_for_each(session, [_reminders(call, now) for call in soon], now)


def _reminders(call: Call, now: datetime) -> JobForEach:
    days = min(days for days in DAYS_BEFORE if call.closes_at - now <= timedelta(days=days))
    drafts = select(Application.id).where(
        Application.call_id == call.id,
        Application.state == ApplicationState.DRAFT,
        Application.created_at < call.closes_at - timedelta(days=days),
    )
    return JobForEach(
        kind="mail:call.closing_soon",
        rows=drafts.order_by(Application.id),
        key="mail:call.closing_soon:" + Application.reference + f":{days}:{call.closes_at:%Y%m%dT%H%M%S}",
        # Whoever moves the closing date while the reminder waits makes it say nothing: a new one will come.
        args=ClosingMessage(reference="", closes_at=call.closes_at, not_after=call.closes_at),
        varying={"reference": Application.reference},
        subject=(SubjectKind.APPLICATION, Application.id),
    )


def announce_changes(session: Session, now: datetime) -> Effect | None:
    """Asks for the digest of yesterday's changes, if there are any, from seven in the morning on; once for each day."""
    local = now.astimezone(PARIS)
    yesterday = local.date() - timedelta(days=1)
    key = f"applications.digest:{yesterday}"
    if local.time() < DIGEST_AT or session.scalar(select(Job.id).where(Job.key == key)) is not None:
        return None
    if not changed_between(session, *day_in_paris(yesterday)):
        return None

    def ask(session: Session) -> None:
        announce(session, kind="applications.digest", key=key, args=DigestArgs(day=yesterday), now=now)

    return ask


@job("applications.digest", args=DigestArgs, queue="slow")
def digest(claim: Claim[DigestArgs]) -> Effect:
    """Announces a message for each draft that was changed on a day; it is for those whose part others changed."""
    day = claim.args.day
    references = changed_between(db.session(), *day_in_paris(day))
    messages = JobForEach(
        kind="mail:application.changed",
        rows=select(Application.id).where(Application.reference.in_(references)).order_by(Application.id),
        key="mail:application.changed:" + Application.reference + f":{day}",
        # The next one comes tomorrow.
        args=ChangesMessage(reference="", day=day, not_after=claim.now + timedelta(days=1)),
        varying={"reference": Application.reference},
        subject=(SubjectKind.APPLICATION, Application.id),
    )

    def tell(session: Session) -> None:
        announce_each(session, messages, claim.now)

    return tell
