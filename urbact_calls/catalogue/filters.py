"""What a reader asks of the lists, and what a network or a city must fulfil to stand in them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, or_, select

from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.vocabulary import NetworkType
from urbact_calls.networks.models import Member, Network
from urbact_calls.networks.themes import whole_theme
from urbact_calls.organisations.models import Organisation

MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader asked for; empty means everything."""

    words: str = ""
    type: NetworkType | None = None
    country: str = ""
    theme: str = ""

    @property
    def is_asked(self) -> bool:
        """Whether anything is left out of the list."""
        return self != Filters()


def asked_of_networks(filters: Filters) -> list[ColumnElement[bool]]:
    """What a network must fulfil; every word stands in its name, its themes, or the names of one of its members."""
    asked = []
    if filters.type is not None:
        asked.append(Network.type == filters.type)
    if filters.country:
        asked.append(_has_member(Organisation.country == filters.country))
    if filters.theme:
        asked.append(Network.themes_folded.contains(whole_theme(filters.theme), autoescape=True))
    for word in _words(filters):
        own = (column.contains(word, autoescape=True) for column in (Network.folded, Network.themes_folded))
        asked.append(or_(*own, _has_member(_is_called(word))))
    return asked


def asked_of_cities(filters: Filters) -> list[ColumnElement[bool]]:
    """What a member must fulfil; every word stands in its name or in a name of its seat."""
    asked = [in_a_real_network()]
    if filters.country:
        asked.append(Organisation.country == filters.country)
    return asked + [_is_called(word) for word in _words(filters)]


def _words(filters: Filters) -> list[str]:
    return fold(filters.words).split()[:MOST_WORDS]


def _is_called(word: str) -> ColumnElement[bool]:
    names = (Organisation.folded, Organisation.other_names)
    return or_(*(column.contains(word, autoescape=True) for column in names))


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
