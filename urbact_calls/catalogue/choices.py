"""The choices of the filters, each with the number of networks or cities behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from urbact_calls.catalogue.filters import Filters, asked_of_cities, asked_of_networks
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.vocabulary import NetworkType
from urbact_calls.networks.models import Member, Network
from urbact_calls.networks.themes import counted, in_words
from urbact_calls.organisations.models import Organisation
from urbact_calls.reference.countries import country_name

AnySelect = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a filter with the number of networks or cities behind it."""

    code: str
    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The choices of the filters of networks."""

    types: list[Choice]
    themes: list[Choice]
    countries: list[Choice]
    total: int


# A filter counts what its choices would give beside the other filters, and leaves itself out.


def types_query(filters: Filters) -> AnySelect:
    """Network types with the number of their networks."""
    asked = asked_of_networks(replace(filters, type=None))
    return select(Network.type, func.count(Network.id)).where(*asked).group_by(Network.type)


def themes_query(filters: Filters) -> AnySelect:
    """The themes of each network; one network can have several."""
    asked = asked_of_networks(replace(filters, theme=""))
    return select(Network.theme).where(Network.theme.is_not(None), *asked).order_by(Network.slug)


def countries_query(filters: Filters) -> AnySelect:
    """Countries with the number of their networks."""
    return (
        select(Organisation.country, func.count(Member.network_id.distinct()))
        .join(Member, Member.organisation_id == Organisation.id)
        .join(Network, Network.id == Member.network_id)
        .where(*asked_of_networks(replace(filters, country="")))
        .group_by(Organisation.country)
    )


def city_countries_query(filters: Filters) -> AnySelect:
    """Countries with the number of their members."""
    return (
        select(Organisation.country, func.count(Organisation.id))
        .where(*asked_of_cities(replace(filters, country="")))
        .group_by(Organisation.country)
    )


def of_networks(session: Session, filters: Filters) -> Choices:
    """What each filter can be set to beside the others, and how many networks there are with all of them."""
    counts = {type_: count for type_, count in session.execute(types_query(filters))}  # noqa: C416 -- not typed pairs
    themes = counted(theme for (theme,) in session.execute(themes_query(filters)))
    if filters.theme and filters.theme not in themes:
        themes[filters.theme] = (in_words(fold(filters.theme)), 0)
    return Choices(
        types=[Choice(type_.value, type_.label, counts.get(type_, 0)) for type_ in NetworkType],
        themes=[Choice(code, label, count) for code, (label, count) in themes.items()],
        countries=of_countries(session, countries_query(filters), filters.country),
        total=counts.get(filters.type, 0) if filters.type else sum(counts.values()),
    )


def of_countries(session: Session, query: AnySelect, chosen: str) -> list[Choice]:
    """Countries in the order of their names; the chosen one too where nothing is left of it."""
    counts = dict.fromkeys(filter(None, (chosen,)), 0) | dict(session.execute(query).all())
    found = [Choice(code, country_name(code), count) for code, count in counts.items()]
    return sorted(found, key=lambda choice: choice.label)


def of_cities(session: Session, filters: Filters) -> list[Choice]:
    """The countries that cities can be asked from."""
    return of_countries(session, city_countries_query(filters), filters.country)
