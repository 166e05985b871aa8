"""A message in words: the text template is the source, one layout makes the HTML twin of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app

LONGEST_SUBJECT = 250
_ADDRESS = re.compile(r"https?://\S+")
_FACT = re.compile(r"(?P<label>[^:\n]{2,40}): (?P<value>\S.*)")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person, or a bare address, that a message goes to. `leave_href` ends what the address subscribed to."""

    address: str
    name: str = ""
    user_id: int | None = None
    leave_href: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in words: the first line of its text template is the subject."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a message such as "Reference: APN-DEMO-017"."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A part of a message: a button, a small table of facts, or lines of text.

    An address alone in its paragraph becomes a button; a line before it that ends with a colon is its label.
    Two or more lines that all read "Label: value" become facts.
    """

    lines: tuple[str, ...]

    @property
    def href(self) -> str | None:
        alone = len(self.lines) == 1 or (len(self.lines) == 2 and self.lines[0].endswith(":"))
        return self.lines[-1] if alone and _ADDRESS.fullmatch(self.lines[-1]) else None

    @property
    def label(self) -> str:
        """The words on the button."""
        return self.lines[0].removesuffix(":") if len(self.lines) == 2 else "Open the page"

    @property
    def facts(self) -> Sequence[Fact]:
        found = [_FACT.fullmatch(line) for line in self.lines]
        if len(found) < 2 or not all(found):
            return ()
        return [Fact(match["label"], match["value"]) for match in found if match]


def render(key: str, context: dict[str, Any], recipient: Recipient) -> Rendered:
    """The message `key` in words. `url(endpoint, ...)` in a text is the full address of a page."""
    # Not by `render_template`: a message must not depend on who is signed in, and a worker has no request.
    templates = current_app.jinja_env
    whole = templates.get_template(f"emails/{key}.txt").render(recipient=recipient, url=address_of, **context)
    first, _, body = whole.strip().partition("\n")
    subject = " ".join(first.split())[:LONGEST_SUBJECT]
    text = re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n"
    return Rendered(subject, text, html_of(subject, text))


def address_of(endpoint: str, **values: Any) -> str:
    """The full address of a page, for messages: workers have no request to take the host from."""
    path = current_app.url_map.bind("localhost").build(endpoint, values)
    return f"{current_app.extensions['settings'].public_url}{path}"


def html_of(subject: str, text: str) -> str:
    """The HTML twin of a text."""
    layout = current_app.jinja_env.get_template("emails/layout.html")
    return layout.render(subject=subject, paragraphs=paragraphs(text))


def paragraphs(text: str) -> list[Paragraph]:
    """The parts of a text, which are separated by empty lines."""
    return [Paragraph(tuple(block.splitlines())) for block in text.strip().split("\n\n") if block.strip()]
