"""Which made-up applications the demonstration plays, with whom, and how far each of them goes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache

from urbact_calls.demonstration.made_up_cities import LEAD_CITY, PARTNER_CITIES
from urbact_calls.demonstration.prose import Topic, Town, subjects, towns
from urbact_calls.domain.vocabulary import RegionCategory
from urbact_calls.reference.known_networks import regions


class Fate(StrEnum):
    """How far an application goes."""

    # Of the call in the eligibility check.
    ASKED = "asked"
    ANSWERED = "answered"
    PROPOSED_ELIGIBLE = "proposed_eligible"
    PROPOSED_INELIGIBLE = "proposed_ineligible"
    IN_PART = "in_part"
    CHECKED = "checked"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    # Of the call in assessment.
    ALLOCATED = "allocated"
    LATE = "late"
    ONE_SHEET = "one_sheet"
    CONFLICT = "conflict"
    DISAGREEMENT = "disagreement"
    SIGNED_BY_ONE = "signed_by_one"
    ASSESSED = "assessed"
    # Of the call that is decided.
    APPROVED = "approved"
    WITH_CONDITIONS = "with_conditions"
    RESERVE = "reserve"
    NOT_APPROVED = "not_approved"
    POSTPONED = "postponed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PlayedCall:
    """A call of the demonstration that is over. Days count from the day on which the demonstration was loaded."""

    code: str
    title: str
    summary: str
    opens: int
    closes: int
    fates: tuple[Fate, ...]


IN_CHECK = PlayedCall(
    "APN-DEMO-CHECK",
    "Action Planning Networks (demonstration, in the eligibility check)",
    "Demonstration: closed some days ago. Twelve applications are in the eligibility check. All of it is made up.",
    opens=-75,
    closes=-12,
    fates=(
        Fate.ASKED,
        Fate.ANSWERED,
        *(Fate.PROPOSED_ELIGIBLE,) * 2,
        Fate.PROPOSED_INELIGIBLE,
        Fate.ELIGIBLE,
        Fate.INELIGIBLE,
        *(Fate.IN_PART,) * 2,
        *(Fate.CHECKED,) * 3,
    ),
)
IN_ASSESSMENT = PlayedCall(
    "APN-DEMO-PANEL",
    "Action Planning Networks (demonstration, in assessment)",
    "Demonstration: closed some months ago. Twenty applications are being assessed. All of it is made up.",
    opens=-170,
    closes=-105,
    fates=(
        *(Fate.ALLOCATED,) * 4,
        *(Fate.LATE,) * 3,
        *(Fate.ONE_SHEET,) * 3,
        Fate.CONFLICT,
        *(Fate.DISAGREEMENT,) * 4,
        *(Fate.SIGNED_BY_ONE,) * 3,
        *(Fate.ASSESSED,) * 2,
    ),
)
DECIDED = PlayedCall(
    "APN-DEMO-DECIDED",
    "Action Planning Networks (demonstration, decided)",
    "Demonstration: decided half a year ago. Of 52 applications some founded networks. All of it is made up.",
    opens=-330,
    closes=-270,
    fates=(
        *(Fate.APPROVED,) * 22,
        *(Fate.WITH_CONDITIONS,) * 2,
        *(Fate.POSTPONED,) * 4,
        *(Fate.RESERVE,) * 7,
        *(Fate.NOT_APPROVED,) * 10,
        *(Fate.INELIGIBLE,) * 6,
        Fate.WITHDRAWN,
    ),
)
CALLS = (IN_CHECK, IN_ASSESSMENT, DECIDED)

PARTNERS = (8, 9, 10, 9, 8, 9)
"""How many partners the applications have, in turn."""
FEWER = 7
"""How many an application has that is not eligible for that reason."""
NOT_ENOUGH = frozenset({Fate.INELIGIBLE, Fate.PROPOSED_INELIGIBLE})
WITHOUT_A_LETTER = frozenset({Fate.ASKED, Fate.ANSWERED})
# Seven of ten partners must come from less developed and transition regions.
MOST_DEVELOPED_OF_TEN = 3


@dataclass(frozen=True, slots=True)
class PlayedApplication:
    """One made-up application: the lead partner's town stands first. `place` counts from 0 in its call."""

    call: PlayedCall
    place: int
    subject: Topic
    acronym: str
    title: str
    towns: tuple[str, ...]
    fate: Fate

    @property
    def quality(self) -> int:
        """From 1 to 5: what a fair assessor would give it on average."""
        better = {Fate.APPROVED: 5, Fate.WITH_CONDITIONS: 4, Fate.POSTPONED: 4, Fate.RESERVE: 4}
        return better.get(self.fate, 3 if self.fate is not Fate.NOT_APPROVED else 2)

    @property
    def submitted(self) -> timedelta:
        """How long before the call closed it was submitted: most of them in the last days."""
        return timedelta(hours=2 + (self.place * self.place * 7) % 460, minutes=(self.place * 37) % 60)


@cache
def played() -> tuple[PlayedApplication, ...]:
    """All of them, in the order of their calls."""
    named = iter(_named())
    return tuple(
        PlayedApplication(call, place, *next(named), partners, fate)
        for call in CALLS
        for place, (partners, fate) in enumerate(zip(_partnerships(call), call.fates, strict=True))
    )


def _named() -> Iterator[tuple[Topic, str, str]]:
    """Every network that the subjects name: of each subject one, then of each the next."""
    for number in range(max(len(subject.networks) for subject in subjects())):
        for subject in subjects():
            if number < len(subject.networks):
                acronym, title = subject.networks[number]
                yield subject, acronym, title


def _partnerships(call: PlayedCall) -> Iterator[tuple[str, ...]]:
    """The towns of each application of a call: of as many countries as partners, enough of them from poorer regions,
    no town leads two of them and none takes part in more than two. The cities of the accounts are in the first."""
    # The cities of the accounts that everybody signs in to.
    yield LEAD_CITY.name, *(city.name for city in PARTNER_CITIES)
    waiting = [*_by_turns(call.code), *_by_turns(call.code)]
    have_led: Counter[str] = Counter()
    for place, fate in enumerate(call.fates[1:], 1):
        size = FEWER if fate in NOT_ENOUGH else PARTNERS[place % len(PARTNERS)]
        chosen = _chosen(waiting, size)
        lead = next(town for town in chosen if not have_led[town.name])
        have_led[lead.name] += 1
        yield lead.name, *(town.name for town in chosen if town is not lead)


def _chosen(waiting: list[Town], size: int) -> list[Town]:
    """Takes the next towns that fit together out of those that wait."""
    most_developed = size * MOST_DEVELOPED_OF_TEN // 10
    chosen: list[Town] = []
    for town in list(waiting):
        developed = sum(_is_more_developed(each) for each in chosen)
        if town.country in {each.country for each in chosen} or (
            _is_more_developed(town) and developed >= most_developed
        ):
            continue
        chosen.append(town)
        waiting.remove(town)
        if len(chosen) == size:
            return chosen
    raise ValueError("the demonstration has not enough made-up towns")


def _is_more_developed(town: Town) -> bool:
    return regions()[town.nuts2].category is RegionCategory.MORE_DEVELOPED


def _by_turns(seed: str) -> Sequence[Town]:
    """All towns, of each country one, then of each the next, in an order of this call."""
    order = random.Random(seed)  # noqa: S311 -- an order, no secret
    of_country: dict[str, list[Town]] = {}
    for town in towns():
        of_country.setdefault(town.country, []).append(town)
    for each in of_country.values():
        order.shuffle(each)
    countries = list(of_country)
    order.shuffle(countries)
    return [of_country[country][number] for number in range(9) for country in countries]
