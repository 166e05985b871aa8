"""The kit: every macro with sample objects, and one page per layout. `flask --app tests.kit run` shows it at /kit/."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined
from werkzeug.datastructures import MultiDict

from config import ROOT
from tests.kit import samples
from urbact_calls.domain.refusal import NotFound
from urbact_calls.web import assets, drawings, filters
from urbact_calls.web.access import public

blueprint = Blueprint("kit", __name__, url_prefix="/kit", template_folder="templates")

PAGES = ("kit", "front", "application", "section", "budget", "desk", "call", "network", "list")


def create_app() -> Flask:
    """A site with nothing but the kit: macros need no database and no person."""
    site = Flask("kit", root_path=str(ROOT), template_folder="templates", static_folder=None)
    site.secret_key = "of a site that signs nothing"
    site.jinja_env.undefined = StrictUndefined
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    CSRFProtect(site)
    filters.register(site)
    assets.register(site)
    drawings.register(site)
    site.register_blueprint(blueprint)
    return site


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
    mine, theirs = samples.edit_conflict()
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
    typed["csrf_token"] = generate_csrf()
    form = samples.KitForm(formdata=typed)
    form.validate()
    return form
