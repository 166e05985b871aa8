"""Replayed form: what a person had typed into a form that could not be kept, given back, ready to be sent again."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

# Every form that asks for a secret has this field; a test compares the forms with it.
SECRET = "password"  # noqa: S105 -- the name of a field
# Made anew for the page.
TOKEN = "csrf_token"  # noqa: S105 -- the name of a field


@dataclass(frozen=True, slots=True)
class ReplayedField:
    """One value of a form. `is_text` tells what a person wrote in words from choices, numbers and marks."""

    name: str
    value: str

    @property
    def is_text(self) -> bool:
        return any(letter.isspace() for letter in self.value.strip())

    @property
    def label(self) -> str:
        return re.sub(r"[\W_]+", " ", self.name).strip().capitalize()

    @property
    def rows(self) -> int:
        """Lines that show most of the text, 2 to 12."""
        return min(max(2, len(self.value) // 80 + self.value.count("\n") + 1), 12)


@dataclass(frozen=True, slots=True)
class ReplayedForm:
    """A form to send again to the address it was meant for. `had_files` when files came along: those are not kept."""

    address: str
    fields: tuple[ReplayedField, ...]
    had_files: bool


def replayed_form_of_request() -> ReplayedForm | None:
    """The form of this request, as large as a request may be; None if there is none or if it holds a secret.

    An address that is no page of this site is not repeated: the form would lead elsewhere.
    """
    if request.method != "POST" or request.url_rule is None:
        return None
    try:
        form, files = request.form, request.files
    except RequestEntityTooLarge:
        # A program that reads its body late has not read it yet; what is too large was never a form of ours.
        return None
    if SECRET in form:
        return None
    fields = tuple(ReplayedField(name, value) for name, value in form.items(multi=True) if name != TOKEN)
    had_files = any(file.filename for file in files.values())
    return ReplayedForm(request.full_path.removesuffix("?"), fields, had_files) if fields or had_files else None
