"""The page of each submission: what was received then, with its files, for those who may read the application."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import applications as make
from tests.factories.accounts import person, sign_in
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.web_client import CleanClient
from urbact_calls.applications.letters import commands as letters
from urbact_calls.applications.models import SubmittedFile
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import Role


@pytest.fixture(scope="module")
def now() -> datetime:
    """Pages take the time of the request."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


@pytest.fixture
def twice(app: Flask, session: object, now: datetime) -> Draft:
    """An application that was submitted, reopened and submitted again with another letter of the lead partner."""
    draft = make.complete_draft(open_call(db.session, now), now)
    storage = app.extensions["storage"]
    for pages in (1, 2):
        at = now + timedelta(minutes=10 * pages)
        lead = make.row(draft.reference).partners[0].id
        letters.keep_letter(
            draft.reference,
            lead,
            content=make.pdf(pages),
            filename=f"letter-{pages}.pdf",
            actor=draft.actor,
            now=at,
            storage=storage,
        )
        take_transition(draft.reference, "submit", draft.actor, at)
        if pages == 1:
            take_transition(draft.reference, "reopen", draft.actor, at + timedelta(minutes=1))
    return draft


def test_each_submission_stays_readable_with_its_own_files(client: CleanClient, twice: Draft):
    sign_in(client, twice.lead)

    overview = client.get(f"/applications/{twice.reference}/").text
    first = client.get(f"/applications/{twice.reference}/submissions/1").text
    second = client.get(f"/applications/{twice.reference}/submissions/2").text

    assert f"/applications/{twice.reference}/submissions/1" in overview
    assert ("letter-1.pdf" in first, "letter-2.pdf" in first) == (True, False)
    assert ("letter-1.pdf" in second, "letter-2.pdf" in second) == (False, True)
    assert "We write about" in first


def test_an_auditor_reads_the_file_of_an_earlier_submission(client: CleanClient, twice: Draft):
    file = db.session.scalars(select(SubmittedFile).where(SubmittedFile.filename == "letter-1.pdf")).one()
    sign_in(client, person(Role.AUDITOR))

    answer = client.get(f"/applications/{twice.reference}/submissions/1/files/{file.id}", buffered=True)

    assert (answer.status_code, answer.data) == (200, make.pdf(1))


def test_a_file_belongs_to_its_submission_alone(client: CleanClient, twice: Draft):
    file = db.session.scalars(select(SubmittedFile).where(SubmittedFile.filename == "letter-1.pdf")).one()
    sign_in(client, twice.lead)

    assert client.get(f"/applications/{twice.reference}/submissions/2/files/{file.id}").status_code == 404
    assert client.get(f"/applications/{twice.reference}/submissions/3").status_code == 404
