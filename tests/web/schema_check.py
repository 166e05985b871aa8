"""Whether a JSON value has the shape that the OpenAPI document gives it; for the words of JSON Schema it uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
UNDERSTOOD = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "$ref", "const"),
    *("description", "format", "pattern", "default", "minimum", "maximum", "maxItems", "maxLength"),
    *("title", "examples", "prefixItems", "minItems"),
}


def faults(value: Any, schema: dict[str, Any], schemas: dict[str, Any], path: str = "$") -> Iterator[str]:
    """What is not as the schema says, with its place; nothing if all is."""
    assert set(schema) <= UNDERSTOOD, f"{path}: this check does not know {set(schema) - UNDERSTOOD}"
    if "$ref" in schema:
        yield from faults(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, path)
        return
    if "anyOf" in schema:
        if all(list(faults(value, each, schemas, path)) for each in schema["anyOf"]):
            yield f"{path}: {value!r} fits none of the choices"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is not in the list"
    if "type" in schema and not _is_a(value, schema["type"]):
        yield f"{path}: {value!r} is no {schema['type']}"
    elif isinstance(value, dict):
        yield from _faults_of_object(value, schema, schemas, path)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            shape = dict(enumerate(schema.get("prefixItems", ()))).get(place, schema.get("items", {}))
            yield from faults(item, shape, schemas, f"{path}[{place}]")


def _is_a(value: Any, name: str | list[str]) -> bool:
    names = [name] if isinstance(name, str) else name
    return any(isinstance(value, TYPES[each]) and (each == "boolean" or value is not True) for each in names)


def _faults_of_object(
    value: dict[str, Any], schema: dict[str, Any], schemas: dict[str, Any], path: str
) -> Iterator[str]:
    known = schema.get("properties", {})
    yield from (f"{path}.{name} is missing" for name in schema.get("required", ()) if name not in value)
    for name, item in value.items():
        more = schema.get("additionalProperties", {})
        if name in known:
            yield from faults(item, known[name], schemas, f"{path}.{name}")
        elif more is False:
            yield f"{path}.{name} is not described"
        elif more is not True:
            yield from faults(item, more, schemas, f"{path}.{name}")
