"""Reads of calls by code and by phase; `published` is for the public, `by_code` and `all_calls` for the office."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_type_hints

from sqlalchemy import BindParameter, ColumnElement, Select, extract, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from urbact_calls.calls.models import Call
from urbact_calls.database import UtcDateTime, existing, locked
from urbact_calls.domain.permissions import auditor, office
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.serialization import from_json
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.term_words import WORDS, in_words
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import CallPhase
from urbact_calls.domain.words import when_exact
from urbact_calls.record.reads.field_words import FieldWords, describes
from urbact_calls.subjects import labelled, register


@dataclass(frozen=True, slots=True)
class CallsByPhase:
    """The published calls: the next to open first, the next to close first, the last closed first."""

    upcoming: Sequence[Call]
    open: Sequence[Call]
    closed: Sequence[Call]


def by_code(session: Session, code: str) -> Call:
    """The call with this code, published or not. Raises NotFound."""
    return existing(session, select(Call).where(Call.code == code), f"call {code}")


def published(session: Session, code: str, now: datetime) -> Call:
    """The call with this code as the public may read it. Raises NotFound."""
    call = by_code(session, code)
    if call.phase(now) is CallPhase.UNPUBLISHED:
        raise NotFound(f"call {code}")
    return call


def for_update(session: Session, code: str) -> Call:
    """The call, locked until the end of the transaction. Raises NotFound."""
    return locked(session, select(Call).where(Call.code == code), f"call {code}")


def by_phase(session: Session, now: datetime) -> CallsByPhase:
    """All published calls, in one query: a programme has a handful of them."""
    calls = session.scalars(_CALLS).all()
    return CallsByPhase(
        upcoming=[call for call in calls if call.phase(now) is CallPhase.UPCOMING],
        open=[call for call in calls if call.phase(now) is CallPhase.OPEN],
        closed=[call for call in reversed(calls) if call.phase(now) is CallPhase.CLOSED],
    )


_CALLS = select(Call).order_by(Call.closes_at, Call.code)


def open_calls(now: datetime | BindParameter[datetime]) -> Select[int]:
    """The ids of the calls that take applications at `now`, for a list: what `Call.takes_applications` says of one."""
    begun = Call.published_at <= now, Call.opens_at <= now, Call.is_historical.is_(False)
    return select(Call.id).where(*begun, _lasts_until() > _seconds(now))


def closed_calls(now: datetime | BindParameter[datetime]) -> Select[int]:
    """The ids of the calls for which nothing is on time any more at `now`, for a list."""
    return select(Call.id).where(_lasts_until() <= _seconds(now))


def _lasts_until() -> ColumnElement[int]:
    """The end of `Call.last_second` in seconds since 1970: both databases can add to those."""
    return extract("epoch", Call.closes_at) + Call.terms["tolerance_seconds"].as_integer() + 1


def _seconds(now: datetime | BindParameter[datetime]) -> ColumnElement[int]:
    return extract("epoch", type_coerce(now, UtcDateTime()))


def by_ids(session: Session, ids: Collection[int]) -> Mapping[int, Call]:
    """Calls by their ids; those that the session has read already are not read again, so at most one query."""
    known = {number: session.identity_map.get(identity_key(Call, number)) for number in ids}
    found = {number: call for number, call in known.items() if call is not None}
    if missing := known.keys() - found.keys():
        found |= {call.id: call for call in session.scalars(select(Call).where(Call.id.in_(missing)))}
    return found


def all_calls(session: Session) -> Sequence[Call]:
    """Every call, published or not, the last to close first; for the Joint Secretariat."""
    return session.scalars(select(Call).order_by(Call.closes_at.desc(), Call.code)).all()


def _found(session: Session, text: str) -> Sequence[int]:
    return session.scalars(select(Call.id).where(Call.code == text.upper())).all()


register(
    SubjectKind.CALL,
    may_see=office | auditor,
    names=labelled("Call ", Call.code, Call.id, "calls.office", "code"),
    found=_found,
)

_TERMS = get_type_hints(CallTerms)


@describes(SubjectKind.CALL)
def _field(name: str) -> FieldWords | None:
    match name.split("."):
        case ["terms", term] if term in WORDS:
            return FieldWords(WORDS[term].label, lambda value: in_words(from_json(_TERMS[term], value)))
        case ["terms", term, what] if term in WORDS:
            return FieldWords(f"{WORDS[term].label}, {what}")
        case [("opens_at" | "closes_at") as term]:
            return FieldWords(WORDS[term].label, lambda value: when_exact(datetime.fromisoformat(value)))
        case ["published_at"]:
            return FieldWords("Published", lambda value: when_exact(datetime.fromisoformat(value)))
        case ["created"]:
            return FieldWords("Call made, with the terms of")
    return None
