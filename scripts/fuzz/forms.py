"""The forms of pages as a browser sees them, filled in well, with a mistake or two, or with rubbish."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from tests.corpus import EVERYTHING, RAW_BODIES
from tests.factories.accounts import PASSWORD
from tests.factories.applications import pdf

GUARDS = ("csrf_token", "version", "seen", "token")
"""Hidden fields without which nothing is read; they are seldom spoiled."""
WORDS = "Our cities learn from each other how quiet nights come back to busy streets."
RUBBISH_FILES = (
    (b"", "empty.pdf"),
    (b"%PDF-1.7\nnot really", "broken.pdf"),
    (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "picture.pdf"),
    (b"MZ" + b"\x00" * 1000, "program.exe"),
    (b"a,b\n1,2\n", "../../etc/passwd"),
    (b"%PDF-1.7\n" + b"x" * 200_000, "Ħamrun “2026” \u202efdp.exe"),
)


@dataclass(frozen=True, slots=True)
class Field:
    """One control of a form: its kind as HTML has it, what stands in it, what else can be chosen.

    A button may send the form to an `action` of its own.
    """

    name: str
    kind: str = "text"
    value: str = ""
    is_sent: bool = True
    choices: tuple[str, ...] = ()
    action: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page: who is shown it, where it is sent, and its fields."""

    role: str
    action: str
    fields: tuple[Field, ...]


@dataclass
class _Open:
    action: str
    name: str
    fields: list[Field] = field(default_factory=list)


class Forms(HTMLParser):
    """Reads the forms of a page that are sent by POST; `links` are the addresses that the page leads to."""

    def __init__(self, role: str, path: str) -> None:
        super().__init__()
        self.role, self.path = role, path
        self.links: list[str] = []
        self._forms: list[_Open] = []
        self._elsewhere: list[tuple[str, Field]] = []
        self._open: _Open | None = None
        self._field: tuple[str, Field] | None = None

    @property
    def found(self) -> list[Form]:
        """Each form with the fields that stand outside of it and name it, once for each place it can be sent to."""
        found = []
        for each in self._forms:
            fields = (*each.fields, *(one for name, one in self._elsewhere if name and name == each.name))
            for action in dict.fromkeys([each.action, *(one.action for one in fields if one.action)]):
                sent = tuple(one for one in fields if one.name and one.action in ("", action))
                found.append(Form(self.role, action, sent))
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            is_sent = given.get("method", "").lower() == "post"
            self._open = _Open(urljoin(self.path, given.get("action", "")), given.get("id", "")) if is_sent else None
            if self._open is not None:
                self._forms.append(self._open)
        elif tag == "a" and "download" not in given:
            self.links.append(given.get("href", ""))
        elif tag == "option" and self._field is not None:
            place, one = self._field
            value = given.get("value", "")
            chosen = value if "selected" in given or not one.choices else one.value
            self._field = place, replace(one, value=chosen, choices=(*one.choices, value))
        elif tag in ("input", "button", "textarea", "select") and "disabled" not in given:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text" if tag == "input" else "submit") if tag in ("input", "button") else tag
        is_sent = "checked" in given if kind in ("checkbox", "radio") else kind != "submit"
        value = given.get("value", "on" if kind in ("checkbox", "radio") else "")
        one = (
            given.get("form", ""),
            Field(
                given.get("name", ""),
                kind,
                value,
                is_sent,
                (),
                urljoin(self.path, given["formaction"]) if "formaction" in given else "",
            ),
        )
        if tag in ("textarea", "select"):
            self._field = one
        else:
            self._keep(*one)

    def handle_data(self, data: str) -> None:
        if self._field is not None and self._field[1].kind == "textarea":
            place, one = self._field
            self._field = place, replace(one, value=one.value + data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "select") and self._field is not None:
            self._keep(*self._field)
            self._field = None
        elif tag == "form":
            self._open = None

    def _keep(self, form: str, one: Field) -> None:
        if form:
            self._elsewhere.append((form, one))
        elif self._open is not None:
            self._open.fields.append(one)


Content = dict[str, list[Any]]


def filled(form: Form, chance: random.Random) -> dict[str, Any]:
    """What is sent, as arguments of a request: a quarter as a careful person would, the others wrong in some way."""
    fate = chance.random()
    if fate < 0.03:
        body, kind = chance.choice(RAW_BODIES)
        return {"data": body, "content_type": kind}
    content = _filled_well(form, chance)
    names = [name for name in content if name not in GUARDS or chance.random() < 0.05]
    if fate < 0.65 and names:
        wrong = chance.sample(names, min(len(names), chance.randrange(1, 4)) if fate > 0.28 else 0)
    else:
        wrong = names if fate < 0.85 else [name for name in names if chance.random() < 0.5]
    for name in wrong:
        content[name] = _wrong(content[name], chance)
    if fate > 0.9:
        _lose_something(content, chance)
    return {"data": content}


def _filled_well(form: Form, chance: random.Random) -> Content:
    """The fields with what stands in them or with something that a person could mean; one button was pressed."""
    content: Content = {}
    groups: dict[str, list[Field]] = {}
    for one in form.fields:
        if one.kind in ("radio", "submit"):
            groups.setdefault(one.name, []).append(one)
        elif one.kind != "checkbox" or chance.random() < (0.9 if one.is_sent else 0.5):
            content.setdefault(one.name, []).append(_well(one, chance))
    for name, group in groups.items():
        content.setdefault(name, []).append(chance.choice(group).value)
    return content


def _well(one: Field, chance: random.Random) -> Any:
    if one.kind in ("hidden", "checkbox") or (one.value and chance.random() < 0.6):
        return one.value
    if one.choices:
        return chance.choice([each for each in one.choices if each] or [one.value])
    plain = {
        "file": lambda: (io.BytesIO(_paper()), "letter.pdf", "application/pdf"),
        "email": lambda: f"somebody-{chance.randrange(10_000)}@example.org",
        "password": lambda: PASSWORD,
        "number": lambda: str(chance.randrange(1, 6)),
        "date": lambda: (date.today() + timedelta(days=chance.randrange(1, 300))).isoformat(),  # noqa: DTZ011 -- any day
        "datetime-local": lambda: f"{date.today() + timedelta(days=chance.randrange(1, 300))}T12:00",  # noqa: DTZ011
    }
    given = plain.get(one.kind)
    return given() if given else chance.choice([WORDS, WORDS[:20], "1500.50", "3", one.value])


@cache
def _paper() -> bytes:
    return pdf()


def _wrong(values: list[Any], chance: random.Random) -> list[Any]:
    if any(isinstance(value, tuple) for value in values):
        content, name = chance.choice(RUBBISH_FILES)
        return [(io.BytesIO(content), name, "application/pdf")]
    return [chance.choice(EVERYTHING) for _ in values]


def _lose_something(content: Content, chance: random.Random) -> None:
    """Leaves a field out, sends one twice, or under another name."""
    for name in chance.sample([*content], min(len(content), 2)):
        fate = chance.random()
        if fate < 0.4:
            del content[name]
        elif fate < 0.7:
            content[name] = [*content[name], chance.choice(EVERYTHING)]
        else:
            content[f"{name}-{chance.randrange(99)}"] = content.pop(name)
