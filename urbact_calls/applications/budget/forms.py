"""The form of the budget: a field for each cell of the grid that this person may type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from urbact_calls.applications.models import Partner
from urbact_calls.domain.vocabulary import CostCategory
from urbact_calls.web.forms import BaseForm, EuroField, VersionField

BudgetCell = tuple[int, CostCategory]
"""A cell of the grid: the id of the partner, and the category."""


class BudgetForm(BaseForm):
    """The cells of the grid that this person may type; made by `budget_form`."""

    version = VersionField()
    cells: Mapping[BudgetCell, str]

    def amounts(self) -> dict[BudgetCell, int | None]:
        """What is typed, in cents; None for an empty cell. Only after `validate`."""
        return {cell: self[name].cents for cell, name in self.cells.items()}

    def unreadable(self) -> set[BudgetCell]:
        """The cells whose text is not an amount."""
        return {cell for cell, name in self.cells.items() if self[name].errors}


def budget_form(partners: Sequence[Partner], categories: Sequence[CostCategory]) -> type[BudgetForm]:
    """A form with one field for each partner and category, and nothing else."""
    cells: dict[BudgetCell, str] = {}
    fields: dict[str, Any] = {}
    for partner, category in product(partners, categories):
        name = f"amount-{partner.id}-{category.value}"
        cells[partner.id, category] = name
        fields[name] = EuroField(f"{category.label}, {partner.organisation.name}", name=name)
    return type("BudgetFormOf", (BudgetForm,), {**fields, "cells": cells})
