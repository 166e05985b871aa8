"""The page of the budget: partners by cost categories, and who pays for it."""

from __future__ import annotations

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications.budget.commands import save_budget as budget_save_budget
from urbact_calls.applications.budget.forms import BudgetForm, budget_form
from urbact_calls.applications.budget.views.grid import (
    BudgetPage,
    budget_page,
    cell_conflicts,
    kept_cells,
    seen_amounts,
)
from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import partners_to_write_for
from urbact_calls.applications.reads.dossier import Amounts, stored_amounts, typed_categories
from urbact_calls.applications.views import application_of, blueprint, is_writable, may_read, may_write, page
from urbact_calls.applications.views.summary import Summary, summary_of
from urbact_calls.database import db
from urbact_calls.domain.refusal import Refused, Stale
from urbact_calls.domain.words import second
from urbact_calls.organisations.reads import region_statuses
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.forms import attach


def _edit_conflict_page(application: Application) -> ResponseReturnValue:
    """The edit conflict of a budget: every typed cell, and beside it what is stored. What is sent next decides."""
    summary = summary_of(db.session(), application, g.received_at)
    form = _form(summary)
    form.validate()
    form.version.data = str(application.version)
    return _page(application, summary, form, theirs=stored_amounts(summary.partners), status="Not saved"), 409


@blueprint.route("/applications/<reference>/budget")
@requires(may_read, of=application_of)
def budget(application: Application) -> ResponseReturnValue:
    """The grid, to write or to read."""
    summary = summary_of(db.session(), application, g.received_at)
    return _page(application, summary, _form(summary))


@blueprint.route("/applications/<reference>/budget", methods=["POST"])
@requires(may_write, of=application_of)
def save_budget(application: Application) -> ResponseReturnValue:
    """Saves the budget, or only adds it up, or replays the form with everything typed."""
    summary = summary_of(db.session(), application, g.received_at)
    form = _form(summary)
    if not form.validate():
        return _page(application, summary, form, status="Not saved"), 422
    if "add_up" in request.form:
        return _page(application, summary, form, status="Not saved yet")
    stored = stored_amounts(summary.partners)
    amounts = kept_cells(form, stored, request.form)
    try:
        budget_save_budget(
            application.reference,
            amounts=amounts,
            version=form.version.number,
            actor=current_actor(),
            now=g.received_at,
        )
    except Stale:
        return _edit_conflict_page(application)
    except Refused as problem:
        attach(form, problem.refusals)
        return _page(application, summary_of(db.session(), application, g.received_at), form, status="Not saved"), 409
    flash(f"Saved {second(g.received_at)}: Budget.", "good")
    stays = "stay" in request.form
    endpoint = "applications.budget" if stays else "applications.documents"
    return redirect(url_for(endpoint, reference=application.reference))


def _form(summary: Summary) -> BudgetForm:
    own = partners_to_write_for(current_actor(), g.relation, summary.partners)
    kind = budget_form(own, typed_categories(summary.terms))
    stored = stored_amounts(summary.partners)
    values = {name: stored.get(cell) for cell, name in kind.cells.items()}
    return kind(data={**values, "version": summary.application.version})


def _page(
    application: Application,
    summary: Summary,
    form: BudgetForm,
    *,
    theirs: Amounts | None = None,
    status: str = "",
) -> str:
    writable = is_writable(application)
    typed = {**stored_amounts(summary.partners), **form.amounts()}
    sums: BudgetPage = budget_page(
        summary,
        {cell: amount for cell, amount in typed.items() if amount is not None},
        form=form if writable or status else None,
        unreadable=form.unreadable(),
    )
    return page(
        "applications/budget.html",
        application,
        summary=summary,
        regions=region_statuses(db.session(), [partner.organisation for partner in summary.partners]),
        form=form,
        sums=sums,
        save_status=status,
        shows_form=writable or bool(status),
        seen=_seen(summary, form, is_decided_anew=theirs is not None),
        conflicts=cell_conflicts(summary.partners, form, theirs, request.form.get("seen", ""))
        if theirs is not None
        else (),
        advice=summary.advice.about("budget", "financing"),
    )


def _seen(summary: Summary, form: BudgetForm, *, is_decided_anew: bool) -> str:
    """Hidden field of what the writer saw: first, in a refused grid; what is stored, after an edit conflict."""
    if "seen" in request.form and not is_decided_anew:
        return request.form["seen"]
    return seen_amounts(form, stored_amounts(summary.partners))
