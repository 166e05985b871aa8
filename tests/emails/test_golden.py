"""Every message as people get it, beside a text of it that a person has read.

`WRITE_EMAILS=1 ./test.sh tests/emails` writes the texts anew; look at the difference before you commit it.

The stories are told on SQLite here. That each of their messages is the same on PostgreSQL says
`tests/workers/test_every_job_twice.py`, which tells them on both.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.stories import tell_all
from tests.services_databases import Databases, settings_for
from tests.web_client import app_under_test
from urbact_calls.database import db
from urbact_calls.jobs import SilentNotifier
from urbact_calls.messages.models import EMAILS, Delivery

FOLDER = Path(__file__).parent
GOLDEN = sorted(path.stem for path in FOLDER.glob("*.txt"))
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.together


@pytest.fixture(scope="module")
def told(databases: Databases, tmp_path_factory) -> Iterator[dict[str, Delivery]]:
    """The first message of each key that the stories send."""
    folder = tmp_path_factory.mktemp("emails")
    with (
        databases.fresh("sqlite") as url,
        app_under_test(settings_for(url, folder), SilentNotifier()) as app,
        app.app_context(),
    ):
        tell_all(NOW)
        found: dict[str, Delivery] = {}
        for delivery in db.session.scalars(select(Delivery).order_by(Delivery.id)):
            found.setdefault(delivery.email_key, delivery)
        yield found


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Flask:
    from urbact_calls.factory import create_app

    folder = tmp_path_factory.mktemp("registry")
    return create_app(settings_for(f"sqlite:///{folder / 'never.sqlite'}", folder))


def written(delivery: Delivery) -> str:
    """A message as the file shows it. What differs from run to run is replaced."""
    text = f"To: {delivery.address}\nSubject: {delivery.subject}\n\n{delivery.text}"
    text = re.sub(r"person-\d+@", "person@", re.sub(r"Person \d+", "Person", text))
    text = re.sub(r"\b[0-9a-f]{64}\b", "FINGERPRINT", text)
    text = re.sub(r"^Stored: .+, Paris time$", "Stored: MOMENT, Paris time", text, flags=re.MULTILINE)
    text = re.sub(r"/subscriptions/[^/\s]+/", "/subscriptions/KEY/", text)
    text = re.sub(r"/(invitations|messages)/[^/\s]+", r"/\1/TOKEN", text)
    return re.sub(r"/(confirm|reset-password)/\S+", r"/\1/TOKEN", text)


@pytest.mark.parametrize("key", GOLDEN)
def test_a_message_reads_as_it_was_approved(told: dict[str, Delivery], key: str):
    assert key in told, f"no story sends {key}: add one to tests/factories/stories.py, or remove tests/emails/{key}.txt"
    golden = FOLDER / f"{key}.txt"
    if os.environ.get("WRITE_EMAILS"):
        golden.write_text(written(told[key]))

    assert written(told[key]) == golden.read_text()


def test_every_message_has_a_text_that_a_person_has_read(app: Flask, told: dict[str, Delivery]):
    missing = sorted(set(EMAILS) - set(GOLDEN))
    if os.environ.get("WRITE_EMAILS"):
        for key in set(missing) & set(told):
            (FOLDER / f"{key}.txt").write_text(written(told[key]))

    assert sorted(set(missing) - set(told)) == [], "no story sends it: add one to tests/factories/stories.py"
    assert missing == [], "write it with WRITE_EMAILS=1 ./test.sh tests/emails, and read it"


@pytest.mark.parametrize("key", GOLDEN)
def test_the_html_says_all_that_the_text_says(told: dict[str, Delivery], key: str):
    """In the same order; labels of facts stand in a column of their own, without the colon, and what people typed in a
    quotation, without the marks of its lines."""
    shown = words(re.sub(r"<[^>]+>", " ", re.sub(r"<head>.*?</head>", "", told[key].html, flags=re.DOTALL)))
    position = 0
    for word in words(re.sub("^> ?", "", told[key].text, flags=re.MULTILINE)):
        position = shown.index(word, position)


def words(text: str) -> list[str]:
    return re.findall(r"[^\s:]+", unescape(text))


@pytest.mark.parametrize("key", GOLDEN)
def test_the_subject_begins_with_what_happened_and_fits(told: dict[str, Delivery], key: str):
    """Mail programs cut it at about 78 characters, and the reference must be seen."""
    subject = told[key].subject

    assert subject[0].isupper()
    assert not subject.endswith(".")
    if reference := re.search(r"APN-[A-Z]+-\d{3}", subject):
        assert reference.end() <= 78


@pytest.mark.parametrize("key", GOLDEN)
def test_a_message_loads_nothing_and_links_only_to_this_site(told: dict[str, Delivery], key: str):
    html = told[key].html

    assert re.findall(r"<(?:img|script|link|iframe|form)\b", html) == []
    assert [href for href in re.findall(r'href="([^"]+)"', html) if not href.startswith("http://localhost:8000/")] == []
