"""What the clock tells people about drafts: that the call closes soon, and what colleagues changed the day before."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, ChangesMessage, ClosingMessage, DigestArgs
from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.applications.reads.changed_fields import changed_between
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.domain.words import PARIS, day_in_paris
from urbact_calls.jobs import Claim, Effect, Job, announce, job

DAYS_BEFORE = (7, 1)
DIGEST_AT = time(7)


def announce_closing_soon(session: Session, now: datetime) -> None:
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
    for call in soon:
        days = min(days for days in DAYS_BEFORE if call.closes_at - now <= timedelta(days=days))
        _announce(session, call, days, now)


def _announce(session: Session, call: Call, days: int, now: datetime) -> None:
    ending = f":{days}:{call.closes_at:%Y%m%dT%H%M%S}"
    known = exists().where(Job.key == "mail:call.closing_soon:" + Application.reference + ending)
    drafts = session.scalars(
        select(Application).where(
            Application.call_id == call.id,
            Application.state == ApplicationState.DRAFT,
            Application.created_at < call.closes_at - timedelta(days=days),
            ~known,
        )
    ).all()
    for application in drafts:
        announce(
            session,
            kind="mail:call.closing_soon",
            key=f"mail:call.closing_soon:{application.reference}{ending}",
            # Whoever moves the closing date while the reminder waits makes it say nothing: a new one will come.
            args=ClosingMessage(reference=application.reference, closes_at=call.closes_at, not_after=call.closes_at),
            now=now,
            subject=application.subject,
        )


def announce_changes(session: Session, now: datetime) -> None:
    """Asks for the digest of yesterday's changes, if there are any, from seven in the morning on; once for each day."""
    local = now.astimezone(PARIS)
    yesterday = local.date() - timedelta(days=1)
    key = f"applications.digest:{yesterday}"
    # Asked every few seconds: what is known already must not take the write lock of the table.
    if local.time() < DIGEST_AT or session.scalar(select(Job.id).where(Job.key == key)) is not None:
        return
    if not changed_between(session, *day_in_paris(yesterday)):
        return
    announce(session, kind="applications.digest", key=key, args=DigestArgs(day=yesterday), now=now)


@job("applications.digest", args=DigestArgs, queue="slow")
def digest(claim: Claim[DigestArgs]) -> Effect:
    """Announces a message for each draft that was changed on a day; it is for those whose part others changed."""
    day = claim.args.day
    references = changed_between(db.session(), *day_in_paris(day))

    def tell(session: Session) -> None:
        for reference in references:
            application = by_reference(session, reference)
            announce(
                session,
                kind="mail:application.changed",
                key=f"mail:application.changed:{reference}:{day}",
                # The next one comes tomorrow.
                args=ChangesMessage(reference=reference, day=day, not_after=claim.now + timedelta(days=1)),
                now=claim.now,
                subject=application.subject,
            )

    return tell
