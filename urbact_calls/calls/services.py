"""Commands on calls."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from urbact_calls.calls import operations, waiting
from urbact_calls.calls.models import Call, CallSubscription, SubscriptionMessage
from urbact_calls.calls.queries import for_update, subscription_by_key
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refusal, Refused, Stale
from urbact_calls.domain.terms import TERM_NAMES
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import CallPhase, NetworkType
from urbact_calls.jobs import announce

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
NOT_UPCOMING = message("call.not_upcoming", "This call has opened: there is nothing to wait for.")


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
        basis = operations.terms_to_copy(session, network_type, copied_from)
        _require_order(opens_at, closes_at)
        terms = operations.copied(basis, code=code, title=title, opens_at=opens_at, closes_at=closes_at)
        try:
            call = operations.publish(
                session, terms=terms, network_type=network_type, summary="", published_at=None, now=now
            )
        except IntegrityError as problem:
            raise Refused(Refusal(CODE_TAKEN(), "code")) from problem
        operations.record_change(session, call, "created", None, copied_from or "defaults of the type", actor, now)


def edit_term(  # noqa: PLR0913 -- what a person typed about a term; all but the first two are keyword-only
    code: str, name: str, *, value: Any, source: str, note: str, version: int, actor: Actor, now: datetime
) -> None:
    """Gives a term another value; it then waits for somebody to confirm it. The same value keeps its confidence.

    Raises NotFound, Stale if the terms were changed since, Refused once the call is published.
    """
    with transaction() as session:
        call = _editable(session, code, version)
        operations.set_term(session, call, name, value, source=source, note=note, actor=actor, now=now)
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
        operations.set_term(session, call, name, value, source=source, note=note, actor=actor, now=now)
        operations.confirm(session, call, (name,), source=source, actor=actor, now=now)
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
        operations.confirm(session, call, names, source=source, actor=actor, now=now)


def publish(code: str, *, version: int, actor: Actor, now: datetime) -> None:
    """Publishes a call; its terms are frozen from then on.

    Raises NotFound, Stale, and Refused with one refusal for each term that nobody has confirmed.
    """
    with transaction() as session:
        call = _editable(session, code, version)
        if refusals := operations.obstacles(call, now):
            raise Refused(*refusals)
        operations.record_change(session, call, "published_at", None, now.isoformat(), actor, now)
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
        operations.change_terms(session, call, terms, actor, now)


def reopen_demonstration(code: str, actor: Actor, now: datetime) -> None:
    """Opens a closed demonstration call again, from today for 60 days. What was handed in stays where it stands.

    Raises NotFound for an unknown code, Refused for a call that is real or not closed.
    """
    with transaction() as session:
        call = _demonstration(session, code)
        if call.phase(now) is not CallPhase.CLOSED:
            raise Refused(Refusal(NOT_CLOSED()))
        operations.change_terms(session, call, operations.moved_terms(call, now), actor, now)


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
        raise Stale(TERMS_STALE(), current=call.version)
    return call


def _require_order(opens_at: datetime, closes_at: datetime, field: str = "closes_day") -> None:
    if opens_at >= closes_at:
        raise Refused(Refusal(DATES(), field))


def _require_source(source: str) -> None:
    if not source.strip():
        raise Refused(Refusal(NO_SOURCE(), "source"))


def subscribe(code: str, address: str, now: datetime) -> None:
    """Asks an address to confirm that it wants to hear when a call opens.

    The same is written whether or not the address is on the list, so nobody learns who is. Raises NotFound for a
    call that is not public, Refused for one that is not upcoming.
    """
    with transaction() as session:
        call = for_update(session, code)
        if call.phase(now) is CallPhase.UNPUBLISHED:
            raise NotFound(f"call {code}")
        if call.phase(now) is not CallPhase.UPCOMING:
            raise Refused(Refusal(NOT_UPCOMING(), "email"))
        subscription = waiting.subscription_for(session, call, address, now)
        # One message a minute: a button pressed twice sends one.
        announce(
            session,
            kind="mail:call.subscription",
            key=f"mail:call.subscription:{subscription.id}:{int(now.timestamp()) // 60}",
            args=SubscriptionMessage(subscription=subscription.id),
            now=now,
            subject=call.subject,
        )


def confirm_subscription(key: str, now: datetime) -> str:
    """Puts an address on the list; gives the code of the call. Raises NotFound for a link that is over."""
    with transaction() as session:
        subscription = subscription_by_key(session, key, now)
        if subscription.confirmed_at is None:
            subscription.confirmed_at = now
        return subscription.call.code


def leave(key: str) -> None:
    """Takes an address off the list, and forgets it. A key that is not known changes nothing."""
    with transaction() as session:
        session.execute(delete(CallSubscription).where(CallSubscription.key == key))
