"""Forms of partners: one from the list, or a new organisation with its seat."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, StringField, ValidationError

from urbact_calls.accounts.forms import named
from urbact_calls.domain.vocabulary import OrganisationCategory
from urbact_calls.organisations.commands import NewOrganisation
from urbact_calls.places.models import EuropeanPlace
from urbact_calls.reference.countries import country_name, programme_countries
from urbact_calls.reference.gazetteer import region_of, regions_in, regions_of
from urbact_calls.reference.known_networks import Region
from urbact_calls.web.forms import OneOf, VersionForm, needed


class PartnershipForm(VersionForm):
    """One act on the partnership that the reader saw: the organisation to add, or whether a partner may write."""

    organisation = HiddenField()
    may_edit = HiddenField()


NOT_KNOWN = "not-known"


class NewPartnerForm(VersionForm):
    """An organisation with its seat: a place of the gazetteer, or one that is typed with its country.

    The region is asked for only where the place leaves more than one, and nothing is chosen beforehand.
    """

    name = StringField(
        "Name of the organisation",
        named("Give the name of the organisation.", "name", 200),
        description="In its own language, as it signs.",
    )
    seat_city = StringField(
        "City of its seat",
        named("Give the city where it has its seat.", "city", 120),
    )
    country = OneOf("Country", [needed("Choose the country.")], choices={})
    category = OneOf(
        "What it is",
        [needed("Choose what the organisation is.")],
        choices={"": "Choose one"} | {each.value: each.label for each in OrganisationCategory},
    )
    nuts2 = OneOf("Region of its seat (NUTS 2)", choices={}, description="It decides the rate of the fund.")
    place = HiddenField()

    def __init__(self, chosen: EuropeanPlace | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = chosen
        names = {code: country.name for code, country in programme_countries().items()}
        self.country.choices = {"": "Choose one"} | names
        if chosen is not None:
            self.seat_city.data, self.country.data = chosen.name, chosen.country
        # A page that asks for no region sends none.
        self.nuts2.data = self.nuts2.data or ""
        known = {region.nuts2: f"{region.name} ({region.nuts2})" for region in self.regions}
        self.nuts2.choices = {"": "Choose the region"} | known | {NOT_KNOWN: "I do not know the region"}

    @property
    def country_name(self) -> str:
        return country_name(self.country.data or "")

    @property
    def has_country(self) -> bool:
        return self.country.data in programme_countries()

    @property
    def determined(self) -> Region | None:
        """The one region in which the seat must lie; None where there are several or none."""
        return region_of(self.country.data or "", self.chosen.admin1 if self.chosen else "")

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions to choose from; none where the place determines one, or where no region counts."""
        if self.determined:
            return ()
        country = self.country.data or ""
        return regions_in(country, self.chosen.admin1) if self.chosen else regions_of(country)

    def validate_nuts2(self, field: Any) -> None:
        if self.regions and not field.data:
            raise ValidationError("Choose the region, or say that you do not know it.")

    @property
    def new(self) -> NewOrganisation:
        """What was typed; the region is None where it is not known."""
        chosen = self.nuts2.data if self.nuts2.data not in ("", NOT_KNOWN, None) else None
        return NewOrganisation(
            name=self.name.data or "",
            seat_city=self.seat_city.data or "",
            country=self.country.data,
            category=OrganisationCategory(self.category.data),
            nuts2=self.determined.nuts2 if self.determined else chosen if self.regions else None,
            region_basis="place" if self.determined else "chosen",
            geonameid=self.chosen.id if self.chosen else None,
            latitude=self.chosen.latitude if self.chosen else None,
            longitude=self.chosen.longitude if self.chosen else None,
        )
