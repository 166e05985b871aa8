"""Dashboard, the page after signing in: the worklists of a person, and the status of the applications."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from urbact_calls.applications.reads import applications
from urbact_calls.applications.submission.reads.progress import progress_of
from urbact_calls.assessment.sheets.reads import assessor_worklist
from urbact_calls.calls import reads as calls
from urbact_calls.calls.publication.reads import dates
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
from urbact_calls.networks.expertise.reads import applications_of
from urbact_calls.web.access import current_actor, requires
from urbact_calls.worklists.reads import applicant_rows, in_work, network_rows, office_rows, worklist

blueprint = Blueprint("worklists", __name__)


@blueprint.route("/dashboard")
@requires(signed_in)
def dashboard() -> ResponseReturnValue:
    """The worklists of this person, soonest first, and the applications, calls and networks in work."""
    session, actor, now = db.session(), current_actor(), g.received_at
    # Before the applications: their calls are then known.
    by_phase = calls.by_phase(session, now)
    own = applications.own_applications(session, actor, after=None, size=in_work.SHOWN)
    return render_template(
        "worklists/dashboard.html",
        worklists=worklist.worklists_of(session, ROW_KINDS, actor, now),
        own=progress_of(session, own.rows, now),
        own_has_more=own.after is not None,
        networks=in_work.own_networks(session, actor),
        open_calls=by_phase.open,
        left={call.code: dates.time_left(call, now) for call in by_phase.open},
        works_somewhere=works_for_an_organisation(actor),
        sees_office=office(actor) or auditor(actor),
        shown=in_work.SHOWN,
        **_in_work(),
    )


ROW_KINDS = (*applicant_rows.APPLICANT_ROWS, *network_rows.NETWORK_ROWS, *office_rows.OFFICE_ROWS)


def _in_work() -> dict[str, Any]:
    """Applications and calls in work for those who did not write them; nothing is read for other roles."""
    session, actor = db.session(), current_actor()
    on_the_panel = panel_member(actor) or panel_chair(actor)
    found = assessor_worklist(session, actor, size=in_work.SHOWN) if on_the_panel else None
    return {
        "assessed": [*found.own.rows, *found.chaired.rows] if found else [],
        "in_work": in_work.calls_in_work(session, actor) if office(actor) or auditor(actor) else [],
        "handled": in_work.handled_by(session, actor) if office(actor) else [],
        "to_decide": in_work.calls_to_decide(session, actor) if committee(actor) else [],
        "joining": applications_of(session, actor.user_id or 0) if expert(actor) else [],
    }
