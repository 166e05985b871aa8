"""The calls for the Joint Secretariat: making one, its dates, publishing it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice  # type: ignore[attr-defined]  # the stubs do not know SelectChoice of 3.3

from urbact_calls.accounts.queries import names_of
from urbact_calls.calls import dates, operations, queries, services
from urbact_calls.calls.forms import ConfirmTermsForm, NewCallForm, PublishForm
from urbact_calls.calls.glance import source_of
from urbact_calls.calls.models import Call
from urbact_calls.calls.term_words import GROUPS, WORDS, words_of
from urbact_calls.calls.views.blueprint import blueprint, copied_from, spelled
from urbact_calls.database import db
from urbact_calls.domain.permissions import auditor
from urbact_calls.domain.permissions import office as joint_secretariat
from urbact_calls.domain.refusal import Refused, Stale
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import CallPhase, NetworkType
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.forms import attach


@blueprint.route("/office/calls/")
@requires(joint_secretariat | auditor)
def office_index() -> ResponseReturnValue:
    """Every call, published or not."""
    return render_template(
        "calls/office_index.html",
        calls=queries.all_calls(db.session()),
        now=g.received_at,
        may_make=joint_secretariat(current_actor()),
    )


@blueprint.route("/office/calls/<code>")
@requires(joint_secretariat | auditor)
def office(code: str) -> ResponseReturnValue:
    """The dates of a call, and the figures that a person must still confirm."""
    if code != spelled(code):
        return redirect(url_for("calls.office", code=spelled(code)))
    return call_office(queries.by_code(db.session(), code)), 200


def call_office(call: Call, chosen: ConfirmTermsForm | None = None, refusals: tuple[str, ...] = ()) -> str:
    """The page of a call for the office: what is confirmed, what is missing, and its dates."""
    terms = call.terms
    open_terms = terms.unconfirmed()
    confirmed_by = {each.confirmed_by for each in terms.provenance.values() if each.confirmed_by}
    form = chosen or ConfirmTermsForm(formdata=None, version=str(call.version))
    form.names.choices = [SelectChoice(name, name) for name in open_terms]
    return render_template(
        "calls/office.html",
        call=call,
        terms=terms,
        phase=call.phase(g.received_at),
        events=dates.events(call, terms, g.received_at),
        settled=_grouped(set(WORDS).difference(() if call.published_at else open_terms)),
        waiting=_grouped(open_terms),
        labels={name: words.label for name, words in WORDS.items()},
        words_of=words_of,
        source_of=source_of,
        open_terms=open_terms,
        obstacles=[] if call.published_at else operations.obstacles(call, g.received_at),
        people=names_of(db.session(), confirmed_by),
        form=form,
        refusals=refusals,
        may_edit=call.published_at is None and joint_secretariat(current_actor()),
        may_close=_may_close(call),
        may_reopen=_may_reopen(call),
        copied_from=copied_from(call),
    )


def _grouped(chosen: Collection[str]) -> dict[str, dict[str, Any]]:
    """The groups of terms with those of each that are among the chosen; a group without any is left out."""
    groups = {
        group: {name: words for name, words in names.items() if name in chosen} for group, names in GROUPS.items()
    }
    return {group: names for group, names in groups.items() if names}


@blueprint.route("/office/calls/new", methods=["GET", "POST"])
@requires(joint_secretariat)
def new() -> ResponseReturnValue:
    """Makes an unpublished call with the terms of another one."""
    form = NewCallForm()
    form.copied_from.choices = _calls_to_copy()
    if form.validate_on_submit():
        code = spelled(str(form.code.data))
        try:
            services.create(
                code=code,
                title=str(form.title.data),
                network_type=NetworkType(form.network_type.data),
                copied_from=form.copied_from.data or None,
                opens_at=form.opens_at,
                closes_at=form.closes_at,
                actor=current_actor(),
                now=g.received_at,
            )
        except Refused as problem:
            attach(form, problem.refusals)
        else:
            flash("The call is made. It is not public before it is published.", "good")
            return redirect(url_for("calls.office", code=code))
    return render_template("calls/new.html", form=form), 422 if form.is_submitted() else 200


def _calls_to_copy() -> list[SelectChoice]:
    calls = [call for call in queries.all_calls(db.session()) if not call.is_demonstration]
    return [
        SelectChoice("", "The defaults of the type"),
        *(SelectChoice(call.code, f"{call.code} {call.title}") for call in calls),
    ]


@blueprint.route("/office/calls/<code>/publish", methods=["POST"])
@requires(joint_secretariat)
def publish(code: str) -> ResponseReturnValue:
    """Publishes a call whose terms are all confirmed."""
    form = PublishForm()
    call = queries.by_code(db.session(), code)
    try:
        services.publish(code, version=form.seen_version, actor=current_actor(), now=g.received_at)
    except Refused as problem:
        db.session.rollback()
        return call_office(call, refusals=tuple(say(refusal.message) for refusal in problem.refusals)), 409
    except Stale as problem:
        db.session.rollback()
        return call_office(call, refusals=(f"{problem} Read them again, then publish.",)), 409
    flash("The call is published. Its terms are fixed now.", "good")
    return redirect(url_for("calls.office", code=code))


@blueprint.route("/office/calls/<code>/close", methods=["POST"])
@requires(joint_secretariat)
def close(code: str) -> ResponseReturnValue:
    """Closes a demonstration call now."""
    services.close_demonstration(code, current_actor(), g.received_at)
    flash("The call is closed. The official reports are made now.", "good")
    return redirect(url_for("calls.office", code=code))


@blueprint.route("/office/calls/<code>/reopen", methods=["POST"])
@requires(joint_secretariat)
def reopen(code: str) -> ResponseReturnValue:
    """Opens a demonstration call again."""
    services.reopen_demonstration(code, current_actor(), g.received_at)
    flash("The call is open again for 60 days.", "good")
    return redirect(url_for("calls.office", code=code))


def _may_close(call: Call) -> bool:
    is_open = call.takes_applications(g.received_at) and g.received_at < call.closes_at
    return call.is_demonstration and is_open and joint_secretariat(current_actor())


def _may_reopen(call: Call) -> bool:
    is_closed = call.phase(g.received_at) is CallPhase.CLOSED
    return call.is_demonstration and is_closed and joint_secretariat(current_actor())
