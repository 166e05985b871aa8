"""What comes in: JSON of a limited size, read as strictly as a dossier."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from urbact_calls.api.contract import LARGEST_BYTES, MOST_DOSSIERS
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


def reason_of_request() -> str | None:
    """The reason in the body; a body that is empty gives none."""
    if not _content():
        return None
    value = load(text_of_request())
    check(value)
    fields = Reader(value).fields(optional=["reason"])
    if "reason" not in fields or fields["reason"].value is None:
        return None
    reason = str(tidy(fields["reason"].text()))
    if len(reason) > LONGEST_REASON:
        raise fields["reason"].fault(f"{len(reason):,} characters; up to {LONGEST_REASON:,} are allowed")
    hidden = unreadable_character(reason, multiline=True)
    if hidden is not None:
        raise fields["reason"].fault(f"the character U+{ord(hidden):04X} cannot be read")
    return reason


def _content() -> bytes:
    # Less than a form with a letter may have; also where no length was announced.
    request.max_content_length = LARGEST_BYTES
    return request.get_data()
