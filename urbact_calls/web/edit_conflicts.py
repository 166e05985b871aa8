"""Edit conflicts: what two people wrote into the same form, for `macros/edit_conflict.html`."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, HiddenField, SelectField
from wtforms.fields.core import Field

from urbact_calls.web.forms import BaseForm


def _in_words(field: Field) -> str:
    if isinstance(field, BooleanField):
        return "Yes" if field.data else "No"
    if isinstance(field, SelectField):
        return next((str(label) for value, label, *_ in field.iter_choices() if value == field.data), "")
    return field.data or ""


def edit_conflicts_of(written: BaseForm, stored: BaseForm) -> list[dict[str, Any]]:
    """Each field that says something else in `written` than in `stored`, both forms of one kind, with both in words."""
    return [
        {
            "label": field.label.text,
            "mine": {"text": mine, "words": "Yours, not saved"},
            "theirs": {"text": theirs, "words": "Stored now"},
        }
        for field in written
        if not isinstance(field, HiddenField)
        and (mine := _in_words(field)) != (theirs := _in_words(stored[field.short_name]))
    ]
