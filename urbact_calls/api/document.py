"""The OpenAPI 3.1 document, written from the table of operations."""

from __future__ import annotations

from collections import defaultdict
from http import HTTPStatus
from typing import Any

from urbact_calls.api.contract import OPERATIONS, ROOT, Operation
from urbact_calls.api.schemas import SCHEMAS, TEXT, named

JSON, PROBLEM = "application/json", "application/problem+json"


def openapi() -> dict[str, Any]:
    """The document as it is served."""
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for operation in OPERATIONS.values():
        paths[operation.path][operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Calls and networks",
            "version": "1",
            "description": (
                "Calls for proposals of the URBACT programme, applications and networks. Problems are RFC 9457 "
                "documents. A token is made with `flask --app wsgi token create EMAIL`."
            ),
        },
        "servers": [{"url": ROOT}],
        "paths": dict(paths),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _described(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "security": [{}, {"token": []}] if operation.is_public else [{"token": []}],
        "responses": {
            str(operation.status): _answer(operation),
            **{str(status): _problem(status) for status in operation.problems},
        },
    }
    if operation.description:
        described["description"] = operation.description
    if parameters := _parameters(operation):
        described["parameters"] = parameters
    if operation.takes is not None:
        described["requestBody"] = {
            "description": operation.takes.description,
            "required": operation.takes.is_required,
            "content": {JSON: {"schema": operation.takes.schema}},
        }
    return described


def _answer(operation: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": HTTPStatus(operation.status).phrase,
        "content": {JSON: {"schema": operation.answer}},
    }
    if operation.status == HTTPStatus.CREATED:
        answer["headers"] = {"Location": {"description": "Where the application is read.", "schema": TEXT}}
    return answer


def _problem(status: int) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, "content": {PROBLEM: {"schema": named("Problem")}}}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    in_path = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in operation.path_parameters]
    in_query = [
        {"name": each.name, "in": "query", "description": each.description, "schema": each.schema}
        for each in operation.query
    ]
    return in_path + in_query
