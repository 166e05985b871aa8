"""Dossiers for tests of rules: nothing is given but the partnership, unless the test says so."""

from dataclasses import replace

from urbact_calls.domain.dossier import (
    BudgetFacts,
    BudgetLine,
    Dossier,
    FinancingLine,
    Label,
    LabelLookup,
    OtherApplication,
    OthersAtClosing,
    PartnerFacts,
)
from urbact_calls.domain.money import Euro
from urbact_calls.domain.terms import LabelRegister
from urbact_calls.domain.vocabulary import CostCategory, Fund, PartnerKind, PartnerRole, RegionCategory

LESS, TRANSITION, MORE = RegionCategory.LESS_DEVELOPED, RegionCategory.TRANSITION, RegionCategory.MORE_DEVELOPED
COUNTRIES = ("GR", "PT", "PL", "IT", "HR", "RO", "LT", "ES", "BG", "HU", "SK", "LV")


def partner(country: str = "GR", **changes: object) -> PartnerFacts:
    """A project partner: a city of a less developed region, with its letter."""
    usual = PartnerFacts(
        name=f"City in {country}",
        seat_city=f"City in {country}",
        country=country,
        role=PartnerRole.PARTNER,
        kind=PartnerKind.CITY,
        region_category=LESS,
        letter_of_commitment=True,
    )
    return replace(usual, **changes)


def cities(number: int, country: str, **changes: object) -> tuple[PartnerFacts, ...]:
    """So many different cities of one country."""
    return tuple(partner(country, name=f"City {each} in {country}", **changes) for each in range(1, number + 1))


def led(*partners: PartnerFacts, **facts: object) -> Dossier:
    """A dossier of these partners; the first of them leads."""
    lead, *others = partners
    return Dossier(call="APN-2023", partners=(replace(lead, role=PartnerRole.LEAD), *others), **facts)


def partners(number: int, **facts: object) -> Dossier:
    """A dossier of so many partners, each from another country."""
    return led(*(partner(country) for country in COUNTRIES[:number]), **facts)


def university(country: str = "GR") -> PartnerFacts:
    return partner(country, name=f"University in {country}", kind=PartnerKind.NON_CITY)


def regions(*categories: RegionCategory | None) -> Dossier:
    """A dossier with partners of these region categories."""
    return led(
        *(
            partner(country, region_category=category)
            for country, category in zip(COUNTRIES[: len(categories)], categories, strict=True)
        )
    )


def at_closing(led: int, *taken_part: int, partners: int = 8) -> OthersAtClosing:
    """What an official check has read of the others; partners without a figure take part in none."""
    return OthersAtClosing(
        led=led,
        titles=tuple(f"A{n}" for n in range(min(led, 10))),
        taken_part=(*taken_part, *[0] * (partners - len(taken_part))),
        listed=20,
        fingerprint="0" * 64,
    )


def other(name: str, country: str, *, call: str = "APN-2023") -> OtherApplication:
    return OtherApplication(call=call, title="Another application", lead_name=name, lead_country=country)


def looked_up(*titles: str | None, register: LabelRegister = LabelRegister.GOOD_PRACTICE) -> LabelLookup:
    """What a register said: the titles found, of 31 known and 116 granted."""
    return LabelLookup(
        register=register,
        year=2024 if register is LabelRegister.GOOD_PRACTICE else None,
        labels=tuple(Label(title=title, holder="City in GR") for title in titles),
        known=31,
        granted=116,
    )


def grid(*lines: tuple[int, CostCategory, int], financing: tuple[FinancingLine, ...] | None = None) -> BudgetFacts:
    """A budget of (partner, category, cents)."""
    return BudgetFacts(
        lines=tuple(
            BudgetLine(partner=number, category=category, amount=Euro(cents)) for number, category, cents in lines
        ),
        financing=financing,
    )


def paid(number: int, fund_cents: int, own_cents: int, *, fund: Fund = Fund.ERDF) -> FinancingLine:
    return FinancingLine(partner=number, fund=fund, fund_amount=Euro(fund_cents), own_amount=Euro(own_cents))
