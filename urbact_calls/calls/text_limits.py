"""How many characters each text of the form may have, as an officer types it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from urbact_calls.calls.term_values import PREFIX, TermFault
from urbact_calls.calls.term_words import label_of
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.network_types.fields import FieldKind
from urbact_calls.domain.terms import CallTerms
from urbact_calls.web.forms import PlainIntegerField

# A text of the form must stay something that a person reads.
MOST_CHARACTERS = 20_000


def limit_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    """A number for each text of the type's form, with its default as what stands there."""
    kind = KINDS[terms.network_type] if terms.network_type else None
    sections = (*kind.sections, *kind.partner_sections) if kind else ()
    return {
        _name(f"{section.code}.{field.code}"): PlainIntegerField(
            label_of(section, field),
            default=field.limit,
            description=f"From 1 to {_most(field.kind, field.limit):,}.",
            render_kw={"data-most": str(_most(field.kind, field.limit))},
        )
        for section in sections
        for field in section.fields
        if field.is_limited and field.limit is not None
    }


def shown_limits(value: Mapping[str, int]) -> Mapping[str, Any]:
    return {_name(field): limit for field, limit in value.items()}


def read_limits(form: Any, name: str) -> dict[str, int]:
    """Every limit of the form by `section.field`. Raises TermFault for one that is missing or out of bounds."""
    found: dict[str, int] = {}
    for field in form.value_fields:
        most = int(field.render_kw["data-most"])
        if field.data is None or not 1 <= field.data <= most:
            raise TermFault(f"Type a number of characters from 1 to {most:,}.", field.short_name)
        found[field.short_name.removeprefix(f"{PREFIX}_").replace(":", ".")] = field.data
    return found


def _name(field: str) -> str:
    return f"{PREFIX}_{field.replace('.', ':')}"


def _most(kind: FieldKind, default: int | None) -> int:
    """A line is kept in a column of its own or shown in lists: it may be made shorter, not longer."""
    return default or 1 if kind is FieldKind.LINE else MOST_CHARACTERS
