"""The form of the budget: a field for each cell of the grid that this person may type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
