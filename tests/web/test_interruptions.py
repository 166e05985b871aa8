"""The trial of interruptions finds what it is for, and finds nothing in the forms of some people."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask, request

from scripts.fuzz.forms import Form, FoundField
from scripts.fuzz.site import Asked, asked_site, forms_of
from scripts.interruptions.trial import Interrupted, Interruption
from tests.architecture.hands import Hands
from tests.architecture.swept_site import SweptSite
from urbact_calls.web.access import public

pytestmark = pytest.mark.own_app
SOME = ("anonymous", "asked", "candidate", "scorer")


def interrupted(app: Flask, address: str, times: int = 8) -> Interrupted:
    """Interruptions of a form with one text, which a visitor sends to an address."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    site = SweptSite(app, cast(Any, SimpleNamespace(people={})), {}, {})
    trial = Interrupted(Asked(site, Hands()), [Form("anonymous", address, (FoundField("note", "textarea"),))], seed=1)
    trial.run(times)
    return trial


def test_a_lost_text_is_found(app: Flask):
    @app.post("/loses")
    @public
    def loses() -> tuple[str, int]:
        return "<h1>No.</h1>", 422

    trial = interrupted(app, "/loses")

    assert [each for each in trial.wrong if "lost note" in each] != []
    assert not any(each.startswith("forged") for each in trial.wrong)


def test_a_forged_request_that_is_repeated_is_found(app: Flask):
    @public
    def repeats() -> tuple[str, int]:
        return f"<input value='{request.form['note']}'>", 400

    app.add_url_rule("/repeats", view_func=repeats, methods=["POST"])
    app.extensions["csrf"].exempt(repeats)

    assert [each for each in interrupted(app, "/repeats").wrong if each.startswith("forged")] != []


def test_what_some_people_type_comes_back_from_each_interruption(tmp_path_factory: pytest.TempPathFactory):
    """`python -m scripts.interruptions` interrupts two hundred times, all roles, on both databases."""
    with asked_site("sqlite", tmp_path_factory.mktemp("interruptions")) as asked:
        trial = Interrupted(asked, forms_of(asked, SOME), seed=3)
        trial.run(40)

    assert trial.wrong == []
    assert set(trial.ways) == set(Interruption)
    assert set(trial.roles) == set(SOME)
