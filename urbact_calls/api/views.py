"""`/api/v1`: each view is an operation, declared with its classes; its docstring is what the document says of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Annotated, Any

from flask import Blueprint, Response, g, jsonify, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from pydantic import Field
from werkzeug.exceptions import Unauthorized

from urbact_calls.accounts.commands.tokens import note_use
from urbact_calls.accounts.models import ApiToken
from urbact_calls.accounts.reads import token_of
from urbact_calls.api import answers, commands, requests
from urbact_calls.api.openapi import OPERATIONS, Operation, openapi
from urbact_calls.api.reads import published_calls, terms_at
from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import by_reference, own_applications, public_state
from urbact_calls.applications.reads.interests import actor_of
from urbact_calls.applications.submission import commands as submission
from urbact_calls.applications.views import application_of, may_read, shown_state, summary_of
from urbact_calls.calls import reads as calls
from urbact_calls.catalogue.reads import networks_and_cities as catalogue
from urbact_calls.database import db
from urbact_calls.domain.permissions import ANONYMOUS, applicant, signed_in
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import PublicState, Word
from urbact_calls.domain.workflow.machine import Offer
from urbact_calls.eligibility.reports.reads.report import report_for
from urbact_calls.exchange.dossier_reader import DossierFields, read
from urbact_calls.exchange.examination import AnswerFields, Examination, examine_text, printed
from urbact_calls.exchange.strict_json import ExchangeFault, one_line
from urbact_calls.paging import Page
from urbact_calls.web.access import View, current_actor, public, requires
from urbact_calls.web.limits import limit
from urbact_calls.web.problems import problem_document
from urbact_calls.workflow.lives import offers, seen_by

blueprint = Blueprint("api", __name__)

IGNORED = ("submitted_at", "other_applications", "expected")
SELDOM = "60 per 5 minutes"
_BEARER = re.compile(r"bearer +(?P<token>[A-Za-z0-9._~+/=-]{1,200})", re.IGNORECASE)


@blueprint.record_once
def _without_form_tokens(state: BlueprintSetupState) -> None:
    # A form token guards what a cookie could do; here a cookie can do nothing.
    state.app.extensions["csrf"].exempt(blueprint)


@blueprint.before_request
def authenticate() -> None:
    """Makes the owner of the bearer token the actor of this request; without a token it is a visitor.

    A cookie opens nothing here, so no page of another site can act. Raises Unauthorized for a token that opens
    nothing, also where a visitor would be answered: whoever sends a token must learn that it has ended.
    """
    g.actor, g.asks_as = ANONYMOUS, get_remote_address()
    header = request.headers.get("Authorization")
    if header is None:
        return
    match = _BEARER.fullmatch(header.strip())
    token = token_of(db.session(), match["token"]) if match else None
    if token is None or not token.is_in_force(g.received_at):
        raise Unauthorized

    user, used, number = token.user, token.last_used_at, token.id
    roles = frozenset(grant.role for grant in user.grants)
    g.actor = actor_of(db.session(), user.id, user.name, roles, g.received_at)
    g.asks_as = f"account {user.id}"
    if used is None or g.received_at - used >= ApiToken.USE_IS_NOTED_EVERY:
        note_use(number, g.received_at)


def asks_as() -> str:
    """By whom requests are counted: the owner of the token, else the address of the machine."""
    return str(g.asks_as)


@blueprint.errorhandler(requests.BadQuery)
def _bad_query(problem: requests.BadQuery) -> ResponseReturnValue:
    return problem_document(400, refusals=(problem.refusal,))


FAULT = message("exchange.fault", "{problem}")


@blueprint.errorhandler(ExchangeFault)
def _fault(fault: ExchangeFault) -> ResponseReturnValue:
    db.session.rollback()
    dossier, place = one_line(fault.dossier), one_line(fault.where)
    reason = Refusal(FAULT(problem=one_line(fault.what)), place)
    return problem_document(422, refusals=(reason,), detail=str(fault), dossier=dossier, place=place)


def serves(method: str, path: str, **declared: Any) -> Callable[[View], View]:
    """Puts a view at an address and into the document, with what `Operation` asks to be declared.

    A view that is asked something after the `?` gets it as `asked`.
    """

    def declare(view: View) -> View:
        summary, _, description = (view.__doc__ or "").partition("\n")
        operation = Operation(
            name=view.__name__,
            method=method,
            path=path,
            summary=summary.removesuffix("."),
            description=" ".join(description.split()),
            is_public=view.access.is_public,  # type: ignore[attr-defined]
            **declared,
        )
        OPERATIONS[operation.name] = operation
        paced = limit(operation.pace, key_func=asks_as)(view)

        @wraps(view)
        def answered(**arguments: Any) -> ResponseReturnValue:
            asked = requests.question_of_request(operation.query)
            return paced(**arguments, **({"asked": asked} if operation.query.model_fields else {}))

        blueprint.add_url_rule(operation.rule, operation.name, answered, methods=[method])
        return answered

    return declare


def _answer(told: object) -> Response:
    """What is told, as the answer that the operation declares."""
    answer: type[AnswerFields] = OPERATIONS[str(request.endpoint).removeprefix("api.")].answer
    return jsonify(answer.model_validate(told, context=g.received_at).model_dump(mode="json"))


def _page(found: Page[Any], asked: requests.PageQuestion) -> Response:
    """Items with the address of those that follow; it repeats what was asked."""
    following = {**{name: getattr(asked, name) for name in request.args}, "after": found.after}
    following_at = url_for(str(request.endpoint), **following) if found.after else None
    return _answer({"items": found.rows, "next": following_at})


@serves("GET", "/openapi.json", answer=Annotated[dict[str, Any], Field(examples=[{"openapi": "3.1.0"}])])
@public
def describe() -> ResponseReturnValue:
    """This document."""
    return jsonify(openapi())


@serves("GET", "/calls", answer=answers.PageOut[answers.CallOut], query=requests.PageQuestion)
@public
def list_calls(asked: requests.PageQuestion) -> ResponseReturnValue:
    """The published calls, in the order of their codes."""
    return _page(published_calls(db.session(), g.received_at, after=asked.after, size=asked.limit), asked)


@serves("GET", "/calls/{code}", answer=answers.CallInFullOut, refuses=(404,))
@public
def read_call(code: str) -> ResponseReturnValue:
    """A call with its terms.

    Each term has its value, how well it is known, and where from. Amounts are whole cents, rates basis points; null
    is not limited, or not known.
    """
    return _answer(calls.published(db.session(), code, g.received_at))


@serves("GET", "/networks", answer=answers.PageOut[answers.NetworkOut], query=requests.NetworkQuestion)
@public
def list_networks(asked: requests.NetworkQuestion) -> ResponseReturnValue:
    """Networks with their members, in the order of their slugs."""
    return _page(catalogue.networks(db.session(), asked.filters(), after=asked.after, size=asked.limit), asked)


@serves("GET", "/networks/{slug}", answer=answers.NetworkInFullOut, refuses=(404,))
@public
def read_network(slug: str) -> ResponseReturnValue:
    """A network with members, plans and stages."""
    return _answer(catalogue.network(db.session(), slug))


@serves("GET", "/cities", answer=answers.PageOut[answers.CityOut], query=requests.CityQuestion)
@public
def list_cities(asked: requests.CityQuestion) -> ResponseReturnValue:
    """Cities and other bodies that are or were members of a network, in the order of their slugs."""
    return _page(catalogue.cities(db.session(), asked.filters(), after=asked.after, size=asked.limit), asked)


@serves("POST", "/examinations", answer=list[Examination], body=requests.DossiersIn, pace=SELDOM)
@public
def examine() -> ResponseReturnValue:
    """Examine dossiers against the rules of their calls.

    One dossier, or a list of at most 100; at most 2 MB. Stores nothing. The answers are those of the command
    `dossier examine`, in the same order.
    """
    # The very bytes that the command prints; no database is asked.
    return Response(printed(examine_text(requests.dossiers_of_request())), mimetype="application/json")


@serves("GET", "/applications", answer=answers.PageOut[answers.ApplicationHeadOut], query=requests.PageQuestion)
@requires(signed_in)
def list_applications(asked: requests.PageQuestion) -> ResponseReturnValue:
    """The applications that the owner of the token takes part in, the newest first."""
    found = own_applications(db.session(), current_actor(), after=asked.after, size=asked.limit)
    heads = [_head(each, public_state(each, g.received_at)) for each in found.rows]
    return _page(Page(heads, found.after), asked)


@serves("POST", "/applications", answer=answers.StartedOut, body=DossierFields, status=201, refuses=(409,), pace=SELDOM)
@requires(signed_in)
def start_application() -> ResponseReturnValue:
    """Start a draft from a dossier.

    At most 2 MB. The call must be open and the owner of the token must work for the lead partner. `submitted_at`,
    `other_applications` and `expected` are ignored. Organisations that are not known yet are entered and not
    verified. `not_kept` says what else of the dossier the draft does not hold.
    """
    text, fields = requests.dossier_of_request()
    [exchanged] = read(text, terms_at(db.session(), g.received_at))
    started = commands.start_from_dossier(exchanged, current_actor(), g.received_at)
    ignored = [field for field in IGNORED if field in fields]
    answer = _answer({**asdict(started), "state": PublicState.DRAFT, "ignored": ignored})
    return answer, 201, {"Location": url_for("api.read_application", reference=started.reference)}


@serves("GET", "/applications/{reference}", answer=answers.ApplicationOut, refuses=(404,))
@requires(may_read, of=application_of)
def read_application(application: Application) -> ResponseReturnValue:
    """Where an application stands and what can be done with it.

    `actions` are the steps that the owner of the token may know of; `refusals` close a step, and `seen` is sent back
    with it. `advice` is the rule book on a draft, `report` the one that the owner may see after that.
    """
    return _shown(application)


@serves(
    "POST",
    "/applications/{reference}/transitions/{name}",
    answer=answers.ApplicationOut,
    body=requests.StepIn,
    body_is_required=False,
    refuses=(404, 409),
    pace=SELDOM,
)
@requires(may_read, of=application_of)
def take_transition(application: Application, name: str) -> ResponseReturnValue:
    """Take a step in the life of an application.

    Send the `seen` of the action that you read, and the reason where one is required. A request that arrives late, or
    twice, is then refused when something has happened to the application since. Without it only the state is looked
    at.
    """
    reference, step = application.reference, requests.step_of_request()
    actor = current_actor()
    if late := submission.lateness(application, name, actor, g.relation, g.received_at):
        submission.keep_late(application.subject, name, late, actor, g.received_at)
        raise Refused(late)
    submission.take_transition(reference, name, actor, g.received_at, step.reason, seen=step.seen)
    return _shown(by_reference(db.session(), reference))


def _head(row: Application, state: Word) -> dict[str, Any]:
    columns = {name: getattr(row, name) for name in ("reference", "acronym", "title", "submitted_at")}
    return {**columns, "call": row.call.code, "state": state, "state_label": state.label}


def _shown(application: Application) -> Response:
    """The application as this reader sees it on its page."""
    session, now, actor = db.session(), g.received_at, current_actor()
    summary = summary_of(application)
    state = shown_state(application)
    seen = seen_by(session, application, actor, g.relation)
    told = {
        **_head(summary.application, state),
        "partners": summary.dossier.partners,
        "actions": [_action(application, offer, seen) for offer in offers(session, application, actor, now)],
        "advice": summary.advice.findings if state is PublicState.DRAFT else None,
        "report": report_for(session, application, is_applicant=applicant(actor, g.relation)),
    }
    return _answer(told)


def _action(row: Application, offer: Offer, seen: int) -> dict[str, Any]:
    href = url_for("api.take_transition", reference=row.reference, name=offer.name)
    told = {name: getattr(offer, name) for name in ("name", "label", "reason_required", "refusals")}
    return {**told, "href": href, "open": offer.is_open, "seen": seen}
