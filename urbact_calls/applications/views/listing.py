"""The form that starts a new application."""

from __future__ import annotations

from flask import g, render_template
from flask.typing import ResponseReturnValue

from urbact_calls.applications.forms import StartForm
from urbact_calls.applications.views.blueprint import blueprint
from urbact_calls.calls.queries import published
from urbact_calls.database import db
from urbact_calls.domain.permissions import signed_in
from urbact_calls.organisations.queries import of_user
from urbact_calls.web.access import current_actor, requires


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
