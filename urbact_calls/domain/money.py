"""Money in whole cents and rates in basis points; every rounding of the programme happens here.

A float never holds money: five shares of 0.2 do not add up to one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

FULL_RATE_BP = 10_000

# Thirteen digits before the point: more than the budget of the Union, and still inside a 64-bit column of cents.
_AMOUNT = re.compile(r"(?P<euros>[0-9]{1,13})(?:\.(?P<cents>[0-9]{1,2}))?")


@dataclass(frozen=True, slots=True, order=True)
class Euro:
    """An amount of money. Differences may be negative; amounts that people state are never."""

    cents: int

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            raise TypeError(f"Euro counts whole cents, not {self.cents!r}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The amount of a decimal string such as `850000` or `850000.01`.

        Only ASCII digits, one point, at most two decimals; raises ValueError for everything else. What people
        type in a form is read by the form's own field, which knows separators and languages.
        """
        match = _AMOUNT.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not an amount such as 850000.00")
        return cls(int(match["euros"]) * 100 + int((match["cents"] or "").ljust(2, "0")))

    @classmethod
    def whole(cls, euros: int) -> Self:
        return cls(euros * 100)

    @property
    def plain(self) -> str:
        """The amount as `parse` reads it: `850000.00`."""
        sign, cents = ("-", -self.cents) if self.cents < 0 else ("", self.cents)
        return f"{sign}{cents // 100}.{cents % 100:02d}"

    def __str__(self) -> str:
        """€850,000, with cents only where there are some."""
        sign, cents = ("-", -self.cents) if self.cents < 0 else ("", self.cents)
        decimals = f".{cents % 100:02d}" if cents % 100 else ""
        return f"{sign}€{cents // 100:,}{decimals}"

    def __add__(self, other: Euro) -> Euro:
        if not isinstance(other, Euro):
            return NotImplemented
        return Euro(self.cents + other.cents)

    def __sub__(self, other: Euro) -> Euro:
        if not isinstance(other, Euro):
            return NotImplemented
        return Euro(self.cents - other.cents)

    def __bool__(self) -> bool:
        return self.cents != 0


NOTHING = Euro(0)


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """A share in basis points: 8000 is 80 %."""

    basis_points: int

    def __post_init__(self) -> None:
        if type(self.basis_points) is not int or not 0 <= self.basis_points <= FULL_RATE_BP:
            raise ValueError(f"a rate lies between 0 and {FULL_RATE_BP} basis points, not {self.basis_points!r}")

    def __str__(self) -> str:
        whole, rest = divmod(self.basis_points, 100)
        decimals = f".{rest:02d}".rstrip("0") if rest else ""
        return f"{whole}{decimals} %"


def share_of(total_cents: int, rate_bp: int) -> int:
    """The part of a sum at a rate, down to the cent; who pays the rest pays the broken cent too."""
    return total_cents * rate_bp // FULL_RATE_BP


def share(total: Euro, rate: Rate) -> Euro:
    """`share_of` for amounts."""
    return Euro(share_of(total.cents, rate.basis_points))


def total(amounts: list[Euro] | tuple[Euro, ...]) -> Euro:
    """The sum of amounts; nothing for none."""
    return Euro(sum(amount.cents for amount in amounts))


def rate_between(part: Euro, whole: Euro) -> Rate | None:
    """Which share of the whole a part is, rounded down to the basis point, only to be shown. None without a whole."""
    if whole.cents <= 0 or not 0 <= part.cents <= whole.cents:
        return None
    return Rate(part.cents * FULL_RATE_BP // whole.cents)
