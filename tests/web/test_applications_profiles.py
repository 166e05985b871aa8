"""What each partner says about itself: who writes it, who reads it, edit conflicts, and the files that belong to it."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from flask import current_app
from sqlalchemy import select

from tests.factories import applications as make
from tests.factories.accounts import at, person, sign_in
from tests.factories.applications import Draft, pdf
from tests.factories.calls import open_call
from tests.web_client import CleanClient
from urbact_calls.applications.drafts.commands import Upload, save_partner_section
from urbact_calls.applications.models import Application, Document, Partner, PartnerSection
from urbact_calls.applications.reads.dossier import build_dossier
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.database import db, transaction
from urbact_calls.domain.serialization import to_json
from urbact_calls.domain.vocabulary import NetworkType, Role
from urbact_calls.organisations.models import Organisation
from urbact_calls.pdfs import TooLarge
from urbact_calls.record.models import FieldChange

CANARY, TELEPHONE = "canary.mayor@example.org", "+33 5 55 55 55"
CONTACT = {
    "contacts-0-name": "Ada Mayor",
    "contacts-0-function": "Mayor",
    "contacts-0-email": CANARY,
    "contacts-0-telephone": TELEPHONE,
}


@pytest.fixture
def draft(session, now: datetime) -> Draft:
    return make.draft(open_call(db.session, now), now)


@pytest.fixture
def isernia(draft: Draft, now: datetime) -> Organisation:
    """A second city in the application."""
    city = make.city("Isernia", now, "IT", "less developed")
    with transaction() as session:
        application = session.scalars(select(Application).where(Application.reference == draft.reference)).one()
        session.add(Partner(application_id=application.id, organisation_id=city.id, role="partner", position=2))
    return city


def partner_of(draft: Draft, organisation: Organisation) -> int:
    db.session.rollback()
    return next(each.id for each in make.row(draft.reference).partners if each.organisation_id == organisation.id)


def page_of(draft: Draft, organisation: Organisation, section: str = "organisation") -> str:
    return f"/applications/{draft.reference}/partners/{partner_of(draft, organisation)}/sections/{section}"


def kept() -> list[PartnerSection]:
    db.session.rollback()
    return list(db.session.scalars(select(PartnerSection)))


def test_people_of_a_partner_write_their_own_part_and_no_other(
    client: CleanClient, draft: Draft, isernia: Organisation, now: datetime
):
    at(client, now)
    sign_in(client, make.member(isernia, now))

    own = client.post(page_of(draft, isernia, "situation"), data={"challenge": "Empty flats.", "version": "0"})
    other = client.post(page_of(draft, draft.organisation, "situation"), data={"challenge": "Mine", "version": "0"})

    assert (own.status_code, other.status_code) == (302, 404)
    assert [(each.code, each.answers["challenge"], each.version) for each in kept()] == [
        ("situation", "Empty flats.", 1)
    ]
    assert "Your part: Isernia" in client.get(f"/applications/{draft.reference}/").text
    assert "Your part" in client.get(f"/applications/{draft.reference}/partners").text
    assert 'name="challenge"' not in client.get(page_of(draft, draft.organisation, "situation")).text


def test_the_lead_partner_writes_all_parts(client: CleanClient, draft: Draft, isernia: Organisation, now: datetime):
    at(client, now)
    sign_in(client, draft.lead)

    answers = [
        client.post(page_of(draft, each), data={"name_en": "City", "version": "0"})
        for each in (draft.organisation, isernia)
    ]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert len(kept()) == 2
    assert "Your part" not in client.get(f"/applications/{draft.reference}/").text


def test_two_who_write_the_same_part_both_keep_their_words(
    client: CleanClient, draft: Draft, isernia: Organisation, now: datetime
):
    at(client, now)
    sign_in(client, draft.lead)
    page = page_of(draft, isernia, "situation")
    client.post(page, data={"challenge": "Theirs", "version": "0"})

    answer = client.post(page, data={"challenge": "Mine", "version": "0"})

    assert answer.status_code == 409
    assert "Theirs" in answer.text
    assert "Mine" in answer.text
    assert kept()[0].answers["challenge"] == "Theirs"


def test_contacts_are_for_the_lead_partner_the_partner_and_the_office(
    client: CleanClient, draft: Draft, isernia: Organisation, now: datetime
):
    at(client, now)
    sign_in(client, draft.lead)
    assert client.post(page_of(draft, draft.organisation), data=CONTACT | {"version": "0"}).status_code == 302
    assert CANARY in client.get(page_of(draft, draft.organisation)).text

    sign_in(client, make.member(isernia, now))
    shown = client.get(page_of(draft, draft.organisation)).text

    assert "Ada Mayor" in shown
    assert (CANARY in shown, TELEPHONE in shown) == (False, False)
    changes = db.session.scalars(select(FieldChange.after).where(FieldChange.field.contains("contacts"))).all()
    assert ["Ada Mayor" in str(change) for change in changes] == [True]
    assert CANARY not in str(changes)
    dossier = build_dossier(db.session, make.row(draft.reference), now)
    assert "Ada Mayor" in str(to_json(dossier))
    assert CANARY not in str(to_json(dossier))


def test_the_office_reads_a_submitted_part_and_its_contacts(client: CleanClient, session, now: datetime):
    draft = make.complete_draft(open_call(db.session, now), now)
    with transaction() as writing:
        row = writing.scalars(select(PartnerSection).where(PartnerSection.code == "organisation")).first()
        row.answers = {**row.answers, "contacts": row.answers["contacts"].replace("We write about e-mail", CANARY)}
    take_transition(draft.reference, "submit", draft.actor, now)
    at(client, now)
    sign_in(client, person(Role.PROGRAMME_OFFICER))

    assert CANARY in client.get(page_of(draft, draft.organisation)).text


@pytest.mark.parametrize("section", ["identity", "nothing", "strategy"])
def test_a_part_that_the_type_does_not_ask_does_not_exist(
    client: CleanClient, draft: Draft, now: datetime, section: str
):
    at(client, now)
    sign_in(client, draft.lead)

    assert client.get(page_of(draft, draft.organisation, section)).status_code == 404
    assert client.post(page_of(draft, draft.organisation, section), data={"version": "0"}).status_code == 404


def test_an_application_waits_for_every_profile(session, now: datetime):
    draft = make.complete_draft(open_call(db.session, now), now)
    assert build_dossier(db.session, make.row(draft.reference), now).sections_missing == ()

    with transaction() as writing:
        writing.delete(writing.scalars(select(PartnerSection)).first())

    assert build_dossier(db.session, make.row(draft.reference), now).sections_missing == ("Profile of Agen",)


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def action(session, now: datetime) -> Draft:
    """A draft of the type whose partners add the plan that they act upon."""
    return make.draft(open_call(db.session, now, "AN-DEMO", network_type=NetworkType.AN, text_limits={}), now)


def send(client: CleanClient, draft: Draft, content: bytes, version: int = 0, name: str = "plan.pdf"):
    return client.post(
        page_of(draft, draft.organisation, "strategy"),
        data={"summary": "It says much.", "version": str(version), "file": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )


def test_a_file_is_kept_replaced_and_given_back(client: CleanClient, action: Draft, now: datetime):
    at(client, now)
    sign_in(client, action.lead)

    first, second = send(client, action, pdf(1)), send(client, action, pdf(2), version=1, name="new.pdf")

    assert (first.status_code, second.status_code) == (302, 302)
    document = db.session.scalars(select(Document)).one()
    assert (document.kind, document.filename) == ("file", "new.pdf")
    page = client.get(page_of(action, action.organisation, "strategy")).text
    assert "new.pdf" in page
    address = f"/applications/{action.reference}/partners/{partner_of(action, action.organisation)}/files"
    assert client.get(f"{address}/file", buffered=True).data == pdf(2)
    assert client.get(f"{address}/letter_of_commitment").status_code == 404
    # Another save without a file keeps the one that is there.
    kept_on = client.post(
        page_of(action, action.organisation, "strategy"), data={"summary": "It says more.", "version": "2"}
    )
    assert kept_on.status_code == 302
    assert "new.pdf" in kept()[0].answers["file"]


def test_an_old_file_that_cannot_be_removed_does_not_take_the_new_one_away(action: Draft, now: datetime):
    storage = current_app.extensions["storage"]

    def save(number: int) -> None:
        save_partner_section(
            action.reference,
            partner_of(action, action.organisation),
            "strategy",
            answers={},
            files={"file": Upload("plan.pdf", pdf(number))},
            version=number - 1,
            actor=action.actor,
            now=now,
            storage=storage,
        )

    save(1)
    key = db.session.scalars(select(Document.storage_key)).one()
    old = storage.folder / key[:2] / key
    old.unlink()
    old.mkdir()

    with pytest.raises(IsADirectoryError):
        save(2)

    db.session.rollback()
    with storage.open(db.session.scalars(select(Document.storage_key)).one()) as file:
        assert file.read() == pdf(2)


@pytest.mark.parametrize("content", [b"GIF89a", b""])
def test_what_was_typed_beside_a_file_that_cannot_be_kept_is_kept(
    client: CleanClient, action: Draft, now: datetime, content: bytes
):
    at(client, now)
    sign_in(client, action.lead)

    answer = send(client, action, content)

    assert answer.status_code == 415
    assert "It says much." in answer.text
    [section] = kept()
    assert (section.answers["summary"], section.answers["file"]) == ("It says much.", "")
    assert f'name="version" type="hidden" value="{section.version}"' in answer.text
    assert db.session.scalars(select(Document)).all() == []


def test_a_file_alone_that_cannot_be_kept_changes_nothing(client: CleanClient, action: Draft, now: datetime):
    at(client, now)
    sign_in(client, action.lead)

    answer = client.post(
        page_of(action, action.organisation, "strategy"),
        data={"version": "0", "file": (io.BytesIO(b"GIF89a"), "plan.pdf")},
        content_type="multipart/form-data",
    )

    assert answer.status_code == 415
    assert "Your other answers are saved." not in answer.text
    assert kept() == []


def test_a_file_larger_than_five_megabytes_is_refused(action: Draft, now: datetime):
    with pytest.raises(TooLarge):
        save_partner_section(
            action.reference,
            partner_of(action, action.organisation),
            "strategy",
            answers={},
            files={"file": Upload("plan.pdf", b"%PDF-1.7\n" + b"x" * 5_000_000)},
            version=0,
            actor=action.actor,
            now=now,
            storage=current_app.extensions["storage"],
        )

    assert kept() == []


def test_strangers_find_no_file(client: CleanClient, action: Draft, now: datetime):
    at(client, now)
    sign_in(client, action.lead)
    send(client, action, pdf())
    address = f"/applications/{action.reference}/partners/{partner_of(action, action.organisation)}/files/file"

    sign_in(client, make.member(make.city("Serres", now, "GR"), now))

    assert client.get(address).status_code == 404
