"""Saving sections, partners, budget and letters: what is kept, what is refused, and what two people do at once."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import applications as make
from tests.factories.accounts import actor_of, person
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from urbact_calls.applications.budget import commands as budget
from urbact_calls.applications.drafts import commands as drafts
from urbact_calls.applications.letters import commands as letters
from urbact_calls.applications.models import Document, Partner, PlannedCost, SavedSection
from urbact_calls.applications.partners import commands as partners
from urbact_calls.applications.reads.dossier import partners_of, stored_amounts
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.vocabulary import CostCategory, OrganisationCategory
from urbact_calls.organisations.commands import NewOrganisation
from urbact_calls.organisations.models import Organisation
from urbact_calls.record.models import FieldChange
from urbact_calls.storage import Storage

STAFF, OFFICE = CostCategory.STAFF, CostCategory.OFFICE_ADMIN


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


@pytest.fixture
def draft(call: Call, now: datetime) -> Draft:
    return make.draft(call, now)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "letters")


def save(draft: Draft, now: datetime, code: str = "identity", version: int = 0, **answers: str) -> None:
    drafts.save_section(draft.reference, code, answers=answers, version=version, actor=draft.actor, now=now)


def saved(draft: Draft, code: str = "identity") -> SavedSection:
    application = make.row(draft.reference)
    return next(section for section in application.sections if section.code == code)


def add(draft: Draft, organisation: Organisation, now: datetime, actor: Actor | None = None) -> Partner:
    """Adds a partner with the version that is current."""
    version, slug = make.row(draft.reference).version, organisation.slug
    partners.add_partner(draft.reference, slug=slug, version=version, actor=actor or draft.actor, now=now)
    return db.session.scalars(select(Partner).order_by(Partner.id.desc())).first()


# --- sections ---------------------------------------------------------------------------------------------------------


def test_a_section_is_saved_incomplete_and_the_title_follows(draft: Draft, now: datetime):
    save(draft, now, title="Breaking Isolation", acronym="ISOLA")

    application = make.row(draft.reference)
    assert (application.title, application.acronym) == ("Breaking Isolation", "ISOLA")
    kept = saved(draft).answers
    assert {code: text for code, text in kept.items() if text} == {
        "title": "Breaking Isolation",
        "acronym": "ISOLA",
    }
    assert saved(draft).version == 1


def test_nothing_is_kept_but_the_fields_of_the_section(draft: Draft, now: datetime):
    save(draft, now, code="challenge", challenge="Empty houses.", state="approved", title="Not here")

    assert saved(draft, "challenge").answers == {"challenge": "Empty houses."}
    assert make.row(draft.reference).title == ""


def test_each_changed_field_is_written_in_the_record(draft: Draft, now: datetime):
    save(draft, now, title="First")
    save(draft, now, version=1, title="Second")

    changes = db.session.scalars(select(FieldChange).order_by(FieldChange.id)).all()
    assert [(change.field, change.before["value"], change.after["value"]) for change in changes] == [
        ("identity.title", "", "First"),
        ("identity.title", "First", "Second"),
    ]


def test_the_same_answers_again_change_nothing_even_from_an_old_page(draft: Draft, now: datetime):
    save(draft, now, title="First")

    save(draft, now + timedelta(minutes=1), version=0, title="First")

    assert (saved(draft).version, saved(draft).updated_at) == (1, now)


def test_a_save_from_an_old_page_is_stale_and_what_is_stored_stays(draft: Draft, now: datetime):
    save(draft, now, title="Theirs")

    with pytest.raises(Stale):
        save(draft, now, version=0, title="Mine")

    assert saved(draft).answers["title"] == "Theirs"


def test_two_who_save_at_once_are_one_saved_and_one_stale(app: Flask, draft: Draft, now: datetime):
    answers: list[str] = []
    both_are_ready = threading.Barrier(2)

    def write(title: str) -> None:
        with app.app_context():
            both_are_ready.wait()
            try:
                save(draft, now, title=title)
            except Stale:
                answers.append("stale")
            else:
                answers.append(title)

    writers = [threading.Thread(target=write, args=(title,)) for title in ("One", "Two")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    kept = saved(draft).answers["title"]
    assert sorted(answers) == sorted([kept, "stale"])
    assert saved(draft).version == 1


def test_a_section_that_the_type_does_not_have_is_not_found(draft: Draft, now: datetime):
    with pytest.raises(NotFound):
        save(draft, now, code="practice", practice="Any")


def test_after_the_call_has_closed_nothing_is_saved(call: Call, draft: Draft, now: datetime):
    late = call.closes_at + timedelta(seconds=1)

    with pytest.raises(Refused) as problem:
        save(draft, late, title="Late")

    assert problem.value.refusals[0].code == "call.closed"
    assert db.session.scalar(select(func.count()).select_from(SavedSection)) == 0


def test_in_the_second_of_the_deadline_it_is_saved(call: Call, draft: Draft, now: datetime):
    save(draft, call.closes_at + timedelta(milliseconds=999), title="Just in time")

    assert saved(draft).answers["title"] == "Just in time"


def test_a_stranger_and_a_reader_cannot_save(draft: Draft, now: datetime):
    reading = make.city("Isernia", now, "IT")
    partner = add(draft, reading, now)
    version = make.row(draft.reference).version
    partners.set_partner_editing(
        draft.reference, partner.id, may_edit=False, version=version, actor=draft.actor, now=now
    )

    for actor in (actor_of(person()), actor_of(person(), reading.id)):
        with pytest.raises(NotFound):
            drafts.save_section(draft.reference, "identity", answers={"title": "x"}, version=0, actor=actor, now=now)


def test_people_of_a_partner_write_while_they_may(draft: Draft, now: datetime):
    isernia = make.city("Isernia", now, "IT")
    add(draft, isernia, now)

    drafts.save_section(
        draft.reference, "identity", answers={"title": "Ours"}, version=0, actor=actor_of(person(), isernia.id), now=now
    )

    assert saved(draft).answers["title"] == "Ours"


# --- partners ---------------------------------------------------------------------------------------------------------


def test_a_partner_comes_after_the_lead_partner_and_only_once(draft: Draft, now: datetime):
    isernia = make.city("Isernia", now, "IT")
    add(draft, isernia, now)

    with pytest.raises(Refused) as problem:
        add(draft, isernia, now)

    assert problem.value.refusals[0].code == "partner.twice"
    application = make.row(draft.reference)
    assert [(each.organisation.name, each.role) for each in application.partners] == [
        ("Agen", "lead"),
        ("Isernia", "partner"),
    ]


def test_an_organisation_that_is_typed_is_found_by_any_spelling(draft: Draft, now: datetime):
    lodz = make.city("Łódź", now, "PL")
    new = NewOrganisation(
        name="LODZ", seat_city="Łódź", country="PL", category=OrganisationCategory("CITY_MUNICIPALITY")
    )

    partners.add_new_partner(draft.reference, new=new, version=1, actor=draft.actor, now=now)

    assert make.row(draft.reference).partners[1].organisation_id == lodz.id


def test_a_new_organisation_is_not_verified(draft: Draft, now: datetime):
    new = NewOrganisation(
        name="Serres", seat_city="Serres", country="GR", category=OrganisationCategory("CITY_MUNICIPALITY")
    )

    partners.add_new_partner(draft.reference, new=new, version=1, actor=draft.actor, now=now)

    organisation = make.row(draft.reference).partners[1].organisation
    assert (organisation.name, organisation.is_verified, organisation.region_category) == ("Serres", False, None)


def test_the_lead_partner_cannot_be_taken_out(draft: Draft, now: datetime, storage: Storage):
    lead = make.row(draft.reference).partners[0].id

    with pytest.raises(Refused) as problem:
        partners.remove_partner(draft.reference, lead, version=1, actor=draft.actor, now=now, storage=storage)

    assert problem.value.refusals[0].code == "partner.lead"


def test_a_partner_that_is_taken_out_takes_its_budget_and_its_letter_along(
    draft: Draft, now: datetime, storage: Storage
):
    partner = add(draft, make.city("Isernia", now, "IT"), now).id
    budget.save_budget(draft.reference, amounts={(partner, STAFF): 100}, version=2, actor=draft.actor, now=now)
    letters.keep_letter(
        draft.reference,
        partner,
        content=make.pdf(),
        filename="letter.pdf",
        actor=draft.actor,
        now=now,
        storage=storage,
    )

    partners.remove_partner(draft.reference, partner, version=3, actor=draft.actor, now=now, storage=storage)

    assert db.session.scalar(select(func.count()).select_from(PlannedCost)) == 0
    assert db.session.scalar(select(func.count()).select_from(Document)) == 0
    assert [path for path in storage.folder.rglob("*") if path.is_file()] == []


def test_an_old_page_of_the_partnership_changes_nothing(draft: Draft, now: datetime):
    add(draft, make.city("Isernia", now, "IT"), now)
    serres = make.city("Serres", now, "GR").slug

    with pytest.raises(Stale):
        partners.add_partner(draft.reference, slug=serres, version=1, actor=draft.actor, now=now)

    assert len(make.row(draft.reference).partners) == 2


def test_only_the_lead_applicant_changes_the_partnership(draft: Draft, now: datetime):
    isernia, serres = make.city("Isernia", now, "IT"), make.city("Serres", now, "GR")
    add(draft, isernia, now)

    with pytest.raises(NotFound):
        add(draft, serres, now, actor=actor_of(person(), isernia.id))


# --- budget -----------------------------------------------------------------------------------------------------------


def test_cells_are_kept_emptied_and_written_in_the_record(draft: Draft, now: datetime):
    lead = make.row(draft.reference).partners[0].id

    budget.save_budget(draft.reference, amounts={(lead, STAFF): 100_01}, version=1, actor=draft.actor, now=now)
    first = stored_amounts(partners_of(db.session(), make.row(draft.reference)))
    budget.save_budget(draft.reference, amounts={(lead, STAFF): None}, version=2, actor=draft.actor, now=now)
    second = stored_amounts(partners_of(db.session(), make.row(draft.reference)))

    assert (first, second) == ({(lead, STAFF): 100_01}, {})
    changes = db.session.scalars(select(FieldChange).order_by(FieldChange.id)).all()
    assert [(change.before["value"], change.after["value"]) for change in changes] == [(None, 100_01), (100_01, None)]


def test_a_cell_that_the_call_reckons_or_another_application_has_is_not_kept(call: Call, draft: Draft, now: datetime):
    other = make.draft(call, now, make.city("Serres", now, "GR"))
    lead = make.row(draft.reference).partners[0].id
    foreign = make.row(other.reference).partners[0].id

    budget.save_budget(
        draft.reference,
        amounts={(lead, OFFICE): 100, (foreign, STAFF): 100, (2**40, STAFF): 100},
        version=1,
        actor=draft.actor,
        now=now,
    )

    assert db.session.scalar(select(func.count()).select_from(PlannedCost)) == 0


def test_people_of_a_partner_change_their_own_column_only(draft: Draft, now: datetime):
    isernia = make.city("Isernia", now, "IT")
    own = add(draft, isernia, now).id
    lead = make.row(draft.reference).partners[0].id
    colleague = actor_of(person(), isernia.id)

    budget.save_budget(
        draft.reference, amounts={(own, STAFF): 200, (lead, STAFF): 900}, version=2, actor=colleague, now=now
    )

    assert stored_amounts(partners_of(db.session(), make.row(draft.reference))) == {(own, STAFF): 200}


def test_two_who_save_the_budget_at_once_are_one_saved_and_one_stale(app: Flask, draft: Draft, now: datetime):
    lead = make.row(draft.reference).partners[0].id
    db.session.rollback()
    answers: list[int] = []
    both_are_ready = threading.Barrier(2)

    def write(amount: int) -> None:
        with app.app_context():
            both_are_ready.wait()
            try:
                budget.save_budget(
                    draft.reference, amounts={(lead, STAFF): amount}, version=1, actor=draft.actor, now=now
                )
            except Stale:
                answers.append(0)
            else:
                answers.append(amount)

    writers = [threading.Thread(target=write, args=(amount,)) for amount in (100, 200)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    kept = stored_amounts(partners_of(db.session(), make.row(draft.reference)))[(lead, STAFF)]
    assert sorted(answers) == sorted([kept, 0])
