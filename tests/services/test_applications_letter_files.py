"""Letters on disk and in the table: replaced, refused, and whose they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.factories import applications as make
from tests.factories.accounts import actor_of, person
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.services.test_applications_writing import add
from urbact_calls import pdfs
from urbact_calls.applications.letters import commands as letters
from urbact_calls.applications.models import Document
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.storage import Storage


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


@pytest.fixture
def draft(call: Call, now: datetime) -> Draft:
    return make.draft(call, now)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "letters")


def content_of(letter: Document, storage: Storage) -> bytes:
    with storage.open(letter.storage_key) as file:
        return file.read()


def files(storage: Storage) -> int:
    return sum(path.is_file() for path in storage.folder.rglob("*"))


def keep(draft: Draft, now: datetime, storage: Storage, content: bytes, actor: Actor | None = None) -> None:
    lead = make.row(draft.reference).partners[0].id
    letters.keep_letter(
        draft.reference,
        lead,
        content=content,
        filename="../Lettre d'engagement.pdf",
        actor=actor or draft.actor,
        now=now,
        storage=storage,
    )


def test_a_letter_replaces_the_one_before_and_its_file(draft: Draft, now: datetime, storage: Storage):
    keep(draft, now, storage, make.pdf(1))
    keep(draft, now, storage, make.pdf(2))

    letter = db.session.scalars(select(Document)).one()
    assert (letter.filename, letter.media_type, letter.size) == (
        "Lettre d'engagement.pdf",
        "application/pdf",
        len(make.pdf(2)),
    )
    assert content_of(letter, storage) == make.pdf(2)
    assert files(storage) == 1


def test_an_old_letter_that_cannot_be_removed_does_not_take_the_new_one_away(
    draft: Draft, now: datetime, storage: Storage
):
    keep(draft, now, storage, make.pdf(1))
    key = db.session.scalars(select(Document.storage_key)).one()
    db.session.rollback()
    old = storage.folder / key[:2] / key
    old.unlink()
    old.mkdir()

    with pytest.raises(IsADirectoryError):
        keep(draft, now, storage, make.pdf(2))

    db.session.rollback()
    assert content_of(db.session.scalars(select(Document)).one(), storage) == make.pdf(2)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"%PDF-1.7"])
def test_of_a_refused_letter_nothing_stays(draft: Draft, now: datetime, storage: Storage, content: bytes):
    keep(draft, now, storage, make.pdf())

    with pytest.raises(pdfs.NotAPdf):
        keep(draft, now, storage, content)

    assert db.session.scalar(select(func.count()).select_from(Document)) == 1
    assert files(storage) == 1


def test_after_closing_no_letter_is_replaced(call: Call, draft: Draft, now: datetime, storage: Storage):
    keep(draft, now, storage, make.pdf(1))

    with pytest.raises(Refused):
        keep(draft, call.closes_at + timedelta(seconds=1), storage, make.pdf(2))

    letter = db.session.scalars(select(Document)).one()
    assert content_of(letter, storage) == make.pdf(1)
    assert files(storage) == 1


def test_while_a_clarification_is_asked_a_missing_letter_can_be_added(
    call: Call, draft: Draft, now: datetime, storage: Storage
):
    with transaction() as session:
        application = make.row(draft.reference)
        application.state, application.submitted_at = "clarification", now
        session.add(application)

    keep(draft, call.closes_at + timedelta(days=3), storage, make.pdf())

    assert db.session.scalar(select(func.count()).select_from(Document)) == 1


def test_people_of_a_partner_keep_their_own_letter_only(draft: Draft, now: datetime, storage: Storage):
    isernia = make.city("Isernia", now, "IT")
    add(draft, isernia, now)

    with pytest.raises(NotFound):
        keep(draft, now, storage, make.pdf(), actor=actor_of(person(), isernia.id))

    assert files(storage) == 0
