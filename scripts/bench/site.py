"""WSGI programs that the benchmark serves: the site with its queries counted, and beside it the floor.

The floor is the least that a page of the same rows can cost with the same tools: a Flask view without account,
session, layout or policy, which reads the rows of the page by key and puts them into one table.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, render_template_string, request
from sqlalchemy import Engine, create_engine, event, text

from config import Settings

QUERIES_HEADER = "X-Benchmark-Queries"
_counted = threading.local()

TABLE = """<!doctype html><html lang="en"><title>Floor</title><table>
{% for row in rows %}<tr>{% for value in row %}<td>{{ value }}</td>{% endfor %}</tr>
{% endfor %}</table></html>"""

FLOOR = {
    "call": ("SELECT code, title, summary, opens_at, closes_at FROM call WHERE code = :call",),
    "own": (
        "SELECT a.id, a.reference, a.acronym, a.title, a.state, a.submitted_at FROM application a "
        "JOIN application_access x ON x.application_id = a.id JOIN user_account u ON u.id = x.user_id "
        "WHERE u.email = :lead ORDER BY a.id DESC LIMIT 50",
    ),
    "office": (
        "SELECT a.reference, a.acronym, a.state, a.submitted_at, o.name, o.country FROM application a "
        "JOIN call c ON c.id = a.call_id JOIN partner p ON p.application_id = a.id AND p.role = 'lead' "
        "JOIN organisation o ON o.id = p.organisation_id WHERE c.code = :call AND a.state = 'submitted' "
        "ORDER BY a.number LIMIT 50",
    ),
    "application": (
        "SELECT id, reference, acronym, title, state, version, submitted_at FROM application "
        "WHERE reference = :application",
        "SELECT s.code, s.answers FROM section s JOIN application a ON a.id = s.application_id "
        "WHERE a.reference = :application",
        "SELECT p.position, p.role, o.name, o.country, o.region_category FROM partner p "
        "JOIN application a ON a.id = p.application_id JOIN organisation o ON o.id = p.organisation_id "
        "WHERE a.reference = :application ORDER BY p.position",
        "SELECT p.position, b.category, b.amount_cents, d.filename FROM partner p JOIN application a "
        "ON a.id = p.application_id JOIN budget_line b ON b.partner_id = p.id JOIN document d ON d.partner_id = p.id "
        "WHERE a.reference = :application",
        "SELECT e.number, e.transition, e.target, e.at FROM workflow_event e JOIN application a ON a.id = e.subject_id "
        "WHERE e.subject_kind = 'application' AND a.reference = :application ORDER BY e.number",
    ),
    "assessor": (
        "SELECT a.reference, a.acronym, a.state, l.due_on, l.conflict, s.state FROM allocation l "
        "JOIN user_account u ON u.id = l.user_id JOIN application a ON a.id = l.application_id "
        "JOIN individual_sheet s ON s.allocation_id = l.id WHERE u.email = :assessor ORDER BY l.due_on, l.id LIMIT 50",
    ),
    "ranking": (
        "SELECT r.place, r.total_points, a.reference, a.acronym, a.state, o.seat_city, o.country FROM place r "
        "JOIN application a ON a.id = r.application_id JOIN partner p ON p.application_id = a.id AND p.role = 'lead' "
        "JOIN organisation o ON o.id = p.organisation_id "
        "WHERE r.ranking_id = (SELECT max(id) FROM ranking) ORDER BY r.place LIMIT 50",
    ),
    "network": (
        "SELECT name, type, state, summary, starts_on, ends_on FROM network WHERE slug = :network",
        "SELECT m.position, m.role, o.name, o.country, p.kind, p.url FROM member m "
        "JOIN network n ON n.id = m.network_id JOIN organisation o ON o.id = m.organisation_id "
        "LEFT JOIN plan p ON p.member_id = m.id WHERE n.slug = :network",
        "SELECT s.label, s.starts_on, s.ends_on FROM network_stage s JOIN network n ON n.id = s.network_id "
        "WHERE n.slug = :network ORDER BY s.position",
    ),
    "save": (
        "UPDATE section SET version = version + 1 WHERE code = 'challenge' AND application_id = "
        "(SELECT id FROM application WHERE reference = :application) RETURNING version",
    ),
}
"""What each floor page reads; the parameters come from the address."""


def floor() -> Callable[..., Iterable[bytes]]:
    """The floor: one page for each measured page."""
    app = Flask(__name__)
    engine = create_engine(Settings.from_environment().database_url)

    @app.route("/")
    def front() -> str:
        return ""

    @app.route("/<page>", methods=["GET", "POST"])
    def show(page: str) -> str:
        rows: list[Any] = []
        with engine.begin() as connection:
            for statement in FLOOR[page]:
                rows += connection.execute(text(statement), request.args.to_dict()).all()
        return render_template_string(TABLE, rows=rows)

    return counted(app)


@event.listens_for(Engine, "before_cursor_execute")
def _count(*_: Any) -> None:
    _counted.queries = getattr(_counted, "queries", 0) + 1


def counted(inner: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """A WSGI program that says in a header how many statements the driver got for the request."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        _counted.queries = 0

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, (QUERIES_HEADER, str(_counted.queries))], *rest)

        return inner(environ, start)

    return serve


def site() -> Callable[..., Iterable[bytes]]:
    """The site of production, with the count of its queries."""
    from wsgi import app

    return counted(app)
