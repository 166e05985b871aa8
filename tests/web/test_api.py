"""What everybody can ask of `/api/v1`, and how it says no."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.exchange.programme_cases import BY_ID, CASES, changed, expected
from tests.factories.accounts import person, sign_in
from tests.factories.api import bearer
from tests.factories.applications import city
from tests.factories.calls import historical_call, open_call, upcoming_call
from tests.factories.networks import past_network
from tests.query_count import statements
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import Role
from urbact_calls.exchange.examination import examine_text, printed

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def now() -> datetime:
    """Requests take the instant of the clock."""
    return datetime.now(UTC)


def is_problem(answer, status: int) -> bool:
    document = answer.get_json(force=True)
    return (answer.status_code, answer.mimetype, document["status"]) == (status, "application/problem+json", status)


def test_a_list_is_read_page_by_page(client, now):
    for code in ("APN-A", "APN-B", "APN-C"):
        open_call(db.session, now, code)

    first = client.get("/api/v1/calls?limit=2").json
    second = client.get(first["next"]).json

    assert [call["code"] for call in first["items"]] == ["APN-A", "APN-B"]
    assert first["next"] == "/api/v1/calls?limit=2&after=APN-B"
    assert ([call["code"] for call in second["items"]], second["next"]) == (["APN-C"], None)


def test_a_call_that_is_not_published_does_not_exist(client, now):
    row = open_call(db.session, now, "APN-SECRET")
    row.published_at = None
    db.session.commit()

    assert client.get("/api/v1/calls").json == {"items": [], "next": None}
    assert is_problem(client.get("/api/v1/calls/APN-SECRET"), 404)


def test_a_call_has_its_terms_with_their_sources(client, now):
    historical_call(db.session, now)

    found = client.get("/api/v1/calls/APN-2023").json

    assert (found["phase"], found["is_historical"]) == ("closed", True)
    assert found["terms"]["partners_max"] == {"value": 10, "confidence": "S", "source": found_source(found)}
    assert found["terms"]["budget_ceiling"]["value"] == 850_000_00


def found_source(call) -> str:
    source = call["terms"]["partners_max"]["source"]
    assert source
    return source


def test_networks_are_found_by_city_type_and_country(client, now):
    past_network("Green Ports", now, city("Łódź", now, "PL"), city("Agen", now))
    past_network("Blue Ports", now, city("Turku", now, "FI"), type_="TN")

    def slugs(question: str) -> list[str]:
        return [each["slug"] for each in client.get(f"/api/v1/networks?{question}").json["items"]]

    assert slugs("q=lodz") == ["green-ports"]
    assert slugs("type=TN") == ["blue-ports"]
    assert slugs("country=FR") == ["green-ports"]
    assert slugs("limit=100") == ["blue-ports", "green-ports"]


def test_a_network_has_its_members_and_plans(client, now):
    past_network("Green Ports", now, city("Agen", now))

    found = client.get("/api/v1/networks/green-ports").json

    assert [(member["name"], member["role"], member["plans"][0]["kind"]) for member in found["members"]] == [
        ("Agen", "lead", "integrated_action_plan")
    ]


def test_a_city_names_its_networks(client, now):
    past_network("Green Ports", now, city("Agen", now))

    [found] = client.get("/api/v1/cities").json["items"]

    assert (found["name"], found["networks"]) == ("Agen", ["green-ports"])


@pytest.mark.parametrize("address", ["/api/v1/networks", "/api/v1/cities", "/api/v1/calls"])
def test_a_longer_list_sends_no_more_statements(client, now, address):
    def sent(number: int) -> int:
        historical_call(db.session, now, ("APN-2023", "TN-2025", "ITN-2024")[number])
        past_network(f"Network {number}", now, city(f"Here {number}", now), city(f"There {number}", now))
        with statements() as found:
            assert client.get(address).status_code == 200
        return len(found)

    assert sent(0) == sent(1) == sent(2)


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=٣", "limit"),
        ("limit=", "limit"),
        ("limit=1&limit=2", "limit"),
        ("after=%00", "after"),
        ("after=../x", "after"),
        ("page=2", "page"),
        ("LIMIT=2", "LIMIT"),
        ("%F0%9F%8C%8D=1", "🌍"),
    ],
)
def test_a_question_that_is_not_understood_is_named(client, question, field):
    answer = client.get(f"/api/v1/calls?{question}")

    assert is_problem(answer, 400)
    assert [error["field"] for error in answer.get_json(force=True)["errors"]] == [field]


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/", 404),
        ("GET", "/api/v2/calls", 404),
        ("DELETE", "/api/v1/calls", 405),
        ("POST", "/api/v1/networks/x", 405),
        ("GET", "/api/v1/calls/%00", 400),
        ("GET", "/api/v1/calls/%FF", 400),
        ("POST", "/api/v1/examinations", 415),
        ("GET", "/api/v1/applications/APN-DEMO-001", 401),
        ("POST", "/api/v1/applications", 401),
    ],
)
def test_every_refusal_is_a_problem_document(client, method, address, status):
    assert is_problem(client.open(address, method=method), status)


def test_a_method_that_is_not_there_names_those_that_are(client):
    assert set(client.delete("/api/v1/calls").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_fault_of_ours_is_a_problem_document_too(app, client, monkeypatch):
    app.testing = False
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    def broken() -> None:
        raise ZeroDivisionError("text that nobody may read")

    monkeypatch.setitem(app.view_functions, "api.list_calls", broken)

    answer = client.get("/api/v1/calls")

    assert is_problem(answer, 500)
    assert "nobody may read" not in answer.text


def test_the_dossiers_of_the_programme_give_what_the_command_prints(client):
    answer = client.post("/api/v1/examinations", json=CASES)

    wanted = [{"id": case["id"], **expected(case)} for case in CASES]
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert [{key: each[key] for key in wanted[0]} for each in answer.json] == wanted
    assert answer.data == printed(examine_text(json.dumps(CASES)))


@pytest.mark.parametrize("name", BY_ID)
def test_each_dossier_alone_gives_what_the_command_prints(client, name):
    answer = client.post("/api/v1/examinations", json=BY_ID[name])

    assert answer.data == printed(examine_text(json.dumps(BY_ID[name])))


def test_an_examination_asks_no_database(client):
    with statements() as sent:
        client.post("/api/v1/examinations", json=CASES[0])

    assert sent == []


def test_a_fault_names_the_dossier_and_the_place(client):
    wrong = changed("B05", budget_total_eur=700000)

    answer = client.post("/api/v1/examinations", json=[CASES[0], wrong])

    document = answer.get_json(force=True)
    assert is_problem(answer, 422)
    assert (document["dossier"], document["place"]) == ("B05", "budget_total_eur")
    assert document["detail"] == "dossier B05: wrong type: text expected, a number found, budget_total_eur"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"null", b"7", b'"text"', b"[[]]", b"[" * 5000, b"NaN", b'{"id": "\\ud800"}', b"9" * 5000],
)
def test_what_is_no_dossier_is_a_problem(client, body):
    assert is_problem(client.post("/api/v1/examinations", data=body, content_type="application/json"), 422)


def test_too_much_at_once_is_refused(client):
    too_many = client.post("/api/v1/examinations", json=[CASES[0]] * 101)
    too_large = client.post("/api/v1/examinations", data=b" " * (2 * 1024 * 1024 + 1), content_type="application/json")

    assert is_problem(too_many, 413)
    assert is_problem(too_large, 413)
    assert len(client.post("/api/v1/examinations", json=[CASES[0]] * 100).json) == 100


def test_a_cookie_opens_nothing_here(client, now):
    officer = person(Role.PROGRAMME_OFFICER)
    sign_in(client, officer)

    assert is_problem(client.get("/api/v1/applications/APN-DEMO-001"), 401)
    assert is_problem(client.post("/api/v1/applications", json={}), 401)


def test_a_program_needs_no_form_token(app, client, now):

    answer = client.post("/api/v1/applications", json={}, headers=bearer(person(), now))

    assert is_problem(answer, 422)


def test_an_upcoming_call_says_so(client, now):
    upcoming_call(db.session, now)

    assert client.get("/api/v1/calls/APN-NEXT").json["phase"] == "upcoming"


@pytest.mark.limited
@pytest.mark.usefixtures("session")
class TestPace:
    def test_who_asks_too_often_waits(self, client):
        asked = [client.post("/api/v1/examinations", json=[]).status_code for _ in range(60)]
        over = client.post("/api/v1/examinations", json=[])

        assert asked == [200] * 60
        assert is_problem(over, 429)
        assert 0 < int(over.headers["Retry-After"]) <= 300
        assert client.post("/api/v1/examinations", json=[], headers=bearer(person())).status_code == 200
