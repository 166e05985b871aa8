"""Forms of an application: who leads it, its partners, its budget, its letters. Sections have `section_forms.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import (  # type: ignore[attr-defined]  # the stubs do not know SelectChoice of 3.3
    HiddenField,
    RadioField,
    SelectChoice,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length

from urbact_calls.applications.field_kinds import OneOf, VersionField
from urbact_calls.applications.letters import LARGEST_BYTES
from urbact_calls.applications.models import Partner
from urbact_calls.domain.vocabulary import CostCategory, OrganisationCategory
from urbact_calls.organisations.models import Organisation
from urbact_calls.reference.countries import programme_countries
from urbact_calls.reference.networks import regions
from urbact_calls.web.forms import BaseForm, EuroField, readable


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


class NewPartnerForm(BaseForm):
    """An organisation that is not in the list yet; the Joint Secretariat confirms it later."""

    name = StringField(
        "Name of the organisation",
        [
            InputRequired("Give the name of the organisation."),
            readable,
            Length(max=200, message="Up to 200 characters."),
        ],
        description="In its own language, as it signs.",
    )
    seat_city = StringField(
        "City of its seat",
        [
            InputRequired("Give the city where it has its seat."),
            readable,
            Length(max=120, message="Up to 120 characters."),
        ],
    )
    country = OneOf("Country", choices={})
    category = OneOf(
        "What it is", choices={"": "Choose one"} | {each.value: each.label for each in OrganisationCategory}
    )
    nuts2 = OneOf(
        "Region of its seat", choices={}, description="It decides the rate of the fund. Leave it if you do not know."
    )
    version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {code: country.name for code, country in programme_countries().items()}
        self.country.choices = {"": "Choose one"} | names
        by_country: dict[str, dict[str, str]] = {name: {} for name in names.values()}
        for region in sorted(regions().values(), key=lambda region: region.name):
            by_country.setdefault(names.get(region.country, region.country), {})[region.nuts2] = region.name
        self.nuts2.choices = {"": "Not known"} | {name: found for name, found in by_country.items() if found}

    def validate_country(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Choose the country.")

    def validate_category(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Choose what the organisation is.")


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
