"""`/api/v1`: each view is one operation of the table in `contract`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from flask import Blueprint, Response, g, jsonify, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

import urbact_calls.calls.queries as calls
import urbact_calls.catalogue.queries as catalogue
from urbact_calls.api import bodies, representations, services
from urbact_calls.api.authentication import asks_as, authenticate
from urbact_calls.api.contract import DEFAULT_LIMIT, OPERATIONS, Operation
from urbact_calls.api.document import openapi
from urbact_calls.api.queries import published_calls, terms_at
from urbact_calls.applications.models import Application
from urbact_calls.applications.outline import outline_of
from urbact_calls.applications.queries import by_reference
from urbact_calls.applications.views.blueprint import application_of, may_read, shown_state
from urbact_calls.casework import services as casework
from urbact_calls.catalogue.filters import Filters
from urbact_calls.database import db
from urbact_calls.domain.permissions import applicant, signed_in
from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.vocabulary import NetworkType, PublicState
from urbact_calls.eligibility.queries import report_for
from urbact_calls.exchange import ExchangeFault, examine_text, printed, read
from urbact_calls.exchange.strict_json import one_line
from urbact_calls.web.access import View, current_actor, public, requires
from urbact_calls.web.limits import limit
from urbact_calls.web.problems import problem_document
from urbact_calls.workflow.take import offers, seen_by

blueprint = Blueprint("api", __name__)
blueprint.before_request(authenticate)

IGNORED = ("submitted_at", "other_applications", "expected")


@blueprint.record_once
def _without_form_tokens(state: BlueprintSetupState) -> None:
    # A form token guards what a cookie could do; here a cookie can do nothing.
    state.app.extensions["csrf"].exempt(blueprint)


class BadQuery(Exception):
    """A question after the `?` that this operation does not answer."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.refusal = Refusal("query.parameter", message, name)


@blueprint.errorhandler(BadQuery)
def _bad_query(problem: BadQuery) -> ResponseReturnValue:
    return problem_document(400, refusals=(problem.refusal,))


@blueprint.errorhandler(ExchangeFault)
def _fault(fault: ExchangeFault) -> ResponseReturnValue:
    db.session.rollback()
    dossier, place = one_line(fault.dossier), one_line(fault.where)
    reason = Refusal("exchange.fault", one_line(fault.what), place)
    return problem_document(422, refusals=(reason,), detail=str(fault), dossier=dossier, place=place)


def serves(name: str) -> Callable[[View], View]:
    """Puts a view at the address of an operation; what was asked after the `?` is `g.asked`."""
    operation = OPERATIONS[name]

    def declare(view: View) -> View:
        paced = limit(operation.pace, key_func=asks_as)(view)

        @wraps(view)
        def answer(**arguments: Any) -> ResponseReturnValue:
            g.asked = _asked(operation)
            return paced(**arguments)

        blueprint.add_url_rule(operation.rule, name, answer, methods=[operation.method])
        return view

    return declare


def _asked(operation: Operation) -> dict[str, Any]:
    known = {parameter.name: parameter for parameter in operation.query}
    asked = {}
    for name, values in request.args.lists():
        shown = one_line(name)[:100]
        if name not in known:
            raise BadQuery(shown, f"“{shown}” is not a query parameter of this address.")
        if len(values) > 1:
            raise BadQuery(shown, f"“{shown}” stands twice.")
        try:
            asked[name] = known[name].read(values[0])
        except ValueError as problem:
            raise BadQuery(shown, f"“{shown}” must be {known[name].expected}.") from problem
    return asked


def _page(items: Sequence[Any], after: str | None) -> Response:
    """Items with the address of those that follow; it repeats what was asked."""
    following = {**g.asked, "after": after}
    return jsonify(items=items, next=url_for(str(request.endpoint), **following) if after else None)


def _size() -> int:
    return int(g.asked.get("limit", DEFAULT_LIMIT))


def _filters() -> Filters:
    wanted = g.asked.get("type")
    return Filters(
        words=g.asked.get("q", "").strip(),
        type=NetworkType(wanted) if wanted else None,
        country=g.asked.get("country", ""),
        theme=g.asked.get("theme", ""),
    )


@serves("describe")
@public
def describe() -> ResponseReturnValue:
    return jsonify(openapi())


@serves("list_calls")
@public
def list_calls() -> ResponseReturnValue:
    found = published_calls(db.session(), g.received_at, after=g.asked.get("after"), size=_size())
    return _page([representations.call(each, g.received_at) for each in found.rows], found.after)


@serves("read_call")
@public
def read_call(code: str) -> ResponseReturnValue:
    return jsonify(representations.call_in_full(calls.published(db.session(), code, g.received_at), g.received_at))


@serves("list_networks")
@public
def list_networks() -> ResponseReturnValue:
    found = catalogue.networks(db.session(), _filters(), after=g.asked.get("after"), size=_size())
    return _page([representations.network(each) for each in found.rows], found.after)


@serves("read_network")
@public
def read_network(slug: str) -> ResponseReturnValue:
    return jsonify(representations.network_in_full(catalogue.network(db.session(), slug)))


@serves("list_cities")
@public
def list_cities() -> ResponseReturnValue:
    found = catalogue.cities(db.session(), _filters(), after=g.asked.get("after"), size=_size())
    return _page([representations.city(each) for each in found.rows], found.after)


@serves("examine")
@public
def examine() -> ResponseReturnValue:
    """The very bytes that the command prints; no database is asked."""
    return Response(printed(examine_text(bodies.dossiers_of_request())), mimetype="application/json")


@serves("start_application")
@requires(signed_in)
def start_application() -> ResponseReturnValue:
    text, fields = bodies.dossier_of_request()
    [exchanged] = read(text, terms_at(db.session(), g.received_at))
    started = services.start_from_dossier(exchanged, current_actor(), g.received_at)
    answer = jsonify(
        reference=started.reference,
        state=PublicState.DRAFT.value,
        ignored=[field for field in IGNORED if field in fields],
        not_kept=started.not_kept,
    )
    return answer, 201, {"Location": url_for("api.read_application", reference=started.reference)}


@serves("read_application")
@requires(may_read, of=application_of)
def read_application(application: Application) -> ResponseReturnValue:
    return jsonify(_shown(application))


@serves("take_transition")
@requires(may_read, of=application_of)
def take_transition(application: Application, name: str) -> ResponseReturnValue:
    reference, step = application.reference, bodies.step_of_request()
    casework.take_transition(reference, name, current_actor(), g.received_at, step.reason, seen=step.seen)
    return jsonify(_shown(by_reference(db.session(), reference)))


def _shown(application: Application) -> dict[str, Any]:
    """The application as this reader sees it on its page."""
    session, now, actor = db.session(), g.received_at, current_actor()
    outline = outline_of(session, application, now)
    state = shown_state(application)
    return representations.application(
        outline,
        state=state,
        offers=offers(session, application, actor, now),
        seen=seen_by(session, application, actor, g.relation),
        advice=outline.advice.findings if state is PublicState.DRAFT else None,
        report=report_for(session, application, is_applicant=applicant(actor, g.relation)),
    )
