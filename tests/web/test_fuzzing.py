"""The fuzzer finds what it is for: a fault, what is slow by itself, and a refusal that has changed a row."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask, abort, got_request_exception
from hypothesis import find, given, settings

from scripts.fuzz import figures
from scripts.fuzz.figures import Answered, End, Figures
from scripts.fuzz.forms import Form, FoundField, forms_and_links
from scripts.fuzz.site import Asked, asked_site, forms_of
from scripts.fuzz.strategies import filled, spoiled
from scripts.fuzz.trial import Fuzz, Question
from tests.architecture.hands import Hands
from tests.architecture.swept_site import SweptSite
from tests.factories.api import dossier
from tests.factories.organisations import organisation
from urbact_calls.database import db, transaction
from urbact_calls.organisations.models import Organisation

pytestmark = pytest.mark.own_app


def asked_once(app: Flask, path: str) -> Figures:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    site = SweptSite(app, cast(Any, SimpleNamespace()), {}, {})
    fuzz = Fuzz(Asked(site, Hands()), seed=1)
    with fuzz.writes.watched(), got_request_exception.connected_to(fuzz._note_fault, app):
        fuzz.open("Pages", "GET", f"GET {path}", Question(path, "anonymous", {}))
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
    monkeypatch.setattr("scripts.fuzz.trial.LONGEST_SECONDS", 0.05)
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
    answered = Answered("Forms", "POST /account", "lead", "", status, location, changed, 0.1, 0.1)
    found = Figures([answered])

    assert found.ends(lambda each: each.kind) == {"Forms": {end: 1}}
    assert "Addresses that take something: 1 of 2 asked" in found.summary({"POST /account", "POST /sign-in"})


def test_the_forms_of_a_page_are_read_as_a_browser_sends_them():
    forms, links = forms_and_links(
        '<a href="/there">There</a><form method="post" id="main"><input name="a" value="1">'
        '<select name="b"><option value="">None</option><option value="x" selected>X</option></select>'
        '<textarea name="c">Some\ntext</textarea><input type="checkbox" name="d" value="yes">'
        '<button name="act" value="save">Save</button><button formaction="/confirm">Confirm</button></form>'
        '<form><input name="e"></form><input type="checkbox" form="main" name="f" checked>',
        "lead",
        "/here",
    )

    fields = (
        FoundField("a", "text", "1"),
        FoundField("b", "select", "x", choices=("", "x")),
        FoundField("c", "textarea", "Some\ntext"),
        FoundField("d", "checkbox", "yes", is_sent=False),
        FoundField("act", "submit", "save", is_sent=False),
    )
    outside = FoundField("f", "checkbox", "on")
    assert forms[0] == Form("lead", "/here", (*fields, outside))
    assert [form.action for form in forms] == ["/here", "/confirm"]
    assert links == ["/there"]


FORM = Form(
    "lead", "/here", (FoundField("version", "hidden", "4"), FoundField("country", "select", "", choices=("", "FR")))
)


def test_a_form_is_filled_in_as_a_careful_person_would():
    assert find(filled(FORM), lambda sent: True) == {"data": {"version": ["4"], "country": ["FR"]}}


@pytest.mark.parametrize(
    "is_meant",
    [
        lambda sent: "content_type" in sent,
        lambda sent: sent["data"].get("country", ["FR"])[0] not in ("", "FR"),
        lambda sent: "country" not in sent["data"],
        lambda sent: len(sent["data"].get("version", "")) == 2,
        lambda sent: sent["data"]["version"][0] != "4",
    ],
    ids=["no form at all", "rubbish", "a field left out", "a field sent twice", "another version"],
)
def test_a_form_is_filled_in_wrongly_in_every_way(is_meant: Any):
    def is_found(sent: Any) -> bool:
        return is_meant(sent) if "content_type" in sent or isinstance(sent["data"], dict) else False

    assert find(filled(FORM), lambda sent: _holds(is_found, sent))


def _holds(is_found: Any, sent: Any) -> bool:
    try:
        return bool(is_found(sent))
    except (KeyError, TypeError, AttributeError, IndexError):
        return False


@settings(max_examples=50, derandomize=True, database=None)
@given(spoiled(dossier(title="Quiet nights")))
def test_a_dossier_isspoiled_and_the_one_it_was_made_of_stays(changed: Any):
    assert changed != dossier(title="Quiet nights")


SOME = ("candidate", "scorer", "asked")


def test_no_answer_to_some_people_is_a_fault_and_no_refusal_changes_a_row(tmp_path_factory, monkeypatch):
    """`python -m scripts.fuzz` asks ten thousand times as everybody, on both databases."""
    # Other tests share the processor, so that only what hangs is slow here.
    for module in ("figures", "trial"):
        monkeypatch.setattr(f"scripts.fuzz.{module}.LONGEST_SECONDS", 20.0)
    with asked_site("sqlite", tmp_path_factory.mktemp("fuzz")) as asked:
        forms = forms_of(asked, SOME)

        found = Fuzz(asked, seed=4712).run(250, forms)

    assert found.wrong == [], "\n".join(found.wrong)
    assert len(found.with_form) > 10
    assert found.of(End.ACCEPTED) > 10
    assert found.of(End.REFUSED) > 10
    assert found.rows_compared > 1000
