"""Edit conflicts: what two people wrote into the same form, for `macros/edit_conflict.html`."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField
from wtforms.fields.core import Field

from urbact_calls.web.forms import BaseForm


def _in_words(field: Field) -> str:
    if isinstance(field, BooleanField):
        return "Yes" if field.data else "No"
    if isinstance(field, SelectMultipleField):
        return ", ".join(str(label) for value, label, *_ in field.iter_choices() if value in (field.data or ()))
    if isinstance(field, SelectField):
        return next((str(label) for value, label, *_ in field.iter_choices() if value == field.data), "")
    return "" if field.data is None else str(field.data)


def edit_conflicts_of(
    written: BaseForm,
    stored: BaseForm,
    *,
    mine: str = "Yours, not saved",
    theirs: str = "Stored now",
    label: Callable[[Field], str] = attrgetter("label.text"),
) -> list[dict[str, Any]]:
    """Each field that says something else in `written` than in `stored`, both forms of one kind, with both in words.

    `mine` and `theirs` say whose they are.
    """
    return [
        {"label": label(field), "mine": {"text": ours, "words": mine}, "theirs": {"text": others, "words": theirs}}
        for field in written
        if not isinstance(field, HiddenField)
        and (ours := _in_words(field)) != (others := _in_words(stored[field.short_name]))
    ]
