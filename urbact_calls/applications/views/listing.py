"""One's own applications, and the form that starts a new one."""

from __future__ import annotations

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from urbact_calls.applications.forms import StartForm
from urbact_calls.applications.outline import time_left
from urbact_calls.applications.queries import own_applications, public_state
from urbact_calls.applications.views.blueprint import blueprint
from urbact_calls.calls.queries import open_calls, published
from urbact_calls.database import db
from urbact_calls.domain.permissions import signed_in
from urbact_calls.domain.vocabulary import PublicState
from urbact_calls.organisations.queries import of_user
from urbact_calls.web.access import current_actor, requires

PAGE_SIZE = 25


@blueprint.route("/applications/")
@requires(signed_in)
def index() -> ResponseReturnValue:
    """The applications that I take part in."""
    found = own_applications(
        db.session(), current_actor(), after=request.args.get("after", "")[:32] or None, size=PAGE_SIZE
    )
    states = {each.id: public_state(each, g.received_at) for each in found.rows}
    return render_template(
        "applications/index.html",
        found=found,
        states=states,
        unsubmitted=[each for each in found.rows if states[each.id] is PublicState.DRAFT],
        left={each.id: time_left(each.call.closes_at, g.received_at) for each in found.rows},
        open_calls=open_calls(db.session(), g.received_at),
    )


@blueprint.route("/calls/<code>/applications")
@requires(signed_in)
def new(code: str) -> ResponseReturnValue:
    """Which of my organisations leads a new application in this call."""
    call = published(db.session(), code, g.received_at)
    organisations = of_user(db.session(), current_actor().user_id or 0)
    form = StartForm(organisations)
    if len(organisations) == 1:
        form.organisation.data = organisations[0].id
    return render_template(
        "applications/new.html", call=call, form=form, is_open=call.takes_applications(g.received_at)
    )
