"""The budget grid as the page shows it: lines with their sums, shares of the funds, cells in conflict."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from urbact_calls.applications.budget.forms import BudgetForm
from urbact_calls.applications.drafts.reads.answer_conflicts import THEIRS
from urbact_calls.applications.models import Partner
from urbact_calls.applications.reads.dossier import Amounts, budget_facts, shares_of, typed_categories
from urbact_calls.applications.views.summary import Summary
from urbact_calls.domain.budget.cofinancing import PartnerShare, network_rate, per_fund
from urbact_calls.domain.budget.totals import totals
from urbact_calls.domain.dossier import BudgetFacts
from urbact_calls.domain.money import NOTHING, Euro, Rate, rate_between, total
from urbact_calls.domain.terms import CallTerms, CostMethod
from urbact_calls.domain.vocabulary import CostCategory, Fund
from urbact_calls.domain.words import euro, share


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """A line of `macros/grid.html`."""

    kind: str
    label: str
    cells: Sequence[Any] = ()
    total: str = ""
    note: str = ""
    warn: bool = False
    live: str = ""
    rate_bp: int = 0
    rate_of: int = 0
    rates_bp: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class BudgetColumn:
    name: str
    place: str


BudgetCell = tuple[int, CostCategory]


@dataclass(frozen=True, slots=True)
class CellConflict:
    """A cell that holds something else than what was typed."""

    name: str
    label: str
    mine: str
    theirs: str
    keep: str = "mine"


def cell_conflicts(partners: Sequence[Partner], form: BudgetForm, theirs: Amounts, seen: str) -> list[CellConflict]:
    """The typed cells that differ from what is stored, partner by partner. One that I left as I saw it is theirs."""
    names = {partner.id: partner.organisation.name for partner in partners}
    as_seen = set(seen.split(" "))
    return [
        CellConflict(
            form.cells[cell],
            f"{names[cell[0]]}, {cell[1].label}",
            _words(amount),
            _words(theirs.get(cell)),
            THEIRS if _mark(form.cells[cell], amount) in as_seen else "mine",
        )
        for cell, amount in form.amounts().items()
        if amount != theirs.get(cell)
    ]


def seen_amounts(form: BudgetForm, stored: Amounts) -> str:
    """What the writer saw in the cells, for a hidden field: each name with its amount in cents."""
    return " ".join(_mark(name, stored.get(cell)) for cell, name in form.cells.items())


NOT_KNOWN = "not known"
UNREADABLE = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPage:
    """Grid and sums. `own` and `funded` leave out partners whose rate is not known; `rates_unknown` counts them."""

    columns: Sequence[BudgetColumn]
    lines: Sequence[BudgetRow]
    whole: Euro
    funded: Euro
    own: Euro
    rate: Rate | None
    ceiling: Euro | None
    over: Euro
    per_fund: Mapping[str, Euro] = field(default_factory=dict)
    rates_unknown: int = 0
    is_readable: bool = True

    @property
    def bar_cents(self) -> float:
        """The length of the bar: the sum or the limit, and a little more, so that the line of the limit is seen."""
        return max(self.whole.cents, self.ceiling.cents if self.ceiling else 0) * 1.05

    @property
    def in_words(self) -> str:
        return f"Total {self.whole}, of which {self.funded} paid by the funds"

    @property
    def to_cut(self) -> str:
        return f"Take {self.over} off any line."


def budget_page(
    summary: Summary, amounts: Amounts, *, form: BudgetForm | None, unreadable: Collection[BudgetCell]
) -> BudgetPage:
    """The page for these amounts; `form` gives the cells that can be typed. A sum with an unreadable cell is "?"."""
    partners, terms = summary.partners, summary.terms
    grid = budget_facts(partners, amounts, terms)
    shares = shares_of(partners, grid, terms)
    sums = totals(grid, terms, partners=len(partners))
    known = [each for each in shares if each.rate is not None]
    return BudgetPage(
        columns=[_column(partner) for partner in partners],
        lines=_Grid(partners, terms, grid, form, unreadable).lines(shares, is_over=bool(sums.over)),
        whole=sums.whole,
        funded=total([each.fund_amount for each in known]),
        own=total([each.own_amount for each in known]),
        rate=network_rate(shares) if len(known) == len(shares) else None,
        ceiling=sums.ceiling,
        over=sums.over,
        per_fund={fund.label: amount for fund, amount in per_fund(shares).items()},
        rates_unknown=len(shares) - len(known),
        is_readable=not unreadable,
    )


def kept_cells(form: BudgetForm, stored: Amounts, choices: Mapping[str, str]) -> dict[BudgetCell, int | None]:
    """What is to be saved: the typed cells, and the stored one where the writer keeps the other side's."""
    return {
        cell: stored.get(cell) if choices.get(f"keep-{form.cells[cell]}") == THEIRS else amount
        for cell, amount in form.amounts().items()
    }


def _mark(name: str, cents: int | None) -> str:
    return f"{name}={'' if cents is None else cents}"


def _words(cents: int | None) -> str:
    return "empty" if cents is None else euro(cents)


def _column(partner: Partner) -> BudgetColumn:
    country = partner.organisation.country
    return BudgetColumn(partner.organisation.name, f"{country}, lead" if partner.role == "lead" else country)


def _plain(amount: Euro) -> str:
    return euro(amount.cents).replace("€", "")


@dataclass(frozen=True, slots=True)
class _Grid:
    """The amounts of a page with the cells that cannot be read, from which its lines are made."""

    partners: Sequence[Partner]
    terms: CallTerms
    facts: BudgetFacts
    form: BudgetForm | None
    unreadable: Collection[BudgetCell]

    def lines(self, shares: Sequence[PartnerShare], *, is_over: bool) -> list[BudgetRow]:
        categories = [category for category in CostCategory if self.terms.cost_term(category).allowed]
        typed = typed_categories(self.terms)
        return [
            *(self._typed(category) if category in typed else self._reckoned(category) for category in categories),
            self._total(is_over=is_over),
            *self._shares(shares),
        ]

    def _typed(self, category: CostCategory) -> BudgetRow:
        cells = []
        for number, partner in enumerate(self.partners, start=1):
            name = self.form.cells.get((partner.id, category)) if self.form is not None else None
            known = _plain(self.facts.amount_of(number, category))
            cells.append(self.form[name] if self.form is not None and name else known)
        term = self.terms.cost_term(category)
        has_ceiling = term.method is CostMethod.FLAT_RATE_OF_STAFF and term.rate_ceiling is not None
        return BudgetRow(
            kind="typed",
            label=category.label,
            cells=cells,
            total=self._sum(category, is_broken=any(cell[1] is category for cell in self.unreadable)),
            note=f"up to {term.rate_ceiling} of staff" if has_ceiling else "",
        )

    def _reckoned(self, category: CostCategory) -> BudgetRow:
        """A category at a flat rate of staff cost; the script of the page keeps it true while one types."""
        rate = self.terms.cost_term(category).rate
        broken = {cell[0] for cell in self.unreadable if cell[1] is CostCategory.STAFF}
        typed = typed_categories(self.terms)
        return BudgetRow(
            kind="calculated",
            label=category.label,
            note=f"{rate} of staff",
            cells=self._cells(broken, lambda number: self.facts.amount_of(number, category)),
            total=self._sum(category, is_broken=bool(broken)),
            live="rate" if CostCategory.STAFF in typed else "",
            rate_bp=rate.basis_points if rate else 0,
            rate_of=typed.index(CostCategory.STAFF) if CostCategory.STAFF in typed else 0,
        )

    def _total(self, *, is_over: bool) -> BudgetRow:
        broken = {cell[0] for cell in self.unreadable}
        cells = self._cells(broken, self.facts.total_of)
        whole = UNREADABLE if broken else _plain(self.facts.total)
        return BudgetRow(kind="total", label="Total", cells=cells, total=whole, warn=is_over)

    def _shares(self, shares: Sequence[PartnerShare]) -> list[BudgetRow]:
        broken = {cell[0] for cell in self.unreadable}
        all_known = all(each.rate is not None for each in shares)
        rate = network_rate(shares)

        def cells(shown: Callable[[PartnerShare], Euro]) -> list[str]:
            return [
                UNREADABLE if partner.id in broken else _plain(shown(each)) if each.rate is not None else NOT_KNOWN
                for partner, each in zip(self.partners, shares, strict=True)
            ]

        def sum_of(amounts: list[Euro]) -> str:
            return UNREADABLE if broken else _plain(total(amounts)) if all_known else NOT_KNOWN

        whole = total([each.planned for each in shares])
        live = all_known and not broken
        return [
            BudgetRow(kind="head", label="Co-financing"),
            BudgetRow(
                kind="share",
                label="Rate of the fund",
                cells=[_rate_words(each) for each in shares],
                total=share(rate.basis_points) if rate and all_known else "",
            ),
            BudgetRow(
                kind="calculated",
                label="Paid by the fund",
                cells=cells(lambda each: each.fund_amount),
                total=sum_of([each.fund_amount for each in shares]),
                live="funding" if live else "",
                rates_bp=[each.rate.basis_points for each in shares if each.rate],
            ),
            BudgetRow(
                kind="calculated",
                label="Own share",
                note="the rest, to the cent",
                cells=cells(lambda each: each.own_amount),
                total=sum_of([each.own_amount for each in shares]),
                live="own" if live else "",
            ),
            BudgetRow(
                kind="share",
                label="Share of the whole",
                cells=[_part(each.planned, whole) for each in shares],
                total="" if whole == NOTHING else "100\u00a0%",
            ),
        ]

    def _cells(self, broken: Collection[int], amount: Callable[[int], Euro]) -> list[str]:
        return [
            UNREADABLE if partner.id in broken else _plain(amount(number))
            for number, partner in enumerate(self.partners, start=1)
        ]

    def _sum(self, category: CostCategory, *, is_broken: bool) -> str:
        amounts = [line.amount for line in self.facts.lines if line.category is category]
        return UNREADABLE if is_broken else _plain(total(amounts))


def _rate_words(each: PartnerShare) -> str:
    """The rate, with the name of the fund where it is not the usual one."""
    if each.rate is None:
        return NOT_KNOWN
    rate = share(each.rate.basis_points)
    return rate if each.fund in (None, Fund.ERDF) else f"{rate} {each.fund.label}"


def _part(planned: Euro, whole: Euro) -> str:
    rate = rate_between(planned, whole)
    return "" if rate is None else f"{rate.basis_points // 10 / 10:.1f}\u00a0%"
