"""What is known of the region of an organisation, how sure it is, and whether an officer has confirmed it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.domain.terms import CallTerms, CofinancingTerm
from urbact_calls.domain.vocabulary import CountryGroup, RegionCategory
from urbact_calls.organisations.models import Organisation, RegionConfirmation
from urbact_calls.reference.countries import country_name, programme_countries
from urbact_calls.reference.networks import Region, regions

BASES = {
    "place": "from the place and its division",
    "source": "from a published page about the network",
    "chosen": "chosen by a person",
    "officer": "corrected by the Joint Secretariat",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The region of one organisation. `has_category` is False outside the European Union, where no region counts."""

    organisation: Organisation
    region: Region | None
    category: RegionCategory | None
    has_category: bool
    confirmation: RegionConfirmation | None = None

    @property
    def words(self) -> str:
        """The region with its code, or what is not known."""
        if self.region is not None:
            return f"{self.region.name} ({self.region.nuts2})"
        return "Not known" if self.has_category else "Does not count outside the European Union"

    @property
    def basis(self) -> str:
        """How the region was found; empty where there is none."""
        return BASES.get(self.organisation.region_basis or "", "") if self.region else ""

    @property
    def confidence(self) -> str:
        """How sure the category is: the word of an officer counts most."""
        if self.confirmation is not None:
            return "confirmed by the Joint Secretariat"
        if self.category is None:
            return "not known" if self.has_category else ""
        return f"confidence {self.organisation.region_confidence or 'not known'}"

    @property
    def source(self) -> str:
        """Where the category of the region is known from."""
        return self.region.provenance if self.region else ""

    @property
    def is_settled(self) -> bool:
        """Whether a verdict may rest on it: confirmed, or of a country where no region counts."""
        return self.confirmation is not None or not self.has_category

    @property
    def is_ready(self) -> bool:
        """Whether an officer can confirm it with one tick: it came from the table or a page, not from a person."""
        return self.category is not None and self.organisation.region_basis in ("place", "source")

    def rate(self, terms: CallTerms) -> CofinancingTerm | None:
        """The most a fund pays of its budget in this call; None where that is not known."""
        country = self.organisation.country
        return terms.cofinancing_for(country, self.category) if terms.admits(country) else None

    @property
    def country_name(self) -> str:
        return country_name(self.organisation.country)


def standings(session: Session, organisations: Sequence[Organisation]) -> list[Standing]:
    """Where the region of each organisation stands, in their order; one query for all of them."""
    known = confirmations(session, [each.id for each in organisations])
    return [_standing(each, known.get(each.id, ())) for each in organisations]


def confirmations(session: Session, organisation_ids: Iterable[int]) -> dict[int, list[RegionConfirmation]]:
    """What officers have said about the regions of these organisations, the newest first."""
    found: dict[int, list[RegionConfirmation]] = {}
    rows = session.scalars(
        select(RegionConfirmation)
        .where(RegionConfirmation.organisation_id.in_(list(organisation_ids)))
        .options(joinedload(RegionConfirmation.officer))
        .order_by(RegionConfirmation.id.desc())
    )
    for row in rows:
        found.setdefault(row.organisation_id, []).append(row)
    return found


def _standing(organisation: Organisation, said: Iterable[RegionConfirmation]) -> Standing:
    newest = next(iter(said), None)
    holds = (
        newest is not None
        and newest.nuts2 == organisation.nuts2
        and newest.region_category == organisation.region_category
    )
    country = programme_countries().get(organisation.country)
    return Standing(
        organisation=organisation,
        region=regions().get(organisation.nuts2 or ""),
        category=organisation.region_category,
        has_category=country is not None and country.group is CountryGroup.MS,
        confirmation=newest if holds else None,
    )
