"""The app as the tests use it: every request must leave its database session clean."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, has_app_context, request
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Dialect, event, make_url
from sqlalchemy.orm import ORMExecuteState, Session
from werkzeug.test import TestResponse

from config import Settings
from urbact_calls.database import db
from urbact_calls.factory import create_app
from urbact_calls.jobs import SilentRing
from urbact_calls.storage import Storage

# Compiled templates are the same for every test; compiling them again for each app took most of its time.
TEMPLATES = FileSystemBytecodeCache()
UNFINISHED = "written and not committed"


class CleanClient(FlaskClient):
    """A visitor. Each request has its own database session, as in real life, and must not leave changes in it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if not has_app_context():
            return super().open(*args, **kwargs)

        assert not pending(db.session()), "commit what the request has to see"
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        # What the test has read may have changed now.
        db.session.rollback()
        db.session.expire_all()
        return response


@contextlib.contextmanager
def app_under_test(settings: Settings, ring: SilentRing) -> Iterator[Flask]:
    """The program with a counting doorbell and a client that checks the session."""
    app = _new_app(settings, ring)
    try:
        yield app
    finally:
        _let_go(app)


@contextlib.contextmanager
def shared_app(settings: Settings, ring: SilentRing) -> Iterator[Flask]:
    """The same program, made once for tests that differ only in where their data are.

    Making it again, and compiling the same statements again, took most of the time of a test. What a test may
    change of it is put back; a test that adds pages of its own is marked `own_app`.
    """
    kind = replace(
        settings, database_url=urlsplit(settings.database_url).scheme, upload_dir=Path(), instance_dir=Path()
    )
    if kind not in _SHARED:
        _SHARED[kind] = SharedApp(_new_app(settings, ring))
    shared = _SHARED[kind]
    shared.point_at(settings, ring)
    try:
        yield shared.app
    finally:
        _let_go(shared.app)
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

    def point_at(self, settings: Settings, ring: SilentRing) -> None:
        self.url = settings.database_url
        self.app.extensions["settings"] = settings
        self.app.extensions["ring"] = ring
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
        options.update(named)


_SHARED: dict[Settings, SharedApp] = {}


def _new_app(settings: Settings, ring: SilentRing) -> Flask:
    app = create_app(settings, ring=ring)
    app.testing = True
    # A test that is about forged requests switches this on again; the others need not fetch a token for each form.
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = CleanClient
    app.jinja_env.bytecode_cache = TEMPLATES
    app.teardown_request(refuse_unfinished)
    return app


def _let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


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
