"""The fuzzer finds what it is for: a fault, what is slow by itself, and a refusal that has changed a row."""

from __future__ import annotations

import random
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask, abort, got_request_exception

from scripts.fuzz import figures
from scripts.fuzz.asking import Fuzz
from scripts.fuzz.figures import Answered, End, Figures
from scripts.fuzz.forms import Field, Form, Forms, filled
from scripts.fuzz.hands import Hands
from scripts.fuzz.programs import spoiled
from scripts.fuzz.site import Asked
from tests.architecture.swept_site import SweptSite
from tests.factories.api import dossier
from tests.factories.organisations import organisation
from urbact_calls.database import db, transaction
from urbact_calls.organisations.models import Organisation

pytestmark = pytest.mark.own_app


def chance(seed: int = 1) -> random.Random:
    return random.Random(seed)  # noqa: S311 -- makes requests, keeps no secret


def asked_once(app: Flask, path: str) -> Figures:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    site = SweptSite(app, cast(Any, SimpleNamespace()), {}, {})
    fuzz = Fuzz(Asked(site, Hands()), chance())
    with fuzz.writes.watched(), got_request_exception.connected_to(fuzz._note_fault, app):
        fuzz._open("Pages", f"GET {path}", "GET", path, "anonymous", {})
    return fuzz.found


def public(view: Any) -> Any:
    view.is_public = True
    return view


def test_a_fault_is_found_with_its_cause(app: Flask):
    @app.get("/faulty")
    @public
    def faulty() -> str:
        raise ZeroDivisionError("by the number of partners")

    [finding] = asked_once(app, "/faulty").wrong

    assert finding.startswith("GET /faulty as anonymous: 500")
    assert "ZeroDivisionError: by the number of partners" in finding


def test_a_page_that_is_slow_by_itself_is_found(app: Flask, monkeypatch):
    monkeypatch.setattr("scripts.fuzz.asking.LONGEST_SECONDS", 0.05)
    monkeypatch.setattr(figures, "LONGEST_SECONDS", 0.05)
    delays = [0.1, 0.1, 0.1, 0.1, 0.0, 0.0]

    @app.get("/slow")
    @public
    def slow() -> str:
        time.sleep(delays.pop(0))
        return "at last"

    always, once = asked_once(app, "/slow"), asked_once(app, "/slow")

    assert (len(always.wrong), len(always.delayed)) == (1, 0)
    # What was quick when it was sent again was delayed by other programs of the machine; it is told, too.
    assert (len(once.wrong), len(once.delayed)) == (0, 1)


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

    assert ["a row was changed" in each for each in asked_once(app, "/refuses-too-late").wrong] == [True]
    assert asked_once(app, "/refuses-in-time").wrong == []


@pytest.mark.parametrize(
    ("status", "location", "changed", "end"),
    [
        (302, "/dashboard", True, End.ACCEPTED),
        (302, "/dashboard", False, End.ANSWERED),
        (302, "/sign-in?next=/account", False, End.TURNED_AWAY),
        (404, "", False, End.TURNED_AWAY),
        (422, "", True, End.REFUSED),
        (503, "", False, End.FAULT),
    ],
)
def test_an_answer_is_counted_by_how_it_ended(status: int, location: str, changed: bool, end: End):
    answered = Answered("Forms", "POST /account", "", status, location, changed, 0.1, 0.1)
    found = Figures()

    found.count(answered)

    assert found.ends["Forms"] == {end: 1}
    assert "Addresses that take something: 1 of 2 asked" in found.summary({"POST /account", "POST /sign-in"})


def test_the_forms_of_a_page_are_read_as_a_browser_sends_them():
    page = Forms("lead", "/here")
    page.feed(
        '<a href="/there">There</a><form method="post" id="main"><input name="a" value="1">'
        '<select name="b"><option value="">None</option><option value="x" selected>X</option></select>'
        '<textarea name="c">Some\ntext</textarea><input type="checkbox" name="d" value="yes">'
        '<button name="act" value="save">Save</button><button formaction="/confirm">Confirm</button></form>'
        '<form><input name="e"></form><input type="checkbox" form="main" name="f" checked>'
    )

    fields = (
        Field("a", "text", "1"),
        Field("b", "select", "x", choices=("", "x")),
        Field("c", "textarea", "Some\ntext"),
        Field("d", "checkbox", "yes", is_sent=False),
        Field("act", "submit", "save", is_sent=False),
    )
    outside = Field("f", "checkbox", "on")
    assert page.found[0] == Form("lead", "/here", (*fields, outside))
    assert [form.action for form in page.found] == ["/here", "/confirm"]
    assert page.links == ["/there"]


def test_some_forms_are_filled_in_as_a_careful_person_would():
    form = Form("lead", "/here", (Field("version", "hidden", "4"), Field("country", "select", "", choices=("", "FR"))))

    sent = [filled(form, chance(seed)) for seed in range(100)]

    assert {"data": {"version": ["4"], "country": ["FR"]}} in sent
    assert len({str(each) for each in sent}) > 30


def test_a_dossier_is_spoiled_in_one_place_only():
    good = dossier(title="Quiet nights")

    changed = [spoiled(dossier(title="Quiet nights"), chance(seed)) for seed in range(50)]

    assert all(each != good for each in changed)
    assert any(each.get("partners") == good["partners"] for each in changed if isinstance(each, dict))
