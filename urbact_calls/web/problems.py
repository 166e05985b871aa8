"""Error pages and problem documents: what cannot be done, why, and what is safe."""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus

from flask import Flask, Response, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException, SecurityError

from urbact_calls.database import db, let_go
from urbact_calls.domain.permissions import ANONYMOUS, STRANGER
from urbact_calls.domain.refusal import MovedOn, NotFound, Refusal, Refused, Stale
from urbact_calls.domain.text import say
from urbact_calls.subjects import names_of
from urbact_calls.web.replayed_form import replayed_form_of_request

_PAGES = {400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503}


API = "/api/"
RETRY_AFTER = "10"


def asked_by_a_program() -> bool:
    """Whether this request is for the interface of programs: it gets problem documents and is never redirected."""
    return request.path.startswith(API)


def problem_page(
    status: int, *, refusals: tuple[Refusal, ...] = (), message: str | None = None
) -> tuple[str | Response, int]:
    """The page for a status; `reference` is the number to give to the help desk. A program gets a document."""
    if asked_by_a_program():
        return problem_document(status, refusals=refusals, detail=message), status
    template = f"errors/{status if status in (400, 403, 404, 409, 413, 422, 429, 500, 503) else 400}.html"
    reference = _reference()
    return render_template(template, refusals=refusals, message=message, reference=reference, status=status), status


def _reference() -> str:
    """The number of the request, which stands in its log lines too; a new one if it was refused before it began."""
    return str(g.get("request_id") or secrets.token_hex(6))


def problem_document(
    status: int, *, refusals: tuple[Refusal, ...] = (), detail: str | None = None, **more: str
) -> Response:
    """A problem as RFC 9457 has it: `application/problem+json`, with every reason in `errors`.

    It does not name the address: a foreign object and one that does not exist must read the same.
    """
    said = detail or "; ".join(say(refusal.message) for refusal in refusals)
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        **({"detail": said} if said else {}),
        **more,
        "reference": _reference(),
        "errors": [
            {
                "code": refusal.code,
                "message": say(refusal.message),
                **({"field": refusal.field} if refusal.field else {}),
            }
            for refusal in refusals
        ],
    }
    answer = Response(json.dumps(document), status, mimetype="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _refused(problem: Refused) -> ResponseReturnValue:
    let_go()
    return problem_page(409, refusals=problem.refusals)


def _stale(problem: Stale) -> ResponseReturnValue:
    let_go()
    return problem_page(409, message=say(problem.message))


def _moved_on(problem: MovedOn) -> ResponseReturnValue:
    """What was seen and what is now, with the way to the subject and with what was typed."""
    let_go()
    if asked_by_a_program():
        return problem_document(409, refusals=problem.refusals), 409
    found = names_of(db.session(), [problem.subject], g.actor, g.get("relation", STRANGER))[problem.subject]
    written = replayed_form_of_request()
    return (
        render_template(
            "errors/409.html",
            message=str(problem),
            href=url_for(found.endpoint, **found.arguments) if found.endpoint else "",
            texts=[field for field in written.fields if field.is_text] if written else [],
        ),
        409,
    )


def _csrf(problem: CSRFError) -> ResponseReturnValue:
    return problem_page(400, message="This form was open for too long, or came from another page. Open it again.")


def _http(problem: HTTPException) -> ResponseReturnValue:
    if isinstance(problem, SecurityError) and not asked_by_a_program():
        # Asked under a foreign name: no address of this site can be built, so there is no page to show.
        return "This site has another address.\n", 400, {"Content-Type": "text/plain; charset=utf-8"}
    status = problem.code or 500
    if status not in _PAGES and not (asked_by_a_program() and status >= HTTPStatus.BAD_REQUEST):
        return problem
    body, _ = problem_page(status)
    headers = [(k, v) for k, v in problem.get_headers() if k in ("Allow", "Retry-After")]
    return body, status, headers


def _database_away(problem: DBAPIError | NoConnectionFree) -> ResponseReturnValue:
    """The answer while the database is stopped, busy for too long, or gone in the middle: what was typed comes back."""
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    if isinstance(problem, DBAPIError) and not (
        isinstance(problem, OperationalError) or problem.connection_invalidated
    ):
        raise problem
    # The statement and its parameters stay out of the log: they can hold names and addresses.
    current_app.logger.error("database not reachable: %s", type(cause).__name__)
    let_go()
    # The page must not ask the database who is reading it.
    g.actor = ANONYMOUS
    if asked_by_a_program():
        answer = problem_document(503)
        answer.headers["Retry-After"] = RETRY_AFTER
        return answer
    again = request.full_path.removesuffix("?") if request.method == "GET" and request.url_rule else None
    page = render_template("errors/503.html", reference=_reference(), replayed=replayed_form_of_request(), again=again)
    return page, 503, [("Retry-After", RETRY_AFTER)]


def _fault(problem: Exception) -> ResponseReturnValue:
    let_go()
    g.setdefault("actor", ANONYMOUS)
    body, _ = problem_page(500)
    return body, 500


def register(app: Flask) -> None:
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(Stale, _stale)
    app.register_error_handler(MovedOn, _moved_on)
    app.register_error_handler(NotFound, lambda _problem: problem_page(404))
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database_away)
    app.register_error_handler(NoConnectionFree, _database_away)
    app.register_error_handler(500, _fault)
