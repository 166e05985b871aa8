"""Eligibility check for a place: what each call says about it, how sure that is and from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from urbact_calls.calls.models import Call
from urbact_calls.calls.publication.reads.call_facts import Source, source_of
from urbact_calls.calls.reads import CallsByPhase
from urbact_calls.domain.dossier import LabelLookup, PartnerFacts
from urbact_calls.domain.term_words import WORDS
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import Confidence, CountryGroup, PartnerKind, PartnerRole, RegionCategory, Tone
from urbact_calls.domain.words import share
from urbact_calls.places.models import EuropeanPlace
from urbact_calls.reference.countries import country_name
from urbact_calls.reference.gazetteer import region_of, regions_in
from urbact_calls.reference.known_networks import Region
from urbact_calls.reference.registers import look_up

# The terms that decide about a place; an unconfirmed one of these is named as not known.
DECIDING = ("admitted_groups", "ipa_can_lead", "lead_label", "cofinancing", "agency_counts_as_city", "per_country_max")
_GROUPS = {
    CountryGroup.MS: "a Member State of the European Union",
    CountryGroup.PARTNER_STATES: "a partner state of the programme",
    CountryGroup.IPA: "an IPA country",
    CountryGroup.NDICI: "an NDICI country",
}


def _answer(checked: CheckedPlace, call: Call, phase: str) -> CallForPlace:
    terms = call.terms
    admitted = terms.admits(checked.place.country)
    lines = [_country(checked, terms)]
    if admitted:
        lines += [_partner(terms), _lead(checked, terms), _rate(checked, terms)]
    unknown = tuple(WORDS[name].label for name in DECIDING if not terms.is_confirmed(name))
    return CallForPlace(call, phase, tuple(lines), unknown)


def _country(checked: CheckedPlace, terms: CallTerms) -> PlaceLine:
    source = source_of(terms, "admitted_groups")
    group = terms.group_of(checked.place.country)
    where = (
        f"{checked.country_name} is {_GROUPS[group]}" if group else f"{checked.country_name} is not in the programme"
    )
    if terms.admits(checked.place.country):
        return PlaceLine("Country", "Admitted", Tone.GOOD, f"{where}; this call admits its towns.", source)
    return PlaceLine("Country", "Not admitted", Tone.BAD, f"{where}; this call does not admit its towns.", source)


def _partner(terms: CallTerms) -> PlaceLine:
    sentence = "Towns of any size can be project partners."
    return PlaceLine("Project partner", "Possible", Tone.GOOD, sentence, source_of(terms, "admitted_groups"))


def _lead(checked: CheckedPlace, terms: CallTerms) -> PlaceLine:
    group, asked = terms.group_of(checked.place.country), terms.lead_label
    if group in (CountryGroup.IPA, CountryGroup.NDICI) and not terms.ipa_can_lead:
        sentence = f"Towns of {_GROUPS[group]} cannot lead in this call."
        return PlaceLine("Lead partner", "Not possible", Tone.BAD, sentence, source_of(terms, "ipa_can_lead"))
    source = source_of(terms, "lead_label")
    found = look_up(asked, checked.facts)
    if asked is None or found is None:
        return PlaceLine(
            "Lead partner", "Possible", Tone.GOOD, "The call asks for no label of the lead partner.", source
        )
    if found.labels:
        return PlaceLine("Lead partner", "Possible", Tone.GOOD, _held(found), source)
    what = asked.register.label + (f" of {asked.year}" if asked.year else "")
    sentence = (
        f"Only a town that holds a {what} can lead. We know {found.known} of {found.granted} and found none "
        f"of {checked.place.name}. If the town has one, it can lead."
    )
    return PlaceLine("Lead partner", "Not known", Tone.CAUTION, sentence, source)


def _held(found: LabelLookup) -> str:
    titles = ", ".join(
        f"“{label.title}”" if label.title else "one whose title we do not know" for label in found.labels
    )
    return f"A town of this name stands in our register with what the call asks for: {titles}."


def _rate(checked: CheckedPlace, terms: CallTerms) -> PlaceLine:
    source = source_of(terms, "cofinancing")
    term = terms.cofinancing_for(checked.place.country, checked.region.category if checked.region else None)
    if term is not None:
        word = f"Up to {share(term.rate.basis_points)}"
        sentence = f"{term.fund.label} pays up to this share of the town’s budget; the town pays the rest."
        return PlaceLine("Co-financing", word, Tone.GOOD, sentence, source)
    possible = _possible(terms) if checked.choices else ""
    sentence = f"It depends on the region: {possible}." if possible else "No rate for this country is known to us."
    return PlaceLine(
        "Co-financing", "Not known", Tone.CAUTION, sentence, source if possible else Source(Confidence.UNKNOWN)
    )


def _possible(terms: CallTerms) -> str:
    """The rates of the three categories of region, in words."""
    rates: Sequence[str] = [
        f"{share(term.rate.basis_points)} in a {category.label.lower()} region"
        for category in RegionCategory
        for term in terms.cofinancing
        if term.key == category
    ]
    return ", ".join(rates)


@dataclass(frozen=True, slots=True)
class CheckedPlace:
    """A place with what is known of it. `chosen` is the region that the reader has picked, where several are
    possible."""

    place: EuropeanPlace
    chosen: Region | None = None

    @property
    def country_name(self) -> str:
        return country_name(self.place.country)

    @property
    def determined(self) -> Region | None:
        return region_of(self.place.country, self.place.admin1)

    @property
    def region(self) -> Region | None:
        return self.determined or self.chosen

    @property
    def choices(self) -> tuple[Region, ...]:
        """The regions it may lie in; none where there is one, or where no region counts."""
        return () if self.determined else regions_in(self.place.country, self.place.admin1)

    @property
    def facts(self) -> PartnerFacts:
        """The town as a lead partner, for the look-up in the registers."""
        return PartnerFacts(
            name=self.place.name,
            seat_city=self.place.name,
            country=self.place.country,
            role=PartnerRole.LEAD,
            kind=PartnerKind.CITY,
            nuts2=self.region.nuts2 if self.region else "",
            region_category=self.region.category if self.region else None,
        )


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One answer: a word, its tone, a sentence, and where it is known from."""

    label: str
    word: str
    tone: Tone
    sentence: str
    source: Source


@dataclass(frozen=True, slots=True)
class CallForPlace:
    """What one call says about a town. `unknown` names what nobody can say yet."""

    call: Call
    phase: str
    lines: tuple[PlaceLine, ...]
    unknown: tuple[str, ...]


def calls_for_place(checked: CheckedPlace, calls: CallsByPhase) -> list[CallForPlace]:
    """The open calls, the upcoming ones, and for every type without one the last that has closed."""
    current = [(call, "Open") for call in calls.open] + [(call, "Upcoming") for call in calls.upcoming]
    types = {call.type for call, _ in current}
    for call in calls.closed:
        if call.type not in types and not call.is_demonstration:
            types.add(call.type)
            current.append((call, "Closed"))
    return [_answer(checked, call, phase) for call, phase in current]
