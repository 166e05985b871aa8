"""What a program sends: dossiers that are right, dossiers with something wrong in them, and JSON of any kind."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from tests.corpus import EVERYTHING, RAW_BODIES
from tests.exchange.programme_cases import CASES
from tests.factories.api import city_partner, dossier
from urbact_calls.api.openapi import Operation
from urbact_calls.api.views import OPERATIONS
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.vocabulary import NetworkType

PLAIN: tuple[Any, ...] = (None, True, False, 0, -1, 10**30, 1.5, "", [], {})


def operation_at(method: str, rule: str) -> Operation:
    """The operation of the interface at an address as Flask writes it."""
    return next(each for each in OPERATIONS.values() if (each.method, each.rule) == (method, rule))


def question(operation: Operation, lead: str, call: str, chance: random.Random) -> dict[str, Any]:
    """What is asked or sent, as arguments of a request. `lead` is a city that may apply in `call`."""
    if operation.body is None:
        return {"query_string": _query(operation, chance)}
    fate = chance.random()
    if fate < 0.1:
        body, kind = chance.choice(RAW_BODIES)
        return {"data": body, "content_type": kind}
    if fate < 0.2:
        sent = any_json(4, chance)
    else:
        sent = _body(operation, lead, call, chance)
        for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 5))):
            sent = spoiled(sent, chance)
    return {"data": json.dumps(sent), "content_type": "application/json"}


def _query(operation: Operation, chance: random.Random) -> dict[str, str]:
    good = {"limit": "2", "after": "a", "q": "city", "country": "FR", "theme": "nature", "type": "APN"}
    asked = {each: good[each] for each in operation.query.model_fields if chance.random() < 0.5}
    for name in [*asked]:
        if chance.random() < 0.4:
            asked[name] = chance.choice(EVERYTHING)[:2000]
    if chance.random() < 0.1:
        asked["unknown"] = chance.choice(EVERYTHING)[:2000]
    return asked


def _body(operation: Operation, lead: str, call: str, chance: random.Random) -> Any:
    if operation.name == "take_transition":
        return chance.choice(({}, {"reason": "The city has another plan now."}, {"reason": chance.choice(EVERYTHING)}))
    if operation.name == "start_application":
        return _started(lead, call, chance)
    return copy.deepcopy(chance.sample(CASES, chance.randrange(1, 4)) if chance.random() < 0.5 else CASES[0])


def _started(lead: str, call: str, chance: random.Random) -> dict[str, Any]:
    sections = {
        section.code: {each.code: chance.choice(EVERYTHING) for each in section.fields if chance.random() < 0.2}
        for section in KINDS[NetworkType.APN].sections
        if chance.random() < 0.3
    }
    partners = (city_partner(lead, "FR", role="lead"), city_partner("Serres", "GR"))
    more: dict[str, Any] = {"title": "Quiet nights", "acronym": "QUIET"}
    if chance.random() < 0.5:
        more["budget"] = {"lines": [{"partner": 1, "category": "STAFF", "amount_cents": chance.randrange(10**7)}]}
    if chance.random() < 0.5:
        more["sections"] = sections
    return dossier(*partners, call=call, **more)


def any_json(depth: int, chance: random.Random) -> Any:
    """Something that JSON can hold, up to so many levels deep."""
    kind = chance.random()
    if depth == 0 or kind < 0.3:
        return chance.choice((*PLAIN, *chance.sample(EVERYTHING, 3)))
    if kind < 0.5:
        return [any_json(depth - 1, chance) for _ in range(chance.randrange(4))]
    names = ("format", "call", "partners", "sections", "budget", "declarations", "title", "role", "country", "reason")
    return {name: any_json(depth - 1, chance) for name in chance.sample(names, chance.randrange(8))}


def spoiled(value: Any, chance: random.Random) -> Any:
    """The same with one thing in it replaced, left out, repeated or renamed."""
    inner = isinstance(value, dict | list) and len(value) > 0
    if not inner or chance.random() < 0.1:
        return any_json(2, chance)
    key = chance.choice([*value] if isinstance(value, dict) else range(len(value)))
    fate = chance.random()
    if isinstance(value[key], dict | list) and fate < 0.7:
        value[key] = spoiled(value[key], chance)
    elif fate < 0.8:
        value[key] = any_json(1, chance)
    elif fate < 0.9:
        del value[key]
    elif isinstance(value, dict):
        value[chance.choice(EVERYTHING)] = value.pop(key)
    else:
        value.append(copy.deepcopy(value[key]))
    return value
