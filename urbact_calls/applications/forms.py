"""Forms of an application. A section's form is made from the section's fields by one table of field kinds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask_wtf.file import FileField
from wtforms import (  # type: ignore[attr-defined]  # the stubs do not know SelectChoice of 3.3
    BooleanField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
    widgets,
)

from urbact_calls.applications.letters import LARGEST_BYTES
from urbact_calls.applications.models import Partner
from urbact_calls.domain.network_types.kind import TICKED, Field, FieldKind, Section
from urbact_calls.domain.vocabulary import CostCategory
from urbact_calls.organisations.models import Organisation
from urbact_calls.web.forms import BaseForm, EuroField, readable

NO_VERSION = -1


class VersionField(HiddenField):
    """The version of what the reader saw. One that cannot be read matches none, so that nothing is overwritten."""

    @property
    def number(self) -> int:
        text = str(self.data or "")
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else NO_VERSION


class OneOf(SelectField):
    """One choice of several; a value that is not among them is refused in words."""

    def pre_validate(self, form: Any) -> None:
        if self.data not in {value for value, *_ in self.iter_choices()}:
            raise ValidationError("Choose one of the list.")


class SomeOf(SelectMultipleField):
    """Any number of choices, as boxes to tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        if set(self.data or ()) - {value for value, *_ in self.iter_choices()}:
            raise ValidationError("Choose from the list.")


def within(limit: int | None) -> Callable[[Any, Any], None]:
    """Refuses a text with more characters than the section allows; what was typed stays in the field."""

    def check(_form: Any, field: Any) -> None:
        count = len(field.data or "")
        if limit is not None and count > limit:
            raise ValidationError(f"{count:,} characters; up to {limit:,} are allowed. Take {count - limit:,} off.")

    return check


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind of field is asked, how its stored answer is shown in the form, and how it is read back."""

    ask: Callable[[Field], Any]
    show: Callable[[str], Any]
    read: Callable[[Any], str]


def _hint(field: Field) -> str:
    size = f"Up to {field.limit:,} characters." if field.kind is FieldKind.LINE and field.limit else ""
    return " ".join(part for part in (field.hint, size) if part)


def _options(field: Field) -> dict[str, str]:
    return {choice.code: choice.label for choice in field.choices}


def _text(kind: type[StringField]) -> Callable[[Field], Any]:
    return lambda field: kind(field.label, [readable, within(field.limit)], description=_hint(field))


SHAPES: Mapping[FieldKind, Shape] = {
    FieldKind.LINE: Shape(ask=_text(StringField), show=str, read=lambda value: value or ""),
    FieldKind.TEXT: Shape(ask=_text(TextAreaField), show=str, read=lambda value: value or ""),
    FieldKind.CHOICE: Shape(
        ask=lambda field: OneOf(field.label, choices={"": "Choose one"} | _options(field), description=_hint(field)),
        show=str,
        read=lambda value: value or "",
    ),
    FieldKind.CHOICES: Shape(
        ask=lambda field: SomeOf(field.label, choices=_options(field), description=_hint(field)),
        show=str.split,
        read=lambda value: " ".join(value or ()),
    ),
    FieldKind.TICK: Shape(
        ask=lambda field: BooleanField(field.label, description=_hint(field)),
        show=lambda answer: answer == TICKED,
        read=lambda value: TICKED if value else "",
    ),
}


class SectionForm(BaseForm):
    """The form of one section; its fields come from the section, and nothing else is ever read from a request."""

    version = VersionField()
    section: Section

    @classmethod
    def showing(cls, answers: Mapping[str, str], version: int) -> SectionForm:
        """The form with stored answers, or with what this request has typed."""
        shown = {field.code: SHAPES[field.kind].show(answers.get(field.code, "")) for field in cls.section.fields}
        return cls(data={**shown, "version": version})

    def answers(self) -> dict[str, str]:
        """What is typed, as it would be stored."""
        return {field.code: SHAPES[field.kind].read(self[field.code].data) for field in self.section.fields}


@cache
def section_form(section: Section) -> type[SectionForm]:
    """The form class of a section."""
    fields = {field.code: SHAPES[field.kind].ask(field) for field in section.fields}
    return type("SectionFormOf", (SectionForm,), {**fields, "section": section})


def words_of(field: Field, answer: str) -> str:
    """An answer as it is read: labels instead of codes, "Yes" for a tick; nothing for no answer."""
    labels = {choice.code: choice.label for choice in field.choices}
    if field.kind is FieldKind.TICK:
        return "Yes" if answer == TICKED else ""
    if labels:
        return ", ".join(labels.get(code, code) for code in answer.split())
    return answer


class StartForm(BaseForm):
    """Which of my organisations leads the new application."""

    organisation = RadioField("Which organisation leads the application?", coerce=int, validate_choice=False)

    def __init__(self, organisations: Sequence[Organisation], **options: Any) -> None:
        super().__init__(**options)
        self.organisation.choices = [SelectChoice(each.id, f"{each.name}, {each.country}") for each in organisations]


class AddPartnerForm(BaseForm):
    """An organisation that is found in the list."""

    organisation = HiddenField()
    version = VersionField()


class PartnerForm(BaseForm):
    """One act on one partner: the version of the partnership that the reader saw, and the switch."""

    version = VersionField()
    may_edit = HiddenField()


class LetterForm(BaseForm):
    """One letter of commitment."""

    letter = FileField("Letter of commitment", description=f"PDF, up to {LARGEST_BYTES // 1_000_000} MB, signed.")


class BudgetForm(BaseForm):
    """The cells of the grid that this person may type; made by `budget_form`."""

    version = VersionField()
    cells: Mapping[tuple[int, CostCategory], str]

    def amounts(self) -> dict[tuple[int, CostCategory], int | None]:
        """What is typed, in cents; None for an empty cell. Only after `validate`."""
        return {cell: self[name].cents for cell, name in self.cells.items()}

    def unreadable(self) -> set[tuple[int, CostCategory]]:
        """The cells whose text is not an amount."""
        return {cell for cell, name in self.cells.items() if self[name].errors}


def budget_form(partners: Sequence[Partner], categories: Sequence[CostCategory]) -> type[BudgetForm]:
    """A form with one field for each partner and category, and nothing else."""
    cells = {
        (partner.id, category): f"amount-{partner.id}-{category.value}"
        for partner in partners
        for category in categories
    }
    labels = {partner.id: partner.organisation.name for partner in partners}
    fields: dict[str, Any] = {
        name: EuroField(f"{category.label}, {labels[partner_id]}", name=name)
        for (partner_id, category), name in cells.items()
    }
    return type("BudgetFormOf", (BudgetForm,), {**fields, "cells": cells})
