"""OpenAPI 3.1 document of the interface for programs, written from the classes of requests and answers."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from urbact_calls.api.answers import ProblemOut
from urbact_calls.api.requests import Question
from urbact_calls.domain.workflow.application import APPLICATION

ROOT = "/api/v1"
JSON, PROBLEM = "application/json", "application/problem+json"
Json = dict[str, Any]

# What stands in examples, by the format of the text or the name of the field; a class whose field means something else
# says so with `Field(examples=...)`. In braces: part of an address.
EXAMPLES = {
    "code": "APN-2023",
    "call": "APN-2023",
    "reference": "APN-2023-001",
    "slug": "green-ports",
    "acronym": "PORTS",
    "title": "Green ports",
    "name": "Agen",
    "{name}": APPLICATION.transitions[0].name,
    "seat_city": "Agen",
    "country": "FR",
    "nuts2": "FRI1",
    "networks": "green-ports",
    "theme": "nature",
    "themes": "nature",
    "state_label": "Draft",
    "label": "Submit",
    "summary": "Ports that breathe.",
    "text": "Plant trees.",
    "note": "A city of the region.",
    "city": "Agen",
    "coordinator": "Ana Lima",
    "contact": "group@example.org",
    "rulebook_version": "1",
    "after": "APN-2023",
    "message": "10 partners are enough.",
    "source": "Terms of Reference, 3.1",
    "id": "R01",
    "q": "lodz",
    "provenance": "urbact.eu",
    "confidence": "S",
    "region_confidence": "S",
    "not_met": "partnership.size",
    "warnings": "content.theme",
    "to_be_checked": "budget.ceiling",
    "ignored": "expected",
    "not_kept": "partners[2].nuts2: here it is not known.",
    "reason": "Another plan.",
    "href": f"{ROOT}/applications/APN-2023-001/transitions/submit",
    "next": f"{ROOT}/calls?after=APN-2023",
    "url": "https://example.org/plan",
    "website": "https://example.org",
    "date": "2026-03-31",
    "date-time": "2026-03-31T13:00:00+00:00",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one address. `status` is the answer when all is well, `refuses` the problems that can come.

    `is_public` needs no token. `pace` is how often one token, or one machine, may ask.
    """

    name: str
    method: str
    path: str
    summary: str
    description: str
    answer: Any
    status: int = 200
    is_public: bool
    query: type[Question] = Question
    body: Any = None
    body_is_required: bool = True
    refuses: tuple[int, ...] = ()
    pace: str = "600 per 5 minutes"

    @property
    def rule(self) -> str:
        """The address as Flask writes it."""
        return ROOT + re.sub(r"\{(\w+)\}", r"<\1>", self.path)

    @property
    def path_parameters(self) -> tuple[str, ...]:
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    @property
    def problems(self) -> tuple[int, ...]:
        """All problems that are documented: its own, and those that every question can meet."""
        sent = (413, 415, 422) if self.body else ()
        return tuple(sorted({400, 401, 429, 500, 503, *sent, *self.refuses}))


OPERATIONS: dict[str, Operation] = {}
"""All of them by name; the views are declared with `serves`."""


class _Schema(GenerateJsonSchema):
    """Without titles made of names, docstrings of the core, and null as the default of what is left out."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def enum_schema(self, schema: Any) -> JsonSchemaValue:
        return {key: value for key, value in super().enum_schema(schema).items() if key != "description"}

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        is_null = schema.get("default") is None
        return self.generate_inner(schema["schema"]) if is_null else super().default_schema(schema)


@cache
def openapi() -> Json:
    """The document as it is served, written once; all views must be declared by then."""
    described: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        *((each.name, "serialization", TypeAdapter(each.answer)) for each in OPERATIONS.values()),
        *((each.name, "validation", TypeAdapter(each.body)) for each in OPERATIONS.values() if each.body),
        (PROBLEM, "serialization", TypeAdapter(ProblemOut)),
    ]
    schemas, shared = TypeAdapter.json_schemas(
        described, ref_template="#/components/schemas/{model}", schema_generator=_Schema
    )
    paths: dict[str, Json] = defaultdict(dict)
    for operation in OPERATIONS.values():
        paths[operation.path][operation.method.lower()] = _described(operation, schemas, shared["$defs"])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Calls and networks",
            "version": "1",
            "description": (
                "Calls for proposals of the URBACT programme, applications and networks. Problems are RFC 9457 "
                "documents. A token is made on the page of one's account."
            ),
        },
        "servers": [{"url": ROOT}],
        "paths": dict(paths),
        "components": {
            "schemas": shared["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _described(operation: Operation, schemas: Any, shared: Json) -> Json:
    def content(media_type: str, schema: Json) -> Json:
        return {media_type: {"schema": schema, "example": example(schema, shared)}}

    answer: Json = {
        "description": HTTPStatus(operation.status).phrase,
        "content": content(JSON, schemas[operation.name, "serialization"]),
    }
    if operation.status == HTTPStatus.CREATED:
        where = {"description": "Where the application is read.", "schema": {"type": "string"}}
        answer["headers"] = {"Location": where}
    problem = {PROBLEM: {"schema": schemas[PROBLEM, "serialization"]}}
    described: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "security": [{}, {"token": []}] if operation.is_public else [{"token": []}],
        "responses": {
            str(operation.status): answer,
            **{str(each): {"description": HTTPStatus(each).phrase, "content": problem} for each in operation.problems},
        },
    }
    if operation.description:
        described["description"] = operation.description
    if parameters := _parameters(operation):
        described["parameters"] = parameters
    if operation.body:
        described["requestBody"] = {
            "required": operation.body_is_required,
            "content": content(JSON, schemas[operation.name, "validation"]),
        }
    return described


def _parameters(operation: Operation) -> list[Json]:
    asked = operation.query.model_json_schema(schema_generator=_Schema)
    in_path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            "example": EXAMPLES.get(f"{{{name}}}") or EXAMPLES[name],
        }
        for name in operation.path_parameters
    ]
    in_query = []
    for name, found in asked["properties"].items():
        described = {"name": name, "in": "query", "description": found.pop("description")}
        schema = asked["$defs"][found["$ref"].rpartition("/")[2]] if "$ref" in found else found
        in_query.append({**described, "schema": schema, "example": example(schema, {}, name)})
    return in_path + in_query


def example(schema: Json, shared: Json, name: str = "") -> Any:
    """A value that a schema allows, made of EXAMPLES: of an object what is required, or everything if nothing is.

    Raises KeyError for a text whose name has none.
    """
    if "$ref" in schema:
        return example(shared[schema["$ref"].rpartition("/")[2]], shared, name)
    match schema:
        case {"default": value} | {"const": value} | {"enum": [value, *_]} | {"examples": [value, *_]}:
            return value
        case {"anyOf": [first, *_]} | {"oneOf": [first, *_]}:
            return example(first, shared, name)
        case {"properties": fields}:
            return {each: example(fields[each], shared, each) for each in schema.get("required") or fields}
        case {"type": "array", "items": items}:
            return [example(items, shared, name)]
        case {"type": "integer" | "number"}:
            return schema.get("minimum", 1)
        case {"type": "string"}:
            word = schema.get("format", name)
            if word not in EXAMPLES:
                raise KeyError(f"EXAMPLES has nothing for “{word}”")
            return EXAMPLES[word]
    return {"boolean": True, "object": {}}.get(schema.get("type", ""), 10)
