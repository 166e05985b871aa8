"""Where people land after they sign in: what waits for them."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

import urbact_calls.applications.queries as applications
import urbact_calls.calls.queries as calls
from urbact_calls.calls import dates
from urbact_calls.dashboards import queries
from urbact_calls.database import db
from urbact_calls.domain.permissions import auditor, office, signed_in, works_for_an_organisation
from urbact_calls.web.access import current_actor, requires

blueprint = Blueprint("dashboards", __name__)

OWN_SHOWN = 10


@blueprint.route("/dashboard")
@requires(signed_in)
def dashboard() -> ResponseReturnValue:
    """What waits for this person now, and what he or she works on."""
    session, actor = db.session(), current_actor()
    own = applications.own_applications(session, actor, after=None, size=OWN_SHOWN)
    open_calls = calls.open_calls(session, g.received_at)
    return render_template(
        "dashboards/dashboard.html",
        waiting=queries.waiting(session, actor, g.received_at),
        own=own,
        state_of=lambda application: applications.public_state(application, g.received_at),
        networks=queries.own_networks(session, actor),
        open_calls=open_calls,
        left={call.code: dates.time_left(call, g.received_at) for call in open_calls},
        works_somewhere=works_for_an_organisation(actor),
        sees_office=office(actor) or auditor(actor),
    )
