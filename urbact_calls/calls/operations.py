"""Steps on calls that can be composed inside a command."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.audit.operations import field_changed
from urbact_calls.calls.models import Call
from urbact_calls.calls.term_words import LABELS
from urbact_calls.domain import record
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.terms import TERM_NAMES, CallTerms, Provenance
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import Confidence, NetworkType
from urbact_calls.reference.calls import DEMO_BASES, DEMO_CODE, call_codes, demo_terms, historic_terms
from urbact_calls.web.filters import PARIS

OTHER_TYPE = message("call.other_type", "Choose a call of the same type, or the defaults.")
UNCONFIRMED = message("terms.unconfirmed", "Nobody has confirmed “{term}”.")
CONTRADICTION = message("terms.contradiction", "“{least}” is above “{most}”.")
OVER = message("call.over", "The day on which this call closes has passed.")

DEMONSTRATION_LASTS = timedelta(days=60)


def publish(  # noqa: PLR0913 -- what a published call consists of; all keyword-only
    session: Session,
    *,
    terms: CallTerms,
    network_type: NetworkType,
    summary: str,
    published_at: datetime | None,
    now: datetime,
    is_historical: bool = False,
    is_demonstration: bool = False,
    results: dict[str, Any] | None = None,
) -> Call:
    """Adds a call with its terms; the dates of the row are those of the terms."""
    call = Call(
        code=terms.code,
        type=network_type,
        title=terms.title,
        summary=summary,
        opens_at=terms.opens_at,
        closes_at=terms.closes_at,
        published_at=published_at,
        is_historical=is_historical,
        is_demonstration=is_demonstration,
        terms=terms,
        results=results,
        created_at=now,
    )
    session.add(call)
    session.flush()
    return call


def change_terms(session: Session, call: Call, terms: CallTerms, actor: Actor, now: datetime) -> None:
    """Gives a call other terms, its dates included, and keeps what the dates were."""
    for name, before, after in (
        ("opens_at", call.opens_at, terms.opens_at),
        ("closes_at", call.closes_at, terms.closes_at),
    ):
        field_changed(
            session,
            subject=call.subject,
            field=name,
            before=before.isoformat(),
            after=after.isoformat(),
            actor=actor,
            now=now,
        )
    call.opens_at, call.closes_at, call.terms = terms.opens_at, terms.closes_at, terms
    call.version += 1


def demonstration_terms(now: datetime, code: str = DEMO_CODE) -> CallTerms:
    """The terms of a demonstration call that opens today and closes in 60 days at 15:00, Paris time."""
    today = now.astimezone(PARIS).date()
    opens_at = datetime.combine(today, time(), tzinfo=PARIS)
    closes_at = datetime.combine(today + DEMONSTRATION_LASTS, time(15), tzinfo=PARIS)
    return demo_terms(opens_at.astimezone(UTC), closes_at.astimezone(UTC), code)


def moved_terms(call: Call, now: datetime) -> CallTerms:
    """The terms of a demonstration call with dates that begin today; nothing but its dates changes."""
    fresh = demonstration_terms(now, call.code if call.code in DEMO_BASES else DEMO_CODE)
    dates = ("opens_at", "closes_at", "network_start", "network_end", "decision_date")
    return replace(call.terms, **{name: getattr(fresh, name) for name in dates})


def record_change(  # noqa: PLR0913 -- a change has these columns
    session: Session, call: Call, field: str, before: Any, after: Any, actor: Actor, now: datetime
) -> None:
    """Remembers what a field of a call held and holds."""
    field_changed(session, subject=call.subject, field=field, before=before, after=after, actor=actor, now=now)


def terms_to_copy(session: Session, network_type: NetworkType, code: str | None) -> CallTerms:
    """The terms that a new call starts with. Raises Refused for a call that is not there or of another type."""
    if code is None:
        known = (historic_terms(each) for each in call_codes())
        return next(terms for terms in known if terms.network_type == network_type)
    call = session.scalar(select(Call).where(Call.code == code, Call.is_demonstration.is_(False)))
    if call is None or call.type != network_type:
        raise Refused(Refusal(OTHER_TYPE(), "copied_from"))
    return call.terms


_NEVER_COPIED = ("network_start", "network_end", "decision_date")


def copied(basis: CallTerms, *, code: str, title: str, opens_at: datetime, closes_at: datetime) -> CallTerms:
    """The terms of another call as a proposal for a new one: every figure open, the later dates not known."""
    typed = {"title": title, "opens_at": opens_at, "closes_at": closes_at}
    provenance = {
        name: Provenance(
            Confidence.UNKNOWN
            if name in _NEVER_COPIED
            # A call that was stored before there was this term says nothing about it.
            or (name in basis.provenance and basis.provenance[name].confidence is Confidence.UNKNOWN)
            else Confidence.DEFAULT,
            note="" if name in typed or name in _NEVER_COPIED else f"as in {basis.code}",
        )
        for name in TERM_NAMES
    }
    changed: dict[str, Any] = {**typed, **dict.fromkeys(_NEVER_COPIED)}
    return replace(basis, code=code, provenance=provenance, **changed)


def set_term(  # noqa: PLR0913 -- what is known of a term; keyword-only after the value
    session: Session, call: Call, name: str, value: Any, *, source: str, note: str, actor: Actor, now: datetime
) -> None:
    """Gives one term a value with its source and note. Another value or source ends what confirmed the old one."""
    terms = call.terms
    before, known = getattr(terms, name), terms.provenance.get(name, Provenance(Confidence.UNKNOWN))
    if value == before and source == known.source:
        provenance = replace(known, note=note)
    else:
        provenance = Provenance(Confidence.DEFAULT, source, note)
    record_change(session, call, f"terms.{name}", record.to_json(before), record.to_json(value), actor, now)
    record_change(session, call, f"terms.{name}.source", known.source, source, actor, now)
    changed = replace(terms, provenance={**terms.provenance, name: provenance}, **{name: value})
    _store(call, changed)


def confirm(session: Session, call: Call, names: Collection[str], *, source: str, actor: Actor, now: datetime) -> None:
    """Marks terms as confirmed: by whom, when, and from which source."""
    terms = call.terms
    provenance = dict(terms.provenance)
    for name in names:
        known = provenance.get(name, Provenance(Confidence.UNKNOWN))
        provenance[name] = Provenance(Confidence.CONFIRMED, source, known.note, actor.user_id, now)
        record_change(
            session,
            call,
            f"terms.{name}.confirmed",
            {"confidence": known.confidence.value, "source": known.source},
            {"confidence": Confidence.CONFIRMED.value, "source": source},
            actor,
            now,
        )
    _store(call, replace(terms, provenance=provenance))


def obstacles(call: Call, now: datetime) -> tuple[Refusal, ...]:
    """Why a call cannot be published now; one refusal for each term that nobody has confirmed."""
    terms = call.terms
    found = [Refusal(UNCONFIRMED(term=LABELS[name]), name) for name in terms.unconfirmed()]
    if call.closes_at <= now:
        found.append(Refusal(OVER(), "closes_at"))
    for least, most in (("partners_min", "partners_max"), ("network_start", "network_end")):
        low, high = getattr(terms, least), getattr(terms, most)
        if low is not None and high is not None and low > high:
            found.append(Refusal(CONTRADICTION(least=LABELS[least], most=LABELS[most]), least))
    return tuple(found)


def _store(call: Call, terms: CallTerms) -> None:
    """The row keeps title and dates beside the terms; they are the same."""
    call.title, call.opens_at, call.closes_at = terms.title, terms.opens_at, terms.closes_at
    call.terms = terms
    call.version += 1
