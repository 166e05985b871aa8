"""What programs can ask, declared once: addresses, checks of questions and the document come from this table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from urbact_calls.api.schemas import Schema, named, page_of, several
from urbact_calls.domain.vocabulary import NetworkType

ROOT = "/api/v1"
DEFAULT_LIMIT, HIGHEST_LIMIT = 50, 100
MOST_DOSSIERS, LARGEST_BYTES = 100, 2 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A question after the `?`. `pattern` is the whole of what it may say; a whole number also has its range."""

    name: str
    description: str
    pattern: str
    schema: Schema

    @property
    def expected(self) -> str:
        """In words, what can be asked."""
        if self.schema["type"] == "integer":
            return f"a whole number from {self.schema['minimum']} to {self.schema['maximum']}"
        return " or ".join(self.schema.get("enum", ())) or f"text like {self.pattern}"

    def read(self, text: str) -> Any:
        """What the text says; raises ValueError if it says nothing that can be answered."""
        if not re.fullmatch(self.pattern, text):
            raise ValueError(self.name)
        if self.schema["type"] != "integer":
            return text
        number = int(text)
        if not self.schema["minimum"] <= number <= self.schema["maximum"]:
            raise ValueError(self.name)
        return number


def _of_text(name: str, description: str, pattern: str, **more: Any) -> Parameter:
    return Parameter(
        name=name,
        description=description,
        pattern=pattern,
        schema={"type": "string", "pattern": f"^{pattern}$", **more},
    )


LIMIT = Parameter(
    name="limit",
    description="How many items at most.",
    pattern="[0-9]{1,3}",
    schema={"type": "integer", "minimum": 1, "maximum": HIGHEST_LIMIT, "default": DEFAULT_LIMIT},
)
AFTER = _of_text("after", "The key of the last item that was seen; `next` has it.", "[A-Za-z0-9-]{1,120}")
COUNTRY = _of_text("country", "Country of a member (ISO 3166, GR for Greece).", "[A-Z]{2}")
WORDS = _of_text(
    "q",
    "Words, or parts of words, of names and themes, however they are spelled: Lodz finds Łódź.",
    r"[^\u0000-\u001f\u007f]{1,100}",
)
THEME = _of_text("theme", "A whole theme: urban-rural-links, as the public page of networks has it.", "[a-z0-9-]{1,60}")
TYPE = _of_text("type", "The network type.", f"({'|'.join(NetworkType)})", enum=[each.value for each in NetworkType])


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is sent, as JSON."""

    schema: Schema
    description: str
    is_required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one address. `status` is the answer when all is well, `refuses` the problems that can come.

    `is_public` needs no token. `pace` is how often one token, or one machine, may ask.
    """

    name: str
    method: str
    path: str
    summary: str
    answer: Schema
    description: str = ""
    status: int = 200
    is_public: bool = False
    query: tuple[Parameter, ...] = ()
    takes: Body | None = None
    refuses: tuple[int, ...] = ()
    pace: str = "600 per 5 minutes"

    @property
    def rule(self) -> str:
        """The address as Flask writes it."""
        return ROOT + re.sub(r"\{(\w+)\}", r"<\1>", self.path)

    @property
    def path_parameters(self) -> tuple[str, ...]:
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    @property
    def problems(self) -> tuple[int, ...]:
        """All problems that are documented: its own, and those that every question can meet."""
        sent = (413, 415, 422) if self.takes else ()
        return tuple(sorted({400, 401, 429, 500, 503, *sent, *self.refuses}))


_TABLE = (
    Operation(
        name="describe",
        method="GET",
        path="/openapi.json",
        summary="This document",
        answer={"type": "object"},
        is_public=True,
    ),
    Operation(
        name="list_calls",
        method="GET",
        path="/calls",
        summary="The published calls, in the order of their codes",
        answer=page_of(named("Call")),
        is_public=True,
        query=(LIMIT, AFTER),
    ),
    Operation(
        name="read_call",
        method="GET",
        path="/calls/{code}",
        summary="A call with its terms",
        description=(
            "Each term has its value, how well it is known, and where from. Amounts are whole cents, rates basis "
            "points; null is not limited, or not known."
        ),
        answer=named("CallInFull"),
        is_public=True,
        refuses=(404,),
    ),
    Operation(
        name="list_networks",
        method="GET",
        path="/networks",
        summary="Networks with their members, in the order of their slugs",
        answer=page_of(named("Network")),
        is_public=True,
        query=(LIMIT, AFTER, WORDS, TYPE, THEME, COUNTRY),
    ),
    Operation(
        name="read_network",
        method="GET",
        path="/networks/{slug}",
        summary="A network with members, plans and stages",
        answer=named("NetworkInFull"),
        is_public=True,
        refuses=(404,),
    ),
    Operation(
        name="list_cities",
        method="GET",
        path="/cities",
        summary="Cities and other bodies that are or were members of a network, in the order of their slugs",
        answer=page_of(named("City")),
        is_public=True,
        query=(LIMIT, AFTER, WORDS, COUNTRY),
    ),
    Operation(
        name="examine",
        method="POST",
        path="/examinations",
        summary="Examine dossiers against the rules of their calls",
        description="Stores nothing. The answers are those of the command `dossier examine`, in the same order.",
        answer=several(named("Examination")),
        is_public=True,
        takes=Body(
            schema={"anyOf": [named("Dossier"), {**several(named("Dossier")), "maxItems": MOST_DOSSIERS}]},
            description=f"One dossier, or a list of at most {MOST_DOSSIERS}; at most 2 MB.",
        ),
        pace="60 per 5 minutes",
    ),
    Operation(
        name="start_application",
        method="POST",
        path="/applications",
        summary="Start a draft from a dossier",
        description=(
            "The call must be open and the owner of the token must work for the lead partner. `submitted_at`, "
            "`other_applications` and `expected` are ignored. Organisations that are not known yet are entered and "
            "not verified. `not_kept` says what else of the dossier the draft does not hold."
        ),
        answer=named("Started"),
        status=201,
        takes=Body(schema=named("Dossier"), description="One dossier; at most 2 MB."),
        refuses=(409,),
        pace="60 per 5 minutes",
    ),
    Operation(
        name="read_application",
        method="GET",
        path="/applications/{reference}",
        summary="Where an application stands and what can be done with it",
        description=(
            "`actions` are the steps that the owner of the token may know of; `refusals` close a step, and `seen` "
            "is sent back with it. `advice` is "
            "the rule book on a draft, `report` the one that the owner may see after that."
        ),
        answer=named("Application"),
        refuses=(404,),
    ),
    Operation(
        name="take_transition",
        method="POST",
        path="/applications/{reference}/transitions/{name}",
        summary="Take a step in the life of an application",
        description=(
            "Send the `seen` of the action that you read. A request that arrives late, or twice, is then refused when "
            "something has happened to the application since. Without it only the state is looked at."
        ),
        answer=named("Application"),
        takes=Body(
            schema=named("Step"),
            description="`seen` of the action, and the reason where one is required.",
            is_required=False,
        ),
        refuses=(404, 409),
        pace="60 per 5 minutes",
    ),
)

OPERATIONS: Mapping[str, Operation] = {each.name: each for each in _TABLE}
