"""The form of a section, made from the section's fields, and the form that starts an application."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import RadioField

from urbact_calls.applications.drafts.forms.field_kinds import SHAPES, ReferenceField
from urbact_calls.applications.drafts.reads.sections import Offers
from urbact_calls.domain.network_types.fields import Field, FieldKind, Section
from urbact_calls.organisations.models import Organisation
from urbact_calls.web.forms import BaseForm, SelectChoice, VersionField

# The button that adds a row or takes one away: "add:meetings", "remove:meetings:2".
ROW_BUTTON = "row"
_ROW_ACT = re.compile(r"(?P<act>add|remove):(?P<field>[a-z_]{1,40})(?::(?P<row>[0-9]{1,3}))?")


class SectionForm(BaseForm):
    """The form of one section, with what is stored or with what this request has typed."""

    version = VersionField()
    section: Section
    stored: Mapping[str, str]

    @classmethod
    def showing(
        cls, answers: Mapping[str, str], version: int, *, offers: Offers, replayed: MultiDict[str, str] | None = None
    ) -> SectionForm:
        """The form with stored answers, or with what was typed: in this request, or `replayed` in its place."""
        shown = {
            field.code: SHAPES[field.kind].show(field, answers.get(field.code, "")) for field in cls.section.fields
        }
        options: dict[str, Any] = {} if replayed is None else {"formdata": replayed}
        form = cls(data={**shown, "version": version}, **options)
        form.stored = answers
        for field in cls.section.fields:
            asked = form[field.code]
            if field.register is not None and isinstance(asked, ReferenceField):
                asked.offers, asked.is_closed = offers(field.register)
        return form

    def answers(self) -> dict[str, str]:
        """What is typed, as it would be stored; a file stays the one that is stored."""
        return {
            field.code: self.stored.get(field.code, "")
            if field.kind is FieldKind.FILE
            else SHAPES[field.kind].read(field, self[field.code].data)
            for field in self.section.fields
        }


@lru_cache(maxsize=256)
def section_form(section: Section) -> type[SectionForm]:
    """The form class of a section."""
    fields = {field.code: SHAPES[field.kind].ask(field) for field in section.fields}
    return type("SectionFormOf", (SectionForm,), {**fields, "section": section})


def with_rows_changed(section: Section, replayed: MultiDict[str, str]) -> MultiDict[str, str] | None:
    """What was typed with a row more or a row less, as the pressed button says; None if none was pressed."""
    match = _ROW_ACT.fullmatch(replayed.get(ROW_BUTTON, ""))
    if match is None:
        return None
    table = next(
        (field for field in section.fields if field.code == match["field"] and field.columns and not field.row_labels),
        None,
    )
    if table is None:
        return None
    changed = MultiDict(replayed)
    if match["act"] == "remove":
        for name in replayed:
            if name.startswith(f"{table.code}-{int(match['row'] or 0)}-"):
                changed.poplist(name)
    rows = _rows(table, changed)
    if match["act"] == "add" or not rows:
        changed.add(f"{table.code}-{max(rows, default=-1) + 1}-{table.columns[0].code}", "")
    return changed


def _rows(table: Field, replayed: MultiDict[str, str]) -> set[int]:
    found = (re.match(rf"{table.code}-([0-9]{{1,3}})-", name) for name in replayed)
    return {int(match[1]) for match in found if match}


class StartForm(BaseForm):
    """Which of my organisations leads the new application."""

    organisation = RadioField("Which organisation leads the application?", coerce=int, validate_choice=False)

    def __init__(self, organisations: Sequence[Organisation], **options: Any) -> None:
        super().__init__(**options)
        self.organisation.choices = [SelectChoice(each.id, f"{each.name}, {each.country}") for each in organisations]
