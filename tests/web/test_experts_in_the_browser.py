"""Pages of experts, of the office and of networks that look for experts, in real Chromium: axe finds nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from tests.factories.accounts import PASSWORD, person
from tests.factories.applications import member
from tests.factories.calls import open_call
from tests.factories.experts import applied, open_search, sign_agreements, submitted_expert, validated_expert
from tests.factories.networks import founded_network
from tests.services_browser import violations, watched_page
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import ExpertTrack, Role
from urbact_calls.experts.models import ExpertProfile

# What a page shows does not depend on the database under it.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGES = {
    None: ("/experts/", "/experts/?theme=food", "/experts/ada-expert", "/get-involved/expert"),
    "new@example.org": ("/expert-profile",),
    "ada@example.org": (
        "/expert-profile",
        "/expert-applications/",
        "/networks/isola/expert-applications",
        "/expert-applications/1",
    ),
    "lead@example.org": (
        "/networks/isola/work",
        "/networks/isola/work/experts",
        "/networks/isola/work/agreements",
        "/expert-applications/1",
    ),
    "officer@example.org": ("/office/experts/", "/office/experts/?state=validated_lead", "/office/experts/2"),
}


@pytest.fixture
def address(app: Flask, session) -> Iterator[str]:
    now = datetime.now(UTC)
    draft, network = founded_network(open_call(db.session, now), now)
    member(network.members[0].organisation, now, name="Lea Lead", email="lead@example.org")
    person(Role.PROGRAMME_OFFICER, name="Olga Officer", email="officer@example.org")
    person(name="Nina New", email="new@example.org")
    profile = validated_expert(now, name="Ada Expert")
    with transaction() as session:
        session.get_one(ExpertProfile, profile.id).user.email = "ada@example.org"
    submitted_expert(now, name="Wim Waiting")
    applied("isola", open_search("isola", draft.actor, now), profile, now)
    open_search("isola", draft.actor, now, ExpertTrack.AD_HOC)
    sign_agreements("isola", now)
    db.session.rollback()
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (320, "light")])
def test_everybody_can_use_the_pages_about_experts(browser: Browser, address: str, width: int, scheme: str):
    found: dict[str, object] = {}
    for email, paths in PAGES.items():
        with watched_page(browser, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
            if email is not None:
                page.goto(f"{address}/sign-in?next=/help")
                page.get_by_label("E-mail address").fill(email)
                page.get_by_label("Password", exact=True).fill(PASSWORD)
                page.keyboard.press("Enter")
                page.wait_for_url(f"{address}/help")
            for path in paths:
                answer = page.goto(address + path)
                assert answer is not None
                complaints = violations(page)
                too_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
                if complaints or too_wide or answer.status != 200:
                    found[f"{email} {path}"] = complaints or f"{answer.status}, wider than the screen: {too_wide}"

    assert found == {}
