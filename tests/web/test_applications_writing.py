"""Writing an application through its pages: start, sections, partners, budget, letters, submit."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.factories import applications as make
from tests.factories.accounts import sign_in
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.web_client import CleanClient
from urbact_calls.calls.models import Call
from urbact_calls.database import db


@pytest.fixture
def now() -> datetime:
    """Pages take the time of the request, so these tests happen today."""
    from datetime import UTC

    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


@pytest.fixture
def draft(call: Call, now: datetime) -> Draft:
    return make.draft(call, now)


@pytest.fixture
def lead(client: CleanClient, draft: Draft) -> CleanClient:
    sign_in(client, draft.lead)
    return client


def test_every_page_of_a_draft_opens(lead: CleanClient, draft: Draft):
    base = f"/applications/{draft.reference}"
    pages = ["/applications/", "/calls/APN-DEMO/applications", f"{base}/", f"{base}/sections/identity"]
    pages += [f"{base}/sections/declarations", f"{base}/partners", f"{base}/budget", f"{base}/documents"]

    assert {page: lead.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)


def test_the_whole_way_from_start_to_receipt(client: CleanClient, call: Call, now: datetime):
    complete = make.complete_draft(call, now)
    sign_in(client, complete.lead)

    response = client.post(f"/applications/{complete.reference}/transitions/submit")

    assert response.status_code == 302, response.text
    page = client.get(response.location).text
    assert make.row(complete.reference).state == "submitted"
    assert "Receipt" in page
