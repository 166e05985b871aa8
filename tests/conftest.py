"""What every test can ask for. A test that names `database_url`, `app` or `client` runs on SQLite and PostgreSQL."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from scripts.postgresql import PostgreSQL
from tests.quick_folder import quick_folder
from tests.services_broker import Broker, running_redis, running_valkey
from tests.services_mail import MailSink, running_mail_sink
from tests.services_postgresql import running_postgresql

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Browser, Page
    from sqlalchemy.orm import Session, scoped_session
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling
    from xdist.workermanage import WorkerController

    from config import Settings
    from tests.kept_worlds import Kept, KeptWorlds
    from tests.services_databases import Databases
    from tests.web_client import CleanClient
    from urbact_calls.jobs import SilentNotifier

BOTH = ["sqlite", "postgresql"]

# How long one example takes says how busy the machine is, not what the program does.
hypothesis.settings.register_profile("default", deadline=None)


# What takes minutes begins first, so that no process is left alone with it at the end.
LONGEST_FIRST = ("journey", "chaos", "slow")


def pytest_collection() -> None:
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=rank)


TEMPLATES = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    # Where several processes share the tests, they share the templates of databases as well.
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        folder = contextlib.ExitStack()
        config.stash[TEMPLATES] = folder.enter_context(quick_folder("urbact-templates"))
        config.add_cleanup(folder.close)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    node.workerinput["templates"] = str(node.config.stash[TEMPLATES])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    from tests.processes import InGroups

    # What takes longest stays first, not what has most tests.
    config.option.loadscopereorder = False
    return InGroups(config, log)


def rank(item: pytest.Item) -> int:
    """Where a test stands in `LONGEST_FIRST`; after them all, if it is none of them."""
    marks = (place for place, name in enumerate(LONGEST_FIRST) if item.get_closest_marker(name))
    return next(marks, len(LONGEST_FIRST))


def pytest_collection_finish() -> None:
    # All that was imported lives until the end; to look for garbage in it again and again took an eighth of the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


@pytest.fixture
def now() -> datetime:
    """The instant at which a test happens, unless the test chooses another one."""
    return datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    with running_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    # Not at the top: tests of the core run where the rest of the program does not even import.
    from tests.services_databases import Databases

    shared = getattr(request.config, "workerinput", {}).get("templates")
    with quick_folder("urbact-sqlite") as folder:
        # PostgreSQL starts only if a test of this run needs it.
        cluster = cache(lambda: request.getfixturevalue("postgresql"))
        databases = Databases(folder, cluster, Path(shared) if shared else None)
        yield databases
        databases.close()


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """A migrated database of the test's own. `@pytest.mark.database("reference")` or `("demonstration")` fills it."""
    marker = request.node.get_closest_marker("database")
    # What a kept world is put in the place of cannot be lent again.
    ways = databases.fresh if "kept" in request.fixturenames else databases.lent
    with ways(request.param, marker.args[0] if marker else "empty") as url:
        yield url


@pytest.fixture
def everything(database_url: str) -> Sequence[str]:
    """What is typed into every field of a form. The forms are the same on both databases; PostgreSQL is asked with
    what a database itself may stumble over."""
    from tests.corpus import EVERYTHING, HARD_TO_STORE

    return EVERYTHING if database_url.startswith("sqlite") else HARD_TO_STORE


@pytest.fixture
def redis_server() -> Iterator[Broker]:
    with running_redis() as server:
        yield server


@pytest.fixture
def valkey_server() -> Iterator[Broker]:
    with running_valkey() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: Broker) -> str:
    return redis_server.url


@pytest.fixture
def valkey_url(valkey_server: Broker) -> str:
    return valkey_server.url


@pytest.fixture
def mail_sink() -> Iterator[MailSink]:
    with running_mail_sink() as sink:
        yield sink


@pytest.fixture
def settings(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Settings:
    from tests.services_databases import settings_for

    return settings_for(database_url, tmp_path, rate_limits=_is_marked(request, "limited"))


def _is_marked(request: pytest.FixtureRequest, name: str) -> bool:
    return request.node.get_closest_marker(name) is not None


@pytest.fixture
def notifier() -> SilentNotifier:
    """The notifier of the app; `notifier.notified` lists the kinds of job that it told of."""
    from urbact_calls.jobs import SilentNotifier

    return SilentNotifier()


@pytest.fixture(scope="session")
def shared_apps() -> Iterator[None]:
    from tests.web_client import let_go_of_shared_apps

    yield
    let_go_of_shared_apps()


@pytest.fixture
def app(
    request: pytest.FixtureRequest, settings: Settings, notifier: SilentNotifier, shared_apps: None
) -> Iterator[Flask]:
    from tests.web_client import app_under_test, limits_from_here_on, shared_app

    is_limited = _is_marked(request, "limited")
    alone = is_limited or _is_marked(request, "own_app")
    with (
        (app_under_test if alone else shared_app)(settings, notifier) as app,
        limits_from_here_on() if is_limited else nullcontext(),
    ):
        yield app


@pytest.fixture
def client(app: Flask) -> CleanClient:
    from tests.web_client import CleanClient

    client = app.test_client()
    assert isinstance(client, CleanClient)
    return client


@pytest.fixture
def session(app: Flask) -> Iterator[scoped_session[Session]]:
    """The database as the test itself sees it. Requests through `client` have a session of their own."""
    from urbact_calls.database import db

    with app.app_context():
        yield db.session


@pytest.fixture(scope="session")
def kept_worlds(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> KeptWorlds:
    from tests.kept_worlds import KeptWorlds

    return KeptWorlds(databases, tmp_path_factory.mktemp("kept"))


@pytest.fixture
def kept(session: scoped_session[Session], settings: Settings, kept_worlds: KeptWorlds) -> Kept:
    """`kept(make, *args)` has the world of a test made once; see `tests/kept_worlds.py`."""
    from tests.kept_worlds import Kept

    return Kept(kept_worlds, settings.database_url, settings.upload_dir)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from tests.services_browser import running_browser

    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh visitor. The test fails if the page reports an error of a script or of its security policy."""
    from tests.services_browser import watched_page

    with watched_page(browser) as page:
        yield page
