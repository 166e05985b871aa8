"""The forms of a page, with their fields as a browser sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import tinyhtml5


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


def forms_and_links(html: str, role: str, path: str) -> tuple[list[Form], list[str]]:
    """The forms of a page that are sent by POST, once for each place each can be sent to, and where the page leads."""
    page = tinyhtml5.parse(html, namespace_html_elements=False)
    forms = [
        form
        for element in page.iter("form")
        if element.get("method", "").lower() == "post"
        for form in _sent(element, page, role, path)
    ]
    return forms, [each.get("href", "") for each in page.iter("a") if "download" not in each.attrib]


def _sent(form: Element, page: Element, role: str, path: str) -> Iterator[Form]:
    inside = [each for each in _controls(form) if not each.get("form")]
    # Fields may stand elsewhere and name their form.
    elsewhere = [each for each in _controls(page) if each.get("form") and each.get("form") == form.get("id")]
    fields = [_field(each, path) for each in (*inside, *elsewhere)]
    own = urljoin(path, form.get("action", ""))
    for action in dict.fromkeys([own, *(one.action for one in fields if one.action)]):
        yield Form(role, action, tuple(one for one in fields if one.name and one.action in ("", action)))


def _controls(element: Element) -> list[Element]:
    found = [each for each in element.iter() if each.tag in ("input", "button", "textarea", "select")]
    return [each for each in found if "disabled" not in each.attrib]


def _field(control: Element, path: str) -> FoundField:
    tag = control.tag
    kind = control.get("type", "text" if tag == "input" else "submit") if tag in ("input", "button") else tag
    is_ticked = kind in ("checkbox", "radio")
    options = [*control.iter("option")]
    if tag == "select":
        selected = [each for each in options if "selected" in each.attrib] or options[:1]
        value = selected[-1].get("value", "") if selected else ""
    elif tag == "textarea":
        value = control.text or ""
    else:
        value = control.get("value", "on" if is_ticked else "")
    return FoundField(
        name=control.get("name", ""),
        kind=kind,
        value=value,
        is_sent="checked" in control.attrib if is_ticked else kind != "submit",
        choices=tuple(each.get("value", "") for each in options),
        action=urljoin(path, control.attrib["formaction"]) if "formaction" in control.attrib else "",
    )
