"""A database that is stopped, locked or gone in the middle: 503 within seconds, and what was typed comes back."""

from __future__ import annotations

import contextlib
import io
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, make_url
from sqlalchemy.pool import QueuePool
from wtforms import PasswordField

from scripts.postgresql import PostgreSQL, running_postgresql
from tests.factories import applications as make
from tests.factories.accounts import PASSWORD, at, sign_in
from tests.factories.applications import Draft, row
from tests.factories.calls import open_call
from tests.quick_folder import quick_folder
from tests.services_databases import Databases, settings_for
from tests.web_client import CleanClient, app_under_test
from urbact_calls.applications.models import SavedSection
from urbact_calls.database import db
from urbact_calls.jobs import SilentNotifier
from urbact_calls.web.forms import BaseForm
from urbact_calls.web.replayed_form import SECRETS

LONG = 'Our cities lose <b>young people</b> & jobs.\r\n\r\nSecond paragraph, "quoted".\r\n' + " ".join(
    ["A long sentence."] * 120
)


@pytest.fixture(scope="module")
def own_postgresql() -> Iterator[PostgreSQL]:
    """A cluster that may be stopped: the one of the other tests must stay. What it has committed it has written."""
    with quick_folder("urbact-pg") as folder, running_postgresql(folder, "fsync=off") as server:
        yield server


@dataclass(frozen=True, slots=True)
class Site:
    """A site in its own database, and how to take the database away and to bring it back."""

    app: Flask
    client: CleanClient
    draft: Draft
    stop: Callable[[], object]
    start: Callable[[], object]

    @property
    def address(self) -> str:
        return f"/applications/{self.draft.reference}/sections/challenge"

    def saved(self) -> str:
        with self.app.app_context():
            sections = row(self.draft.reference).sections
            return next((str(each.answers["challenge"]) for each in sections if each.code == "challenge"), "")


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[Site]:
    def cluster() -> PostgreSQL:
        server: PostgreSQL = request.getfixturevalue("own_postgresql")
        return server

    with contextlib.ExitStack() as until:
        if request.param == "postgresql":
            url = until.enter_context(_own_database(cluster(), tmp_path))
            stop, start = cluster().stop, cluster().start
        else:
            url = until.enter_context(Databases(tmp_path, cluster).fresh("sqlite"))
            lock = until.enter_context(contextlib.closing(sqlite3.connect(str(make_url(url).database))))
            stop, start = partial(lock.execute, "BEGIN IMMEDIATE"), lock.rollback
        app = until.enter_context(app_under_test(settings_for(url, tmp_path), SilentNotifier()))
        with app.app_context():
            draft = make.draft(open_call(db.session, now), now)
            client = app.test_client()
            assert isinstance(client, CleanClient)
            at(client, now)
            sign_in(client, draft.lead)
            db.session.remove()
        yield Site(app, client, draft, stop, start)


@contextlib.contextmanager
def _own_database(server: PostgreSQL, folder: Path) -> Iterator[str]:
    """A migrated database of a cluster that this file alone uses."""
    made = _MADE.setdefault(server, Databases(folder, lambda: server))
    with made.fresh("postgresql") as url:
        yield url


_MADE: dict[PostgreSQL, Databases] = {}


def typed(page: str) -> dict[str, str]:
    """The form that the page offers to send again, as a browser would send it."""
    form = re.search(r'<form[^>]* aria-label="What you typed".*?</form>', page, re.S)
    assert form is not None
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[0])
    texts = re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>\n(.*?)</textarea>', form[0], re.S)
    return {name: unescape(value) for name, value in [*hidden, *texts]}


def opened(site: Site) -> dict[str, str]:
    """The fields that the page of the section brings along."""
    page = site.client.get(site.address).text
    return {name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1] for name in ("csrf_token", "version")}  # type: ignore[index]


def test_while_the_database_is_away_what_was_typed_comes_back_and_can_be_sent_again(site: Site):
    fields = {**opened(site), "challenge": LONG, "stay": "1"}
    site.stop()
    began = time.monotonic()

    answer = site.client.post(site.address, data=fields)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert time.monotonic() - began < 8
    assert "Everything you had saved is safe" in answer.text
    assert f'action="{site.address}"' in answer.text
    assert "<b>young" not in answer.text
    again = typed(answer.text)
    # A browser sends CR LF for each end of a line.
    assert again["challenge"].replace("\r\n", "\n") == LONG.replace("\r\n", "\n")
    assert {**again, "challenge": LONG, "csrf_token": ""} == {**fields, "csrf_token": ""}

    site.start()
    sent = site.client.post(site.address, data=again)

    assert sent.status_code == 302
    assert site.saved() == LONG.replace("\r\n", "\n").strip()


def test_while_the_database_is_away_nobody_is_asked_to_sign_in_for_a_button(site: Site):
    token = opened(site)["csrf_token"]
    site.stop()

    answer = site.client.post(f"/applications/{site.draft.reference}/pdf", data={"csrf_token": token})

    assert answer.status_code == 503
    assert "Sign in and go on" not in answer.text
    site.start()


@contextlib.contextmanager
def only_readable(site: Site) -> Iterator[None]:
    """While the disk of the database is full: what is there can be read."""
    statement = {"sqlite": "PRAGMA query_only=ON", "postgresql": "SET default_transaction_read_only=on"}

    def forbid(connection: Any, _record: object) -> None:
        connection.cursor().execute(statement[engine.dialect.name])
        connection.commit()

    with site.app.app_context():
        engine = db.engine
    engine.dispose()
    event.listen(engine, "connect", forbid)
    try:
        yield
    finally:
        event.remove(engine, "connect", forbid)
        engine.dispose()


def test_where_the_database_has_no_room_that_is_said_and_the_pages_are_read(site: Site):
    fields = {**opened(site), "challenge": LONG, "stay": "1"}

    with only_readable(site):
        answer = site.client.post(site.address, data=fields)
        assert site.client.get(site.address).status_code == 200

    assert answer.status_code == 503
    assert "The disk of this site is full or cannot be written" in answer.text
    assert typed(answer.text)["challenge"].replace("\r\n", "\n") == LONG.replace("\r\n", "\n")


def test_the_first_request_after_the_database_is_back_succeeds(site: Site):
    assert site.client.get(site.address).status_code == 200
    site.stop()
    site.start()

    assert site.client.get(site.address).status_code == 200
    assert site.client.post(site.address, data={**opened(site), "challenge": "Short."}).status_code == 302


@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
def test_a_file_is_not_repeated_and_that_is_said(site: Site):
    fields = {**opened(site), "challenge": "A text.", "file": (io.BytesIO(b"%PDF-1.7 secret"), "letter.pdf")}
    site.stop()

    answer = site.client.post(site.address, data=fields, content_type="multipart/form-data")

    assert answer.status_code == 503
    assert "Files are not kept" in answer.text
    assert not re.search("%PDF|letter.pdf", answer.text)
    site.start()


@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
def test_a_password_is_never_repeated(site: Site):
    visitor = site.app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]*)"', visitor.get("/sign-in").text)
    assert token is not None
    site.stop()

    answer = visitor.post("/sign-in", data={"csrf_token": token[1], "email": "anna@example.org", "password": PASSWORD})

    assert answer.status_code == 503
    assert PASSWORD not in answer.text
    assert {**typed(answer.text), "csrf_token": ""} == {"email": "anna@example.org", "csrf_token": ""}
    assert 'name="password" type="password"' in answer.text
    site.start()


@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
def test_a_page_that_is_asked_for_offers_to_try_again_and_a_program_gets_a_document(site: Site):
    site.stop()

    page = site.client.get(f"{site.address}?a=1")
    document = site.client.get("/api/v1/calls")

    assert (page.status_code, page.headers["Retry-After"]) == (503, "10")
    assert f'href="{site.address}?a=1"' in page.text
    assert (document.status_code, document.headers["Retry-After"]) == (503, "10")
    assert document.json["status"] == 503
    site.start()


@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
def test_a_connection_that_is_ended_in_the_middle_answers_503(site: Site, own_postgresql: PostgreSQL):
    fields = {**opened(site), "challenge": LONG}
    name = str(make_url(site.app.config["SQLALCHEMY_DATABASE_URI"]).database)
    ended = []

    def end(*_: object) -> None:
        ended.append(own_postgresql.end_connections(name, 10))

    # The request has read what it needs; its connection ends before it writes.
    event.listen(SavedSection, "before_insert", end, once=True)
    answer = site.client.post(site.address, data=fields)

    assert ended
    assert answer.status_code == 503
    assert typed(answer.text)["challenge"].startswith("Our cities lose")
    assert site.client.post(site.address, data=typed(answer.text)).status_code == 302


@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
def test_without_a_free_connection_the_answer_is_503(site: Site):
    fields = {**opened(site), "challenge": LONG}
    with site.app.app_context(), contextlib.ExitStack() as held:
        pool = db.engine.pool
        assert isinstance(pool, QueuePool)
        pool._timeout = 0.1
        for _ in range(15):
            held.enter_context(db.engine.connect())
        answer = site.client.post(site.address, data=fields)

    assert answer.status_code == 503
    assert typed(answer.text)["challenge"].startswith("Our cities lose")


def test_every_password_of_a_form_is_known_by_its_name():
    def below(kind: type) -> Iterator[type]:
        yield kind
        for each in kind.__subclasses__():
            yield from below(each)

    ours = [each for each in below(BaseForm) if each.__module__.startswith("urbact_calls.")]
    asked = [(name, getattr(field, "field_class", None)) for each in ours for name, field in vars(each).items()]

    assert {name for name, kind in asked if kind is PasswordField} == set(SECRETS)
    assert {name for name, kind in asked if name in SECRETS} == {name for name, kind in asked if kind is PasswordField}


@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
def test_a_connection_that_ends_while_nothing_can_be_lost_harms_nobody(site: Site, own_postgresql: PostgreSQL):
    """When all is read, before the act begins or the page leaves, the session is rolled back: there it ends here."""
    fields = {**opened(site), "challenge": LONG}
    name = str(make_url(site.app.config["SQLALCHEMY_DATABASE_URI"]).database)
    armed: list[str] = []

    def end(_connection: Connection) -> None:
        if armed:
            own_postgresql.end_connections(armed.pop(), 10)

    with site.app.app_context():
        event.listen(db.engine, "rollback", end)
    armed.append(name)
    kept = site.client.post(site.address, data=fields)
    assert not armed
    armed.append(name)
    page = site.client.get(site.address)

    assert not armed
    assert (kept.status_code, page.status_code) == (302, 200)
    # The same thread writes again.
    assert site.client.post(site.address, data={**fields, "version": "1", "challenge": "Short."}).status_code == 302


@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
def test_a_step_that_was_taken_is_told_although_a_connection_ended_before_it_began(
    site: Site, own_postgresql: PostgreSQL
):
    """The page of the answer still speaks of the application that was read before: it must not be out of reach."""
    token = opened(site)["csrf_token"]
    name = str(make_url(site.app.config["SQLALCHEMY_DATABASE_URI"]).database)
    armed = [name]

    def end(_connection: Connection) -> None:
        if armed:
            own_postgresql.end_connections(armed.pop(), 10)

    with site.app.app_context():
        event.listen(db.engine, "rollback", end)
    step = f"/applications/{site.draft.reference}/transitions/withdraw"
    taken = site.client.post(step, data={"csrf_token": token, "seen": "1", "reason": "The city has another plan now."})

    assert not armed
    assert (taken.status_code, taken.location) == (302, f"/applications/{site.draft.reference}/")
    with site.app.app_context():
        assert row(site.draft.reference).state == "withdrawn"
