"""The form of a new organisation: its name, the place of its seat, and the region where the place leaves several."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Self

from wtforms import BooleanField, RadioField, StringField, ValidationError
from wtforms.fields.core import Field

from urbact_calls.accounts.forms import named, text_of
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import OrganisationCategory
from urbact_calls.organisations.commands import NewOrganisation
from urbact_calls.places.models import EuropeanPlace
from urbact_calls.places.reads import PlacesFound
from urbact_calls.reference.countries import country_name, programme_countries
from urbact_calls.reference.gazetteer import region_of, regions_in, regions_of
from urbact_calls.reference.known_networks import Region
from urbact_calls.web.forms import (
    BaseForm,
    OneOf,
    SelectChoice,
    choices_of,
    country_choices,
    needed,
    word_choices,
)
from urbact_calls.web.page_texts import text

LONGEST_NAME, LONGEST_CITY = 200, 120
NONE_OF_THEM = "none"
NOT_KNOWN = "not-known"

PlacesCalled = Callable[[str, str], PlacesFound]
"""The places that people call so, in a country or, without one, in any."""


def is_short_enough(_form: BaseForm, field: Field) -> None:
    """Some characters stand for whole words; without them the name must still fit its column."""
    if len(fold(text_of(field))) > LONGEST_NAME:
        raise ValidationError(f"The name can have at most {LONGEST_NAME} letters.")


def _line(place: EuropeanPlace) -> str:
    """A place with what tells it from another one of its name: country, region and how large it is."""
    region, several = region_of(place.country, place.admin1), regions_in(place.country, place.admin1)
    parts = [place.name, country_name(place.country)]
    if region is not None:
        parts.append(f"{region.name} ({region.nuts2})")
    elif several:
        parts.append(say(text("page.one_of_regions", count=len(several))).lower())
    if place.people:
        parts.append(say(text("page.about_people", count=place.people)))
    return ", ".join(parts)


class OrganisationForm(BaseForm):
    """A city or another body. Its seat is typed and found among the places of Europe, from which country and region
    follow.

    Where several places are called so, or one only nearly so, its writer chooses, or says that it is none of them; and
    of the regions only where the place leaves several. Nothing is chosen beforehand.
    """

    name = StringField(
        "Name of the organisation",
        [*named("Type the name.", "name", LONGEST_NAME), is_short_enough],
        description="For a city its own name, as it writes it: Łódź, not City of Lodz.",
    )
    seat_city = StringField("City of its seat", named("Type the city.", "city", LONGEST_CITY))
    country = OneOf("Country", choices=partial(country_choices, "Choose a country"))
    category = OneOf(
        "Kind of organisation",
        [needed("Choose the kind of organisation.")],
        choices=word_choices(OrganisationCategory, "Choose a kind"),
    )
    place = RadioField("Which place is it?", validate_choice=False)
    nuts2 = OneOf("Region of its seat (NUTS 2)", choices=[], description="It decides the rate of the fund.")

    def __init__(self, places_called: PlacesCalled, **options: Any) -> None:
        super().__init__(**options)
        city, typed = text_of(self.seat_city), self.country.data or ""
        country = typed if typed in programme_countries() else ""
        found = places_called(city[:LONGEST_CITY], country)
        here = {str(each.id): each for each in found.rows if each.country in programme_countries()}
        is_the_only = len(here) == 1 and not found.is_near
        self.chosen = next(iter(here.values())) if is_the_only else here.get(str(self.place.data))
        self.places = () if is_the_only else tuple(here.values())
        self.place.choices = [
            *(SelectChoice(str(each.id), _line(each)) for each in self.places),
            SelectChoice(NONE_OF_THEM, "None of these"),
        ]
        if found.is_near:
            self.place.description = f"No place in our list is called “{city}”. These begin so, or look like it."
        if self.chosen is not None:
            self.country.data = self.chosen.country
        # A page that asks for no region sends none; one that was chosen for another place says nothing of this one.
        self.nuts2.data = (self.nuts2.data or "") if self.regions else ""
        if not self.is_found:
            self.nuts2.description = "If your place lies in one of several regions: it decides the rate of the fund."
        regions = choices_of((region.nuts2, f"{region.name} ({region.nuts2})") for region in self.regions)
        self.nuts2.choices = [
            SelectChoice("", "Choose the region"),
            *regions,
            SelectChoice(NOT_KNOWN, "I do not know the region"),
        ]

    @classmethod
    def for_search(cls, places_called: PlacesCalled, name: str, country: str, **data: object) -> Self:
        """The form for what was looked for and is not here; a city's own name is that of its seat as well."""
        found = places_called(name, country)
        seat = name if found.rows else ""
        return cls(lambda _city, _country: found, data={"name": name, "seat_city": seat, "country": country, **data})

    @property
    def is_found(self) -> bool:
        """Whether it is known where the seat is: in a place of the list, or in none of it."""
        return self.chosen is not None or not self.places or self.place.data == NONE_OF_THEM

    @property
    def determined(self) -> Region | None:
        """The one region in which the seat must lie; None where there are several or none."""
        return region_of(self.country.data or "", self.chosen.admin1 if self.chosen else "")

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions to choose from; none where the place determines one, or where no region counts. Beside a
        choice of places those of each place that leaves several, so that both can be chosen at once."""
        if not self.is_found:
            several = (each for each in self.places if region_of(each.country, each.admin1) is None)
            return tuple(dict.fromkeys(region for each in several for region in regions_in(each.country, each.admin1)))
        if self.determined or not text_of(self.seat_city):
            return ()
        country = self.country.data or ""
        return regions_in(country, self.chosen.admin1) if self.chosen else regions_of(country)

    def validate_country(self, field: Field) -> None:
        if not field.data and self.is_found:
            raise ValidationError("Choose the country.")

    def validate_place(self, _field: Field) -> None:
        if not self.is_found:
            raise ValidationError("Choose the place, or say that it is none of these.")

    def validate_nuts2(self, field: Field) -> None:
        if self.is_found and self.regions and not field.data:
            raise ValidationError("Choose the region, or say that you do not know it.")

    @property
    def new(self) -> NewOrganisation:
        """What was typed; the region is None where it is not known."""
        chosen = self.nuts2.data if self.nuts2.data not in ("", NOT_KNOWN) else None
        return NewOrganisation(
            name=" ".join(text_of(self.name).split()),
            seat_city=self.chosen.name if self.chosen else " ".join(text_of(self.seat_city).split()),
            country=self.country.data,
            category=OrganisationCategory(self.category.data),
            nuts2=self.determined.nuts2 if self.determined else chosen if self.regions else None,
            region_basis="place" if self.determined else "chosen",
            geonameid=self.chosen.id if self.chosen else None,
            latitude=self.chosen.latitude if self.chosen else None,
            longitude=self.chosen.longitude if self.chosen else None,
        )


class OwnOrganisationForm(OrganisationForm):
    """The organisation that one works for."""

    is_another = BooleanField("It is another organisation than the ones above")
