"""What operators read: log lines and figures that name no person and no address."""

from __future__ import annotations

import contextlib
import io
import json
import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from tests.services_databases import settings_for
from tests.web_client import CleanClient, app_under_test
from urbact_calls.accounts.models import AccountMessage, User
from urbact_calls.database import db, transaction
from urbact_calls.jobs import SilentNotifier, announce
from urbact_calls.version import version
from urbact_calls.web import logs


class Lines:
    """The JSON lines of a test."""

    def __init__(self, stream: io.StringIO) -> None:
        self.stream = stream

    def __iter__(self) -> Iterator[dict[str, object]]:
        return map(json.loads, self.stream.getvalue().splitlines())


@contextlib.contextmanager
def written(style: logs.LogStyle) -> Iterator[io.StringIO]:
    """What this process logs."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logs.configure(style)
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    handler.setStream(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def lines() -> Iterator[Lines]:
    with written("json") as stream:
        yield Lines(stream)


def test_a_request_is_one_line_with_the_pattern_of_its_page(client: CleanClient, lines: Lines):
    client.get("/reset-password/a-token-nobody-may-read?email=somebody@example.org")

    (line,) = [each for each in lines if each["event"] == "request"]
    assert set(line) >= {"method", "page", "status", "ms", "request", "timestamp", "level"}
    assert "a-token" not in json.dumps(line)
    assert "somebody" not in json.dumps(line)


def test_the_number_on_an_error_page_stands_in_the_log(client: CleanClient, lines: Lines):
    answer = client.get("/networks/no-such-network")

    number = answer.headers["X-Request-ID"]
    assert answer.status_code == 404
    assert [each["status"] for each in lines if each.get("request") == number] == [404]


@pytest.mark.own_app
def test_a_fault_is_logged_with_the_number_that_its_page_shows(app: Flask, lines: Lines):
    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("broken on purpose")

    broken.is_public = True  # type: ignore[attr-defined]
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = app.test_client().get("/broken")

    faults = [each for each in lines if each["level"] == "error"]
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.text
    assert [each["request"] for each in faults] == [answer.headers["X-Request-ID"]]
    assert "broken on purpose" in str(faults[0]["exception"])


@pytest.mark.own_app
def test_a_fault_written_for_people_shows_no_variable_and_no_parameter(app: Flask, session):
    """Where it broke stands there, but not what was in hand; below its first line PostgreSQL would quote the row."""

    @app.get("/broken")
    def broken() -> str:
        secret = "@".join(("somebody", "example.org"))
        return str(db.session.execute(insert(User).values(email=secret, name=secret)))

    broken.is_public = True  # type: ignore[attr-defined]
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with written("text") as stream:
        answer = app.test_client().get("/broken")

    assert answer.status_code == 500
    assert "Traceback (most recent call last)" in stream.getvalue()
    assert "IntegrityError" in stream.getvalue()
    assert "somebody@example.org" not in stream.getvalue()


LABELS = ("page", "state", "version")


def figures(text: str) -> dict[tuple[str, str], float]:
    return {
        (sample.name, next((value for name in LABELS if (value := sample.labels.get(name))), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.own_app
def test_requests_are_counted_by_page_and_never_by_address(app: Flask, client: CleanClient):
    for _ in range(3):
        client.get("/networks/a-name-that-is-searched")

    text = client.get("/metrics").text

    assert figures(text)["urbact_requests_total", "catalogue.network"] == 3
    assert figures(text)["urbact_request_seconds_count", "catalogue.network"] == 3
    assert "a-name-that-is-searched" not in text


def test_the_work_that_waits_is_counted(client: CleanClient, session, now):
    with transaction() as writing:
        announce(writing, kind="mail:account.confirm", key="metrics", args=AccountMessage(user=1, at=now), now=now)

    found = figures(client.get("/metrics").text)

    assert found["urbact_jobs", "ready"] == 1
    assert found["urbact_jobs", "dead"] == 0
    assert found["urbact_version", version()] == 1


@pytest.mark.parametrize(
    ("token", "given", "status"),
    [
        ("", "", 404),
        ("", "Bearer ", 404),
        ("long enough", "", 404),
        ("long enough", "Bearer short", 404),
        ("long enough", "Bearer long enough", 200),
    ],
)
def test_in_production_the_figures_need_the_token(database_url, tmp_path, token, given, status):
    settings = settings_for(database_url, tmp_path, app_env="production", metrics_token=token)

    with app_under_test(settings, SilentNotifier()) as app:
        answer = app.test_client().get("/metrics", headers={"Authorization": given})

    assert answer.status_code == status
