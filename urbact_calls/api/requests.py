"""Requests of the API: JSON of a limited size, read as strictly as a dossier."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

from flask import request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, conlist
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from urbact_calls.applications.submission.forms import LONGEST_REASON
from urbact_calls.catalogue.reads.catalogue_search import CatalogueFilters
from urbact_calls.domain.entries import storable_line, tidy
from urbact_calls.domain.network_types.answers import text_fault
from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.text import message
from urbact_calls.domain.themes import code_of
from urbact_calls.domain.vocabulary import NetworkType
from urbact_calls.exchange.dossier_reader import DossierFields
from urbact_calls.exchange.strict_fields import Given, StrictFields, WrittenAs, read_as, whole
from urbact_calls.exchange.strict_json import ExchangeFault, check, load, one_line

DEFAULT_LIMIT, HIGHEST_LIMIT = 50, 100
MOST_DOSSIERS, LARGEST_BYTES = 100, 2 * 1024 * 1024
LARGEST_NUMBER = 2**31 - 1
"""The largest whole number that both databases count to."""


BAD_QUERY = message("query.parameter", "{problem}")


class BadQuery(Exception):
    """A question after the `?` that this address does not answer."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.refusal = Refusal(BAD_QUERY(problem=problem), name)


class Question(BaseModel):
    """What may be asked after the `?`: nothing, if no class says more."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _digits(text: Any) -> Any:
    # What Python reads as a number is more: signs, blanks, underscores, digits of other scripts.
    if isinstance(text, str) and not re.fullmatch("[0-9]{1,3}", text):
        raise ValueError(text)
    return text


class PageQuestion(Question):
    """Which part of a list."""

    limit: Annotated[int, BeforeValidator(_digits)] = Field(
        DEFAULT_LIMIT, ge=1, le=HIGHEST_LIMIT, description="How many items at most."
    )
    after: Given[str] = Field(
        None, pattern="^[A-Za-z0-9-]{1,120}$", description="The key of the last item that was seen; `next` has it."
    )


class CityQuestion(PageQuestion):
    """Which members of networks."""

    q: Given[str] = Field(
        None,
        pattern=r"^[^\u0000-\u001f\u007f]{1,100}$",
        description="Words, or parts of words, of names and themes, however they are spelled: Lodz finds Łódź.",
    )
    country: Given[str] = Field(
        None, pattern="^[A-Z]{2}$", description="Country of a member (ISO 3166, GR for Greece)."
    )

    def filters(self, **more: Any) -> CatalogueFilters:
        return CatalogueFilters(words=storable_line(self.q or ""), country=self.country or "", **more)


class NetworkQuestion(CityQuestion):
    """Which networks."""

    type: Given[NetworkType] = Field(None, description="The network type.")
    theme: Given[str] = Field(
        None,
        pattern="^[a-z0-9_-]{1,60}$",
        description="A theme of the vocabulary: public_space, as the public page of networks has it. An older "
        "tag, such as urban-rural-links, means the theme that it belongs to.",
    )
    demonstration: Given[Literal["1"]] = Field(
        None, description="Networks that were made to try the site, instead of those that exist."
    )

    def filters(self, **more: Any) -> CatalogueFilters:
        asked = {
            "type": self.type,
            "theme": code_of(self.theme or "") or self.theme or "",
            "of_demonstration": self.demonstration is not None,
        }
        return super().filters(**asked, **more)


Asked = TypeVar("Asked", bound=Question)


def question_of_request(kind: type[Asked]) -> Asked:
    """What was asked after the `?`; raises BadQuery for anything that the class does not take."""
    for name, values in request.args.lists():
        shown = one_line(name)[:100]
        if name not in kind.model_fields:
            raise BadQuery(shown, f"“{shown}” is not a query parameter of this address.")
        if len(values) > 1:
            raise BadQuery(shown, f"“{shown}” stands twice.")
    try:
        return kind.model_validate(request.args.to_dict())
    except ValidationError as problem:
        fault = problem.errors(include_url=False)[0]
        match fault["type"]:
            case "string_pattern_mismatch":
                expected = f"text like {fault['ctx']['pattern'].strip('^$')}"
            case "enum":
                expected = " or ".join(NetworkType)
            case _:
                expected = f"a whole number from 1 to {HIGHEST_LIMIT}"
        name = str(fault["loc"][0])
        raise BadQuery(name, f"“{name}” must be {expected}.") from problem


def _reason(text: str) -> str:
    if fault := text_fault(text, LONGEST_REASON, is_line=False):
        raise ValueError(fault)
    return str(tidy(text))


Reason = Annotated[str, WrittenAs(str, _reason, Annotated[str, Field(max_length=LONGEST_REASON)])]
Seen = Annotated[int, whole(0, LARGEST_NUMBER)]


class StepIn(StrictFields):
    """What is said with a step: the reason, and how many events the sender knew of."""

    reason: Reason | None = None
    seen: Seen | None = None


DossiersIn: Any = DossierFields | conlist(DossierFields, max_length=MOST_DOSSIERS)


def dossiers_of_request() -> str:
    """The text of one dossier or of a list that is not too long."""
    text = _text_of_request()
    value = load(text)
    if isinstance(value, list) and len(value) > MOST_DOSSIERS:
        raise RequestEntityTooLarge
    return text


def dossier_of_request() -> tuple[str, frozenset[str]]:
    """The text of one dossier, and the fields that stand in it."""
    text = _text_of_request()
    value = load(text)
    if not isinstance(value, dict):
        raise ExchangeFault("one dossier is expected, as an object", "the body")
    return text, frozenset(value)


def step_of_request() -> StepIn:
    """What the body says; one that is empty says nothing."""
    if not _content():
        return StepIn()
    value = load(_text_of_request())
    check(value)
    return read_as(StepIn, value)


def _text_of_request() -> str:
    """The body as text. Raises UnsupportedMediaType, RequestEntityTooLarge, ExchangeFault for what is not UTF-8."""
    content = _content()
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExchangeFault("cannot be read (not UTF-8)", "the body") from error


def _content() -> bytes:
    # Less than a form with a letter may have; also where no length was announced.
    request.max_content_length = LARGEST_BYTES
    return request.get_data()
