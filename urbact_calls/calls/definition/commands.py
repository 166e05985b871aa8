"""Commands on the definition of a call: make one, edit and confirm terms, publish, move a demonstration."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from urbact_calls.calls.models import Call
from urbact_calls.calls.reads import for_update
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refusal, Refused, Stale
from urbact_calls.domain.serialization import to_json
from urbact_calls.domain.term_words import LABELS
from urbact_calls.domain.terms import TERM_NAMES, CallTerms, Provenance
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import CallPhase, Confidence, NetworkType
from urbact_calls.domain.words import PARIS, instant_of
from urbact_calls.record.commands import change_fields, field_changed
from urbact_calls.reference.known_calls import DEMO_BASES, DEMO_CODE, demo_terms, terms_of_type


def add_call_step(  # noqa: PLR0913 -- what a published call consists of; all keyword-only
    session: Session,
    *,
    terms: CallTerms,
    summary: str,
    published_at: datetime | None,
    now: datetime,
    is_demonstration: bool = False,
) -> Call:
    """Adds a call with its terms; its type, title and dates are those of the terms."""
    call = Call(
        code=terms.code,
        type=terms.network_type,
        title=terms.title,
        summary=summary,
        opens_at=terms.opens_at,
        closes_at=terms.closes_at,
        published_at=published_at,
        is_demonstration=is_demonstration,
        terms=terms,
        created_at=now,
    )
    session.add(call)
    session.flush()
    return call


def change_terms_step(session: Session, call: Call, terms: CallTerms, actor: Actor, now: datetime) -> None:
    """Gives a call other terms, its dates included, and keeps what the dates were."""
    dates = {"opens_at": terms.opens_at, "closes_at": terms.closes_at}
    change_fields(session, call.subject, call, dates, actor=actor, now=now)
    _store(call, terms)


def set_term_step(  # noqa: PLR0913 -- what is known of a term; keyword-only after the value
    session: Session, call: Call, name: str, value: Any, *, source: str, note: str, actor: Actor, now: datetime
) -> None:
    """Gives one term a value with its source and note. Another value or source ends what confirmed the old one."""
    terms = call.terms
    before, known = getattr(terms, name), terms.provenance.get(name, Provenance(Confidence.UNKNOWN))
    if value == before and source == known.source:
        provenance = replace(known, note=note)
    else:
        provenance = Provenance(Confidence.DEFAULT, source, note)
    field_changed(session, call.subject, f"terms.{name}", to_json(before), to_json(value), actor, now)
    field_changed(session, call.subject, f"terms.{name}.source", known.source, source, actor, now)
    changed = replace(terms, provenance={**terms.provenance, name: provenance}, **{name: value})
    _store(call, changed)


def confirm_terms_step(
    session: Session, call: Call, names: Collection[str], *, source: str, actor: Actor, now: datetime
) -> None:
    """Marks terms as confirmed: by whom, when, and from which source."""
    terms = call.terms
    provenance = dict(terms.provenance)
    for name in names:
        known = provenance.get(name, Provenance(Confidence.UNKNOWN))
        provenance[name] = Provenance(Confidence.CONFIRMED, source, known.note, actor.user_id, now)
        before = {"confidence": known.confidence.value, "source": known.source}
        after = {"confidence": Confidence.CONFIRMED.value, "source": source}
        field_changed(session, call.subject, f"terms.{name}.confirmed", before, after, actor, now)
    _store(call, replace(terms, provenance=provenance))


OTHER_TYPE = message("call.other_type", "Choose a call of the same type, or the defaults.")
UNCONFIRMED = message("terms.unconfirmed", "Nobody has confirmed “{term}”.")
CONTRADICTION = message("terms.contradiction", "“{least}” is above “{most}”.")
DURATION = message(
    "terms.contradiction/duration",
    "From “{start}” to “{end}” it is {count} months; “{duration}” says something else.",
    one="From “{start}” to “{end}” it is {count} month; “{duration}” says something else.",
)
OVER = message("call.over", "The day on which this call closes has passed.")

# Pairs of terms of which the first is not above the second.
_IN_ORDER = (
    ("partners_min", "partners_max"),
    ("network_start", "network_end"),
    ("criterion_threshold", "scale_max"),
)

DEMONSTRATION_LASTS = timedelta(days=60)


def demonstration_terms(now: datetime, code: str = DEMO_CODE) -> CallTerms:
    """The terms of a demonstration call that opens today and closes in 60 days at 15:00, Paris time."""
    today = now.astimezone(PARIS).date()
    return demo_terms(instant_of(today, time()), instant_of(today + DEMONSTRATION_LASTS, time(15)), code)


def moved_terms(call: Call, now: datetime) -> CallTerms:
    """The terms of a demonstration call that goes on from today; nothing but its later dates changes.

    It stays opened when it was, or what was handed in before today would have come before the opening.
    """
    fresh = demonstration_terms(now, call.code if call.code in DEMO_BASES else DEMO_CODE)
    dates = ("closes_at", "network_start", "network_end", "decision_date")
    return replace(call.terms, **{name: getattr(fresh, name) for name in dates})


def terms_to_copy(session: Session, network_type: NetworkType, code: str | None) -> CallTerms:
    """The terms that a new call starts with. Raises Refused for a call that is not there or of another type."""
    if code is None:
        return terms_of_type(network_type)
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


def obstacles(call: Call, now: datetime) -> tuple[Refusal, ...]:
    """Why a call cannot be published now; one refusal for each term that nobody has confirmed."""
    terms = call.terms
    found = [Refusal(UNCONFIRMED(term=LABELS[name]), name) for name in terms.unconfirmed()]
    if call.closes_at <= now:
        found.append(Refusal(OVER(), "closes_at"))
    for least, most in _IN_ORDER:
        low, high = getattr(terms, least), getattr(terms, most)
        if low is not None and high is not None and low > high:
            found.append(Refusal(CONTRADICTION(least=LABELS[least], most=LABELS[most]), least))
    months = _months_between(terms)
    if months is not None and terms.duration_months not in (None, months):
        found.append(
            Refusal(
                DURATION(
                    count=months,
                    start=LABELS["network_start"],
                    end=LABELS["network_end"],
                    duration=LABELS["duration_months"],
                ),
                "duration_months",
            )
        )
    return tuple(found)


def _months_between(terms: CallTerms) -> int | None:
    """How many months a network runs, to the nearest one; None while its first or last day is not known."""
    if terms.network_start is None or terms.network_end is None:
        return None
    return round((terms.network_end - terms.network_start).days * 12 / 365.25)


def _store(call: Call, terms: CallTerms) -> None:
    """The row keeps title and dates beside the terms; they are the same."""
    call.title, call.opens_at, call.closes_at = terms.title, terms.opens_at, terms.closes_at
    call.terms = terms
    call.version += 1


CODE_TAKEN = message("call.code_taken", "There is a call with this code already.")
NONE_CHOSEN = message("terms.none_chosen", "Tick the terms that this source confirms.")
NOT_OPEN = message("call.not_open", "This call is not open.")
NOT_CLOSED = message("call.not_closed", "This call is not closed.")
NOT_A_DEMONSTRATION = message(
    "call.not_a_demonstration", "Only the dates of a demonstration call can be moved by hand."
)
TERMS_STALE = message("terms.stale", "A colleague has changed the terms of this call since you opened the page.")
PUBLISHED = message("call.published", "This call is published: its terms are fixed.")
DATES = message("call.dates", "A call opens before it closes. Change one of the two dates.")
NO_SOURCE = message("term.no_source", "Say by which document or page this is confirmed.")


def create(  # noqa: PLR0913 -- what a new call consists of; all keyword-only
    *,
    code: str,
    title: str,
    network_type: NetworkType,
    copied_from: str | None,
    opens_at: datetime,
    closes_at: datetime,
    actor: Actor,
    now: datetime,
) -> None:
    """Makes an unpublished call with the terms of another call of the type, or of the defaults of the type.

    Nothing that is copied counts as confirmed: what one call asked for is not what the next one asks for.
    Raises Refused for a code that is taken, a call of another type, or dates in the wrong order.
    """
    with transaction() as session:
        basis = terms_to_copy(session, network_type, copied_from)
        _require_order(opens_at, closes_at)
        terms = copied(basis, code=code, title=title, opens_at=opens_at, closes_at=closes_at)
        try:
            call = add_call_step(session, terms=terms, summary="", published_at=None, now=now)
        except IntegrityError as problem:
            raise Refused(Refusal(CODE_TAKEN(), "code")) from problem
        field_changed(session, call.subject, "created", None, copied_from or "defaults of the type", actor, now)


def edit_term(  # noqa: PLR0913 -- what a person typed about a term; all but the first two are keyword-only
    code: str, name: str, *, value: Any, source: str, note: str, version: int, actor: Actor, now: datetime
) -> None:
    """Gives a term another value; it then waits for somebody to confirm it. The same value keeps its confidence.

    Raises NotFound, Stale if the terms were changed since, Refused once the call is published.
    """
    with transaction() as session:
        call = _editable(session, code, version)
        set_term_step(session, call, name, value, source=source, note=note, actor=actor, now=now)
        _require_order(call.opens_at, call.closes_at, "value")


def confirm_term(  # noqa: PLR0913 -- what a person typed about a term; all but the first two are keyword-only
    code: str, name: str, *, value: Any, source: str, note: str, version: int, actor: Actor, now: datetime
) -> None:
    """Gives a term this value and relies on it from now on; nothing, confirmed, means "not limited".

    Raises as `edit_term`, and Refused without a source.
    """
    with transaction() as session:
        call = _editable(session, code, version)
        _require_source(source)
        set_term_step(session, call, name, value, source=source, note=note, actor=actor, now=now)
        confirm_terms_step(session, call, (name,), source=source, actor=actor, now=now)
        _require_order(call.opens_at, call.closes_at, "value")


def confirm_terms(  # noqa: PLR0913 -- which terms, by what; all but the code are keyword-only
    code: str, *, names: Collection[str], source: str, version: int, actor: Actor, now: datetime
) -> None:
    """Confirms several terms as they stand, by one source. Raises as `confirm_term`, and Refused for none."""
    with transaction() as session:
        call = _editable(session, code, version)
        _require_source(source)
        if not names:
            raise Refused(Refusal(NONE_CHOSEN(), "names"))
        if not set(names) <= set(TERM_NAMES):
            raise NotFound("term")
        confirm_terms_step(session, call, names, source=source, actor=actor, now=now)


def publish(code: str, *, version: int, actor: Actor, now: datetime) -> None:
    """Publishes a call; its terms are frozen from then on.

    Raises NotFound, Stale, and Refused with one refusal for each term that nobody has confirmed.
    """
    with transaction() as session:
        call = _editable(session, code, version)
        if refusals := obstacles(call, now):
            raise Refused(*refusals)
        field_changed(session, call.subject, "published_at", None, now.isoformat(), actor, now)
        call.published_at = now
        call.version += 1


def close_demonstration(code: str, actor: Actor, now: datetime) -> None:
    """Closes a demonstration call, so that a newcomer sees what follows without waiting for its date.

    The second in which this happens still counts: what was submitted in it stays on time, and the call is closed
    from the next second on. Raises NotFound for an unknown code, Refused for a call that is real or not open.
    """
    with transaction() as session:
        call = _demonstration(session, code)
        if not call.takes_applications(now) or call.closes_at <= now:
            raise Refused(Refusal(NOT_OPEN()))
        last_second = now.replace(microsecond=0)
        opens_at = min(call.opens_at, last_second - timedelta(seconds=1))
        terms = replace(call.terms, opens_at=opens_at, closes_at=last_second)
        change_terms_step(session, call, terms, actor, now)


def reopen_demonstration(code: str, actor: Actor, now: datetime) -> None:
    """Opens a closed demonstration call again, from today for 60 days. What was handed in stays where it stands.

    Raises NotFound for an unknown code, Refused for a call that is real or not closed.
    """
    with transaction() as session:
        call = _demonstration(session, code)
        if call.phase(now) is not CallPhase.CLOSED:
            raise Refused(Refusal(NOT_CLOSED()))
        change_terms_step(session, call, moved_terms(call, now), actor, now)


def _demonstration(session: Session, code: str) -> Call:
    call = for_update(session, code)
    if not call.is_demonstration:
        raise Refused(Refusal(NOT_A_DEMONSTRATION()))
    return call


def _editable(session: Session, code: str, version: int) -> Call:
    call = for_update(session, code)
    if call.published_at is not None:
        raise Refused(Refusal(PUBLISHED()))
    if call.version != version:
        raise Stale(TERMS_STALE())
    return call


def _require_order(opens_at: datetime, closes_at: datetime, field: str = "closes_day") -> None:
    if opens_at >= closes_at:
        raise Refused(Refusal(DATES(), field))


def _require_source(source: str) -> None:
    if not source.strip():
        raise Refused(Refusal(NO_SOURCE(), "source"))
