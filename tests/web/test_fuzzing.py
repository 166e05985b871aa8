"""The fuzzer finds what it is for: a fault, and a refusal that has changed a row."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask, abort

from scripts.fuzz import Form, Forms, Fuzz, Writes
from tests.architecture.test_sweep import Sweep
from tests.factories.organisations import organisation
from urbact_calls.database import db, transaction
from urbact_calls.organisations.models import Organisation

pytestmark = pytest.mark.own_app


def sent(app: Flask, path: str) -> list[str]:
    sweep = cast(Sweep, SimpleNamespace(app=app, cookies={}, tokens={}))
    chance = random.Random(1)  # noqa: S311 -- makes requests, keeps no secret
    fuzz = Fuzz(sweep, chance, Writes())
    with fuzz.writes.watched():
        fuzz._open("GET", path, "anonymous")
    return fuzz.found.wrong


def public(view: Any) -> Any:
    view.is_public = True
    return view


def test_a_fault_is_found(app: Flask):
    @app.get("/faulty")
    @public
    def faulty() -> str:
        abort(500)

    assert [each.partition(",")[0] for each in sent(app, "/faulty")] == ["GET /faulty as anonymous: 500"]


def test_a_refusal_that_changed_a_row_is_found(app: Flask, session):
    key = organisation("Town of the fuzzer").id
    db.session.remove()

    @app.get("/refuses-too-late")
    @public
    def refuses_too_late() -> str:
        with transaction() as writing:
            writing.get_one(Organisation, key).name = "Changed"
        abort(409)

    @app.get("/refuses-in-time")
    @public
    def refuses_in_time() -> str:
        with transaction() as writing:
            writing.get_one(Organisation, key).name = "Changed"
            writing.flush()
            abort(409)

    assert ["a row was changed" in each for each in sent(app, "/refuses-too-late")] == [True]
    assert sent(app, "/refuses-in-time") == []


def test_the_forms_of_a_page_are_read_with_their_fields():
    page = Forms("lead", "/here")
    page.feed(
        '<form method="post"><input name="a" value="1"><select name="b"></select></form><form><input name="c"></form>'
    )

    assert page.found == [Form("lead", "/here", (("a", "1"), ("b", "")))]
