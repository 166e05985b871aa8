"""The programme's dossiers through the interface for programs, the command line and the stored reports: one answer.

A dossier says less than an application: nothing of the sections, no grid of costs. So each one is completed before it
is brought in, with what changes no answer of the rule book: every section written, the total as one line of the
budget. Then it goes the way of every application: submitted at the instant the dossier names, examined by the job of
the worker after the call has closed. What was judged is kept with the report; written out again and asked about, it
must give each finding of that report. What differs by nature is made equal: `submitted_at` by the clock,
`other_applications` by real rows, the categories of regions by what an officer knows of the organisations.
"""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.exchange.dossier_writer import write
from tests.exchange.programme_cases import BY_ID, CASES, FILE, expected
from tests.factories.accounts import actor_of, person
from tests.factories.applications import answer_to, profile, row
from tests.factories.jobs import work_off
from urbact_calls.accounts.models import User
from urbact_calls.api.commands import start_from_dossier
from urbact_calls.applications.models import LETTER, Document
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.network_types import KINDS, rules_of
from urbact_calls.domain.network_types.form import DECLARATIONS, IDENTITY
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.vocabulary import ReportKind
from urbact_calls.eligibility.reports.commands import announce_official_checks
from urbact_calls.eligibility.reports.models import StoredReport
from urbact_calls.eligibility.reports.reads.report import latest_report
from urbact_calls.exchange.dossier_reader import read
from urbact_calls.exchange.strict_json import ExchangeFault
from urbact_calls.job_sets import start_due
from urbact_calls.organisations.models import Membership, Organisation
from urbact_calls.reference.known_calls import historic_terms

REFUSED = {
    # The form offers the countries of the programme; a body of another one can only stand in a file.
    "V09": (ExchangeFault, '"TR" is no country of the programme'),
    # An organisation is a partner once; a file may say otherwise, a form cannot.
    "V23": (ExchangeFault, "SKAWINA stands twice"),
    # No form takes anything before the call has opened.
    "V25": (Refused, "The call opens on"),
}
"""What cannot be brought in, with the words in which it is refused."""

ASKED = {"Content-Type": "application/json"}


def test_the_command_line_and_the_interface_for_programs_print_the_same(app: Flask, client: FlaskClient):
    asked = client.post("/api/v1/examinations", data=FILE.read_bytes(), headers=ASKED)
    printed = app.test_cli_runner().invoke(args=["dossier", "examine", str(FILE)])

    assert (asked.status_code, printed.exit_code) == (200, 0)
    assert asked.data == printed.stdout_bytes
    assert [{key: each[key] for key in ("verdict", "not_met", "warnings")} for each in asked.get_json()] == [
        expected(case) for case in CASES
    ]


@pytest.mark.parametrize("name", [case["id"] for case in CASES if case["id"] not in REFUSED])
@pytest.mark.usefixtures("session")
def test_a_stored_report_says_what_the_other_two_say(app: Flask, client: FlaskClient, tmp_path, name):
    case = BY_ID[name]
    reference = submitted(case)
    report = officially_examined(reference, case)

    file = tmp_path / "written.json"
    file.write_text(json.dumps(write(report.dossier, name=name)), encoding="utf-8")
    printed = app.test_cli_runner().invoke(args=["dossier", "examine", str(file)])
    asked = client.post("/api/v1/examinations", data=file.read_bytes(), headers=ASKED)

    stored = as_printed(report, name)
    assert {key: stored[key] for key in ("verdict", "not_met", "warnings")} == expected(case)
    assert asked.data == printed.stdout_bytes
    [answer] = asked.get_json()
    enforced = without_what_the_type_leaves_out(answer, case["call"])
    assert [pair for pair in zip(enforced["findings"], stored["findings"], strict=True) if pair[0] != pair[1]] == []
    assert enforced == stored


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.usefixtures("session")
def test_what_no_form_takes_is_refused_by_name(name):
    kind, words = REFUSED[name]
    with pytest.raises(kind, match=words):
        submitted(BY_ID[name])


def submitted(case: dict) -> str:
    """Brings a dossier in and submits it at its instant, after those it names as other applications."""
    moment = datetime.fromisoformat(case["submitted_at"])
    call, user = open_as_then(case["call"]), person()
    for number, other in enumerate(case.get("other_applications", ()), start=1):
        lead, country = other["lead"]
        known = next(each for each in case["partners"] if (each["name"], each["country"]) == (lead, country))
        first = {**case, "title": other["title"], "acronym": f"OTHER {number}", "partners": deepcopy(case["partners"])}
        # The same lead with other partners, so that nothing but the lead is the same.
        first["partners"] = [
            each if each["name"] == known["name"] else {**each, "name": f"{each['name']} II", "seat_city": "Elsewhere"}
            for each in first["partners"]
        ]
        bring_in(first, call, user, moment - timedelta(minutes=number))
    return bring_in(case, call, user, moment)


def open_as_then(code: str) -> Call:
    """The past call as it was while it was open, with its historic terms."""
    terms = historic_terms(code)
    call = Call(
        code=code,
        type=terms.network_type,
        title=terms.title,
        summary="",
        opens_at=terms.opens_at,
        closes_at=terms.closes_at,
        published_at=terms.opens_at,
        terms=terms,
        created_at=terms.opens_at,
    )
    with transaction() as session:
        session.add(call)
    return call


def bring_in(case: dict, call: Call, user: User, moment: datetime) -> str:
    """Starts an application from the completed dossier, adds what no file holds, and submits it."""
    [exchanged] = read(json.dumps(completed(case, call)))
    works_for = db.session.scalars(select(Membership.organisation_id).where(Membership.user_id == user.id)).all()
    begun = max(moment - timedelta(hours=1), min(call.opens_at, moment))
    reference = start_from_dossier(exchanged, actor_of(user, *works_for), begun).reference
    application = row(reference)
    with transaction() as session:
        said = {(each["name"], each["country"]): each for each in case["partners"]}
        for partner in row(reference).partners:
            facts = said[partner.organisation.name, partner.organisation.country]
            organisation = session.get_one(Organisation, partner.organisation_id)
            organisation.nuts2 = facts["nuts2"] or None
            organisation.region_category = facts["region_category"]
            if facts["letter_of_commitment"]:
                session.add(letter_of(partner.id, moment))
            session.add_all(profile(partner, KINDS[call.type], moment))
    lead = next(each.organisation_id for each in application.partners if each.role == "lead")
    take_transition(reference, "submit", actor_of(user, lead), moment, None)
    return reference


def completed(case: dict, call: Call) -> dict:
    """The dossier with every section answered and its total as one line, which changes no answer of the rule book."""
    kind = KINDS[call.type]
    named = {"title": case["title"], "acronym": case["acronym"], "practice": practice_of(case)}
    sections = {
        section.code: {field.code: named.get(field.code) or answer_to(field) for field in section.fields}
        for section in kind.sections
        if section.code != DECLARATIONS.code
    }
    for code in ("title", "acronym"):
        sections[IDENTITY.code][code] = named[code]
    euros, _, cents = case["budget_total_eur"].partition(".")
    line = {"partner": 1, "category": "EXTERNAL_EXPERTISE", "amount_cents": int(euros) * 100 + int(cents)}
    ignored = {"submitted_at", "other_applications", "budget_total_eur"}
    return {
        **{field: value for field, value in case.items() if field not in ignored},
        "sections": sections,
        "declarations": {field.code: True for field in DECLARATIONS.fields},
        "budget": {"lines": [line]},
    }


def practice_of(case: dict) -> str:
    """What the lead partner holds, by its title where the register knows one."""
    [exchanged] = read(json.dumps(case))
    lookup = exchanged.dossier.lead_labels
    titles = [label.title for label in lookup.labels if label.title] if lookup else []
    return titles[0] if titles else "What the city has learnt"


def letter_of(partner_id: int, now: datetime) -> Document:
    return Document(
        partner_id=partner_id,
        kind=LETTER,
        storage_key=f"{partner_id:032x}",
        filename="letter.pdf",
        media_type="application/pdf",
        size=1000,
        sha256=f"{partner_id:064x}",
        uploaded_at=now,
    )


def officially_examined(reference: str, case: dict) -> StoredReport:
    """The report that a worker makes after the call has closed."""
    after = historic_terms(case["call"]).closes_at + timedelta(hours=1)
    start_due(announce_official_checks, after)
    work_off(after)
    return latest_report(db.session(), row(reference).id, ReportKind.OFFICIAL)


def as_printed(report: StoredReport, name: str) -> dict:
    """A stored report in the form of an answer."""

    def codes(outcome: str, *, is_blocking: bool | None = None) -> list[str]:
        return sorted(
            each.code for each in report.findings if each.outcome == outcome and is_blocking in (None, each.is_blocking)
        )

    return {
        "id": name,
        "verdict": report.verdict,
        "not_met": codes("not_met", is_blocking=True),
        "warnings": codes("not_met", is_blocking=False),
        "to_be_checked": codes("to_be_checked"),
        "findings": [
            {
                "code": each.code,
                "outcome": each.outcome,
                "message": f"{each.message} {each.fix}" if each.fix else str(each.message),
                "source": each.source,
            }
            for each in report.findings
        ],
    }


def without_what_the_type_leaves_out(answer: dict, code: str) -> dict:
    """An answer lists every rule of the book; a report keeps those of its type. The others enforce nothing."""
    named = set(rules_of(historic_terms(code)))
    left_out = [each for each in answer["findings"] if each["code"] not in named]
    assert {each["outcome"] for each in left_out} <= {"not_enforced"}
    return {**answer, "findings": [each for each in answer["findings"] if each["code"] in named]}
