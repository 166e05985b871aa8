"""Page that says what the demonstration holds, who can sign in, and how much of it is there already."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from urbact_calls.applications.models import Application
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.demonstration.people import PASSWORD, PEOPLE
from urbact_calls.demonstration.played_applications import CALLS
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.web.access import public

blueprint = Blueprint("demonstration", __name__)


@blueprint.route("/demonstration/")
@public
def index() -> ResponseReturnValue:
    """The accounts, the calls, and how many of the applications are there."""
    there, wanted = progress()
    known = set(db.session.scalars(select(Call.code).where(Call.is_demonstration)))
    calls = [call for call in CALLS if call.code in known]
    return render_template(
        "demonstration/index.html", people=PEOPLE, password=PASSWORD, there=there, wanted=wanted, calls=calls
    )


def progress() -> tuple[int, int]:
    """How many of the made-up applications of closed calls are there, and how many there will be."""
    there = (
        select(func.count(Application.id))
        .join(Application.call)
        .where(Call.code.in_([call.code for call in CALLS]), Application.state != ApplicationState.DRAFT)
    )
    return db.session.scalar(there) or 0, sum(len(call.fates) for call in CALLS)
