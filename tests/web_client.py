"""The app as the tests use it: a form is posted with the token of its page, and every request leaves its database
session clean."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, has_app_context, request
from flask.sessions import SessionMixin
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Dialect, event, make_url
from sqlalchemy.orm import ORMExecuteState, Session
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from config import Settings
from tests.services_lent import APPLICATION_NAME, is_lent
from urbact_calls import confined, pdfs, typesetting
from urbact_calls.database import db
from urbact_calls.factory import create_app
from urbact_calls.jobs import SilentNotifier
from urbact_calls.storage import Storage
from urbact_calls.web.limits import limiter

# Compiled templates are the same for every test; compiling them again for each app took most of its time.
TEMPLATES = FileSystemBytecodeCache()
# What was made: the same file has the same faults, the same document is set as the same PDF. A child takes half a
# second to start and another one to read what typesetting needs. So our own documents are set here, unless a test wants
# a child for them (`in_a_child`). Files of others are looked at by children as always.
_MADE: dict[tuple[confined.Task, bytes], bytes] = {}
LONG = 240.0
# A test whose storage has less patience is about that.
PATIENT = 10.0


def _looked_at_once(task: confined.Task, content: bytes, *, patience: float, **limits: Any) -> bytes:
    if patience < PATIENT:
        return confined.run(task, content, patience=patience, **limits)
    if (task, content) not in _MADE:
        _MADE[task, content] = in_a_child(task, content, patience=patience, **limits)
    return _MADE[task, content]


def in_a_child(task: confined.Task, content: bytes, *, patience: float, **limits: Any) -> bytes:
    """As the program does it, however slow the machine is."""
    return confined.run(task, content, patience=max(patience, LONG), **limits)


def _set_here(task: confined.Task, content: bytes, **_limits: Any) -> bytes:
    if (task, content) not in _MADE:
        _MADE[task, content] = task(content)
    return _MADE[task, content]


pdfs.run = _looked_at_once
typesetting.run = _set_here
UNFINISHED = "written and not committed"
TOKEN = "csrf_token"
# Small pages with a form: every foot has one for those who are signed in.
PAGES_WITH_A_FORM = ("/accessibility", "/sign-in")
# What clients that keep no cookies were given with the cookie that they send.
_TOKENS: dict[str, str] = {}


class CleanClient(FlaskClient):
    """A visitor, who posts with the token of the page that was opened last, as a browser does.

    Each request has its own database session, as in real life, and must not leave changes in it.
    """

    _token: str | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if kwargs.get("method") == "POST" and args and isinstance(args[0], str) and not args[0].startswith("/api/"):
            self._add_token(kwargs)
        response = self._ask(*args, **kwargs)
        # A browser that is sent on after a form shows the next page, whose session may be another one.
        self._token = token_in(response) or (None if kwargs.get("method") == "POST" else self._token)
        return response

    def _add_token(self, request: dict[str, Any]) -> None:
        """Puts the token where the request has none: into its form, or beside a body that is no form."""
        headers, data = Headers(request.get("headers")), request.get("data") or {}
        if isinstance(data, dict) and "json" not in request:
            if TOKEN not in data:
                request["data"] = data.copy()
                request["data"][TOKEN] = self.token(headers.get("Cookie"))
        else:
            headers["X-CSRFToken"] = self.token(headers.get("Cookie"))
            request["headers"] = headers

    def post_from_elsewhere(self, path: str, **kwargs: Any) -> TestResponse:
        """Posts as a page of another site would: with the cookies of the visitor and without a token."""
        return self._ask(path, method="POST", **kwargs)

    def token(self, cookie: str | None = None) -> str:
        """The token of the page that is open, or of a small one if none is; with `cookie`, of the session it opens."""
        if cookie is not None:
            if cookie not in _TOKENS:
                _TOKENS[cookie] = self._token_of_a_page({"Cookie": cookie})
            return _TOKENS[cookie]
        if self._token is None:
            self._token = self._token_of_a_page({})
        return self._token

    def _token_of_a_page(self, headers: dict[str, str]) -> str:
        for page in PAGES_WITH_A_FORM:
            if token := token_in(self._ask(page, headers=headers)):
                return token
        raise AssertionError(f"{PAGES_WITH_A_FORM} have no form with a token")

    @contextlib.contextmanager
    def session_transaction(self, *args: Any, **kwargs: Any) -> Iterator[SessionMixin]:
        self._token = None
        with super().session_transaction(*args, **kwargs) as session:
            yield session

    def _ask(self, *args: Any, **kwargs: Any) -> TestResponse:
        if not has_app_context():
            return super().open(*args, **kwargs)

        assert not pending(db.session()), "commit what the request has to see"
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        # What the test has read may have changed now.
        db.session.rollback()
        db.session.expire_all()
        return response


def token_in(response: TestResponse) -> str | None:
    """The token of the forms of a page, None if it has no form that posts."""
    if response.mimetype != "text/html" or "Content-Encoding" in response.headers:
        return None
    found = re.search(rf'name="{TOKEN}" value="([^"]+)"', response.text)
    return found[1] if found else None


@contextlib.contextmanager
def app_under_test(settings: Settings, notifier: SilentNotifier) -> Iterator[Flask]:
    """The program with a counting notifier and a client that checks the session."""
    app = _new_app(settings, notifier)
    try:
        yield app
    finally:
        _let_go(app)


@contextlib.contextmanager
def shared_app(settings: Settings, notifier: SilentNotifier) -> Iterator[Flask]:
    """The same program, made once for tests that differ only in where their data are.

    Making it again, and compiling the same statements again, took most of the time of a test. What a test may
    change of it is put back; a test that adds pages of its own is marked `own_app`.
    """
    kind = replace(
        settings, database_url=urlsplit(settings.database_url).scheme, upload_dir=Path(), instance_dir=Path()
    )
    if kind not in _SHARED:
        _SHARED[kind] = SharedApp(_new_app(settings, notifier))
    shared = _SHARED[kind]
    shared.point_at(settings, notifier)
    try:
        yield shared.app
    finally:
        _let_go(shared.app, keeps_connections=is_lent(settings.database_url))
        shared.put_back()


class SharedApp:
    """An app whose connections go to the database of the test that has it now."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.url = ""
        self._config = dict(app.config)
        self._before = list(app.before_request_funcs.get(None, ()))
        self._extensions = dict(app.extensions)
        with app.app_context():
            event.listen(db.engine, "do_connect", self._connect_elsewhere)

    def point_at(self, settings: Settings, notifier: SilentNotifier) -> None:
        if self.url != settings.database_url:
            _let_go(self.app)
        self.url = settings.database_url
        self.app.extensions["settings"] = settings
        self.app.extensions["notifier"] = notifier
        self.app.extensions["storage"] = Storage(settings.upload_dir)

    def put_back(self) -> None:
        self.app.config.clear()
        self.app.config.update(self._config)
        self.app.extensions.update(self._extensions)
        self.app.before_request_funcs[None] = list(self._before)

    def _connect_elsewhere(
        self, dialect: Dialect, _record: object, arguments: list[Any], options: dict[str, Any]
    ) -> None:
        arguments[:], named = dialect.create_connect_args(make_url(self.url))
        if is_lent(self.url):
            named["application_name"] = APPLICATION_NAME
        options.update(named)


_SHARED: dict[Settings, SharedApp] = {}


def _new_app(settings: Settings, notifier: SilentNotifier) -> Flask:
    app = create_app(settings, notifier=notifier)
    # A test must not depend on how fast a child is.
    app.extensions["storage"] = Storage(settings.upload_dir, settings.scanner_url)
    app.testing = True
    app.test_client_class = CleanClient
    app.jinja_env.bytecode_cache = TEMPLATES
    app.teardown_request(refuse_unfinished)
    return app


def _let_go(app: Flask, *, keeps_connections: bool = False) -> None:
    with app.app_context():
        db.session.remove()
        for engine in () if keeps_connections else db.engines.values():
            engine.dispose()


def let_go_of_shared_apps() -> None:
    """Ends the connections that stayed open for the next test."""
    for shared in _SHARED.values():
        _let_go(shared.app)


def pending(session: Session) -> list[object]:
    """What a session would still have to write or commit."""
    return [*session.new, *session.dirty, *session.deleted, *session.info.get(UNFINISHED, ())]


def refuse_unfinished(error: BaseException | None) -> None:
    """Fails the test when a request ends with changes that nobody committed: in real life they would be lost."""
    if error is None and (left := pending(db.session())):
        raise AssertionError(f"{request.method} {request.path} left uncommitted changes: {left}")


@event.listens_for(Session, "after_flush")
def _remember_flush(session: Session, *_: object) -> None:
    written = [*session.new, *session.dirty, *session.deleted]
    session.info.setdefault(UNFINISHED, []).extend(type(row).__name__ for row in written)


@event.listens_for(Session, "do_orm_execute")
def _remember_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        # Not its SQL: many rows given to one insert cannot be put into words before they are sent.
        written = f"{type(state.statement).__name__} of {state.bind_mapper}"
        state.session.info.setdefault(UNFINISHED, []).append(written)


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(UNFINISHED, None)


@contextlib.contextmanager
def limits_from_here_on() -> Iterator[None]:
    """What was counted in one test does not count in the next, and other tests ask as often as they like."""
    limiter.reset()
    yield
    limiter.enabled = False
