"""Page that says what the demonstration holds, who can sign in, and how much of it is there already."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.demonstration.people import PASSWORD, PEOPLE
from urbact_calls.demonstration.play import progress
from urbact_calls.demonstration.played_applications import CALLS
from urbact_calls.web.access import public

blueprint = Blueprint("demonstration", __name__)


@blueprint.route("/demonstration/")
@public
def index() -> ResponseReturnValue:
    """The accounts, the calls and how far the workers are with filling them."""
    there, wanted = progress()
    known = set(db.session.scalars(select(Call.code).where(Call.is_demonstration)))
    calls = [call for call in CALLS if call.code in known]
    return render_template(
        "demonstration/index.html", people=PEOPLE, password=PASSWORD, there=there, wanted=wanted, calls=calls
    )
