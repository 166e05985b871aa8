"""Loading what is known of past calls: once, again, and after somebody changed something."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, insert, select, update

from tests.factories.calls import open_call
from tests.factories.networks import founded_network
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.networks import commands as networks
from urbact_calls.networks.models import LocalGroup, Member, Network, Plan, UnnamedMember
from urbact_calls.organisations.models import Organisation
from urbact_calls.places.models import EuropeanPlace, ReferenceTable

pytestmark = pytest.mark.usefixtures("session")


def load(now):
    return {count.table: (count.added, count.changed, count.unchanged) for count in networks.load(now)}


def test_the_first_load_adds_everything(now):
    assert load(now) == {
        "calls": (4, 0, 0),
        "organisations": (260, 0, 0),
        "networks": (60, 0, 0),
        "stages": (210, 0, 0),
        "members": (325, 0, 0),
        "unnamed members": (1, 0, 0),
        "Local Groups": (325, 0, 0),
        "plans": (325, 0, 0),
        "countries": (36, 0, 0),
        "regions": (242, 0, 0),
        "regions of divisions": (312, 0, 0),
        "Good Practices": (66, 0, 0),
        "UIA projects": (82, 0, 0),
    }


def test_all_60_networks_and_326_partner_rows_are_there(now):
    done = load(now)

    assert done["networks"][0] == 60
    assert done["members"][0] + done["unnamed members"][0] == 326


def test_what_is_left_out_is_counted_with_its_reason(now):
    told = {count.table: str(count) for count in networks.load(now) if count.left_out}

    assert told == {
        "calls": "calls: 4 added, 0 changed, 0 unchanged, 1 left out (not a call for networks)",
        "UIA projects": "UIA projects: 82 added, 0 changed, 0 unchanged, "
        "1 left out (not implemented, so that its city cannot lead by it)",
    }


@pytest.mark.database("reference")
def test_the_second_load_changes_nothing(now):
    done = {count.table: (count.added, count.changed) for count in networks.load_everything(now)}

    assert len(done) == 14
    assert set(done.values()) == {(0, 0)}


@pytest.mark.database("reference")
def test_places_that_differ_from_the_package_are_mended(now):
    with transaction() as session:
        session.execute(delete(EuropeanPlace).where(EuropeanPlace.folded == "agen"))
        session.execute(update(EuropeanPlace).where(EuropeanPlace.folded == "poitiers").values(admin1="99"))
        session.execute(
            insert(EuropeanPlace).values(
                id=1, name="Atlantis", folded="atlantis", country="GR", admin1="", latitude=0, longitude=0
            )
        )
        session.execute(update(ReferenceTable).values(sha256="of another version"))

    count = networks.load_everything(now)[-1]

    assert (count.table, count.added, count.changed, count.unchanged) == ("places", 1, 1, 63_944)
    assert db.session.scalar(select(func.count()).select_from(EuropeanPlace)) == 63_946


@pytest.mark.database("reference")
def test_a_table_of_the_package_says_what_changed_since_the_last_load(now):
    with transaction() as session:
        known = session.get_one(ReferenceTable, "countries.csv")
        known.marks = {**{key: mark for key, mark in known.marks.items() if key != "AT"}, "BE": "another"}

    assert load(now)["countries"] == (1, 1, 34)
    assert load(now)["countries"] == (0, 0, 36)


@pytest.mark.database("reference")
def test_a_partner_without_a_name_is_a_member_that_is_not_known():
    unnamed = db.session.scalars(select(UnnamedMember)).one()

    assert db.session.get_one(Network, unnamed.network_id).slug == "biodivercity"
    assert (unnamed.country, unnamed.role, unnamed.confidence) == ("BA", "partner", "high")
    assert unnamed.provenance == "https://urbact.eu/networks/biodivercity"
    assert unnamed.note == "source page gives the country only"


@pytest.mark.database("reference")
def test_what_differs_from_the_package_is_corrected(now):
    with transaction() as session:
        session.execute(update(Organisation).where(Organisation.slug == "braga").values(nuts2="PT99"))
        session.execute(update(Network).where(Network.slug == "cities-after-dark").values(summary="Wrong."))
        session.execute(update(Call).where(Call.code == "APN-2023").values(results=None))

    done = load(now)

    assert (done["organisations"], done["networks"], done["calls"]) == ((0, 1, 259), (0, 1, 59), (0, 1, 3))
    assert db.session.scalar(select(Organisation.nuts2).where(Organisation.slug == "braga")) == "PT11"


@pytest.mark.database("reference")
def test_what_an_officer_verified_stays(now):
    with transaction() as session:
        changed = {"name": "Município de Braga", "is_verified": True}
        session.execute(update(Organisation).where(Organisation.slug == "braga").values(**changed))

    assert load(now)["organisations"] == (0, 0, 260)
    assert db.session.scalar(select(Organisation.name).where(Organisation.slug == "braga")) == "Município de Braga"


def test_what_people_made_is_left_alone(now):
    # Its cities, Agen among them, were entered by people; the package knows Agen too.
    _, network = founded_network(open_call(db.session, now), now)
    summary = network.summary

    assert load(now)["organisations"][1] == 0

    db.session.refresh(network)
    assert (network.summary, network.provenance) == (summary, None)
    agen = db.session.scalars(select(Organisation).where(Organisation.folded == "agen")).one()
    assert (agen.provenance, agen.category) == (None, "CITY_MUNICIPALITY")


@pytest.mark.database("reference")
def test_what_is_not_known_stays_empty():
    # Eleven Transfer Networks have no known lead partner; one partner of a network has no known name.
    led = select(Member.network_id).where(Member.role == "lead")
    assert db.session.scalar(select(func.count(Network.id)).where(Network.id.not_in(led))) == 11
    assert db.session.scalar(select(func.count(Organisation.id)).where(Organisation.name == "")) == 0
    assert db.session.scalar(select(func.count(Organisation.id)).where(Organisation.latitude.is_(None))) > 0
    assert db.session.scalar(select(func.count(Network.id)).where(Network.state.is_not(None))) == 0
    assert db.session.scalar(select(func.count(LocalGroup.id)).where(LocalGroup.contact.is_not(None))) == 0
    assert db.session.scalar(select(func.count(Plan.id)).where(Plan.url.is_not(None))) == 0


@pytest.mark.database("reference")
def test_everything_says_where_it_comes_from():
    for model in (Organisation, Network, Member):
        assert db.session.scalar(select(func.count(model.id)).where(model.provenance.is_(None))) == 0
        assert db.session.scalar(select(func.count(model.id)).where(model.confidence.is_(None))) == 0


@pytest.mark.database("reference")
def test_a_city_of_two_networks_is_one_organisation():
    twice = select(Member.organisation_id).group_by(Member.organisation_id).having(func.count() > 1)
    assert len(db.session.scalars(twice).all()) > 30


@pytest.mark.database("reference")
def test_the_lead_partner_stands_first():
    first = db.session.scalars(select(Member).where(Member.position == 1)).all()
    leads = db.session.scalars(select(Member).where(Member.role == "lead")).all()
    assert len(leads) == 49
    assert {lead.id for lead in leads} <= {member.id for member in first}


@pytest.mark.database("reference")
def test_lead_and_partners_of_a_transfer_produce_different_plans():
    kinds = db.session.execute(
        select(Member.role, Plan.kind)
        .join(Plan, Plan.member_id == Member.id)
        .join(Network, Network.id == Member.network_id)
        .where(Network.type == "ITN")
        .distinct()
        .order_by(Member.role)
    ).all()
    assert [tuple(row) for row in kinds] == [("lead", "continuity_plan"), ("partner", "investment_plan")]


@pytest.mark.database("reference")
def test_the_results_of_a_call_name_their_page():
    results = db.session.scalars(select(Call.results).where(Call.code == "APN-2023")).one()

    assert (results["proposals"]["value"], results["approved"]["value"]) == (52, 30)
    assert results["approved"]["href"].startswith("https://")
