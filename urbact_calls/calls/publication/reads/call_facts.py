"""Call facts: what a call asks for in words, with how well each figure is known and from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from urbact_calls.domain.network_types import kind_of
from urbact_calls.domain.scoring import Criterion
from urbact_calls.domain.term_words import in_words
from urbact_calls.domain.terms import CallTerms, LabelRegister
from urbact_calls.domain.text import MONTHS, Text, listed, message, say
from urbact_calls.domain.vocabulary import Confidence, CountryGroup, RegionCategory
from urbact_calls.domain.words import day, euro
from urbact_calls.reference.countries import country_name
from urbact_calls.reference.known_calls import DEMO_SOURCE, source_addresses

EXPERT_DAYS = message(
    "call.expert_days",
    "up to {count} days of experts, paid by the programme",
    one="up to {count} day of experts, paid by the programme",
)

MEMBER_STATES = message("call.member_states", "the {count} EU Member States", one="{count} EU Member State")
NO_LATE_ONES = message("call.late", "No late applications.")
TOLERANCE = message(
    "call.late/tolerance",
    "What is received within {count} seconds after that still counts.",
    one="What is received within {count} second after that still counts.",
)

ASSESSMENT = message(
    "call.assessment",
    "Each eligible application is scored by {count} assessors, each alone; then they agree on one sheet.",
    one="Each eligible application is scored by {count} assessor, who then signs a sheet with the chair of the panel.",
)

NOT_KNOWN = "Not known"
NOT_LIMITED = "Not limited"


@dataclass(frozen=True, slots=True)
class Source:
    """How well a figure is known; `words` and `href` say where it was read, if it was."""

    confidence: Confidence
    words: str = ""
    href: str | None = None
    note: str = ""

    @property
    def label(self) -> str:
        """How well it is known; nobody has confirmed what was set for the demonstration."""
        return "Set for the demonstration" if self.words == DEMO_SOURCE else self.confidence.label.capitalize()


@dataclass(frozen=True, slots=True)
class Figure:
    """One term in words, with its source."""

    label: str
    value: str
    sentence: str
    source: Source


@dataclass(frozen=True, slots=True)
class Condition:
    """One sentence about who can apply. `is_open` tells who can from who cannot."""

    is_open: bool
    who: str
    sentence: str
    source: Source


@dataclass(frozen=True, slots=True)
class CityShare:
    """Of each 100 euros of a partner: what the fund pays at most, in basis points, and what is left to the partner."""

    where: str
    fund: str
    fund_bp: int

    @property
    def own_bp(self) -> int:
        return 10_000 - self.fund_bp

    @property
    def in_words(self) -> str:
        return f"{self.fund_bp // 100} of 100 euros come from the fund"


def source_of(terms: CallTerms, name: str) -> Source:
    """Where the term called `name` comes from."""
    known = terms.provenance.get(name)
    if known is None:
        return Source(Confidence.UNKNOWN)
    href = source_addresses().get(known.source)
    words = urlsplit(href).netloc.removeprefix("www.") if href else known.source
    return Source(known.confidence, words, href, known.note)


def figures(terms: CallTerms) -> tuple[Figure, ...]:
    """The eight figures that people ask for first; what is not known says so."""
    period = f"{day(terms.network_start)} to {day(terms.network_end)}" if terms.network_start else ""
    budget = f"Call budget {euro(terms.call_budget.cents)}" if terms.call_budget else ""
    lines = (
        ("partners_max", "Partners", _partners(terms), "lead partner included"),
        ("countries_min", "Countries", _known(terms, "countries_min", "At least {}"), "counted over all partners"),
        (
            "balance_share",
            "Regions",
            _known(terms, "balance_share", "At least {}"),
            "of partners in less developed or transition regions, rounded down",
        ),
        (
            "budget_ceiling",
            "Budget per network",
            _known(terms, "budget_ceiling", "{}"),
            "funding and own share together",
        ),
        ("expertise_envelope", "Expertise on top", _known(terms, "expertise_envelope", "{}"), _expertise(terms)),
        ("duration_months", "Duration", _months(terms.duration_months), period),
        ("networks_max", "Networks to be approved", _known(terms, "networks_max", "Up to {}"), budget),
        ("non_city_max", "Partners that are no city", _known(terms, "non_city_max", "Up to {}"), "public bodies only"),
    )
    return tuple(Figure(label, value, sentence, source_of(terms, name)) for name, label, value, sentence in lines)


def conditions(terms: CallTerms) -> tuple[Condition, ...]:
    """Who can apply, and who cannot."""
    lines = [
        (True, *_who_leads(terms), "lead_label"),
        (
            terms.agency_counts_as_city,
            "Local agencies",
            "that a city owns count as cities." if terms.agency_counts_as_city else "do not count as cities.",
            "agency_counts_as_city",
        ),
        (terms.non_city_max != 0, "Regions, universities and other public bodies", _others(terms), "non_city_max"),
        (
            True,
            "Countries:",
            f"{'; '.join(_countries(terms, group) for group in terms.admitted_groups)}.",
            "admitted_groups",
        ),
    ]
    if CountryGroup.IPA in terms.admitted_groups and not terms.ipa_can_lead:
        lines.append((False, "Cities of IPA countries", "can be partners but not lead.", "ipa_can_lead"))
    return (
        *(Condition(is_open, who, sentence, source_of(terms, name)) for is_open, who, sentence, name in lines),
        Condition(
            False,
            "Associations and private firms",
            "cannot be partners. They take part through the Local Group of a city.",
            Source(Confidence.KNOWN_HIGH),
        ),
    )


def city_shares(terms: CallTerms) -> tuple[CityShare, ...]:
    """What a partner pays, by where it sits, the highest rate of the Member States first; admitted places only."""
    return tuple(
        CityShare(_WHERE.get(term.key, term.key), term.fund.label, term.rate.basis_points)
        for term in sorted(terms.cofinancing, key=lambda term: (term.key not in _REGION_KEYS, -term.rate.basis_points))
        if term.key in _REGION_KEYS or (terms.group_of(term.key) or term.key) in terms.admitted_groups
    )


def criteria(terms: CallTerms) -> Sequence[Criterion]:
    """The criteria of the type with their weights; none for a call that founds no network."""
    kind = kind_of(terms)
    return kind.grid.criteria if kind else ()


def in_one_sentence(terms: CallTerms) -> str:
    """What the call is about: how many partners, for how long, what comes out of it."""
    kind = kind_of(terms)
    plans = listed(sorted({plan.label for plan in kind.plans.values()})) if kind else ""
    partners = f"{_between(terms.partners_min, terms.partners_max)} partners" if terms.partners_max else "Partners"
    months = f" for {say(MONTHS(count=terms.duration_months))}" if terms.duration_months else ""
    return f"{partners} from several countries work on one challenge{months}. What comes out: {plans}."


def sources(terms: CallTerms) -> list[tuple[str, Source]]:
    """Where each figure and each condition of a call comes from, in the order in which its page shows them."""
    known = [(figure.label, figure.source) for figure in figures(terms)]
    known += [(condition.who.removesuffix(":"), condition.source) for condition in conditions(terms)]
    return [*known, ("What a city pays: the least certain rate", source_of(terms, "cofinancing"))]


def after_closing(terms: CallTerms) -> Text:
    """Whether anything counts that comes after the hour of closing."""
    seconds = terms.tolerance_seconds
    return TOLERANCE(count=seconds) if seconds else NO_LATE_ONES()


def assessment(terms: CallTerms) -> Text:
    """Who reads an eligible application, and what comes of it."""
    return ASSESSMENT(count=terms.assessors_per_application)


_REGION_KEYS = frozenset(category.value for category in RegionCategory)
_WHERE = {
    RegionCategory.LESS_DEVELOPED.value: "Less developed region",
    RegionCategory.TRANSITION.value: "Transition region",
    RegionCategory.MORE_DEVELOPED.value: "More developed region",
    "CH": "Switzerland",
    "NO": "Norway",
    CountryGroup.IPA.value: "IPA country",
    CountryGroup.NDICI.value: "NDICI country",
}


def _countries(terms: CallTerms, group: CountryGroup) -> str:
    """The countries of a group as this call has it."""
    members = terms.country_groups.get(group, ())
    if group is CountryGroup.MS:
        return say(MEMBER_STATES(count=len(members)))
    names = listed(country_name(code) for code in members)
    return names if group is CountryGroup.PARTNER_STATES else f"{names} ({group.value})"


def _others(terms: CallTerms) -> str:
    """Whether bodies that are no city can be partners, and how many."""
    most = terms.non_city_max
    if most is None:
        many = "Their number is not limited." if terms.is_confirmed("non_city_max") else "How many: not known."
        return f"can be partners, not lead. {many}"
    return f"can be partners, not lead: up to {most} per network." if most else "cannot be partners."


def _partners(terms: CallTerms) -> str:
    """How many partners; a limit that is confirmed to be none leaves the other one."""
    least, most = terms.partners_min, terms.partners_max
    if least is not None and most is None and terms.is_confirmed("partners_max"):
        return f"At least {least}"
    if least is None and most is not None and terms.is_confirmed("partners_min"):
        return f"Up to {most}"
    if least is None and most is None and terms.is_confirmed("partners_min") and terms.is_confirmed("partners_max"):
        return NOT_LIMITED
    return _between(least, most)


def _who_leads(terms: CallTerms) -> tuple[str, str]:
    label = terms.lead_label
    if label is None:
        return "Cities, towns and municipalities", "of any size. A city must lead."
    if label.register is LabelRegister.UIA_PROJECT:
        return "A city that completed an Urban Innovative Actions project", "must lead. Any city can be a partner."
    return f"A city that holds the Good Practice label of {label.year}", "must lead. Any city can be a partner."


def _between(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return NOT_KNOWN
    return f"{low}" if low == high else f"{low} to {high}"


def _known(terms: CallTerms, name: str, words: str) -> str:
    """A term in words; of one without a value, whether that is confirmed to mean that nothing is limited."""
    value = getattr(terms, name)
    if value is None:
        return NOT_LIMITED if terms.is_confirmed(name) else NOT_KNOWN
    return words.format(in_words(value))


def _months(count: int | None) -> str:
    return NOT_KNOWN if count is None else say(MONTHS(count=count))


def _expertise(terms: CallTerms) -> str:
    if terms.expert_days_max is None:
        return "paid by the programme"
    return say(EXPERT_DAYS(count=terms.expert_days_max))
