"""The demonstration: honest, complete, and the same when it is loaded again."""

from __future__ import annotations

from datetime import timedelta

import click
import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select, update

from tests.factories.applications import row
from tests.factories.calls import open_call
from tests.services_databases import command
from urbact_calls import demonstration
from urbact_calls.accounts.commands.passwords import matches
from urbact_calls.accounts.models import RoleGrant, User
from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.reads.dossier import build_dossier
from urbact_calls.assessment.models import PanelMember
from urbact_calls.calls.definition.commands import close_demonstration
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.demonstration import people
from urbact_calls.demonstration.made_up_cities import MADE_UP
from urbact_calls.domain.eligibility.rulebook import examine
from urbact_calls.domain.network_types import rules_of
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.terms import TERM_NAMES
from urbact_calls.domain.vocabulary import CallPhase, Role
from urbact_calls.networks.models import Member, Network
from urbact_calls.organisations.models import Organisation
from urbact_calls.reference.known_calls import DEMO_SOURCE, historic_terms

REFERENCE = "APN-DEMO-001"
DATED = {"title", "opens_at", "closes_at", "network_start", "network_end", "decision_date"}


def call(code: str = "APN-DEMO") -> Call:
    db.session.rollback()
    return db.session.scalars(select(Call).where(Call.code == code)).one()


@pytest.mark.usefixtures("session")
def test_it_opens_a_call_for_sixty_days(now):
    done = demonstration.load(now)

    assert done == (
        "Call APN-DEMO opened.",
        "Call TN-DEMO opened.",
        "Call ITN-DEMO opened.",
        "8 made-up cities added.",
        "14 accounts added.",
        "Profile of the expert added.",
        "Application APN-DEMO-001 started.",
    )
    assert call().phase(now) is CallPhase.OPEN
    assert call().phase(now + timedelta(days=61)) is CallPhase.CLOSED
    assert call().terms.unconfirmed() == ()


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(("code", "base"), [("TN-DEMO", "TN-2025"), ("ITN-DEMO", "ITN-2024")])
def test_each_type_has_a_call_with_the_terms_of_a_past_one(now, code, base):
    demonstration.load(now)
    terms, past = call(code).terms, historic_terms(base)

    assert (call(code).phase(now), call(code).is_demonstration, terms.network_type) == (
        CallPhase.OPEN,
        True,
        past.network_type,
    )
    assert terms.unconfirmed() == ()
    for name in past.unconfirmed():
        assert terms.provenance[name].source == DEMO_SOURCE
    for name in set(TERM_NAMES) - set(past.unconfirmed()) - DATED:
        assert (getattr(terms, name), terms.provenance[name]) == (getattr(past, name), past.provenance[name])


@pytest.mark.usefixtures("session")
def test_only_the_call_that_has_closed_moves(now):
    demonstration.load(now)
    close_demonstration("TN-DEMO", SYSTEM, now)
    before = call("ITN-DEMO").closes_at
    later = now + timedelta(days=2)

    assert demonstration.load(later) == ("Call TN-DEMO opened again.",)
    assert call("TN-DEMO").closes_at > before == call("ITN-DEMO").closes_at


@pytest.mark.usefixtures("session")
def test_the_second_load_changes_nothing(now):
    demonstration.load(now)
    before = call().closes_at

    assert demonstration.load(now + timedelta(days=59)) == ("The demonstration is there already.",)
    assert call().closes_at == before


@pytest.mark.usefixtures("session")
def test_a_call_that_has_closed_opens_again(now):
    demonstration.load(now)
    later = now + timedelta(days=70)

    assert demonstration.load(later) == (
        "Call APN-DEMO opened again.",
        "Call TN-DEMO opened again.",
        "Call ITN-DEMO opened again.",
    )
    assert call().phase(later) is CallPhase.OPEN


@pytest.mark.usefixtures("session")
def test_a_closed_call_stays_closed_while_something_in_it_waits(now):
    demonstration.load(now)
    close_demonstration("APN-DEMO", SYSTEM, now)
    with transaction() as session:
        session.execute(update(Application).values(state="submitted", submitted_at=now))

    assert demonstration.load(now + timedelta(minutes=1)) == ("The demonstration is there already.",)
    assert call().closes_at == now


@pytest.mark.database("demonstration")
@pytest.mark.usefixtures("session")
def test_there_is_an_account_for_every_role():
    granted = set(db.session.scalars(select(RoleGrant.role)))
    assert granted == {role.value for role in Role} - {"anonymous", "lead", "editor", "viewer", "system"}
    assert {person.email for person in people.PEOPLE} == set(db.session.scalars(select(User.email)))
    assert all(person.email.endswith("@example.org") for person in people.PEOPLE)


@pytest.mark.database("demonstration")
@pytest.mark.usefixtures("session")
def test_the_printed_password_opens_the_accounts():
    hashes = set(db.session.scalars(select(User.password_hash)))

    assert all(matches(each, people.PASSWORD) for each in hashes)
    assert db.session.scalar(select(func.count(User.id)).where(User.confirmed_at.is_(None))) == 0


@pytest.mark.database("demonstration")
@pytest.mark.usefixtures("session")
def test_two_assessors_and_a_chair_are_on_the_panel():
    for code in ("APN-DEMO", "TN-DEMO", "ITN-DEMO"):
        of_the_call = select(PanelMember).where(PanelMember.call_id == call(code).id).order_by(PanelMember.id)
        panel = db.session.scalars(of_the_call).all()
        assert [(member.user.email, member.is_chair) for member in panel] == [
            ("assessor1@example.org", False),
            ("assessor2@example.org", False),
            ("chair@example.org", True),
        ]


@pytest.mark.database("demonstration")
@pytest.mark.usefixtures("session")
def test_the_started_application_lacks_the_declarations_and_one_profile(now):
    application = row(REFERENCE)
    assert (application.state, application.acronym) == ("draft", "DEMOCITIES")
    assert build_dossier(db.session(), application, now).sections_missing == (
        "Declarations",
        f"Profile of {application.partners[-1].organisation.name}",
    )


@pytest.mark.database("demonstration")
@pytest.mark.usefixtures("session")
def test_the_started_application_breaks_no_rule_but_those_of_letters_and_declarations():
    terms = call().terms
    dossier = build_dossier(db.session(), row(REFERENCE), terms.opens_at, other_applications=())

    unmet = {
        finding.code for finding in examine(dossier, terms, rules_of(terms)).findings if finding.outcome == "not_met"
    }

    assert unmet <= {"submission.complete", "documents.lead_letter", "documents.partner_letters"}


@pytest.mark.database("demonstration")
@pytest.mark.usefixtures("session")
def test_no_real_city_takes_part_in_anything():
    applying = select(Partner.organisation_id)
    made_up = db.session.scalars(select(Organisation.provenance).where(Organisation.id.in_(applying))).all()

    assert made_up == [MADE_UP] * 8
    assert db.session.scalar(select(func.count(Network.id)).where(Network.is_demonstration)) == 0
    members = select(Member.organisation_id)
    in_networks = db.session.scalars(select(Organisation.provenance).where(Organisation.id.in_(members))).all()
    assert MADE_UP not in in_networks


def test_it_is_refused_where_real_people_work():
    with pytest.raises(Refused, match="APP_ENV=demo only"):
        demonstration.refuse_outside("production")
    demonstration.refuse_outside("demo")


@pytest.mark.parametrize("words", [("demo", "load"), ("demo", "accounts")])
def test_the_commands_are_refused_in_production(app, words):
    app.extensions["settings"] = type("Production", (), {"app_env": "production"})()

    with pytest.raises(click.ClickException, match="APP_ENV=demo only"):
        command(app, *words)

    with app.app_context():
        assert db.session.scalar(select(func.count(User.id))) == 0


def test_the_accounts_are_printed_with_their_password(app):
    printed = FlaskCliRunner(app).invoke(args=["demo", "accounts"]).output

    assert "lead@example.org" in printed
    assert printed.splitlines()[-1] == f"Password of all of them: {people.PASSWORD}"


@pytest.mark.usefixtures("session")
def test_a_call_of_another_code_is_not_touched(now):
    other = open_call(db.session, now, "APN-OTHER", closes_at=now + timedelta(days=3))

    demonstration.load(now)
    demonstration.load(now + timedelta(days=70))

    db.session.refresh(other)
    assert other.closes_at == now + timedelta(days=3)
