"""The harness keeps its promises: real servers, both databases, one fresh database for each test."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from email.message import EmailMessage
from smtplib import SMTP
from urllib.parse import urlsplit

import psycopg
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.orm import Session

from config import ROOT
from scripts import postgresql
from scripts.postgresql import PostgreSQL, ServiceMissing
from tests import quick_folder as quick_folders
from tests import services_postgresql
from tests.factories.applications import city
from tests.kept_worlds import Kept
from tests.processes import group_of
from tests.quick_folder import quick_folder
from tests.services_broker import Broker
from tests.services_browser import violations, watched_page
from tests.services_databases import Databases
from tests.services_mail import MailSink
from tests.services_postgresql import running_postgresql
from tests.web_client import CleanClient
from urbact_calls.database import db, transaction
from urbact_calls.jobs import Job, SilentNotifier
from urbact_calls.organisations.models import Organisation
from urbact_calls.web.access import public


def test_postgresql_opens_no_network_port(postgresql: PostgreSQL):
    with psycopg.connect(host=str(postgresql.folder), user="postgres", dbname="postgres") as connection:
        (addresses,) = connection.execute("SHOW listen_addresses").fetchone()

    assert addresses == ""


def test_a_machine_without_postgresql_is_told_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(postgresql, "INSTALLED", tmp_path)

    with pytest.raises(ServiceMissing, match=r"run \./test\.sh"), running_postgresql():
        pass


def test_a_postgresql_that_cannot_start_shows_its_log(monkeypatch):
    monkeypatch.setattr(services_postgresql, "HASTY", ("no_such_setting=1",))

    with pytest.raises(ServiceMissing, match="no_such_setting"), running_postgresql():
        pass


@pytest.mark.parametrize(("name", "product"), [("redis_server", "redis"), ("valkey_server", "valkey")])
def test_each_broker_is_the_real_product(request, name, product):
    server: Broker = request.getfixturevalue(name)

    with server.connect() as connection:
        found = connection.info("server").get("server_name", "redis")

    assert found == product


def test_a_broker_that_was_killed_can_be_started_again(valkey_server: Broker):
    valkey_server.kill()
    valkey_server.start()

    with valkey_server.connect() as connection:
        assert connection.ping()


def test_the_mail_sink_takes_messages_and_can_refuse_one(mail_sink: MailSink):
    message = EmailMessage()
    message["To"] = "somebody@example.org"
    message["From"] = "office@example.org"
    message["Subject"] = "Décision"
    message.set_content("Łódź")
    mail_sink.answers.append("451 Try again later")

    port = urlsplit(mail_sink.url).port
    with SMTP("127.0.0.1", port, timeout=5) as smtp:
        with pytest.raises(Exception, match="Try again later"):
            smtp.send_message(message)
        smtp.send_message(message)

    assert [str(arrived["Subject"]) for arrived in mail_sink.to("somebody@example.org")] == ["Décision"]


def test_the_database_is_what_its_name_says(app: Flask, database_url: str):
    with app.app_context():
        found = db.session.scalar(
            text("SELECT version()" if database_url.startswith("postgresql") else "SELECT 'SQLite'")
        )

        assert db.engine.dialect.name == database_url.partition(":")[0].partition("+")[0]
        assert str(found).split()[0] == {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[db.engine.dialect.name]


def test_both_databases_take_part(request, database_url: str):
    assert request.node.callspec.params["database_url"] == database_url.partition(":")[0].partition("+")[0]


def test_the_database_is_migrated_and_empty(app: Flask):
    with app.app_context():
        revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))

        assert revision == ScriptDirectory(str(ROOT / "migrations")).get_current_head()
        assert db.session.scalar(select(func.count()).select_from(Job)) == 0


@pytest.mark.parametrize("turn", ["first", "second"])
def test_no_test_finds_the_rows_of_another(app: Flask, now: datetime, turn: str):
    with app.app_context(), transaction() as session:
        session.add(a_job(now))

    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Job)) == 1


TOWNS: list[int] = []


@pytest.mark.parametrize("turn", ["first", "second"])
def test_numbers_of_rows_begin_anew_in_each_test(session, now: datetime, turn: str):
    TOWNS.append(city("Town of one", now).id)

    assert set(TOWNS) == {1}
    assert session.scalars(select(Organisation.name)).all() == ["Town of one"]


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE job ADD COLUMN more integer",
        "CREATE INDEX more ON job (state)",
        "ALTER TABLE job DROP CONSTRAINT pk_job CASCADE",
        "ANALYZE job",
        "UPDATE alembic_version SET version_num = 'other'",
    ],
)
def test_a_database_that_is_more_than_written_is_not_lent_again(databases: Databases, now: datetime, change: str):
    with databases.lent("postgresql") as changed:
        engine = create_engine(changed)
        with Session(engine) as session:
            session.add(a_job(now))
            session.commit()
            session.execute(text(change))
            session.commit()
        engine.dispose()

    with databases.lent("postgresql") as other:
        assert other != changed


def test_who_is_still_in_the_middle_of_something_does_not_hold_up_the_next_test(databases: Databases):
    with databases.lent("postgresql") as url:
        left = _connected(url)
        left.autocommit = False
        left.execute("LOCK TABLE job")

    with databases.lent("postgresql") as again, closing(_connected(again)) as connection:
        assert again == url
        assert connection.execute("SELECT count(*) FROM job").fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")


def _connected(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_a_committed_row_is_seen_by_another_connection(app: Flask, database_url: str, now: datetime):
    with app.app_context(), transaction() as session:
        session.add(a_job(now))

    other = create_engine(database_url)
    with other.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM job")) == 1
    other.dispose()


@pytest.mark.own_app
@pytest.mark.parametrize("way", ["added", "flushed", "a statement"])
def test_a_request_must_not_leave_uncommitted_changes(app: Flask, now: datetime, way: str):
    def careless() -> str:
        if way == "a statement":
            db.session.execute(update(Job).values(attempts=1))
        else:
            db.session.add(a_job(now))
        if way == "flushed":
            db.session.flush()
        return "done"

    app.add_url_rule("/careless", view_func=public(careless), methods=["POST"])

    with pytest.raises(AssertionError, match="POST /careless left uncommitted changes"):
        app.test_client().post("/careless")


@pytest.mark.own_app
def test_a_request_that_commits_is_clean(app: Flask, client: CleanClient, session, now: datetime):
    def careful() -> str:
        with transaction() as inner:
            inner.add(a_job(now))
        return "done"

    app.add_url_rule("/careful", view_func=public(careful), methods=["POST"])

    assert client.post("/careful").text == "done"
    assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_the_notifier_counts_what_was_announced(app: Flask, notifier: SilentNotifier, now: datetime):
    assert app.extensions["notifier"] is notifier
    assert notifier.notified == []


def a_job(now: datetime) -> Job:
    return Job(key="a", kind="test", args={}, state="ready", policy="retry", next_at=now, created_at=now)


def test_axe_finds_what_a_person_cannot_use(page: Page):
    page.set_content("<html lang=en><title>A page</title><main><h1>Cities</h1><img src='data:,'></main></html>")

    assert [found.partition(" ")[0] for found in violations(page)] == ["image-alt"]


def test_a_page_with_a_failing_script_fails_the_test(browser: Browser):
    with pytest.raises(AssertionError, match="somebody forgot"), watched_page(browser) as page:
        page.set_content("<script>throw new Error('somebody forgot something')</script>")


def test_a_refused_form_is_not_an_error_of_the_page(browser: Browser):
    with watched_page(browser) as page:
        page.route("**/*", lambda route: route.fulfill(status=409, body="Somebody else has saved this section."))
        page.goto("http://localhost:1/section")


def test_what_a_killed_run_left_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(quick_folders, "MEMORY", tmp_path)
    monkeypatch.setattr(quick_folders, "ROOM", 0)
    gone, alive = 2**22 + 1, 1
    for owner in (gone, alive):
        (tmp_path / f"trial-{owner}-x").mkdir()

    with quick_folder("trial") as folder:
        assert folder.parent == tmp_path

    assert [path.name for path in tmp_path.iterdir()] == [f"trial-{alive}-x"]


def test_tests_that_share_a_world_go_to_one_process():
    shared, alone = "tests/emails/test_golden.py", "tests/emails/test_register.py::test_a_thing[sqlite]"

    groups = [group_of(f"{shared}::test_one[{case}]") for case in ("sqlite-a", "sqlite-b", "postgresql-a")]

    assert groups == [f"{shared} sqlite", f"{shared} sqlite", f"{shared} postgresql"]
    assert group_of(alone) == alone


MADE: list[str] = []


def kept_town(url: str, now: datetime) -> Organisation:
    MADE.append(url)
    return city("Town of all", now)


@pytest.mark.parametrize("number", [1, 2])
def test_a_kept_world_is_made_once_and_each_test_changes_a_copy(kept: Kept, database_url, now, number):
    dialect = database_url.partition(":")[0]

    town = kept(kept_town, dialect, now)

    assert MADE.count(dialect) == 1
    assert db.session.scalars(select(Organisation.name)).all() == ["Town of all"]
    with transaction():
        town.name = "Town of one"


def test_what_is_written_before_a_kept_world_has_to_be_kept_too(kept: Kept, database_url, now):
    city("Town of one", now)

    with pytest.raises(AssertionError, match="what is written before must be kept, too"):
        kept(kept_town, "", now)
