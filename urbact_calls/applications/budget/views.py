"""The page of the budget: partners by cost categories, who pays for it, and cells in conflict."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.core import Field

from urbact_calls.applications.budget import commands
from urbact_calls.applications.budget.forms import BudgetCell, BudgetForm, budget_form
from urbact_calls.applications.drafts.forms import THEIRS
from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.reads.applications import may_write
from urbact_calls.applications.reads.dossier import Amounts, budget_facts, shares_of, stored_amounts, typed_categories
from urbact_calls.applications.views import Summary, application_of, blueprint, is_writable, may_read, page, summary_of
from urbact_calls.database import db
from urbact_calls.domain.budget import PartnerShare, Totals, network_rate, per_fund, totals
from urbact_calls.domain.dossier import BudgetFacts
from urbact_calls.domain.money import NOTHING, Euro, Rate, rate_between, total
from urbact_calls.domain.refusal import Refused, Stale
from urbact_calls.domain.terms import CallTerms, CostMethod
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import CostCategory, Fund
from urbact_calls.domain.words import euro, second, share
from urbact_calls.organisations.reads import region_statuses
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.forms import attach
from urbact_calls.web.page_texts import text

NOT_KNOWN = "not known"
UNREADABLE = "?"


@blueprint.get("/applications/<reference>/budget")
@requires(may_read, of=application_of)
def budget(application: Application) -> ResponseReturnValue:
    """The grid, to write or to read."""
    summary = summary_of(application)
    return _page(summary, _form(summary))


@blueprint.post("/applications/<reference>/budget")
@requires(may_write, of=application_of)
def save_budget(application: Application) -> ResponseReturnValue:
    """Saves the budget, or only adds it up, or replays the form with everything typed."""
    summary = summary_of(application)
    form = _form(summary)
    is_readable, stored = form.validate(), stored_amounts(summary.partners)
    if "add_up" in request.form:
        return _page(summary, form, status="Not saved yet"), 200 if is_readable else 422
    amounts = _kept_cells(form, stored, request.form)
    if not is_readable and all(amount == stored.get(cell) for cell, amount in amounts.items()):
        return _page(summary, form, status="Not saved"), 422
    try:
        commands.save_budget(
            application.reference,
            amounts=amounts,
            version=form.version.number,
            actor=current_actor(),
            now=g.received_at,
        )
    except Stale:
        # Every typed cell, and beside it what is stored now; what is sent next decides.
        summary = summary_of(application)
        form = _form(summary)
        form.validate()
        form.version.data = str(application.version)
        return _page(summary, form, theirs=stored_amounts(summary.partners), status="Not saved"), 409
    except Refused as problem:
        attach(form, problem.refusals)
        return _page(summary_of(application), form, status="Not saved"), 409
    if not is_readable:
        summary = summary_of(application)
        form.version.data, form.rest_is_saved = str(application.version), True
        return _page(summary, form, status=say(text("page.saved_but_what_is_marked", at=second(g.received_at)))), 422
    flash(f"Saved {second(g.received_at)}: Budget.", "good")
    endpoint = "applications.budget" if "stay" in request.form else "applications.documents"
    return redirect(url_for(endpoint, reference=application.reference))


def _form(summary: Summary) -> BudgetForm:
    kind = budget_form(summary.own_partners, typed_categories(summary.terms))
    stored = stored_amounts(summary.partners)
    values = {name: stored.get(cell) for cell, name in kind.cells.items()}
    return kind(data={**values, "version": summary.application.version})


def _page(summary: Summary, form: BudgetForm, *, theirs: Amounts | None = None, status: str = "") -> str:
    shows_form = is_writable(summary.application) or bool(status)
    stored, seen = stored_amounts(summary.partners), request.form.get("seen", "")
    amounts = {cell: cents for cell, cents in {**stored, **form.amounts()}.items() if cents is not None}
    fields = {cell: form[name] for cell, name in form.cells.items()} if shows_form else {}
    # A refused grid keeps what the writer saw first; one that was saved or came late goes on from what is stored.
    goes_on = theirs is not None or form.rest_is_saved
    return page(
        "applications/budget.html",
        summary.application,
        summary=summary,
        regions=region_statuses(db.session(), [partner.organisation for partner in summary.partners]),
        form=form,
        sums=budget_page(summary, amounts, fields, form.unreadable()),
        save_status=status,
        shows_form=shows_form,
        seen=_seen_amounts(form, stored) if goes_on or "seen" not in request.form else seen,
        conflicts=_cell_conflicts(summary.partners, form, theirs, seen) if theirs is not None else (),
        advice=summary.advice.about("budget", "financing"),
    )


@dataclass(frozen=True, slots=True)
class CellConflict:
    """A cell that holds something else than what was typed."""

    name: str
    label: str
    mine: str
    theirs: str
    keep: str = "mine"


def _cell_conflicts(partners: Sequence[Partner], form: BudgetForm, theirs: Amounts, seen: str) -> list[CellConflict]:
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
        if amount != theirs.get(cell) and cell not in form.unreadable()
    ]


def _seen_amounts(form: BudgetForm, stored: Amounts) -> str:
    """What the writer saw in the cells, for a hidden field: each name with its amount in cents."""
    return " ".join(_mark(name, stored.get(cell)) for cell, name in form.cells.items())


def _kept_cells(form: BudgetForm, stored: Amounts, choices: Mapping[str, str]) -> dict[BudgetCell, int | None]:
    """What is to be saved: the typed cells that are amounts, and the stored one where the writer keeps the other
    side's."""
    unreadable = form.unreadable()
    return {
        cell: stored.get(cell) if choices.get(f"keep-{form.cells[cell]}") == THEIRS else amount
        for cell, amount in form.amounts().items()
        if cell not in unreadable
    }


def _mark(name: str, cents: int | None) -> str:
    return f"{name}={'' if cents is None else cents}"


def _words(cents: int | None) -> str:
    return "empty" if cents is None else euro(cents)


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
    rates_bp: Sequence[int | str] = ()
    funds: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPage:
    """Grid and sums. `own` and `funded` leave out partners whose rate is not known; `rates_unknown` counts them.

    `unreadable` is why the first cell that cannot be read cannot; empty if all can.
    """

    lines: Sequence[BudgetRow]
    totals: Totals
    funded: Euro
    own: Euro
    rate: Rate | None
    per_fund: Mapping[str, Euro]
    rates_unknown: int
    unreadable: str

    @property
    def is_readable(self) -> bool:
        return not self.unreadable

    @property
    def funds(self) -> list[str]:
        """All funds by name, in the order in which they are told."""
        return [fund.label for fund in Fund]

    @property
    def funds_words(self) -> str:
        return ", ".join(f"{fund} {amount}" for fund, amount in self.per_fund.items())

    @property
    def is_drawn(self) -> bool:
        return self.is_readable and bool(self.totals.whole) and not self.rates_unknown

    @property
    def bar_cents(self) -> float:
        """The length of the bar: the sum or the limit, and a little more, so that the line of the limit is seen."""
        return max(self.totals.whole, self.totals.ceiling or NOTHING).cents * 1.05


def budget_page(
    summary: Summary, amounts: Amounts, fields: Mapping[BudgetCell, Field], unreadable: Collection[BudgetCell]
) -> BudgetPage:
    """The page for these amounts, with fields for the cells that can be typed. A sum with an unreadable cell is "?"."""
    partners, terms = summary.partners, summary.terms
    facts = budget_facts(partners, amounts, terms)
    shares = shares_of(partners, facts, terms)
    sums = totals(facts, terms, partners=len(partners))
    known = [each for each in shares if each.rate is not None]
    rate = network_rate(shares) if len(known) == len(shares) else None
    return BudgetPage(
        lines=_Grid(partners, terms, facts, sums, fields, unreadable).lines(shares, rate),
        totals=sums,
        funded=total([each.fund_amount for each in known]),
        own=total([each.own_amount for each in known]),
        rate=rate,
        per_fund={fund.label: amount for fund, amount in per_fund(shares).items()},
        rates_unknown=len(shares) - len(known),
        unreadable=next((_why_unread(fields[cell]) for cell in fields if cell in unreadable), ""),
    )


def _why_unread(field: Field) -> str:
    return "One amount cannot be read. " + " ".join(str(each) for each in field.errors)


def _shown(amount: Euro | None, *, is_broken: bool = False) -> str:
    """An amount as a cell has it; a broken one hangs on a cell that cannot be read."""
    return UNREADABLE if is_broken else NOT_KNOWN if amount is None else euro(amount.cents).replace("€", "")


@dataclass(frozen=True, slots=True)
class _Grid:
    """The amounts of a page with the cells that cannot be read, from which its lines are made."""

    partners: Sequence[Partner]
    terms: CallTerms
    facts: BudgetFacts
    sums: Totals
    fields: Mapping[BudgetCell, Field]
    unreadable: Collection[BudgetCell]

    def lines(self, shares: Sequence[PartnerShare], rate: Rate | None) -> list[BudgetRow]:
        """The grid and who pays; `rate` is that of the network, None while the rate of a partner is not known."""
        typed = typed_categories(self.terms)
        broken = {partner_id for partner_id, _ in self.unreadable}
        return [
            *(
                self._typed(category) if category in typed else self._reckoned(category, typed)
                for category in CostCategory
                if self.terms.cost_term(category).allowed
            ),
            self._line(
                list(self.sums.per_partner.values()), broken, kind="total", label="Total", warn=bool(self.sums.over)
            ),
            BudgetRow(kind="head", label="Co-financing"),
            BudgetRow(
                kind="share",
                label="Rate of the fund",
                cells=[_rate_words(each) for each in shares],
                total=share(rate.basis_points) if rate and not broken else "",
                live="rates",
            ),
            self._line(
                [each.fund_amount if each.rate is not None else None for each in shares],
                broken,
                label="Paid by the fund",
                live="funding",
                rates_bp=[each.rate.basis_points if each.rate else "-" for each in shares],
                funds=[each.fund.label if each.fund else "" for each in shares],
            ),
            self._line(
                [each.own_amount if each.rate is not None else None for each in shares],
                broken,
                label="Own share",
                note="the rest, to the cent",
                live="own",
            ),
            BudgetRow(
                kind="share",
                label="Share of the whole",
                cells=["" if broken else _part(each.planned, self.sums.whole) for each in shares],
                total="" if self.sums.whole == NOTHING or broken else "100\u00a0%",
                live="parts",
            ),
        ]

    def _typed(self, category: CostCategory) -> BudgetRow:
        cells = [
            self.fields.get((partner.id, category), _shown(self.facts.amount_of(number, category)))
            for number, partner in enumerate(self.partners, start=1)
        ]
        term = self.terms.cost_term(category)
        has_ceiling = term.method is CostMethod.FLAT_RATE_OF_STAFF and term.rate_ceiling is not None
        is_broken = any(each is category for _, each in self.unreadable)
        return BudgetRow(
            kind="typed",
            label=category.label,
            cells=cells,
            total=_shown(self.sums.per_category[category], is_broken=is_broken),
            note=f"up to {term.rate_ceiling} of staff" if has_ceiling else "",
        )

    def _reckoned(self, category: CostCategory, typed: Sequence[CostCategory]) -> BudgetRow:
        """A category at a flat rate of staff cost; the script of the page keeps it true while one types."""
        rate, has_staff = self.terms.cost_term(category).rate, CostCategory.STAFF in typed
        return self._line(
            [self.facts.amount_of(number, category) for number in self.sums.per_partner],
            {partner_id for partner_id, each in self.unreadable if each is CostCategory.STAFF},
            label=category.label,
            note=f"{rate} of staff",
            live="rate" if has_staff else "",
            rate_bp=rate.basis_points if rate else 0,
            rate_of=typed.index(CostCategory.STAFF) if has_staff else 0,
        )

    def _line(
        self, amounts: Sequence[Euro | None], broken: Collection[int], *, kind: str = "calculated", **shown: Any
    ) -> BudgetRow:
        """A line that is calculated: an amount for each partner, None where it is not known, and their sum."""
        known = [amount for amount in amounts if amount is not None]
        cells = [
            _shown(amount, is_broken=partner.id in broken)
            for partner, amount in zip(self.partners, amounts, strict=True)
        ]
        whole = _shown(total(known) if len(known) == len(amounts) else None, is_broken=bool(broken))
        return BudgetRow(kind=kind, cells=cells, total=whole, **shown)


def _rate_words(each: PartnerShare) -> str:
    """The rate, with the name of the fund where it is not the usual one."""
    if each.rate is None:
        return NOT_KNOWN
    rate = share(each.rate.basis_points)
    return rate if each.fund in (None, Fund.ERDF) else f"{rate} {each.fund.label}"


def _part(planned: Euro, whole: Euro) -> str:
    rate = rate_between(planned, whole)
    return "" if rate is None else f"{rate.basis_points // 10 / 10:.1f}\u00a0%"
