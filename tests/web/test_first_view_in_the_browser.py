"""A page is light on a slow line, asks for nothing twice and moves under nobody's eyes: `scripts.first_view`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from scripts.first_view import DRAFT, view
from tests.factories.accounts import sign_in
from tests.services_databases import Databases, settings_for
from tests.services_site import served
from tests.web_client import app_under_test
from urbact_calls.accounts.reads import by_email
from urbact_calls.database import db
from urbact_calls.demonstration import people
from urbact_calls.jobs import SilentNotifier

pytestmark = [pytest.mark.slow, pytest.mark.together]


@pytest.fixture(scope="module")
def site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Where the demonstration answers, and the cookie of a lead partner in it."""
    with (
        databases.fresh("sqlite", "demonstration") as url,
        app_under_test(settings_for(url, tmp_path_factory.mktemp("first-view")), SilentNotifier()) as app,
    ):
        with app.app_context():
            lead = by_email(db.session(), people.PEOPLE[0].email)
            assert lead is not None
            client = app.test_client()
            sign_in(client, lead)
            cookie = client.get_cookie("urbact")
            assert cookie is not None
            db.session.remove()
        with served(app) as address:
            yield address, cookie.value


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["/networks/biodivercity", f"{DRAFT}sections/challenge", f"{DRAFT}budget"])
def test_a_page_is_light_and_stands_still(browser: Browser, site: tuple[str, str], path: str, width: int):
    url, cookie = site
    cookies = [{"name": "urbact", "value": cookie, "url": url}] if path.startswith(DRAFT) else []

    seen = view(browser, url, path, width, cookies)

    assert list(seen.faults()) == [], str(seen)
    assert path in seen.first.requests[0]
