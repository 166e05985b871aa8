"""A program with something to read through the interface for programs, and the tokens of people who may read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask

from tests.factories.accounts import person
from tests.factories.api import bearer
from tests.factories.applications import city, complete_draft
from tests.factories.calls import historical_call, open_call
from tests.factories.networks import past_network
from tests.services_databases import Databases, settings_for
from tests.web_client import CleanClient, app_under_test
from urbact_calls.api.openapi import Operation
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import Role
from urbact_calls.jobs import SilentNotifier


@contextmanager
def prepared(databases: Databases, kind: str, folder: Path) -> Iterator[World]:
    """The world on a database of its own."""
    now = datetime.now(UTC)
    with databases.fresh(kind) as url, app_under_test(settings_for(url, folder), SilentNotifier()) as app:
        with app.app_context():
            historical_call(db.session, now)
            past_network("Green Ports", now, city("Turku", now, "FI"), city("Łódź", now, "PL"))
            draft = complete_draft(open_call(db.session, now), now)
            values = {
                "code": ["APN-DEMO", "APN-2023"],
                "slug": ["green-ports"],
                "reference": [draft.reference],
                "name": ["submit", "reopen", "approve"],
            }
            people = [bearer(draft.lead), bearer(person(Role.PROGRAMME_OFFICER)), bearer(person())]
            db.session.remove()
        yield World(app, values, people)


class World:
    def __init__(self, app: Flask, values: dict[str, list[str]], people: list[dict[str, str]]) -> None:
        self.app, self.values, self.people = app, values, people

    def ask(self, operation: Operation, question: dict[str, Any]) -> Any:
        path = operation.rule
        for name in operation.path_parameters:
            known = self.values[name]
            wanted = question["path"][name]
            path = path.replace(f"<{name}>", quote(known[wanted % len(known)] if isinstance(wanted, int) else wanted))
        headers: dict[str, str] = {}
        if question["who"] is not None:
            headers |= self.people[question["who"]]
        if question["type"] is not None:
            headers["Content-Type"] = question["type"]
        client: CleanClient = self.app.test_client()  # type: ignore[assignment]
        return client.open(
            path,
            method=operation.method,
            query_string=question["query"],
            data=question["body"],
            headers=headers,
            buffered=True,
        )
