"""Forms of an application: who leads it, its partners, its budget, its letters. Sections have `section_forms.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import (  # type: ignore[attr-defined]  # the stubs do not know SelectChoice of 3.3
    HiddenField,
    RadioField,
    SelectChoice,
)

from urbact_calls.applications.letters import LARGEST_BYTES
from urbact_calls.applications.models import Partner
from urbact_calls.domain.vocabulary import CostCategory
from urbact_calls.organisations.models import Organisation
from urbact_calls.web.forms import BaseForm, EuroField, VersionField


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
