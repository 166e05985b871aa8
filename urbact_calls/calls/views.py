"""The calls for the public, and their dates for the Joint Secretariat."""

from __future__ import annotations

import re

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.calls import dates, glance, queries, services
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.domain.permissions import auditor
from urbact_calls.domain.permissions import office as joint_secretariat
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import CallPhase
from urbact_calls.web.access import current_actor, public, requires

blueprint = Blueprint("calls", __name__)


@blueprint.route("/calls/")
@public
def index() -> ResponseReturnValue:
    """All published calls, with the results of past ones."""
    calls = queries.by_phase(db.session(), g.received_at)
    every_call = (*calls.upcoming, *calls.open, *calls.closed)
    return render_template(
        "calls/index.html",
        calls=calls,
        terms={call.code: CallTerms.from_json(call.terms) for call in every_call},
        left={call.code: dates.time_left(call, g.received_at) for call in calls.open},
    )


@blueprint.route("/calls/<code>")
@public
def show(code: str) -> ResponseReturnValue:
    """One call: what it asks for, by when, and what happens next."""
    if code != spelled(code):
        return redirect(url_for("calls.show", code=spelled(code)), 301)
    call = queries.published(db.session(), code, g.received_at)
    terms = CallTerms.from_json(call.terms)
    return render_template(
        "calls/show.html",
        call=call,
        terms=terms,
        phase=call.phase(g.received_at),
        left=dates.time_left(call, g.received_at),
        events=dates.events(call, terms, g.received_at),
        glance=glance,
        actor=current_actor(),
        sees_office=(joint_secretariat | auditor)(current_actor()),
    )


@blueprint.route("/office/calls/")
@requires(joint_secretariat | auditor)
def office_index() -> ResponseReturnValue:
    """Every call, published or not."""
    return render_template("calls/office_index.html", calls=queries.all_calls(db.session()), now=g.received_at)


@blueprint.route("/office/calls/<code>")
@requires(joint_secretariat | auditor)
def office(code: str) -> ResponseReturnValue:
    """The dates of a call, and the figures that a person must still confirm."""
    if code != spelled(code):
        return redirect(url_for("calls.office", code=spelled(code)))
    call = queries.by_code(db.session(), code)
    terms = CallTerms.from_json(call.terms)
    return render_template(
        "calls/office.html",
        call=call,
        terms=terms,
        phase=call.phase(g.received_at),
        events=dates.events(call, terms, g.received_at),
        glance=glance,
        may_close=_may_close(call),
        may_reopen=_may_reopen(call),
    )


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


def spelled(code: str) -> str:
    """The code as it is written: upper case, parts joined by a hyphen."""
    return "-".join(re.split(r"[\s_-]+", code.strip())).upper()


def _may_close(call: Call) -> bool:
    is_open = call.takes_applications(g.received_at) and g.received_at < call.closes_at
    return call.is_demonstration and is_open and joint_secretariat(current_actor())


def _may_reopen(call: Call) -> bool:
    is_closed = call.phase(g.received_at) is CallPhase.CLOSED
    return call.is_demonstration and is_closed and joint_secretariat(current_actor())
