"""Where people land after they sign in: what waits for them, and where their applications stand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

import urbact_calls.applications.queries as applications
import urbact_calls.calls.queries as calls
from urbact_calls.assessment.desk import desk
from urbact_calls.calls import dates
from urbact_calls.casework.progress import progress_of
from urbact_calls.dashboards import kinds, network_kinds, office_kinds, queries, waiting
from urbact_calls.database import db
from urbact_calls.domain.permissions import (
    auditor,
    committee,
    expert,
    office,
    panel_chair,
    panel_member,
    signed_in,
    works_for_an_organisation,
)
from urbact_calls.networks.expertise import applications_of
from urbact_calls.web.access import current_actor, requires

blueprint = Blueprint("dashboards", __name__)

KINDS = (*kinds.KINDS, *network_kinds.KINDS, *office_kinds.KINDS)


@blueprint.route("/dashboard")
@requires(signed_in)
def dashboard() -> ResponseReturnValue:
    """What waits for this person now in each role, soonest first, and what he or she works on."""
    session, actor, now = db.session(), current_actor(), g.received_at
    own = applications.own_applications(session, actor, after=None, size=queries.SHOWN)
    open_calls = calls.open_calls(session, now)
    return render_template(
        "dashboards/dashboard.html",
        desks=waiting.desks(session, KINDS, actor, now),
        own=progress_of(session, own.rows, now),
        own_has_more=own.after is not None,
        networks=queries.own_networks(session, actor),
        open_calls=open_calls,
        left={call.code: dates.time_left(call, now) for call in open_calls},
        works_somewhere=works_for_an_organisation(actor),
        sees_office=office(actor) or auditor(actor),
        shown=queries.SHOWN,
        **_standings(),
    )


def _standings() -> dict[str, Any]:
    """Where applications stand for those who did not write them; nothing is read for a role that one does not have."""
    session, actor = db.session(), current_actor()
    on_the_panel = panel_member(actor) or panel_chair(actor)
    found = desk(session, actor, size=queries.SHOWN) if on_the_panel else None
    return {
        "assessed": [*found.own.rows, *found.chaired.rows] if found else [],
        "in_work": queries.calls_in_work(session) if office(actor) or auditor(actor) else [],
        "handled": queries.handled_by(session, actor) if office(actor) else [],
        "rooms": queries.rooms(session) if committee(actor) else [],
        "joining": applications_of(session, actor.user_id or 0) if expert(actor) else [],
    }
