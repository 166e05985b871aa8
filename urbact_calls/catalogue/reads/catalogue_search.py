"""Search of the catalogue: filters of networks and cities, and their choices with counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from urbact_calls.domain.eligibility.city_names import has_only_signs
from urbact_calls.domain.themes import THEME_LABELS, counted, whole_theme
from urbact_calls.domain.vocabulary import NetworkType
from urbact_calls.networks.models import Member, Network
from urbact_calls.organisations.models import Organisation
from urbact_calls.organisations.reads import is_called, words_of
from urbact_calls.reference.countries import country_name


def asked_of_networks(filters: CatalogueFilters) -> list[ColumnElement[bool]]:
    """What a network must fulfil; every word stands in its name, themes or summary, or in a name of a member."""
    asked: list[ColumnElement[bool]] = [Network.is_demonstration.is_(filters.of_demonstration)]
    if filters.type is not None:
        asked.append(Network.type == filters.type)
    if filters.country:
        asked.append(_has_member(Organisation.country == filters.country))
    if filters.theme:
        asked.append(Network.themes_folded.contains(whole_theme(filters.theme), autoescape=True))
    texts = (Network.folded, Network.themes_folded, Network.summary_folded)
    words = words_of(filters.words)
    if words:
        each_word = (
            or_(*(column.contains(word, autoescape=True) for column in texts), _has_member(is_called(word)))
            for word in words
        )
        asked.append(or_(and_(*each_word), _has_member(is_called(filters.words))))
    return [*asked, false()] if filters.has_only_signs else asked


def asked_of_cities(filters: CatalogueFilters) -> list[ColumnElement[bool]]:
    """What a member must fulfil; every word stands in its name or in a name of its seat."""
    asked = [in_a_real_network()]
    if filters.country:
        asked.append(Organisation.country == filters.country)
    if filters.words.strip():
        asked.append(is_called(filters.words))
    return asked


def _has_member(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    # Not correlated: the list of countries has members of its own around this.
    found = select(Member.network_id).join(Organisation, Organisation.id == Member.organisation_id).where(condition)
    return Network.id.in_(found.correlate(None))


def in_a_real_network() -> ColumnElement[bool]:
    return exists().where(
        Member.organisation_id == Organisation.id,
        Network.id == Member.network_id,
        Network.is_demonstration.is_(False),
    )


@dataclass(frozen=True, slots=True)
class CatalogueFilters:
    """What a reader asked for; empty means everything that is real. `of_demonstration` asks for what was made to try
    the site instead."""

    words: str = ""
    type: NetworkType | None = None
    country: str = ""
    theme: str = ""
    of_demonstration: bool = False

    @property
    def has_only_signs(self) -> bool:
        """Whether words were typed in which there is nothing to look for."""
        return has_only_signs(self.words)

    @property
    def is_asked(self) -> bool:
        """Whether anything is left out of the list."""
        return self != CatalogueFilters()


AnySelect = Select[*tuple[Any, ...]]


# A filter counts what its choices would give beside the other filters, and leaves itself out.


def types_query(filters: CatalogueFilters) -> AnySelect:
    """Network types with the number of their networks."""
    asked = asked_of_networks(replace(filters, type=None))
    return select(Network.type, func.count(Network.id)).where(*asked).group_by(Network.type)


def themes_query(filters: CatalogueFilters) -> AnySelect:
    """The themes of each network; one network can have several."""
    asked = asked_of_networks(replace(filters, theme=""))
    return select(Network.theme).where(Network.theme.is_not(None), *asked).order_by(Network.slug)


def countries_query(filters: CatalogueFilters) -> AnySelect:
    """Countries with the number of their networks."""
    return (
        select(Organisation.country, func.count(Member.network_id.distinct()))
        .join(Member, Member.organisation_id == Organisation.id)
        .join(Network, Network.id == Member.network_id)
        .where(*asked_of_networks(replace(filters, country="")))
        .group_by(Organisation.country)
    )


def city_countries_query(filters: CatalogueFilters) -> AnySelect:
    """Countries with the number of their members."""
    return (
        select(Organisation.country, func.count(Organisation.id))
        .where(*asked_of_cities(replace(filters, country="")))
        .group_by(Organisation.country)
    )


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """One choice of a filter with the number of networks or cities behind it."""

    code: str
    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterChoices:
    """The choices of the filters of networks."""

    types: list[FilterChoice]
    themes: list[FilterChoice]
    countries: list[FilterChoice]
    total: int


def choices_of_networks(session: Session, filters: CatalogueFilters) -> FilterChoices:
    """What each filter can be set to beside the others, and how many networks there are with all of them."""
    counts = {type_: count for type_, count in session.execute(types_query(filters))}  # noqa: C416 -- not typed pairs
    themes = counted(theme for (theme,) in session.execute(themes_query(filters)))
    if filters.theme and filters.theme not in themes:
        themes[filters.theme] = 0
    return FilterChoices(
        types=[FilterChoice(type_.value, type_.label, counts.get(type_, 0)) for type_ in NetworkType],
        themes=[FilterChoice(code, THEME_LABELS[code], count) for code, count in themes.items()],
        countries=choices_of_countries(session, countries_query(filters), filters.country),
        total=counts.get(filters.type, 0) if filters.type else sum(counts.values()),
    )


def choices_of_countries(session: Session, query: AnySelect, chosen: str) -> list[FilterChoice]:
    """Countries in the order of their names; the chosen one too where nothing is left of it."""
    counts = dict.fromkeys(filter(None, (chosen,)), 0) | dict(session.execute(query).all())
    found = [FilterChoice(code, country_name(code), count) for code, count in counts.items()]
    return sorted(found, key=lambda choice: choice.label)
