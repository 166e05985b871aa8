"""The form of a new organisation: name, seat, country, category and region."""

from __future__ import annotations

from functools import cache, partial

from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.core import Field
from wtforms.validators import InputRequired, ValidationError

from urbact_calls.accounts.forms import named, text_of
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.vocabulary import OrganisationCategory
from urbact_calls.organisations.commands import NewOrganisation
from urbact_calls.reference.countries import country_name, programme_countries
from urbact_calls.reference.known_networks import Region, regions
from urbact_calls.web.forms import BaseForm, SelectChoice, country_choices, word_choices

LONGEST_NAME, LONGEST_CITY = 200, 120


@cache
def _regions() -> list[SelectChoice]:
    """The regions under the name of their country; the first answer is "not known"."""
    by_country: dict[str, list[Region]] = {country: [] for country in programme_countries()}
    for region in regions().values():
        by_country[region.country].append(region)
    return [
        SelectChoice("", "Not known"),
        *(
            SelectChoice(region.nuts2, f"{region.name} ({region.nuts2})", optgroup=country_name(country))
            for country, found in by_country.items()
            for region in sorted(found, key=lambda region: fold(region.name))
        ),
    ]


def is_short_enough(_form: BaseForm, field: Field) -> None:
    """Some characters stand for whole words; without them the name must still fit its column."""
    if len(fold(text_of(field))) > LONGEST_NAME:
        raise ValidationError(f"The name can have at most {LONGEST_NAME} letters.")


class OrganisationForm(BaseForm):
    """A city or another body."""

    name = StringField(
        "Name of the organisation",
        [*named("Type the name.", "name", LONGEST_NAME), is_short_enough],
        description="For a city its own name, as it writes it: Łódź, not City of Lodz.",
    )
    seat_city = StringField("City of its seat", named("Type the city.", "city", LONGEST_CITY))
    country = SelectField(
        "Country", [InputRequired("Choose the country.")], choices=partial(country_choices, "Choose a country")
    )
    category = SelectField(
        "Kind of organisation",
        [InputRequired("Choose the kind of organisation.")],
        choices=word_choices(OrganisationCategory, "Choose a kind"),
    )
    nuts2 = SelectField(
        "Region (NUTS 2)",
        choices=_regions,
        description="The region of the seat decides the category of region, and with it the co-financing rate.",
    )
    is_another = BooleanField("It is another organisation than the ones above")

    def validate_nuts2(self, field: Field) -> None:
        region = regions().get(field.data or "")
        if region is not None and region.country != self.country.data:
            raise ValidationError("This region lies in another country. Choose one of the country above.")

    @property
    def new(self) -> NewOrganisation:
        return NewOrganisation(
            name=" ".join(text_of(self.name).split()),
            seat_city=" ".join(text_of(self.seat_city).split()),
            country=self.country.data,
            category=OrganisationCategory(self.category.data),
            nuts2=self.nuts2.data or None,
        )
