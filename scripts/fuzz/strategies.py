"""Hypothesis strategies for what is sent: forms filled in well, nearly well and with rubbish; JSON likewise."""

from __future__ import annotations

import copy
import io
from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from scripts.fuzz.forms import Form, FoundField
from tests.corpus import EVERYTHING, RAW_BODIES
from tests.exchange.programme_cases import CASES
from tests.factories.accounts import PASSWORD
from tests.factories.api import city_partner, dossier
from tests.factories.applications import pdf

Content = dict[str, Any]
"""Arguments of a request, as a client of Flask takes them."""

GUARDS = frozenset({"csrf_token", "version", "seen", "token"})
"""Hidden fields without which nothing else is read."""
SENTENCE = "Our cities learn from each other how quiet nights come back to busy streets."
RUBBISH_FILES = (
    (b"", "empty.pdf"),
    (b"%PDF-1.7\nnot really", "broken.pdf"),
    (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "picture.pdf"),
    (b"MZ" + b"\x00" * 1000, "program.exe"),
    (b"a,b\n1,2\n", "../../etc/passwd"),
    (b"%PDF-1.7\n" + b"x" * 200_000, "Ħamrun “2026” \u202efdp.exe"),
)
RAW = st.sampled_from(RAW_BODIES).map(lambda raw: {"data": raw[0], "content_type": raw[1]})
ANYTHING = st.sampled_from(EVERYTHING) | st.text(max_size=300)
DAYS = st.integers(1, 300).map(lambda days: date.today() + timedelta(days=days))  # noqa: DTZ011 -- any day to come


@cache
def _pdf() -> bytes:
    return pdf()


GOOD: dict[str, SearchStrategy[Any]] = {
    "file": st.builds(lambda: (_pdf(), "letter.pdf")),
    "email": st.integers(0, 9_999).map("somebody-{}@example.org".format),
    "password": st.just(PASSWORD),
    "number": st.integers(1, 5).map(str),
    "date": DAYS.map(date.isoformat),
    "datetime-local": DAYS.map("{}T12:00".format),
}
"""What a careful person fills in, by the kind of the field."""
NEARLY: dict[str, SearchStrategy[Any]] = {
    "file": st.sampled_from(RUBBISH_FILES),
    "email": st.emails(),
    "number": st.integers().map(str) | st.floats().map(str),
    "date": st.dates().map(date.isoformat),
    "datetime-local": st.datetimes().map("{:%Y-%m-%dT%H:%M}".format),
}
"""What has the right shape, or nearly."""


def _well(one: FoundField) -> SearchStrategy[Any]:
    if one.kind in ("hidden", "checkbox"):
        return st.just(one.value)
    if one.choices:
        offered: SearchStrategy[Any] = st.sampled_from([each for each in one.choices if each] or [one.value])
    else:
        offered = GOOD.get(one.kind, st.sampled_from([SENTENCE, SENTENCE[:20], "1500.50", "3"]))
    return st.just(one.value) | offered if one.value else offered


def _badly(one: FoundField) -> SearchStrategy[Any]:
    if one.kind == "file":
        return NEARLY["file"]
    return ANYTHING | NEARLY[one.kind] if one.kind in NEARLY else ANYTHING


@st.composite
def _sent(draw: DrawFn, form: Form, wrong: frozenset[str] = frozenset()) -> dict[str, list[Any]]:
    """The fields of a form, one button pressed; those that are meant to be wrong filled in badly."""
    sent: dict[str, list[Any]] = {}
    groups: dict[str, list[FoundField]] = {}
    for one in form.fields:
        if one.kind in ("radio", "submit"):
            groups.setdefault(one.name, []).append(one)
        elif one.kind != "checkbox" or draw(st.booleans()) != one.is_sent:
            sent.setdefault(one.name, []).append(draw((_badly if one.name in wrong else _well)(one)))
    for name, group in groups.items():
        one = draw(st.sampled_from(group))
        sent.setdefault(name, []).append(draw(_badly(one)) if name in wrong else one.value)
    return sent


@st.composite
def _rearranged(draw: DrawFn, form: Form) -> dict[str, list[Any]]:
    """Filled in well, but a field or two left out, sent twice or under another name."""
    sent = draw(_sent(form))
    for name in draw(st.lists(st.sampled_from([*sent]), min_size=1, max_size=2, unique=True)) if sent else ():
        match draw(st.sampled_from(("lost", "doubled", "renamed"))):
            case "lost":
                del sent[name]
            case "doubled":
                sent[name] = [*sent[name], draw(ANYTHING)]
            case _:
                sent[f"{name}-{draw(st.integers(0, 99))}"] = sent.pop(name)
    return sent


def filled(form: Form) -> SearchStrategy[Content]:
    """What is sent with a form: as a careful person would, with some mistakes, all wrong, rearranged, or no form."""
    names = frozenset(one.name for one in form.fields) - GUARDS
    ways = [_sent(form), _rearranged(form)]
    if names:
        some = st.frozensets(st.sampled_from(sorted(names)), min_size=1, max_size=3)
        ways += [some.flatmap(lambda wrong: _sent(form, wrong)), _sent(form, names)]
    # One time in many even the version, or what the sender has seen.
    ways.append(_sent(form, names | GUARDS))
    return st.one_of(*(way.map(lambda data: {"data": data}) for way in ways), RAW)


def fresh(content: Content) -> Content:
    """The same with each file as a stream at its beginning, so that it can be sent again."""
    data = content.get("data")
    if not isinstance(data, dict):
        return content
    return {**content, "data": {name: [_stream(value) for value in values] for name, values in data.items()}}


def _stream(value: Any) -> Any:
    return (io.BytesIO(value[0]), value[1], "application/pdf") if isinstance(value, tuple) else value


NOTED = ("next", "q", "after", "country", "theme", "state", "whose", "limit", "name", "region", "place", "findings")
"""What addresses may have after the `?`."""
NOTES = st.dictionaries(st.sampled_from(NOTED), ANYTHING, max_size=3)
ASKED_FOR_NOTES: SearchStrategy[Content] = NOTES.map(lambda given: {"query_string": given})


def asked_as_program(operation: Any, call: str, city: str) -> SearchStrategy[Content]:
    """Questions to an operation of the interface for programs, as schemathesis reads it in the description: right and
    wrong ones; and dossiers that this programme knows, whole and with something wrong in them."""
    has_body, has_query = len(operation.body) > 0, len(operation.query) > 0
    modes = [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if has_body or has_query else [])]
    described = st.one_of(*map(operation.as_strategy, modes)).map(_of_case)
    if not has_body:
        return described
    partners = (city_partner(city, "FR", role="lead"), city_partner("Serres", "GR"))
    by_address: dict[str, list[Any]] = {
        "applications": [dossier(*partners, call=call, title="Quiet nights", acronym="QUIET")],
        "examinations": [CASES[0], CASES[:3]],
    }
    known = by_address.get(operation.path.rpartition("/")[2], [{}, {"reason": "The city has another plan now."}])
    whole = st.sampled_from(known)
    good, bad = (bodies.map(lambda body: {"json": body}) for bodies in (whole, whole.flatmap(spoiled)))
    return st.one_of(good, good, bad, described, RAW)


def _of_case(case: Any) -> Content:
    """What schemathesis made, without its address: people and objects are ours."""
    query = {name: str(value) for name, value in (case.query or {}).items()}
    sent: Content = {"query_string": query} if query else {}
    if isinstance(case.body, NotSet):
        return sent
    if isinstance(case.body, bytes):
        return {**sent, "data": case.body, "content_type": case.media_type or "application/json"}
    return {**sent, "json": case.body}


@st.composite
def spoiled(draw: DrawFn, value: Any) -> Any:
    """The same with one thing in it replaced, left out, or renamed."""
    top = copy.deepcopy(value)
    at = top
    while isinstance(at, dict | list) and at:
        key = draw(st.sampled_from([*at] if isinstance(at, dict) else range(len(at))))
        if isinstance(at[key], dict | list) and at[key] and draw(st.booleans()):
            at = at[key]
            continue
        match draw(st.sampled_from(("replaced", "lost", "renamed"))):
            case "replaced":
                at[key] = draw(JSON)
            case "renamed" if isinstance(at, dict):
                at[draw(st.sampled_from(EVERYTHING))] = at.pop(key)
            case _:
                del at[key]
        return top
    return draw(JSON)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANYTHING,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANYTHING, inner, max_size=3),
    max_leaves=6,
)
