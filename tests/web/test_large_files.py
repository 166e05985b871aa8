"""Files that are too large are refused beside their field, with their size and what is allowed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import applications as make
from tests.factories.accounts import at, sign_in
from tests.factories.calls import open_call
from tests.factories.experts import validated_expert
from tests.factories.networks import founded_network
from tests.web_client import CleanClient
from urbact_calls.accounts.models import User
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import NetworkType
from urbact_calls.networks.models import Member

SCAN = b"%PDF-1.7\n".ljust(9_000_000, b"x")


def letter(now: datetime) -> tuple[User, str, str]:
    draft = make.draft(open_call(db.session, now), now)
    partner = make.row(draft.reference).partners[0].id
    return draft.lead, f"/applications/{draft.reference}/documents/{partner}", f"p{partner}-letter"


def curriculum_vitae(now: datetime) -> tuple[User, str, str]:
    return db.session.get_one(User, validated_expert(now).user_id), "/expert-profile/cv", "cv"


def agreement(now: datetime) -> tuple[User, str, str]:
    draft, network = founded_network(open_call(db.session, now), now)
    member = db.session.scalars(select(Member.id).where(Member.network_id == network.id, Member.role == "lead")).one()
    return draft.lead, f"/networks/{network.slug}/work/agreements/{member}", f"m{member}-agreement"


def sent(client: CleanClient, address: str, data: dict[str, Any]) -> TestResponse:
    """The answer to a form with a file, whose body the client keeps in a file that nobody else closes."""
    answer = client.post(address, data=data, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()
    return answer


@pytest.mark.parametrize("paper", [letter, curriculum_vitae, agreement])
def test_a_scan_of_nine_megabytes_is_refused_beside_its_field(
    client: CleanClient, session, now: datetime, paper: Callable[[datetime], tuple[User, str, str]]
):
    who, address, field = paper(now)
    at(client, now)
    sign_in(client, who)

    answer = sent(client, address, {field: (io.BytesIO(SCAN), "scan.pdf")})

    assert answer.status_code == 413
    assert f'id="{field}-error"' in answer.text
    assert "The file has 9.0 MB; up to 5 MB are allowed." in answer.text


def test_what_is_larger_than_any_request_is_told_with_its_size(client: CleanClient, session, now: datetime):
    who, address, field = letter(now)
    sign_in(client, who)
    token = client.token()

    answer = sent(client, address, {"csrf_token": token, field: (io.BytesIO(b"x" * 33_600_000), "scan.pdf")})

    assert answer.status_code == 413
    assert f'id="{field}-error"' in answer.text
    assert "The file has 33.6 MB; up to 5 MB are allowed." in answer.text


def test_what_was_typed_beside_a_file_that_is_too_large_comes_back(client: CleanClient, session, now: datetime):
    call = open_call(db.session, now, "AN-DEMO", network_type=NetworkType.AN, text_limits={})
    draft = make.draft(call, now)
    partner = make.row(draft.reference).partners[0].id
    sign_in(client, draft.lead)
    at(client, now)

    answer = sent(
        client,
        f"/applications/{draft.reference}/partners/{partner}/sections/strategy",
        {"summary": "It says much.", "version": "0", "file": (io.BytesIO(SCAN), "plan.pdf")},
    )

    assert answer.status_code == 413
    assert "It says much." in answer.text
    assert "9.0 MB" in answer.text
