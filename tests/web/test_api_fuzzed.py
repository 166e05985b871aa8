"""The interface for programs under questions that schemathesis makes from its description, good ones and bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.services_databases import Databases
from tests.web.api_world import World, prepared
from urbact_calls.api.views import OPERATIONS

pytestmark = pytest.mark.together
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# The same in each run. `python -m scripts.fuzz` asks ten thousand others.
EXAMPLES = 8
# Where nothing is asked after the `?` and nothing is sent, there is nothing to send wrongly.
QUESTIONS = [
    *((name, GenerationMode.POSITIVE) for name in OPERATIONS),
    *((name, GenerationMode.NEGATIVE) for name, each in OPERATIONS.items() if each.query.model_fields or each.body),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[World]:
    with prepared(databases, request.param, tmp_path_factory.mktemp("fuzzed")) as made:
        yield made


@pytest.fixture(scope="module")
def described(world: World) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.app)


@pytest.mark.parametrize(("name", "mode"), QUESTIONS)
def test_no_question_is_answered_otherwise_than_described(
    world: World, described: Any, name: str, mode: GenerationMode
):
    operation = described.find_operation_by_id(name)

    # An address that is known half of the time: most that are made up only ever meet a 404.
    known = {each: st.sampled_from(world.values[each]) for each in OPERATIONS[name].path_parameters}
    places = st.none() | st.fixed_dictionaries(known)
    people = st.sampled_from([{}, *world.people, {"Authorization": "Bearer not-a-token"}])

    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
    )
    @given(operation.as_strategy(mode), places, people)
    def asked(case: Any, place: dict[str, str] | None, who: dict[str, str]) -> None:
        if place:
            case.path_parameters = place
        # The client of the tests does not unpack what is compressed.
        case.call_and_validate(headers=who | {"Accept-Encoding": "identity"}, checks=CHECKS)

    asked()
