"""The files of a submission: they stay with it, they count in its fingerprint, and nothing takes them away."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import select, update

from config import ROOT
from tests.factories import applications as make
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.services_databases import Databases, Dialect, settings_for
from urbact_calls.applications.letters import commands as letters
from urbact_calls.applications.models import LETTER, SubmittedFile
from urbact_calls.applications.partners import commands as partners
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.applications.submission.models import Submission
from urbact_calls.database import db, transaction
from urbact_calls.factory import create_app
from urbact_calls.storage import Storage

MINUTE = timedelta(minutes=1)
FOLDER = str(ROOT / "migrations")
SUBMITTED_FILES = "c41f7e0a9b26"
"""The migration that made their table."""


@pytest.fixture
def draft(session, now: datetime) -> Draft:
    return make.complete_draft(open_call(db.session, now), now)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "letters")


def send_letter(draft: Draft, place: int, content: bytes, now: datetime, storage: Storage) -> None:
    partner_id = make.row(draft.reference).partners[place].id
    letters.keep_letter(
        draft.reference, partner_id, content=content, filename="letter.pdf", actor=draft.actor, now=now, storage=storage
    )


def submit(draft: Draft, now: datetime) -> None:
    take_transition(draft.reference, "submit", draft.actor, now)


def reopen(draft: Draft, now: datetime) -> None:
    take_transition(draft.reference, "reopen", draft.actor, now)


def submissions() -> list[Submission]:
    db.session.rollback()
    return list(db.session.scalars(select(Submission).order_by(Submission.number)))


def file_of(submission: Submission, partner: int) -> SubmittedFile:
    return db.session.scalars(
        select(SubmittedFile).where(SubmittedFile.submission_id == submission.id, SubmittedFile.partner == partner)
    ).one()


def content_of(submission: Submission, partner: int, storage: Storage) -> bytes:
    with storage.open(file_of(submission, partner).storage_key) as file:
        return file.read()


def test_a_letter_that_is_replaced_after_reopening_stays_with_the_submission_it_belonged_to(
    draft: Draft, now: datetime, storage: Storage
):
    send_letter(draft, 0, make.pdf(1), now, storage)
    submit(draft, now + MINUTE)
    reopen(draft, now + 2 * MINUTE)
    send_letter(draft, 0, make.pdf(2), now + 3 * MINUTE, storage)
    submit(draft, now + 4 * MINUTE)

    first, second = submissions()
    assert content_of(first, 1, storage) == make.pdf(1)
    assert content_of(second, 1, storage) == make.pdf(2)
    assert first.fingerprint != second.fingerprint


def test_the_letter_of_a_partner_that_left_stays_with_its_submission(draft: Draft, now: datetime, storage: Storage):
    send_letter(draft, 2, make.pdf(1), now, storage)
    submit(draft, now + MINUTE)
    reopen(draft, now + 2 * MINUTE)
    application = make.row(draft.reference)
    partners.remove_partner(
        draft.reference,
        application.partners[2].id,
        version=application.version,
        actor=draft.actor,
        now=now + 3 * MINUTE,
        storage=storage,
    )

    [first] = submissions()
    assert content_of(first, 3, storage) == make.pdf(1)


def test_a_letter_that_was_never_submitted_goes_when_it_is_replaced(draft: Draft, now: datetime, storage: Storage):
    send_letter(draft, 0, make.pdf(1), now, storage)
    send_letter(draft, 0, make.pdf(2), now, storage)

    assert sum(path.is_file() for path in storage.folder.rglob("*")) == 1


def test_each_file_of_a_submission_stands_in_its_dossier(draft: Draft, now: datetime):
    submit(draft, now)

    [submission] = submissions()
    files = submission.dossier.files or ()
    assert [(each.partner, each.kind) for each in files] == [
        (number, LETTER) for number in range(1, len(submission.dossier.partners) + 1)
    ]
    assert [file_of(submission, each.partner).sha256 for each in files] == [each.sha256 for each in files]


def test_the_same_application_with_the_same_files_has_the_same_files_again(draft: Draft, now: datetime):
    submit(draft, now)
    reopen(draft, now + MINUTE)
    submit(draft, now + 2 * MINUTE)

    first, second = submissions()
    assert first.dossier.files == second.dossier.files
    assert file_of(first, 1).storage_key == file_of(second, 1).storage_key


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_submission_of_before_the_table_gets_the_files_that_were_not_replaced_since(
    databases: Databases, dialect: Dialect, now: datetime, tmp_path: Path
):
    storage = Storage(tmp_path / "letters")
    with databases.fresh(dialect) as url, create_app(settings_for(url, tmp_path)).app_context():
        draft = make.complete_draft(open_call(db.session, now), now)
        submit(draft, now + MINUTE)
        reopen(draft, now + 2 * MINUTE)
        send_letter(draft, 0, make.pdf(2), now + 3 * MINUTE, storage)
        submit(draft, now + 4 * MINUTE)
        reopen(draft, now + 5 * MINUTE)
        send_letter(draft, 1, make.pdf(3), now + 6 * MINUTE, storage)
        with transaction() as session:
            # In these tests time stands still while the clock of the machine, which says when a commit was, goes on.
            session.execute(update(Submission).values(committed_at=Submission.received_at))
        kept = [file_of(submissions()[-1], number).storage_key for number in (1, *range(3, 11))]
        db.session.remove()

        flask_migrate.downgrade(directory=FOLDER, revision=f"{SUBMITTED_FILES}-1")
        flask_migrate.upgrade(directory=FOLDER)

        rows = db.session.scalars(select(SubmittedFile).order_by(SubmittedFile.partner)).all()
        # Of the first submission and of the replaced letter nothing is known any more.
        assert {row.submission_id for row in rows} == {submissions()[-1].id}
        assert [row.partner for row in rows] == [1, *range(3, 11)]
        assert [row.storage_key for row in rows] == kept
        db.session.remove()
        db.engine.dispose()
