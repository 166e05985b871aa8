"""The OpenAPI document and the program say the same, and nothing that can be sent breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tests.exchange.programme_cases import CASES
from tests.factories.api import city_partner, dossier
from tests.services_databases import Databases
from tests.web.api_world import World, prepared
from tests.web.schema_check import faults
from urbact_calls.api.openapi import ROOT, Operation, openapi
from urbact_calls.api.views import OPERATIONS

DOCUMENT = openapi()
SCHEMAS = DOCUMENT["components"]["schemas"]

pytestmark = pytest.mark.together


def described(operation: Operation) -> dict[str, Any]:
    return DOCUMENT["paths"][operation.path][operation.method.lower()]


def answer_of(operation: Operation) -> dict[str, Any]:
    """What the document says of the answer when all is well."""
    return described(operation)["responses"][str(operation.status)]["content"]["application/json"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[World]:
    with prepared(databases, request.param, tmp_path_factory.mktemp("contract")) as made:
        yield made


# What is sent: sometimes as the document says, sometimes nearly so, sometimes anything at all.
texts = st.text(max_size=30)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
partners = st.lists(
    st.builds(
        city_partner,
        st.sampled_from(["Agen", "Serres", "Łódź", " ", "X" * 201]) | texts,
        st.sampled_from(["FR", "GR", "PL", "US", "ZZ"]),
        role=st.sampled_from(["lead", "partner"]),
        kind=st.sampled_from(["city", "non-city"]),
        nuts2=st.sampled_from(["", "FRI1", "EL43", "??"]) | texts,
        region_category=st.sampled_from([None, "transition"]),
    ),
    max_size=4,
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "title": texts,
        "acronym": texts,
        "submitted_at": texts | st.just("2026-01-01T00:00:00Z"),
        "budget_total_eur": texts | st.just("1.00"),
        "sections": st.dictionaries(st.sampled_from(["challenge", "identity", "practice", "x"]), anything, max_size=2),
        "declarations": st.dictionaries(st.sampled_from(["accuracy", "x"]), st.booleans(), max_size=2),
        "practice": anything,
        "language": st.sampled_from(["en", "fr", "x"]),
        "schedule": anything,
        "budget": anything
        | st.builds(
            lambda amount: {"lines": [{"partner": 1, "category": "STAFF", "amount_cents": amount}]}, st.integers()
        ),
        "other_applications": anything,
        "expected": anything,
    },
)
dossiers = (
    st.builds(
        lambda chosen, call, more: {**dossier(call=call), "partners": chosen, **more},
        partners,
        st.sampled_from(["APN-DEMO", "APN-2023", "TN-2025", "GP-2024", "nothing"]),
        fields,
    )
    | st.sampled_from(CASES)
    | st.builds(lambda more: {**dossier(), **more}, fields)
)
json_bodies = (dossiers | st.lists(dossiers, max_size=3) | st.builds(lambda r: {"reason": r}, texts) | anything).map(
    lambda value: json.dumps(value).encode()
)
bodies = st.none() | json_bodies | st.binary(max_size=40)
types = st.sampled_from(
    ["application/json", "application/json; charset=utf-8", None, "text/plain", "application/x-www-form-urlencoded"]
)
questions_after = st.dictionaries(
    st.sampled_from(["limit", "after", "q", "type", "country"]) | texts,
    st.sampled_from(["1", "100", "0", "APN-2023", "APN", "FR", "lodz", "\x00", "'", "%"]) | texts,
    max_size=2,
)


def question_for(operation: Operation) -> st.SearchStrategy[dict[str, Any]]:
    # A number stands for something that exists; a slash would be another address.
    place = st.integers(0, 5) | texts.filter(lambda text: text and "/" not in text and text not in (".", ".."))
    return st.fixed_dictionaries(
        {
            "path": st.fixed_dictionaries(dict.fromkeys(operation.path_parameters, place)),
            "query": st.just({}) | questions_after,
            "body": bodies if operation.body else st.none(),
            "type": types if operation.body else st.none(),
            "who": st.sampled_from([None, 0, 1, 2]),
        }
    )


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_a_documented_one(world: World, name: str):
    operation = OPERATIONS[name]
    answers = described(operation)["responses"]

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(question_for(operation))
    def asked(question: dict[str, Any]) -> None:
        answer = world.ask(operation, question)

        assert answer.status_code < 500, answer.text
        assert str(answer.status_code) in answers, f"{answer.status_code} is not documented: {answer.text[:200]}"
        [(media_type, content)] = answers[str(answer.status_code)]["content"].items()
        assert answer.mimetype == media_type
        assert list(faults(json.loads(answer.text), content["schema"], SCHEMAS)) == []

    asked()


def test_every_operation_also_answers_well(world: World):
    """Without this the test above could pass on refusals alone."""
    new = dossier(city_partner("Agen", "FR", role="lead"), city_partner("Isernia", "IT"))
    bodies = {"examine": CASES, "start_application": new, "take_transition": None}
    for name, operation in OPERATIONS.items():
        body = bodies.get(name)
        question = {
            "path": dict.fromkeys(operation.path_parameters, 0),
            "query": {"limit": 50} if "limit" in operation.query.model_fields else {},
            "body": json.dumps(body).encode() if body else None,
            "type": "application/json" if body else None,
            "who": 0,
        }

        answer = world.ask(operation, question)

        # The step may have been taken already by the questions above.
        assert answer.status_code in {operation.status, *((409,) if name == "take_transition" else ())}, answer.text
        if answer.status_code == operation.status:
            assert list(faults(answer.json, answer_of(operation)["schema"], SCHEMAS)) == []


def test_the_document_and_the_addresses_agree(world: World):
    served = {
        (method, rule.rule, rule.endpoint)
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith("/api")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (method.upper(), ROOT + path.replace("{", "<").replace("}", ">"), f"api.{operation['operationId']}")
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }

    assert served == described


def test_the_document_says_who_needs_a_token(world: World):
    views = world.app.view_functions
    for name, operation in OPERATIONS.items():
        assert views[f"api.{name}"].access.is_public == operation.is_public  # type: ignore[attr-defined]


def test_the_document_is_served_as_it_is(world: World):
    assert world.app.test_client().get("/api/v1/openapi.json").json == json.loads(json.dumps(DOCUMENT))


def test_every_shape_that_is_named_is_there_and_used():
    text = json.dumps(DOCUMENT)

    assert DOCUMENT["openapi"] == "3.1.0"
    assert {name for name in SCHEMAS if f'"#/components/schemas/{name}"' not in text} == set()
    assert text.count('"$ref"') == sum(text.count(f'"#/components/schemas/{name}"') for name in SCHEMAS)


def test_a_dossier_of_the_programme_fits_its_shape():
    assert [list(faults(case, SCHEMAS["DossierFields"], SCHEMAS)) for case in CASES] == [[]] * len(CASES)


def test_operations_have_names_of_their_own():
    names = [each["operationId"] for methods in DOCUMENT["paths"].values() for each in methods.values()]

    assert sorted(names) == sorted(set(OPERATIONS))


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_has_examples_that_validate(name: str):
    operation = OPERATIONS[name]
    answer, parameters = answer_of(operation), described(operation).get("parameters", [])

    TypeAdapter(operation.answer).validate_python(answer["example"])
    assert list(faults(answer["example"], answer["schema"], SCHEMAS)) == []
    assert {each["name"] for each in parameters if "example" not in each} == set()
    operation.query.model_validate({each["name"]: each["example"] for each in parameters if each["in"] == "query"})


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if operation.body])
def test_every_example_of_a_body_can_be_sent(world: World, name: str):
    operation = OPERATIONS[name]
    sent = described(operation)["requestBody"]["content"]["application/json"]["example"]
    question = {"path": dict.fromkeys(operation.path_parameters, 0), "query": {}, "type": "application/json", "who": 0}

    answer = world.ask(operation, {**question, "body": json.dumps(sent).encode()})

    # The call of the example is over, and the step has been taken or moved on: what is said against is no fault of it.
    assert answer.status_code in {operation.status, *({409} & set(operation.refuses))}, answer.text
