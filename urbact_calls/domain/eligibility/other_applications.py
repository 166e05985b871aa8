"""Other applications of the call: how many the lead partner leads too, and in how many each partner takes part.

An official check has read both from the list of the closing. A dossier that names other applications says who leads
them and no more, so each partner is known to take part only where it leads.
"""

from __future__ import annotations

from dataclasses import dataclass

from urbact_calls.domain.dossier import Dossier, PartnerFacts
from urbact_calls.domain.eligibility.city_names import fold, names_of


@dataclass(frozen=True, slots=True)
class AlsoLed:
    """The other applications that a lead partner leads: how many, and the titles of the first of them."""

    count: int
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Led:
    """Another application of the call, with country and folded name of who leads it."""

    title: str
    country: str
    name: str


def known_as(partner: PartnerFacts) -> frozenset[str]:
    """The folded names under which this partner may stand in another application; that of its seat only if it is a
    city, for a university does not take part where its city does."""
    return names_of(partner) if partner.is_city or partner.is_lead else frozenset({fold(partner.name)} - {""})


def led_by_the_lead(dossier: Dossier) -> AlsoLed | None:
    """The other applications that the lead partner leads; None where the others are not given."""
    known = dossier.others_at_closing
    if known is not None:
        return AlsoLed(known.led, known.titles)
    others = _given(dossier)
    if others is None:
        return None
    country, names = dossier.lead.country, known_as(dossier.lead)
    titles = tuple(other.title for other in others if other.country == country and other.name in names)
    return AlsoLed(len(titles), titles)


def times_taken_part(dossier: Dossier) -> tuple[int, ...] | None:
    """In how many of the others each partner is known to take part, in order; None where they are not given."""
    known = dossier.others_at_closing
    if known is not None:
        return known.taken_part
    others = _given(dossier)
    if others is None:
        return None
    named = ((partner.country, known_as(partner)) for partner in dossier.partners)
    return tuple(sum(other.country == country and other.name in names for other in others) for country, names in named)


def _given(dossier: Dossier) -> tuple[_Led, ...] | None:
    if dossier.other_applications is None:
        return None
    return tuple(
        _Led(other.title, other.lead_country, fold(other.lead_name))
        for other in dossier.other_applications
        if other.call == dossier.call
    )
