"""Commands on closing lists: have one written for a call, write its next part, notice what it misses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import is_handed_in
from urbact_calls.applications.submission.models import Submission
from urbact_calls.calls.models import Call
from urbact_calls.database import existing, locked
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.eligibility.closing_lists import reads
from urbact_calls.eligibility.closing_lists.models import ClosingList, ListPart, Participation
from urbact_calls.jobs import Effect, Job, announce

KIND = "eligibility.closing_list"
# A request that was received in the last second may still wait its turn, or for a lock; and as long as such requests
# are being stored, the next one may come after a pause of at most this.
STILL_STORING = timedelta(seconds=10)
# Applications in a part: with their partners some thousands of rows, which a commit writes in less than a second.
PART = 500


def is_closed(session: Session, call: Call, now: datetime) -> bool:
    """Whether nothing that came in time can still be stored: the last second has passed, and a while, and a while since
    anything that came in time was stored; and nothing that was handed in waits to be stored."""
    if call.last_second + STILL_STORING >= now:
        return False
    if session.scalar(select(Call.id).where(Call.id == call.id, is_handed_in(Call.id))) is not None:
        return False
    stored_lately = (
        select(Submission.id)
        .join(Submission.application)
        .where(
            Application.call_id == call.id,
            Submission.received_at <= call.last_second,
            Submission.committed_at > now - STILL_STORING,
            Submission.committed_at <= now,
        )
    )
    return session.scalar(stored_lately.limit(1)) is None


def due_list(session: Session, call: Call, last: ClosingList | None, now: datetime) -> Effect | None:
    """What has the list of a call written, after the `last` one; None while something may still come, and where it is
    asked for already."""
    number = last.number + 1 if last else 1
    part = ListPart(call=call.code, last_second=call.last_second, number=number, after=0)
    if session.scalar(select(exists().where(Job.key == _key(part)))) or not is_closed(session, call, now):
        return None
    return partial(_begin, call_id=call.id, part=part, now=now)


def _begin(session: Session, *, call_id: int, part: ListPart, now: datetime) -> None:
    """Makes an empty list and has its first part written.

    The list is there before anything is read for it: who stores a submission from then on can find it.
    """
    if _announce_part(session, call_id, part, now):
        begun = ClosingList(
            call_id=call_id, number=part.number, last_second=part.last_second, fingerprint="", begun_at=now
        )
        session.add(begun)


def write_part(session: Session, part: ListPart, now: datetime) -> Call | None:
    """Writes the next part of a list, in the transaction of its job, and asks for the one after it. Gives the call
    once the list is complete."""
    call = existing(session, select(Call).where(Call.code == part.call), f"call {part.call}")
    wanted = select(ClosingList).where(ClosingList.call_id == call.id, ClosingList.number == part.number)
    closing_list = locked(session, wanted, f"closing list {part.number} of {call.code}")
    if closing_list.after != part.after or closing_list.completed_at:
        return None

    entries = reads.entries(session, call.id, part.last_second, part.after, PART)
    rows = [
        {
            "closing_list_id": closing_list.id,
            "submission_id": entry.submission_id,
            "country": each.country,
            "name": each.name,
            "is_lead": each.is_lead,
        }
        for entry in entries
        for each in entry.partners
    ]
    if rows:
        session.execute(insert(Participation), rows)
        closing_list.after = entries[-1].number
    closing_list.listed += len(entries)
    closing_list.fingerprint = reads.fingerprint(closing_list.fingerprint, entries)
    if len(entries) == PART:
        _announce_part(session, call.id, replace(part, after=closing_list.after), now)
        return None
    closing_list.completed_at = now
    session.flush()
    return call


def note_late(session: Session, submission: Submission) -> None:
    """Has the list of the call written again if this submission came in time and was stored after it was written."""
    call = submission.application.call
    if submission.received_at > call.last_second:
        return
    last = reads.newest(session, [call.id]).get(call.id)
    if last is None or not reads.counts_for(last, call):
        return
    last = locked(session, select(ClosingList).where(ClosingList.id == last.id), f"closing list {last.id}")
    passed = last.completed_at is not None or submission.application.number <= last.after
    if passed and not reads.is_listed(session, last, submission.id):
        last.is_outdated = True


def _announce_part(session: Session, call_id: int, part: ListPart, now: datetime) -> bool:
    """Has a part written; False if that was asked for before."""
    about = Subject(SubjectKind.CALL, call_id)
    return announce(session, kind=KIND, key=_key(part), args=part, now=now, subject=about) is not None


def _key(part: ListPart) -> str:
    return f"{KIND}:{part.call}:{int(part.last_second.timestamp())}:{part.number}:{part.after}"
