"""Error pages and problem documents: what cannot be done, why, and what is safe."""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus

from flask import Flask, Response, current_app, g, has_request_context, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException, SecurityError

from urbact_calls.database import cannot_write, db, let_go
from urbact_calls.domain.permissions import ANONYMOUS, STRANGER
from urbact_calls.domain.refusal import MovedOn, NotFound, Refusal, Refused, Stale
from urbact_calls.domain.text import say
from urbact_calls.subjects import names_of
from urbact_calls.web.access import asked_by_a_program, current_actor
from urbact_calls.web.replayed_form import Way, WayBack, form_kept, left_out, page_before, way_back

_PAGES = {400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503}
_TEMPLATES = {400, 401, 403, 404, 409, 413, 422, 429, 500, 503}
# Sent again these would be refused again: what was typed is shown.
_SHOWS_ONLY = {403, 404}

RETRY_AFTER = "10"


def problem_page(
    status: int,
    *,
    refusals: tuple[Refusal, ...] = (),
    message: str | None = None,
    way: WayBack | None = None,
    reader_is_known: bool = True,
    **more: object,
) -> tuple[str | Response, int]:
    """The page for a status, with the form that was sent and the way on from there. A program gets a document.

    `reference` is the number to ask about it by. `way` is what is given back where that is known already. Where
    it cannot be asked who is signed in (`reader_is_known`), nobody is asked to sign in either.
    """
    if asked_by_a_program():
        return problem_document(status, refusals=refusals, detail=message), status
    if way is None:
        way = _way_back() if reader_is_known else way_back(is_signed_in=True)
    if way is not None and way.way is Way.NOT_YOURS:
        return render_template("errors/not_yours.html", way_back=way), 403
    template = f"errors/{status if status in _TEMPLATES else 400}.html"
    return (
        render_template(
            template,
            refusals=refusals,
            message=message,
            reference=_reference(),
            status=status,
            way_back=way,
            came_from=_came_from(way),
            **{"is_only_shown": status in _SHOWS_ONLY, **more},
        ),
        status,
    )


def replayed_page() -> ResponseReturnValue | None:
    """The page after signing in, with the form that was kept until then and is sent by whoever reads it; None if no
    form was kept."""
    way = _way_back() if form_kept() else None
    if way is None:
        return None
    if way.way is Way.NOT_YOURS:
        return problem_page(403, way=way)
    return render_template("errors/replayed.html", way_back=way, came_from=_came_from(way))


def _way_back() -> WayBack | None:
    return way_back(is_signed_in=current_actor().is_signed_in)


def _came_from(way: WayBack | None) -> str:
    """The page with the form that was sent; empty if the browser does not say, or if nothing was sent."""
    if request.method != "POST":
        return ""
    return way.form.page if way and way.form else page_before()


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
    # Sent again it would come as late.
    return problem_page(409, message=say(problem.message), is_only_shown=True)


def _moved_on(problem: MovedOn) -> ResponseReturnValue:
    """What was seen and what is now, with the way to the subject and with what was typed."""
    let_go()
    if asked_by_a_program():
        return problem_document(409, refusals=problem.refusals), 409
    found = names_of(db.session(), [problem.subject], g.actor, g.get("relation", STRANGER))[problem.subject]
    href = url_for(found.endpoint, **found.arguments) if found.endpoint else ""
    # It was meant for what the reader had seen: it is shown, and sent from the page as it is now.
    return problem_page(409, message=str(problem), href=href, is_only_shown=True)


def _csrf(_problem: CSRFError) -> ResponseReturnValue:
    """The token is too old, or of a session that has ended; or the request was made by another site."""
    try:
        way = _way_back()
    except (DBAPIError, NoConnectionFree) as away:
        return _database_away(away)
    if way is None or (way.form and not way.form.typist):
        words = "This form was open for too long, or came from another page."
        return problem_page(400, message=words, way=way)
    return problem_page(401 if way.way is Way.SIGN_IN else 400, way=way, is_too_old=True)


def _http(problem: HTTPException) -> ResponseReturnValue:
    if isinstance(problem, SecurityError) and not asked_by_a_program():
        # Asked under a foreign name: no address of this site can be built, so there is no page to show.
        return "This site has another address.\n", 400, {"Content-Type": "text/plain; charset=utf-8"}
    status = problem.code or 500
    if status not in _PAGES and not (asked_by_a_program() and status >= HTTPStatus.BAD_REQUEST):
        return problem
    # Nothing of it was read, so its size is what the browser says.
    sent = f"{(request.content_length or 0) / 1_000_000:.1f}"
    body, _ = problem_page(status, megabytes=sent)
    headers = [(k, v) for k, v in problem.get_headers() if k in ("Allow", "Retry-After")]
    return body, status, headers


def _database_away(problem: DBAPIError | NoConnectionFree) -> ResponseReturnValue:
    """The answer while the database is stopped, busy for too long, or gone in the middle: what was typed comes back."""
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    is_full = isinstance(problem, DBAPIError) and cannot_write(problem)
    if isinstance(problem, DBAPIError) and not (
        isinstance(problem, OperationalError) or problem.connection_invalidated or is_full
    ):
        raise problem
    # The statement and its parameters stay out of the log: they can hold names and addresses.
    state = "full or read-only" if is_full else "not reachable"
    current_app.logger.error("database %s: %s", state, type(cause).__name__)
    let_go()
    # The page must not ask the database who is reading it.
    g.actor = ANONYMOUS
    if asked_by_a_program():
        answer = problem_document(503)
        answer.headers["Retry-After"] = RETRY_AFTER
        return answer
    again = request.full_path.removesuffix("?") if request.method == "GET" and request.url_rule else None
    # Whoever is not signed in is asked to once the form is sent again.
    body, status = problem_page(503, reader_is_known=False, again=again, is_full=is_full)
    return body, status, [("Retry-After", RETRY_AFTER)]


def _fault(problem: Exception) -> ResponseReturnValue:
    let_go()
    g.setdefault("actor", ANONYMOUS)
    return problem_page(500, reader_is_known=False)


def _what_was_typed() -> dict[str, object]:
    """What pages that answer a form ask for: see `web.replayed_form`."""
    is_answer = has_request_context() and request.method == "POST"
    return {"form_kept": form_kept, "left_out": left_out} if is_answer else {}


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
    app.context_processor(_what_was_typed)
