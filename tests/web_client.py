"""The app as the tests use it: every request must leave its database session clean."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from flask import Flask, has_app_context, request
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session
from werkzeug.test import TestResponse

from config import Settings
from urbact_calls.database import db
from urbact_calls.factory import create_app
from urbact_calls.jobs import SilentRing

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
    app = create_app(settings, ring=ring)
    app.testing = True
    # A test that is about forged requests switches this on again; the others need not fetch a token for each form.
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = CleanClient
    app.jinja_env.bytecode_cache = TEMPLATES
    app.teardown_request(refuse_unfinished)
    try:
        yield app
    finally:
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
