"""Pages of the Joint Secretariat about calls: making one, its terms and dates, confirming, publishing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.accounts.reads import names_of
from urbact_calls.calls import reads
from urbact_calls.calls.definition import commands
from urbact_calls.calls.definition.forms import ConfirmTermsForm, NewCallForm, TermForm, term_form
from urbact_calls.calls.models import Call
from urbact_calls.calls.publication.reads import dates
from urbact_calls.calls.publication.reads.announcement import announced_on
from urbact_calls.calls.publication.reads.call_facts import source_of
from urbact_calls.calls.views import blueprint, copied_from, spelled
from urbact_calls.database import db
from urbact_calls.domain.permissions import auditor
from urbact_calls.domain.permissions import office as permissions_office
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.term_words import GROUPS, WORDS, in_words, may_be_empty, words_of
from urbact_calls.domain.terms import Provenance
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import CallPhase, Confidence, NetworkType
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.form_answers import attempt, done
from urbact_calls.web.forms import SelectChoice, VersionForm, attach


@blueprint.route("/office/calls/")
@requires(permissions_office | auditor)
def office_index() -> ResponseReturnValue:
    """Every call, published or not."""
    return render_template(
        "calls/office_index.html",
        calls=reads.all_calls(db.session()),
        now=g.received_at,
        may_make=permissions_office(current_actor()),
    )


@blueprint.route("/office/calls/<code>")
@requires(permissions_office | auditor)
def office(code: str) -> ResponseReturnValue:
    """The dates of a call, and the figures that a person must still confirm."""
    if code != spelled(code):
        return redirect(url_for("calls.office", code=spelled(code)))
    return call_office(reads.by_code(db.session(), code)), 200


def call_office(call: Call, chosen: ConfirmTermsForm | None = None, refusals: tuple[str, ...] = ()) -> str:
    """The page of a call for the office: what is confirmed, what is missing, and its dates."""
    terms = call.terms
    open_terms = terms.unconfirmed()
    confirmed_by = {each.confirmed_by for each in terms.provenance.values() if each.confirmed_by}
    form = chosen or ConfirmTermsForm(formdata=None, version=str(call.version))
    form.names.choices = [SelectChoice(name, name) for name in open_terms]
    phase, may_move = call.phase(g.received_at), call.is_demonstration and permissions_office(current_actor())
    return render_template(
        "calls/office.html",
        call=call,
        terms=terms,
        phase=phase,
        events=dates.events(call, g.received_at, announced_on(db.session(), [call]).get(call.id)),
        confirmed=_grouped(set(WORDS).difference(() if call.published_at else open_terms)),
        unconfirmed=_grouped(open_terms),
        labels={name: words.label for name, words in WORDS.items()},
        words_of=words_of,
        source_of=source_of,
        open_terms=open_terms,
        obstacles=[] if call.published_at else commands.obstacles(call, g.received_at),
        people=names_of(db.session(), confirmed_by),
        form=form,
        refusals=refusals,
        may_edit=call.published_at is None and permissions_office(current_actor()),
        may_close=may_move and call.takes_applications(g.received_at) and g.received_at < call.closes_at,
        may_reopen=may_move and phase is CallPhase.CLOSED,
        copied_from=copied_from(call),
    )


def _grouped(chosen: Collection[str]) -> dict[str, dict[str, Any]]:
    """The groups of terms with those of each that are among the chosen; a group without any is left out."""
    groups = {
        group: {name: words for name, words in names.items() if name in chosen} for group, names in GROUPS.items()
    }
    return {group: names for group, names in groups.items() if names}


@blueprint.route("/office/calls/new", methods=["GET", "POST"])
@requires(permissions_office)
def new() -> ResponseReturnValue:
    """Makes an unpublished call with the terms of another one."""
    form = NewCallForm()
    form.copied_from.choices = _calls_to_copy()
    code = spelled(str(form.code.data))
    failed = attempt(
        form,
        lambda: commands.create(
            code=code,
            title=str(form.title.data),
            network_type=NetworkType(form.network_type.data),
            copied_from=form.copied_from.data or None,
            opens_at=form.opens_at,
            closes_at=form.closes_at,
            actor=current_actor(),
            now=g.received_at,
        ),
    )
    if failed is None:
        return done("The call is made. It is not public before it is published.", "calls.office", code=code)
    return render_template("calls/new.html", form=form), failed


def _calls_to_copy() -> list[SelectChoice]:
    calls = [call for call in reads.all_calls(db.session()) if not call.is_demonstration]
    return [
        SelectChoice("", "The defaults of the type"),
        *(SelectChoice(call.code, f"{call.code} {call.title}") for call in calls),
    ]


@blueprint.route("/office/calls/<code>/publish", methods=["POST"])
@requires(permissions_office)
def publish(code: str) -> ResponseReturnValue:
    """Publishes a call whose terms are all confirmed."""
    form = VersionForm()
    call = reads.by_code(db.session(), code)
    try:
        commands.publish(code, version=form.version.number, actor=current_actor(), now=g.received_at)
    except Refused as problem:
        db.session.rollback()
        return call_office(call, refusals=tuple(say(refusal.message) for refusal in problem.refusals)), 409
    except Stale as problem:
        db.session.rollback()
        return call_office(call, refusals=(f"{problem} Read them again, then publish.",)), 409
    return done("The call is published. Its terms are fixed now.", "calls.office", code=code)


@blueprint.route("/office/calls/<code>/close", methods=["POST"])
@requires(permissions_office)
def close(code: str) -> ResponseReturnValue:
    """Closes a demonstration call now."""
    commands.close_demonstration(code, current_actor(), g.received_at)
    return done("The call is closed. The official reports are made now.", "calls.office", code=code)


@blueprint.route("/office/calls/<code>/reopen", methods=["POST"])
@requires(permissions_office)
def reopen(code: str) -> ResponseReturnValue:
    """Opens a demonstration call again."""
    commands.reopen_demonstration(code, current_actor(), g.received_at)
    return done("The call is open again for 60 days.", "calls.office", code=code)


@blueprint.route("/office/calls/<code>/terms/<term>")
@requires(permissions_office | auditor)
def term(code: str, term: str) -> ResponseReturnValue:
    """One term: its value, where it comes from, who confirmed it."""
    call = _call_with(code, term)
    return _term_page(call, term, term_form(term, call.terms, call.version)), 200


@blueprint.route("/office/calls/<code>/terms/<term>", methods=["POST"])
@requires(permissions_office)
def edit_term(code: str, term: str) -> ResponseReturnValue:
    """Saves a value that somebody must still confirm."""
    return _write(code, term, commands.edit_term, "Saved. The term waits to be confirmed.")


@blueprint.route("/office/calls/<code>/terms/<term>/confirmation", methods=["POST"])
@requires(permissions_office)
def confirm_term(code: str, term: str) -> ResponseReturnValue:
    """Saves a value and confirms it."""
    return _write(code, term, commands.confirm_term, "Saved and confirmed.")


@blueprint.route("/office/calls/<code>/confirmations", methods=["POST"])
@requires(permissions_office)
def confirm_terms(code: str) -> ResponseReturnValue:
    """Confirms the terms that are ticked, as they stand, by one source."""
    call = reads.by_code(db.session(), code)
    form = ConfirmTermsForm()
    form.names.choices = [SelectChoice(name, name) for name in WORDS]
    if form.validate():
        try:
            commands.confirm_terms(
                code,
                names=form.names.data or (),
                source=str(form.source.data or ""),
                version=form.version.number,
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
            return done("The terms are confirmed.", "calls.office", code=code)
    db.session.rollback()
    return call_office(call, form), 422


def _call_with(code: str, term: str) -> Call:
    if term not in WORDS:
        raise NotFound(f"term {term}")
    return reads.by_code(db.session(), code)


def _write(code: str, term: str, command: Callable[..., None], words: str) -> ResponseReturnValue:
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
                version=form.version.number,
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
            return done(words, "calls.office", code=code)
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
        may_edit=call.published_at is None and permissions_office(current_actor()),
    )
