"""The kit: every macro with sample objects, and one page per layout. Registered outside production only."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from urbact_calls.domain.refusal import NotFound
from urbact_calls.web import kit_samples as samples
from urbact_calls.web.access import public

blueprint = Blueprint("kit", __name__, url_prefix="/kit")

PAGES = ("kit", "front", "application", "section", "budget", "desk", "call", "network", "list")


@blueprint.get("/")
@public
def index() -> ResponseReturnValue:
    return _page("kit")


@blueprint.get("/<name>")
@public
def page(name: str) -> ResponseReturnValue:
    if name not in PAGES:
        raise NotFound(name)
    return _page(name)


def _page(name: str) -> str:
    columns, lines = samples.grid()
    mine, theirs = samples.clash()
    return render_template(
        f"kit/{name}.html",
        sample=samples,
        form=_form_with_errors(),
        score_form=samples.ScoreForm(formdata=None),
        grid_columns=columns,
        grid_lines=lines,
        mine=mine,
        theirs=theirs,
        pages_kit=PAGES,
        make_href=lambda name: f"/kit/#{name}",
    )


def _form_with_errors() -> Any:
    """A form that came back: two answers need a change, and everything typed is still there."""
    typed = MultiDict({"title": "", "summary": "We work in three loops.", "staff": "12 euros", "lead": "city"})
    form = samples.KitForm(formdata=typed, meta={"csrf": False})
    form.validate()
    return form
