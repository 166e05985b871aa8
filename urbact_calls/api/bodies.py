"""What comes in: JSON of a limited size, read as strictly as a dossier."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from urbact_calls.api.contract import LARGEST_BYTES, MOST_DOSSIERS
from urbact_calls.api.schemas import LARGEST_NUMBER
from urbact_calls.casework.forms import LONGEST_REASON
from urbact_calls.exchange import ExchangeFault
from urbact_calls.exchange.strict_json import Reader, check, load
from urbact_calls.web.forms import tidy, unreadable_character


def text_of_request() -> str:
    """The body as text. Raises UnsupportedMediaType, RequestEntityTooLarge, ExchangeFault for what is not UTF-8."""
    content = _content()
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExchangeFault("cannot be read (not UTF-8)", "the body") from error


def dossiers_of_request() -> str:
    """The text of one dossier or of a list that is not too long."""
    text = text_of_request()
    value = load(text)
    if isinstance(value, list) and len(value) > MOST_DOSSIERS:
        raise RequestEntityTooLarge
    return text


def dossier_of_request() -> tuple[str, frozenset[str]]:
    """The text of one dossier, and the fields that stand in it."""
    text = text_of_request()
    value = load(text)
    if not isinstance(value, dict):
        raise ExchangeFault("one dossier is expected, as an object", "the body")
    return text, frozenset(value)


@dataclass(frozen=True, slots=True)
class Step:
    """What is said with a step: the reason, and how many events the sender knew of."""

    reason: str | None = None
    seen: int | None = None


def step_of_request() -> Step:
    """What the body says; one that is empty says nothing."""
    if not _content():
        return Step()
    value = load(text_of_request())
    check(value)
    fields = {
        name: field
        for name, field in Reader(value).fields(optional=["reason", "seen"]).items()
        if field.value is not None
    }
    return Step(
        reason=_reason(fields["reason"]) if "reason" in fields else None,
        seen=fields["seen"].whole(lowest=0, highest=LARGEST_NUMBER) if "seen" in fields else None,
    )


def _reason(field: Reader) -> str:
    reason = str(tidy(field.text()))
    if len(reason) > LONGEST_REASON:
        raise field.fault(f"{len(reason):,} characters; up to {LONGEST_REASON:,} are allowed")
    hidden = unreadable_character(reason, multiline=True)
    if hidden is not None:
        raise field.fault(f"the character U+{ord(hidden):04X} cannot be read")
    return reason


def _content() -> bytes:
    # Less than a form with a letter may have; also where no length was announced.
    request.max_content_length = LARGEST_BYTES
    return request.get_data()
