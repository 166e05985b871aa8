"""Parser of HTML forms: the fields of a page as a browser sees them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass(frozen=True, slots=True)
class FoundField:
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
    fields: tuple[FoundField, ...]


@dataclass
class _Open:
    action: str
    name: str
    fields: list[FoundField] = field(default_factory=list)


class Forms(HTMLParser):
    """Reads the forms of a page that are sent by POST; `links` are the addresses that the page leads to."""

    def __init__(self, role: str, path: str) -> None:
        super().__init__()
        self.role, self.path = role, path
        self.links: list[str] = []
        self._forms: list[_Open] = []
        self._elsewhere: list[tuple[str, FoundField]] = []
        self._open: _Open | None = None
        self._field: tuple[str, FoundField] | None = None

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
            FoundField(
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

    def _keep(self, form: str, one: FoundField) -> None:
        if form:
            self._elsewhere.append((form, one))
        elif self._open is not None:
            self._open.fields.append(one)
