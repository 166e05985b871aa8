"""How many files one account may send, counted per account and not per address."""

from __future__ import annotations

import io
from datetime import datetime

import pytest

from tests.factories import applications as make
from tests.factories.accounts import at, sign_in
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.web_client import CleanClient
from urbact_calls.database import db

pytestmark = [pytest.mark.limited, pytest.mark.usefixtures("session")]
MOST = 60


@pytest.fixture
def draft(client: CleanClient, now: datetime) -> Draft:
    draft = make.draft(open_call(db.session, now), now)
    at(client, now)
    sign_in(client, draft.lead)
    return draft


def send(client: CleanClient, draft: Draft, content: bytes = b"GIF89a") -> int:
    partner = make.row(draft.reference).partners[0].id
    files = {f"p{partner}-letter": (io.BytesIO(content), "a.pdf")} if content else {}
    path = f"/applications/{draft.reference}/documents/{partner}"
    return client.post(path, data=files, content_type="multipart/form-data").status_code


def test_an_account_sends_so_many_files_and_no_more_for_a_while(client: CleanClient, draft: Draft):
    assert {send(client, draft) for _ in range(MOST)} == {415}

    assert send(client, draft) == 429
    assert client.get(f"/applications/{draft.reference}/documents").status_code == 200
    # A form without a file is none of them.
    assert send(client, draft, b"") == 422


def test_another_account_at_the_same_address_is_not_held_up(client: CleanClient, draft: Draft, now: datetime):
    other = make.draft(make.row(draft.reference).call, now, make.city("Turku", now, "FI"))
    for _ in range(MOST):
        send(client, draft)

    colleague = client.application.test_client()
    at(colleague, now)
    sign_in(colleague, other.lead)

    assert (send(client, draft), send(colleague, other)) == (429, 415)
