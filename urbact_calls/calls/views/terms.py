"""The terms of a call before it is published: each on a page of its own, or many confirmed by one source."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice  # type: ignore[attr-defined]  # the stubs do not know SelectChoice of 3.3

from urbact_calls.accounts.queries import names_of
from urbact_calls.calls import queries, services
from urbact_calls.calls.forms import ConfirmTermsForm
from urbact_calls.calls.glance import source_of
from urbact_calls.calls.models import Call
from urbact_calls.calls.term_forms import TermForm, term_form
from urbact_calls.calls.term_words import WORDS, in_words, may_be_empty, words_of
from urbact_calls.calls.views.blueprint import blueprint
from urbact_calls.calls.views.office import call_office
from urbact_calls.database import db
from urbact_calls.domain.permissions import auditor
from urbact_calls.domain.permissions import office as joint_secretariat
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.terms import Provenance
from urbact_calls.domain.vocabulary import Confidence
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.forms import attach


@blueprint.route("/office/calls/<code>/terms/<term>")
@requires(joint_secretariat | auditor)
def term(code: str, term: str) -> ResponseReturnValue:
    """One term: its value, where it comes from, who confirmed it."""
    call = _call_with(code, term)
    return _term_page(call, term, term_form(term, call.terms, call.version)), 200


@blueprint.route("/office/calls/<code>/terms/<term>", methods=["POST"])
@requires(joint_secretariat)
def edit_term(code: str, term: str) -> ResponseReturnValue:
    """Saves a value that somebody must still confirm."""
    return _write(code, term, services.edit_term, "Saved. The term waits to be confirmed.")


@blueprint.route("/office/calls/<code>/terms/<term>/confirmation", methods=["POST"])
@requires(joint_secretariat)
def confirm_term(code: str, term: str) -> ResponseReturnValue:
    """Saves a value and confirms it."""
    return _write(code, term, services.confirm_term, "Saved and confirmed.")


@blueprint.route("/office/calls/<code>/confirmations", methods=["POST"])
@requires(joint_secretariat)
def confirm_terms(code: str) -> ResponseReturnValue:
    """Confirms the terms that are ticked, as they stand, by one source."""
    call = queries.by_code(db.session(), code)
    form = ConfirmTermsForm()
    form.names.choices = [SelectChoice(name, name) for name in WORDS]
    if form.validate():
        try:
            services.confirm_terms(
                code,
                names=form.names.data or (),
                source=str(form.source.data or ""),
                version=form.seen_version,
                actor=current_actor(),
                now=g.received_at,
            )
        except Refused as problem:
            attach(form, problem.refusals)
        except Stale as problem:
            db.session.rollback()
            form.version.data = str(call.version)
            return call_office(call, form, (f"{problem} Your ticks are still below; read the terms again.",)), 409
        else:
            flash("The terms are confirmed.", "good")
            return redirect(url_for("calls.office", code=code))
    db.session.rollback()
    return call_office(call, form), 422


def _call_with(code: str, term: str) -> Call:
    if term not in WORDS:
        raise NotFound(f"term {term}")
    return queries.by_code(db.session(), code)


def _write(code: str, term: str, command: Callable[..., None], done: str) -> ResponseReturnValue:
    call = _call_with(code, term)
    form = term_form(term, call.terms, call.version, formdata=request.form)
    if form.validate():
        try:
            command(
                code,
                term,
                value=form.typed,
                source=" ".join((form.source.data or "").split()),
                note=form.note.data or "",
                version=form.seen_version,
                actor=current_actor(),
                now=g.received_at,
            )
        except Refused as problem:
            attach(form, problem.refusals)
        except Stale:
            db.session.rollback()
            # The next press of the button is about what is shown now.
            form.version.raw_data, form.version.data = None, str(call.version)
            return _term_page(call, term, form, mine=in_words(form.typed)), 409
        else:
            flash(done, "good")
            return redirect(url_for("calls.office", code=code))
    db.session.rollback()
    return _term_page(call, term, form), 422


def _term_page(call: Call, term: str, form: TermForm, mine: str | None = None) -> str:
    terms = call.terms
    provenance = terms.provenance.get(term, Provenance(Confidence.UNKNOWN))
    people = names_of(db.session(), [provenance.confirmed_by] if provenance.confirmed_by else [])
    return render_template(
        "calls/term.html",
        call=call,
        term=term,
        words=WORDS[term],
        value=words_of(terms, term),
        source=source_of(terms, term),
        provenance=provenance,
        confirmed_by=people.get(provenance.confirmed_by or 0, "somebody whose account is gone"),
        may_be_empty=may_be_empty(term),
        form=form,
        mine=mine,
        may_edit=call.published_at is None and joint_secretariat(current_actor()),
    )
