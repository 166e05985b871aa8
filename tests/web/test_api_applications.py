"""Applications through `/api/v1`: started from a dossier, read, and taken a step further."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.exchange.programme_cases import changed
from tests.factories.accounts import at, person
from tests.factories.api import bearer, city_partner, dossier
from tests.factories.applications import city, complete_draft, draft, member, row
from tests.factories.calls import closed_call, historical_call, open_call, upcoming_call
from tests.factories.eligibility import checked
from tests.query_count import statements
from tests.web.test_api import is_problem
from urbact_calls.applications.models import Application, SavedSection
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import Role
from urbact_calls.exchange.examination import examine_text
from urbact_calls.organisations.models import Organisation
from urbact_calls.record.models import FieldChange, RefusedAttempt, WorkflowEvent

pytestmark = pytest.mark.usefixtures("session")
ADDRESS = "/api/v1/applications"


@pytest.fixture(autouse=True)
def _at_the_instant_of_the_test(client, now):
    at(client, now)


@pytest.fixture
def lead(now):
    """Somebody who works for Agen."""
    return member(city("Agen", now), now)


def count_of(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_dossier_becomes_a_draft(client, now, lead):
    open_call(db.session, now)
    sent = dossier(
        city_partner("Serres", "GR"),
        city_partner("Agen", "FR", role="lead"),
        title="Green ports",
        acronym="PORTS",
        sections={"challenge": "Our ports are grey.", "identity": {"theme": "nature", "policy_objectives": "PO2  PO4"}},
        declarations={"accuracy": True, "no_exclusion": False},
        budget={"lines": [{"partner": 1, "category": "STAFF", "amount_cents": 30_000_00}]},
    )

    answer = client.post(ADDRESS, json=sent, headers=bearer(lead, now))

    application = row("APN-DEMO-001")
    sections = {each.code: each.answers for each in application.sections}
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{ADDRESS}/APN-DEMO-001")
    assert answer.json == {"reference": "APN-DEMO-001", "state": "draft", "ignored": [], "not_kept": []}
    assert (application.state, application.title, application.acronym) == ("draft", "Green ports", "PORTS")
    assert [(each.position, each.role, each.organisation.name) for each in application.partners] == [
        (1, "lead", "Agen"),
        (2, "partner", "Serres"),
    ]
    assert [(each.category, each.amount_cents) for each in application.partners[1].budget_lines] == [
        ("STAFF", 30_000_00)
    ]
    assert sections["challenge"] == {"challenge": "Our ports are grey."}
    assert {field: text for field, text in sections["identity"].items() if text} == {
        "title": "Green ports",
        "acronym": "PORTS",
        "theme": "nature",
        "policy_objectives": "PO2 PO4",
    }
    assert sections["declarations"]["accuracy"] == "yes"
    assert sections["declarations"]["no_exclusion"] == ""
    assert db.session.scalars(select(WorkflowEvent.transition)).all() == ["start_draft"]
    assert "challenge.challenge" in db.session.scalars(select(FieldChange.field)).all()


def test_what_only_a_submission_knows_is_ignored_and_said(client, now, lead):
    open_call(db.session, now)
    sent = dossier(
        submitted_at="2020-01-01T00:00:00Z",
        other_applications=[{"call": "APN-2023", "title": "Other", "lead": ["Agen", "FR"]}],
        expected={"verdict": "eligible"},
        origin="made up",
        budget_total_eur="700000.00",
    )

    answer = client.post(ADDRESS, json=sent, headers=bearer(lead, now)).json

    assert answer["ignored"] == ["submitted_at", "other_applications", "expected"]
    assert answer["not_kept"] == ["budget_total_eur: the total is what the budget lines add up to."]
    assert row(answer["reference"]).submitted_at is None


def test_organisations_that_are_not_known_are_entered_unverified(client, now, lead):
    open_call(db.session, now)
    sent = dossier(
        city_partner("Agen", "FR", role="lead"),
        city_partner("Brno", "CZ", nuts2="CZ06", region_category="transition"),
        city_partner("Region of Nowhere", "PL", kind="non-city", nuts2="ZZ99"),
    )

    answer = client.post(ADDRESS, json=sent, headers=bearer(lead, now)).json

    brno = db.session.scalars(select(Organisation).where(Organisation.name == "Brno")).one()
    region = db.session.scalars(select(Organisation).where(Organisation.country == "PL")).one()
    assert (brno.is_verified, brno.kind, brno.category, brno.region_category) == (False, "city", None, "transition")
    assert (region.is_verified, region.kind, region.nuts2) == (False, "non-city", None)
    assert answer["not_kept"] == ["partners[2].nuts2: here it is not known."]


def test_a_known_organisation_stays_as_it_is(client, now, lead):
    open_call(db.session, now)
    serres = city("Serres", now, "GR", "less developed")
    sent = dossier(
        city_partner("Agen", "FR", role="lead"), city_partner("SERRES", "GR", region_category="more developed")
    )
    sent["partners"][1]["seat_city"] = "Serres"

    answer = client.post(ADDRESS, json=sent, headers=bearer(lead, now)).json

    assert row(answer["reference"]).partners[1].organisation_id == serres.id
    assert db.session.get_one(Organisation, serres.id).region_category == "less developed"
    assert answer["not_kept"] == ["partners[1].region_category: here it is less developed."]


def test_whoever_enters_the_lead_partner_works_for_it(client, now):
    open_call(db.session, now)
    headers = bearer(person(), now)

    first = client.post(ADDRESS, json=dossier(), headers=headers)
    second = client.post(ADDRESS, json=dossier(), headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert count_of(Organisation) == 2


def test_nobody_applies_for_a_city_of_others(client, now):
    open_call(db.session, now)
    city("Agen", now)

    answer = client.post(ADDRESS, json=dossier(), headers=bearer(person(), now))

    assert is_problem(answer, 409)
    assert answer.get_json(force=True)["errors"][0]["code"] == "application.not_your_organisation"
    assert (count_of(Application), count_of(Organisation)) == (0, 1)


@pytest.mark.parametrize(
    ("make", "code"),
    [(closed_call, "APN-DEMO"), (upcoming_call, "APN-NEXT"), (historical_call, "APN-2023"), (None, "AN-2026")],
)
def test_only_an_open_call_takes_one(client, now, make, code):
    if make:
        make(db.session, now)

    answer = client.post(ADDRESS, json=dossier(call=code), headers=bearer(person(), now))

    assert is_problem(answer, 409)
    assert (count_of(Application), count_of(Organisation)) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"call": "APN-2099"}, "call"),
        ({"acronym": "A" * 21}, "acronym"),
        ({"title": "a\x07b"}, "title"),
        ({"sections": {"challenge": "x" * 6001}}, "sections.challenge.challenge"),
        ({"sections": {"identity": {"theme": "dragons"}}}, "sections.identity.theme"),
        ({"sections": {"identity": {"policy_objectives": "PO1 PO9"}}}, "sections.identity.policy_objectives"),
        ({"sections": {"nothing": "x"}}, "sections.nothing"),
        (
            {"budget": {"lines": [{"partner": 1, "category": "STAFF", "amount_cents": 10**15 - 1}]}},
            "budget.lines[0].amount_cents",
        ),
        ({"partners": [city_partner("Agen", "FR", role="lead"), city_partner("X" * 201, "GR")]}, "partners[1].name"),
        ({"partners": [city_partner("Agen", "FR", role="lead"), city_partner("Austin", "US")]}, "partners[1].country"),
        ({"partners": [city_partner("Agen", "FR", role="lead"), *[city_partner("Serres", "GR")] * 2]}, "partners[2]"),
        (
            {"partners": [city_partner("Agen", "FR", role="lead"), city_partner("AGEN", "FR", seat_city="Agen")]},
            "partners[1]",
        ),
        ({"partners": []}, "partners"),
        ({"partners": [city_partner("Agen", "FR", role="lead"), *[city_partner("Serres", "GR")] * 30]}, "partners"),
    ],
)
def test_what_the_form_would_not_take_is_refused_with_its_place(client, now, lead, changes, place):
    open_call(db.session, now)

    answer = client.post(ADDRESS, json={**dossier(id="D1"), **changes}, headers=bearer(lead, now))

    document = answer.get_json(force=True)
    assert is_problem(answer, 422)
    assert (document["dossier"], document["place"]) == ("D1", place)
    assert (count_of(Application), count_of(SavedSection), count_of(Organisation)) == (0, 0, 1)


def test_a_list_of_dossiers_starts_nothing(client, now, lead):
    open_call(db.session, now)

    assert is_problem(client.post(ADDRESS, json=[dossier()], headers=bearer(lead, now)), 422)


def test_the_advice_on_a_dossier_is_what_its_examination_says(client, now):
    """The same partnership, through both doors; only what a draft cannot know is different."""
    open_call(db.session, now, "APN-2023")
    sent = changed("V01", call="APN-2023")
    headers = bearer(person(), now)

    started = client.post(ADDRESS, json=sent, headers=headers)
    advice = client.get(started.headers["Location"], headers=headers).json["advice"]

    # Examined with the terms of the past call, whose numbers the demonstration terms share.
    [examined] = examine_text(json.dumps(sent))
    said = {each["code"]: each["outcome"] for each in advice}
    same = ("partnership.size", "geography.countries", "geography.eligible_countries", "partnership.non_city")
    assert {code: said[code] for code in same} == {
        each["code"]: each["outcome"] for each in examined["findings"] if each["code"] in same
    }


def test_a_lead_applicant_reads_actions_with_what_closes_them(client, now):
    started = draft(open_call(db.session, now), now)

    found = client.get(f"{ADDRESS}/{started.reference}", headers=bearer(started.lead, now)).json

    assert (found["state"], found["state_label"], found["report"]) == ("draft", "Draft", None)
    assert [(each["name"], each["open"]) for each in found["actions"]] == [("submit", False), ("withdraw", True)]
    assert found["actions"][0]["href"] == f"{ADDRESS}/{started.reference}/transitions/submit"
    assert [each["code"] for each in found["actions"][0]["refusals"]] == ["sections.missing"]
    assert "partnership.size" in {each["code"] for each in found["advice"]}


def test_the_list_has_ones_own_applications_and_no_others(client, now):
    call = open_call(db.session, now)
    own, foreign = draft(call, now, city("Elsewhere", now)), complete_draft(call, now)
    submitted = client.post(f"{ADDRESS}/{foreign.reference}/transitions/submit", headers=bearer(foreign.lead, now))

    found = client.get(ADDRESS, headers=bearer(own.lead, now))

    assert submitted.status_code == 200
    assert found.json == {
        "items": [
            {
                "reference": own.reference,
                "call": call.code,
                "acronym": row(own.reference).acronym,
                "title": row(own.reference).title,
                "state": "draft",
                "state_label": "Draft",
                "submitted_at": None,
            }
        ],
        "next": None,
    }


def test_an_officer_who_may_read_an_application_does_not_take_part_in_it(client, now):
    started = complete_draft(open_call(db.session, now), now)
    client.post(f"{ADDRESS}/{started.reference}/transitions/submit", headers=bearer(started.lead, now))
    officer = bearer(person(Role.PROGRAMME_OFFICER), now)

    assert client.get(f"{ADDRESS}/{started.reference}", headers=officer).status_code == 200
    assert client.get(ADDRESS, headers=officer).json == {"items": [], "next": None}


def test_the_list_does_not_say_a_decision_before_it_is_announced(client, now):
    started = complete_draft(open_call(db.session, now), now)
    with transaction() as session:
        application = session.scalars(select(Application)).one()
        application.state, application.submission_count = "assessed", 1
        application.submitted_at = application.assessed_at = application.eligibility_declared_at = now

    found = client.get(ADDRESS, headers=bearer(started.lead, now))

    assert [each["state"] for each in found.json["items"]] == ["decision_pending"]
    assert "assessed" not in found.text


def test_the_list_is_read_page_by_page_the_newest_first_in_as_many_statements(client, now, lead):
    open_call(db.session, now)
    headers = bearer(lead, now)

    def started() -> int:
        client.post(ADDRESS, json=dossier(), headers=headers)
        with statements() as sent:
            client.get(ADDRESS, headers=headers)
        return len(sent)

    counts = [started() for _ in range(3)]
    first = client.get(f"{ADDRESS}?limit=2", headers=headers).json
    second = client.get(first["next"], headers=headers).json

    assert len(set(counts)) == 1
    assert [each["reference"] for each in first["items"]] == ["APN-DEMO-003", "APN-DEMO-002"]
    assert first["next"] == f"{ADDRESS}?limit=2&after=APN-DEMO-002"
    assert ([each["reference"] for each in second["items"]], second["next"]) == (["APN-DEMO-001"], None)


def test_a_visitor_has_no_list(client):
    assert is_problem(client.get(ADDRESS), 401)


def test_a_step_is_taken_and_read_back(client, now):
    started = complete_draft(open_call(db.session, now), now)

    answer = client.post(f"{ADDRESS}/{started.reference}/transitions/submit", headers=bearer(started.lead, now))

    assert (answer.status_code, answer.json["state"], answer.json["advice"]) == (200, "submitted", None)
    assert row(started.reference).submission_count == 1


def test_a_step_that_comes_late_is_refused(client, now):
    started = complete_draft(open_call(db.session, now), now)
    address, headers = f"{ADDRESS}/{started.reference}", bearer(started.lead, now)
    submit, withdraw = client.get(address, headers=headers).json["actions"]

    taken = client.post(submit["href"], json={"seen": submit["seen"]}, headers=headers)
    reopen = next(each for each in taken.json["actions"] if each["name"] == "reopen")
    client.post(reopen["href"], json={"seen": reopen["seen"]}, headers=headers)
    late = client.post(withdraw["href"], json={"seen": withdraw["seen"], "reason": "No money."}, headers=headers)

    assert is_problem(late, 409)
    assert [each["code"] for each in late.get_json(force=True)["errors"]] == ["workflow.moved_on"]
    assert (row(started.reference).state, row(started.reference).submission_count) == ("draft", 1)


def test_the_same_step_again_gets_the_outcome_of_the_first(client, now):
    started = complete_draft(open_call(db.session, now), now)
    headers, address = bearer(started.lead, now), f"{ADDRESS}/{started.reference}/transitions/submit"

    first, again = (client.post(address, json={"seen": 1}, headers=headers) for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json == first.json
    assert row(started.reference).submission_count == 1


def test_a_refused_step_says_why_and_is_kept(client, now):
    started = draft(open_call(db.session, now), now)

    answer = client.post(f"{ADDRESS}/{started.reference}/transitions/submit", headers=bearer(started.lead, now))

    assert is_problem(answer, 409)
    assert [each["code"] for each in answer.get_json(force=True)["errors"]] == ["sections.missing"]
    assert count_of(RefusedAttempt) == 1


def test_a_step_that_needs_a_reason_takes_one(client, now):
    started = draft(open_call(db.session, now), now)
    address, headers = f"{ADDRESS}/{started.reference}/transitions/withdraw", bearer(started.lead, now)

    without = client.post(address, json={}, headers=headers)
    taken = client.post(address, json={"reason": "We found no partners."}, headers=headers)

    assert is_problem(without, 409)
    assert (taken.status_code, taken.json["state"]) == (200, "withdrawn")
    assert db.session.scalars(select(WorkflowEvent.reason).where(WorkflowEvent.transition == "withdraw")).all() == [
        "We found no partners."
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"seen": "1"},
        {"seen": True},
        {"seen": -1},
        {"seen": 2**40},
        {"reason": 7},
        {"reason": "x" * 2001},
        {"reason": "a\u0000b"},
        {"reason": "a\u0007b"},
        {"why": "x"},
        [],
    ],
)
def test_a_body_of_a_step_that_cannot_be_read_is_refused(client, now, body):
    started = draft(open_call(db.session, now), now)

    answer = client.post(
        f"{ADDRESS}/{started.reference}/transitions/withdraw", json=body, headers=bearer(started.lead, now)
    )

    assert is_problem(answer, 422)
    assert row(started.reference).state == "draft"


@pytest.mark.parametrize("name", ["declare_eligible", "approve", "no_such_step"])
def test_a_step_of_somebody_else_does_not_exist(client, now, name):
    started = complete_draft(open_call(db.session, now), now)

    answer = client.post(f"{ADDRESS}/{started.reference}/transitions/{name}", headers=bearer(started.lead, now))

    assert is_problem(answer, 404)


def test_somebody_who_only_reads_takes_no_step(client, now):
    started = complete_draft(open_call(db.session, now), now)
    partner = member(row(started.reference).partners[1].organisation, now)
    headers = bearer(partner, now)

    assert client.get(f"{ADDRESS}/{started.reference}", headers=headers).json["actions"] == []
    assert is_problem(client.post(f"{ADDRESS}/{started.reference}/transitions/submit", headers=headers), 404)


def test_an_applicant_reads_the_official_report_once_it_is_announced(client, now):
    call = open_call(db.session, now)
    case = checked(call, now)
    later = call.closes_at + timedelta(days=1)
    at(client, later)
    applicant, officer = bearer(case.lead, later), bearer(person(Role.PROGRAMME_OFFICER), later)
    address = f"{ADDRESS}/{case.reference}"

    before, office = client.get(address, headers=applicant).json, client.get(address, headers=officer).json
    with transaction() as session:
        session.get_one(Application, case.row.id).eligibility_declared_at = later
    after = client.get(address, headers=applicant).json

    assert (before["state"], office["state"]) == ("eligibility_check", "submitted")
    assert before["report"] is None or before["report"]["kind"] == "provisional"
    assert (office["report"]["kind"], after["report"]["kind"]) == ("official", "official")


def test_a_decision_that_is_not_announced_is_pending(client, now):
    started = complete_draft(open_call(db.session, now), now)
    with transaction() as session:
        application = session.scalars(select(Application)).one()
        application.state, application.submission_count = "assessed", 1
        application.submitted_at = application.assessed_at = application.eligibility_declared_at = now

    found = client.get(f"{ADDRESS}/{started.reference}", headers=bearer(started.lead, now))

    assert found.json["state"] == "decision_pending"
    assert "assessed" not in found.text


def test_a_page_and_a_program_offer_the_same_steps(client, now):
    from tests.factories.accounts import sign_in

    started = complete_draft(open_call(db.session, now), now)
    found = client.get(f"{ADDRESS}/{started.reference}", headers=bearer(started.lead, now)).json
    sign_in(client, started.lead)
    home = f"/applications/{started.reference}/"
    # What cannot be undone is offered where one looks once more.
    pages = client.get(home).text + client.get(f"{home}review").text

    assert all(each["label"] in pages for each in found["actions"])
    assert len(found["actions"]) == pages.count(f"{home}transitions/")
