"""Uploaded files that a worker checks or scans: kept, not served before, missing only if refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import applications as make
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.factories.experts import network_of, submitted_expert
from tests.factories.jobs import work_off
from tests.factories.stories import from_draft_to_network
from tests.factories.story import Story, story
from tests.services_scanner import EICAR, running_scanner, unused_address
from urbact_calls.applications.letters import commands as letters
from urbact_calls.applications.models import Partner
from urbact_calls.applications.reads.dossier import build_dossier
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.vocabulary import FileState, FindingOutcome, JobState
from urbact_calls.eligibility.reports.models import ReportFinding
from urbact_calls.eligibility.reports.reads.report import official_report
from urbact_calls.files.commands import refuse_step
from urbact_calls.files.jobs import HARMFUL
from urbact_calls.files.models import StoredFile
from urbact_calls.files.reads import file_at, require_served
from urbact_calls.jobs import MOST_ATTEMPTS, Job
from urbact_calls.messages.models import Delivery
from urbact_calls.networks.members.commands import keep_agreement
from urbact_calls.networks.reads import facts_of
from urbact_calls.storage import Storage


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


@pytest.fixture
def draft(call: Call, now: datetime) -> Draft:
    return make.draft(call, now)


def storage_of(app: Flask, tmp_path: Path, *, scanner: str = "", patience: float = 60.0) -> Storage:
    """A storage of the site with this scanner and this patience."""
    app.extensions["storage"] = Storage(tmp_path / "files", scanner, patience)
    return app.extensions["storage"]


def keep(draft: Draft, now: datetime, storage: Storage, content: bytes) -> None:
    lead = make.row(draft.reference).partners[0].id
    letters.keep_letter(
        draft.reference, lead, content=content, filename="a.pdf", actor=draft.actor, now=now, storage=storage
    )


def lead_of(draft: Draft) -> Partner:
    db.session.rollback()
    db.session.expire_all()
    return make.row(draft.reference).partners[0]


def state_of(draft: Draft) -> FileState | None:
    document = lead_of(draft).letter_document
    assert document is not None
    file = file_at(db.session(), document.storage_key)
    return file.state if file else None


def is_served(draft: Draft) -> bool:
    document = lead_of(draft).letter_document
    assert document is not None
    try:
        require_served(db.session(), document.storage_key)
    except Refused:
        return False
    return True


def has_letter(draft: Draft) -> bool | None:
    db.session.expire_all()
    return build_dossier(db.session(), make.row(draft.reference), None).lead.letter_of_commitment


def test_what_is_checked_at_once_leaves_nothing_to_do(app: Flask, draft: Draft, now: datetime, tmp_path: Path):
    keep(draft, now, storage_of(app, tmp_path), make.pdf())

    assert db.session.scalars(select(StoredFile)).all() == []
    assert is_served(draft)


def test_what_takes_too_long_is_kept_and_checked_by_a_worker(app: Flask, draft: Draft, now: datetime, tmp_path: Path):
    keep(draft, now, storage_of(app, tmp_path, patience=0), make.pdf())
    assert (state_of(draft), is_served(draft), has_letter(draft)) == (FileState.UNCHECKED, False, True)

    assert work_off(now) == ["files.check"]

    assert (state_of(draft), is_served(draft), has_letter(draft)) == (FileState.PASSED, True, True)


def test_what_a_worker_refuses_is_missing_and_says_why(app: Flask, draft: Draft, now: datetime, tmp_path: Path):
    keep(draft, now, storage_of(app, tmp_path, patience=0), make.pdf()[:200])

    work_off(now)

    assert (state_of(draft), is_served(draft), has_letter(draft)) == (FileState.REFUSED, False, False)
    document = lead_of(draft).letter_document
    assert document is not None
    with pytest.raises(Refused, match=r"The PDF is broken and cannot be opened\. Save or scan the letter again"):
        require_served(db.session(), document.storage_key)


def test_whoever_brought_a_refused_file_hears_why_and_where_to_bring_another(
    app: Flask, draft: Draft, now: datetime, tmp_path: Path
):
    keep(draft, now, storage_of(app, tmp_path, patience=0), make.pdf()[:200])
    work_off(now)

    delivery = db.session.scalars(select(Delivery).where(Delivery.email_key == "file.refused")).one()

    assert (delivery.address, delivery.about) == (draft.lead.email, make.row(draft.reference).subject)
    assert "The PDF is broken and cannot be opened. Save or scan the letter again" in delivery.text
    assert f"/applications/{draft.reference}/documents\n" in delivery.text


def test_nobody_hears_of_a_refused_file_that_was_replaced(app: Flask, draft: Draft, now: datetime, tmp_path: Path):
    storage = storage_of(app, tmp_path, scanner=unused_address())
    keep(draft, now, storage, make.pdf())
    refuse_all(now)

    keep(draft, now, storage_of(app, tmp_path), make.pdf(2))
    work_off(now)

    assert db.session.scalars(select(Delivery).where(Delivery.email_key == "file.refused")).all() == []


@pytest.mark.parametrize("is_reported", [True, False], ids=["after the report", "before the report"])
def test_a_letter_that_is_refused_after_submission_is_missing_in_the_check(
    app: Flask, session, now: datetime, tmp_path: Path, is_reported: bool
):
    tale = story(now, "APN-DEMO")
    keep(tale.draft, now, storage_of(app, tmp_path, scanner=unused_address()), make.pdf())
    tale.submit()
    if is_reported:
        tale.close_call()
        assert letter_finding(tale).outcome is FindingOutcome.TO_BE_CHECKED

    refuse_all(now)
    if is_reported:
        tale.work()
    else:
        tale.close_call()

    assert letter_finding(tale).outcome is FindingOutcome.NOT_MET
    assert make.row(tale.reference).unmet_findings == 1


def letter_finding(tale: Story) -> ReportFinding:
    db.session.expire_all()
    report = official_report(db.session(), make.row(tale.reference).id)
    assert report is not None
    return next(each for each in report.findings if each.code == "documents.lead_letter")


def test_another_file_takes_the_place_of_a_refused_one(app: Flask, draft: Draft, now: datetime, tmp_path: Path):
    keep(draft, now, storage_of(app, tmp_path, patience=0), make.pdf()[:200])
    work_off(now)

    keep(draft, now, storage_of(app, tmp_path), make.pdf())

    assert (has_letter(draft), is_served(draft)) == (True, True)
    assert db.session.scalars(select(StoredFile)).all() == []
    assert sum(path.is_file() for path in (tmp_path / "files").rglob("*")) == 1


def test_a_check_of_a_file_that_was_replaced_does_nothing(app: Flask, draft: Draft, now: datetime, tmp_path: Path):
    storage = storage_of(app, tmp_path, patience=0)
    keep(draft, now, storage, make.pdf()[:200])
    keep(draft, now, storage, make.pdf())

    assert sorted(work_off(now)) == ["files.check", "files.check"]

    assert state_of(draft) is FileState.PASSED
    assert set(db.session.scalars(select(Job.state))) == {JobState.DONE}


def test_of_a_change_that_fails_no_file_waits(app: Flask, call: Call, draft: Draft, now: datetime, tmp_path: Path):
    storage = storage_of(app, tmp_path, patience=0)

    with pytest.raises(Refused):
        keep(draft, call.closes_at + timedelta(seconds=1), storage, make.pdf())

    assert db.session.scalars(select(StoredFile)).all() == []
    assert not any(path.is_file() for path in (tmp_path / "files").rglob("*"))


@pytest.mark.parametrize("patience", [0, 60])
def test_where_a_scanner_is_a_file_is_served_once_it_was_scanned(
    app: Flask, draft: Draft, now: datetime, tmp_path: Path, patience: float
):
    with running_scanner() as scanner:
        keep(draft, now, storage_of(app, tmp_path, scanner=scanner, patience=patience), make.pdf())
        assert not is_served(draft)

        work_off(now)

    assert (state_of(draft), is_served(draft)) == (FileState.PASSED, True)


def test_what_the_scanner_finds_is_refused_by_its_name(app: Flask, draft: Draft, now: datetime, tmp_path: Path):
    with running_scanner() as scanner:
        keep(draft, now, storage_of(app, tmp_path, scanner=scanner), make.pdf() + b"\n%" + EICAR)
        work_off(now)

    assert (state_of(draft), has_letter(draft)) == (FileState.REFUSED, False)
    assert "(Eicar-Test-Signature)" in str(db.session.scalars(select(StoredFile.refusal)).one())


def test_while_the_scanner_is_away_a_file_waits_unserved_and_counts(
    app: Flask, draft: Draft, now: datetime, tmp_path: Path
):
    address = unused_address()
    keep(draft, now, storage_of(app, tmp_path, scanner=address), make.pdf())

    work_off(now)
    assert (state_of(draft), is_served(draft), has_letter(draft)) == (FileState.UNSCANNED, False, True)

    with running_scanner(int(address.rpartition(":")[2])):
        work_off(now + timedelta(minutes=1))
    assert (state_of(draft), is_served(draft)) == (FileState.PASSED, True)


def test_however_long_the_scanner_is_away_its_files_wait(app: Flask, draft: Draft, now: datetime, tmp_path: Path):
    keep(draft, now, storage_of(app, tmp_path, scanner=unused_address()), make.pdf())

    for day in range(MOST_ATTEMPTS + 2):
        work_off(now + timedelta(days=day))

    assert set(db.session.scalars(select(Job.state))) == {JobState.READY}


def test_a_refused_curriculum_vitae_is_missing(app: Flask, session, now: datetime, tmp_path: Path):
    storage_of(app, tmp_path, scanner=unused_address())
    profile = submitted_expert(now, name="Eva Expert", email="eva@example.org")
    assert profile.has_cv

    refuse_all(now)

    assert not profile.has_cv


def test_a_network_does_not_start_on_a_refused_agreement(app: Flask, session, now: datetime, tmp_path: Path):
    tale = story(now, "APN-DEMO")
    from_draft_to_network(tale)
    network = network_of(tale.reference)
    storage = storage_of(app, tmp_path, scanner=unused_address())
    for member_id in [member.id for member in network.members]:
        keep_agreement(
            network.slug,
            member_id,
            content=make.pdf(),
            filename="a.pdf",
            actor=tale.draft.actor,
            now=now,
            storage=storage,
        )
    assert facts_of(db.session(), network_of(tale.reference), now).agreements_missing == ()

    refuse_all(now)

    network = network_of(tale.reference)
    assert len(facts_of(db.session(), network, now).agreements_missing) == len(network.members)


def refuse_all(now: datetime) -> None:
    """The scanner comes back and finds something in each file that waits for it."""
    db.session.rollback()
    keys = db.session.scalars(select(StoredFile.storage_key)).all()
    with transaction() as session:
        for key in keys:
            refuse_step(session, key, refusal=HARMFUL(found="a test"), now=now)
    db.session.expire_all()
