"""Uploads of files of all kinds: what is said beside the field, and who gets a file that waits or was refused."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import pytest

from tests.factories import applications as make
from tests.factories.accounts import at, sign_in
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.factories.experts import network_of, submitted_expert
from tests.factories.stories import from_draft_to_network
from tests.factories.story import story
from tests.web.test_applications_bad_input import Typed
from tests.web_client import CleanClient
from urbact_calls.database import db
from urbact_calls.factory import LARGEST_WITH_FILES
from urbact_calls.storage import Storage

pytestmark = pytest.mark.usefixtures("session")

SCAN = b"%PDF-" + b"x" * 9_000_000
BEYOND = b"%PDF-" + b"x" * LARGEST_WITH_FILES


@pytest.fixture
def draft(client: CleanClient, now: datetime) -> Draft:
    draft = make.draft(open_call(db.session, now), now)
    at(client, now)
    sign_in(client, draft.lead)
    return draft


def send(client: CleanClient, path: str, field: str, content: bytes, **more: str) -> tuple[int, str, Typed]:
    """The status of an upload, what stands beside its field, and the page."""
    answer = client.post(
        path, data={field: (io.BytesIO(content), "scan.pdf"), **more}, content_type="multipart/form-data"
    )
    # A request that is too large is not read to its end, and nobody else closes its file.
    answer.request.environ["wsgi.input"].close()
    typed = Typed(answer.text)
    return answer.status_code, answer.text if field in typed.errors else "", typed


@pytest.mark.parametrize(("content", "size"), [(SCAN, "9.1 MB"), (BEYOND, "33.6 MB")])
def test_a_letter_that_is_too_large_is_told_its_size_and_the_limit(
    client: CleanClient, draft: Draft, content: bytes, size: str
):
    partner = make.row(draft.reference).partners[0].id

    status, said, _ = send(
        client, f"/applications/{draft.reference}/documents/{partner}", f"p{partner}-letter", content
    )

    assert (status, f"The file has {size}; up to 5 MB are allowed." in said) == (413, True)


@pytest.mark.parametrize(("content", "size"), [(SCAN, "9.1 MB"), (BEYOND, "33.6 MB")])
def test_a_curriculum_vitae_that_is_too_large_is_told_its_size_and_the_limit(
    client: CleanClient, now: datetime, content: bytes, size: str
):
    profile = submitted_expert(now, name="Eva Expert", email="eva@example.org")
    at(client, now)
    sign_in(client, profile.user)

    status, said, _ = send(client, "/expert-profile/cv", "cv", content)

    assert (status, f"The file has {size}; up to 5 MB are allowed." in said) == (413, True)


@pytest.mark.parametrize(("content", "size"), [(SCAN, "9.1 MB"), (BEYOND, "33.6 MB")])
def test_an_agreement_that_is_too_large_is_told_its_size_and_the_limit(
    client: CleanClient, now: datetime, content: bytes, size: str
):
    tale = story(now, "APN-DEMO")
    from_draft_to_network(tale)
    network = network_of(tale.reference)
    member = network.members[0].id
    at(client, now)
    sign_in(client, tale.draft.lead)

    path = f"/networks/{network.slug}/work/agreements/{member}"
    status, said, _ = send(client, path, f"m{member}-agreement", content)

    assert (status, f"The file has {size}; up to 5 MB are allowed." in said) == (413, True)


def test_a_stranger_learns_nothing_from_a_request_that_is_too_large(client: CleanClient, draft: Draft, now: datetime):
    stranger = client.application.test_client()
    at(stranger, now)
    sign_in(stranger, make.member(make.city("Turku", now, "FI"), now))
    partner = make.row(draft.reference).partners[0].id

    status, _, _ = send(stranger, f"/applications/{draft.reference}/documents/{partner}", f"p{partner}-letter", BEYOND)

    assert status == 404


def test_a_file_that_is_not_yet_checked_is_named_so_and_nobody_gets_it(
    client: CleanClient, draft: Draft, tmp_path: Path
):
    client.application.extensions["storage"] = Storage(tmp_path / "slow", patience=0)
    partner = make.row(draft.reference).partners[0].id
    path = f"/applications/{draft.reference}/documents"

    status, _, _ = send(client, f"{path}/{partner}", f"p{partner}-letter", make.pdf())

    assert status == 302
    assert "Not yet checked" in client.get(path).text
    answer = client.get(f"{path}/{partner}")
    assert (answer.status_code, "This file is not yet checked" in answer.text) == (409, True)


def test_a_disk_that_cannot_be_written_is_told_beside_the_field(client: CleanClient, draft: Draft, tmp_path: Path):
    (tmp_path / "files").write_text("no folder")
    client.application.extensions["storage"] = Storage(tmp_path / "files")
    partner = make.row(draft.reference).partners[0].id
    path = f"/applications/{draft.reference}/documents"

    status, said, _ = send(client, f"{path}/{partner}", f"p{partner}-letter", make.pdf())

    assert (status, "the disk of this site is full or cannot be written" in said) == (503, True)
    assert client.get(path).status_code == 200
