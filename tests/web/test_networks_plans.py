"""Plans and recommendations: who writes them, and what the public reads of them when."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from scripts.bench.client import hidden
from tests.factories.accounts import actor_of, person, sign_in
from tests.factories.applications import member
from tests.factories.calls import open_call
from tests.factories.networks import founded_network, recommendation_of
from tests.kept_worlds import Kept
from urbact_calls.database import db
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.vocabulary import Role
from urbact_calls.networks.models import Plan, Recommendation
from urbact_calls.networks.public_texts.commands import PublicText, describe_plan, link_problem
from urbact_calls.record.models import FieldChange

pytestmark = pytest.mark.usefixtures("session")

WORK = "/networks/isola/work"
PUBLIC = "/networks/isola"
LINK = "https://example.org/plan.pdf"


@pytest.fixture
def founded(kept: Kept, now):
    return kept(founded_network, kept(open_call, db.session, now), now)


def plan_address(place):
    return f"{WORK}/plans/{place.plans[0].id}"


def write(client, address, **typed):
    """Opens a form, types into it and sends it; `seen` is given for one that was opened before."""
    return client.post(address, data={"seen": hidden(client.get(address).text, "seen")} | typed)


def test_a_member_publishes_its_plan_and_the_public_reads_it(client, now, founded):
    place = founded[1].members[3]
    sign_in(client, member(place.organisation, now))

    write(client, plan_address(place), title="Quiet evenings", url=LINK)
    before = client.get(PUBLIC).text
    answer = write(client, plan_address(place), title="Quiet evenings", url=LINK, is_public="y")

    assert ("Quiet evenings" in before, LINK in before) == (False, False)
    assert answer.location == WORK
    page = client.get(PUBLIC).text
    assert "Integrated Action Plan: Quiet evenings" in page
    assert f'href="{LINK}" rel="external"' in page
    shown = client.get("/api/v1/networks/isola").json["members"]
    assert [plan["url"] for each in shown for plan in each["plans"] if plan["url"]] == [LINK]


def test_a_plan_that_is_taken_back_is_public_no_more(client, now, founded):
    place = founded[1].members[3]
    sign_in(client, founded[0].lead)
    write(client, plan_address(place), title="Quiet evenings", url=LINK, is_public="y")

    write(client, plan_address(place), title="Quiet evenings", url=LINK)

    assert "Quiet evenings" not in client.get(PUBLIC).text
    assert "Quiet evenings" in client.get(WORK).text
    fields = set(db.session.scalars(select(FieldChange.field)))
    assert {field.rpartition(".")[2] for field in fields if field.startswith("plan.")} == {
        "title", "url", "published_on"
    }  # fmt: skip


def test_a_plan_that_was_changed_meanwhile_is_not_replaced_unseen(client, now, founded):
    place = founded[1].members[3]
    sign_in(client, founded[0].lead)
    seen = hidden(client.get(plan_address(place)).text, "seen")
    write(client, plan_address(place), title="Quiet evenings", url=LINK)

    late = client.post(plan_address(place), data={"title": "Loud nights", "is_public": "y", "seen": seen})
    again = client.post(plan_address(place), data={"title": "Loud nights", "seen": hidden(late.text, "seen")})

    assert (late.status_code, again.status_code) == (409, 302)
    for words in ("Title was changed by two people", "Quiet evenings", 'value="Loud nights"', LINK):
        assert words in late.text
    assert (stored := db.session.get_one(Plan, place.plans[0].id)).title == "Loud nights"
    assert stored.published_on is None


def test_a_recommendation_that_was_changed_meanwhile_is_not_replaced_unseen(client, now, founded):
    draft, network = founded
    address = f"{WORK}/recommendations/{recommendation_of('isola', draft.actor, now, 'Count the noise first')}"
    sign_in(client, draft.lead)
    seen = hidden(client.get(address).text, "seen")
    place = network.members[2]
    write(client, address, title="Count the noise", member_id=str(place.id), is_public="y")

    late = client.post(address, data={"title": "Count the light", "member_id": "0", "seen": seen})

    assert late.status_code == 409
    for words in ("Count the noise", 'value="Count the light"', place.organisation.name, "The whole network"):
        assert words in late.text
    assert db.session.scalars(select(Recommendation.title)).one() == "Count the noise"


def test_a_member_does_not_write_about_the_plan_of_another(client, now, founded):
    _, network = founded
    place, other = network.members[3], network.members[4]
    user = member(place.organisation, now)
    sign_in(client, user)

    assert plan_address(place) in client.get(WORK).text
    assert plan_address(other) not in client.get(WORK).text
    assert client.get(plan_address(other)).status_code == 404
    with pytest.raises(NotFound):
        describe_plan(
            "isola",
            other.plans[0].id,
            writing=PublicText(title="x", url="", is_public=True),
            actor=actor_of(user),
            now=now,
        )
    assert db.session.get_one(Plan, other.plans[0].id).title is None


@pytest.mark.parametrize("role", [Role.PROGRAMME_OFFICER, Role.AUDITOR])
def test_the_office_reads_what_is_not_published_and_changes_nothing(client, now, founded, role):
    draft, network = founded
    number = recommendation_of("isola", draft.actor, now, "Count the noise first")
    sign_in(client, person(role))

    assert "Count the noise first" in client.get(WORK).text
    for part in (f"plans/{network.members[0].plans[0].id}", f"recommendations/{number}", "recommendations/new"):
        assert client.get(f"{WORK}/{part}").status_code == 404


def test_the_lead_recommends_and_the_public_reads_it_once_published(client, now, founded):
    draft, network = founded
    sign_in(client, draft.lead)
    place = str(network.members[2].id)
    said = {"title": "Count the noise first", "text": "Then plan.", "member_id": place, "url": LINK}

    assert client.post(f"{WORK}/recommendations/new", data=said).location == WORK
    assert "Count the noise first" not in client.get(PUBLIC).text
    number = db.session.scalars(select(Recommendation.id)).one()
    write(client, f"{WORK}/recommendations/{number}", **said, is_public="y")

    page = client.get(PUBLIC).text
    assert "Count the noise first" in page
    assert "Then plan." in page
    shown = client.get("/api/v1/networks/isola").json["recommendations"]
    assert [(each["title"], each["url"], each["city"]) for each in shown] == [
        ("Count the noise first", LINK, network.members[2].organisation.name)
    ]


def test_the_same_recommendation_sent_twice_is_one_and_another_one_stays_possible(client, founded):
    sign_in(client, founded[0].lead)

    kept = []
    for title in ("Count the noise first", "Count the noise first", "Ask the neighbours"):
        assert (
            client.post(f"{WORK}/recommendations/new", data={"title": title, "url": LINK, "member_id": "0"}).location
            == WORK
        )
        kept.append(db.session.scalar(select(func.count(Recommendation.id))))

    assert kept == [1, 1, 2]


@pytest.mark.parametrize(
    "url",
    ["http://example.org/x", "javascript:alert(1)", "https://", "https://localhost/x", "https://a b.org", "plan.pdf",
     "https://me:pass@example.org/", "https://[::1", "//example.org", 'https://example.org/"x'],
)  # fmt: skip
def test_only_a_safe_link_is_kept(client, founded, url):
    sign_in(client, founded[0].lead)

    answer = client.post(plan_address(founded[1].members[0]), data={"title": "Quiet", "url": url, "is_public": "y"})

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert link_problem(url) is not None
    assert "Quiet" not in client.get(PUBLIC).text


@pytest.mark.parametrize("url", ["", LINK, "https://čokoláda.example/ž?q=1#2"])
def test_other_links_are_fine(url):
    assert link_problem(url) is None


def test_nothing_is_published_without_a_title(client, founded):
    sign_in(client, founded[0].lead)

    for address in (plan_address(founded[1].members[0]), f"{WORK}/recommendations/new"):
        answer = client.post(address, data={"title": " ", "url": LINK, "member_id": "0", "is_public": "y"})
        assert answer.status_code == 422
        assert "Give the title that the public will read." in answer.text
        assert LINK in answer.text


@pytest.mark.parametrize("place", ["999999", "-1", "x"])
def test_a_city_outside_the_network_recommends_nothing(client, founded, place):
    sign_in(client, founded[0].lead)

    answer = client.post(f"{WORK}/recommendations/new", data={"title": "Quiet", "member_id": place})

    assert answer.status_code == 422
    assert db.session.scalars(select(Recommendation.id)).all() == []


def test_a_network_that_published_nothing_says_so(client, founded):
    page = client.get(PUBLIC).text

    assert "The network has published no recommendation yet." in page
    assert "Not started" in page
