"""Builds the site from its settings: extensions, pages, error pages, filters, headers."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from io import BytesIO
from itertools import chain
from pathlib import Path
from pkgutil import walk_packages
from typing import IO, TYPE_CHECKING, Any

from flask import Blueprint, Flask, Request, Response, abort, g, request, url_for
from flask_login import LoginManager
from flask_migrate import Migrate
from jinja2 import StrictUndefined
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

from urbact_calls import cli, subjects
from urbact_calls.accounts.models import BrowserSession
from urbact_calls.accounts.views import session as accounts
from urbact_calls.applications.reads.interests import actor_of
from urbact_calls.applications.submission.reads import facts
from urbact_calls.database import db, leave
from urbact_calls.jobs import Notifier, SilentNotifier
from urbact_calls.mailer import mailer_for
from urbact_calls.storage import Storage
from urbact_calls.web import (
    arrivals,
    assets,
    compression,
    drawings,
    filters,
    limits,
    logs,
    metrics,
    navigation,
    problems,
    proxies,
)
from urbact_calls.web.access import asked_by_a_program, current_actor
from urbact_calls.web.csrf import MaskedCSRF
from urbact_calls.web.row_numbers import RowNumber
from urbact_calls.workflow import lives

if TYPE_CHECKING:
    from config import Settings

ROOT = Path(__file__).resolve().parent.parent
# A page that keeps a file answers about as fast as any other.
CHECK_PATIENCE_SECONDS = 1.0
LARGEST_REQUEST = 6 * 1024 * 1024
# A form with a file is read to its end also where the file is too large: what was typed beside it comes with it.
LARGEST_WITH_FILES = 32 * 1024 * 1024

FEATURES = (
    "record",
    "messages",
    "files",
    "accounts",
    "places",
    "organisations",
    "experts",
    "calls",
    "applications",
    "eligibility",
    "assessment",
    "decisions",
    "networks",
    "catalogue",
    "worklists",
    "api",
)
"""The features, each above those that it may import."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class _NamedParts(FormDataParser):
    """Leaves out the parts of a form that have no name: no field can ask for them, and whoever looks through the
    names of a form may rely on text."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        rest, form, files = super().parse(stream, mimetype, content_length, options)
        return rest, self._named(form), self._named(files)

    def _named(self, parts: MultiDict[str, Any]) -> MultiDict[str, Any]:
        if None not in parts:
            return parts
        return self.cls([(name, value) for name, value in parts.items(multi=True) if name is not None])


class SiteRequest(Request):
    """Flask's request, whose forms consist of named parts only."""

    form_data_parser_class = _NamedParts

    def _get_file_stream(self, *_args: object, **_options: object) -> IO[bytes]:
        # In memory, which the largest request bounds: a form is read, and answered in words, also on a full disk.
        return BytesIO()


class Site(Flask):
    """Flask, but a fault is logged with the pattern of its page: an address can hold the token of a link."""

    request_class = SiteRequest

    def log_exception(self, exc_info: Any) -> None:
        self.logger.error("fault at %s", request.url_rule, exc_info=exc_info)


def create_app(settings: Settings, *, notifier: Notifier | None = None) -> Flask:
    """The site. `notifier` tells the workers that a job is due; without it jobs wait in their table."""
    app = Site("urbact_calls", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.config.update(_flask_config(settings))
    app.url_map.converters["int"] = RowNumber
    app.extensions["settings"] = settings
    app.extensions["notifier"] = notifier or SilentNotifier()
    app.extensions["mailer"] = mailer_for(settings.mail_url)
    app.extensions["storage"] = Storage(settings.upload_dir, settings.scanner_url, CHECK_PATIENCE_SECONDS)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    app.wsgi_app = arrivals.SubmissionsByTurns(app.wsgi_app)  # type: ignore[method-assign]
    proxies.register(app, settings.proxies, stamps=settings.proxy_stamps)
    compression.register(app)
    logs.register(app)
    metrics.register(app)
    db.init_app(app)
    # Called before the extension's own: the last one registered is the first.
    app.teardown_appcontext(leave)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    # Before the check of forged requests, which reads the whole form: the instant of receipt comes first.
    _guard_requests(app)
    MaskedCSRF(app)
    # No template asks for `current_user`, and the page that says the database is away must not look for one.
    app.extensions["login"] = LoginManager(app, add_context_processor=False)
    app.extensions["limits"] = limits.register(app, settings.redis_url)
    for feature in FEATURES:
        _add_feature(app, feature)
    if settings.is_demo:
        # Not at the top: no other site knows the demonstration.
        from urbact_calls.demonstration.accounts_page import blueprint

        app.register_blueprint(blueprint)
    for registry in (subjects, lives, facts):
        registry.check()
    accounts.wire(app, lambda user_id, name, roles: actor_of(db.session(), user_id, name, roles, g.received_at))
    filters.register(app)
    assets.register(app)
    drawings.register(app)
    problems.register(app)
    cli.register_cli(app)
    app.context_processor(lambda: _page_context(app))
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings.database_url),
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": LARGEST_REQUEST,
        "MAX_FORM_PARTS": 500,
        "SESSION_COOKIE_NAME": "__Host-urbact" if settings.https_only else "urbact",
        "SESSION_COOKIE_SECURE": settings.https_only,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # Of the cookie, which tells a known browser; the session in it is over much earlier.
        "PERMANENT_SESSION_LIFETIME": BrowserSession.KNOWN_FOR,
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        "RATELIMIT_ENABLED": settings.rate_limits,
        "TESTING": settings.app_env == "test",
    }


def _engine_options(database_url: str) -> dict[str, Any]:
    # Parameters of statements hold names and addresses; they stay out of errors and logs.
    options: dict[str, Any] = {"hide_parameters": True}
    if database_url.startswith("postgresql"):
        options |= {
            "pool_pre_ping": True,
            "pool_timeout": 5,
            "connect_args": {
                "connect_timeout": 5,
                "options": "-c timezone=utc -c lock_timeout=5s -c statement_timeout=20s"
                " -c idle_in_transaction_session_timeout=30s",
            },
        }
    return options


def _add_feature(app: Flask, feature: str) -> None:
    """Imports all of a feature, so that tables, lives, jobs, messages and policies register, and adds its pages."""
    package = import_module(f"urbact_calls.{feature}")
    blueprints: dict[str, Blueprint] = {}
    for found in walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith(".cli"):
            module = import_module(found.name)
            blueprints |= {each.name: each for each in vars(module).values() if isinstance(each, Blueprint)}
    for blueprint in blueprints.values():
        if blueprint.name not in app.blueprints:
            app.register_blueprint(blueprint)


def _guard_requests(app: Flask) -> None:
    @app.before_request
    def receive() -> None:
        # The instant that counts for a deadline: no lock or query came before.
        now = datetime.now(UTC)
        g.received_at = proxies.received_at(app, now)
        g.waited = now - g.received_at
        if request.mimetype == "multipart/form-data":
            request.max_content_length = LARGEST_WITH_FILES
        # Programs are told by the interface which part of their question is wrong.
        parts = () if asked_by_a_program() else request.args.items(multi=True)
        if any("\x00" in part for part in (request.path, *chain(*parts))) or "\ufffd" in request.full_path:
            abort(400)

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.add("Cookie")
        if app.config["SESSION_COOKIE_SECURE"]:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response


def _page_context(app: Flask) -> dict[str, Any]:
    settings = app.extensions["settings"]
    actor = current_actor()
    return {
        "current_actor": actor,
        "navigation": navigation.for_actor(actor),
        "site": {
            "name": "Calls and networks",
            "demo": settings.is_demo,
            "demonstration": url_for("demonstration.index") if settings.is_demo else "",
            "mailbox": settings.shows_mailbox,
            "office": settings.office_address,
        },
    }
