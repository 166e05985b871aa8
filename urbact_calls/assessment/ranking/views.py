"""Pages of the ranking: read it, seal it."""

from __future__ import annotations

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from urbact_calls.assessment.allocation.views import PAGE_SIZE
from urbact_calls.assessment.ranking import commands
from urbact_calls.assessment.ranking import reads as rankings
from urbact_calls.assessment.views import blueprint, call_of_panel
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.domain.permissions import auditor, chair_of_this_panel, office
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.form_answers import done


@blueprint.get("/assessment/calls/<code>/ranking")
@requires(office | auditor | chair_of_this_panel, of=call_of_panel)
def ranking(subject: Call) -> ResponseReturnValue:
    session = db.session()
    after = request.args.get("after", "")[:32] or None
    page = rankings.ranking_page(session, subject, after=after, size=PAGE_SIZE)
    sealed = rankings.sealed(session, subject.id)
    count = rankings.ranked_count(session, subject)
    return render_template(
        "assessment/ranking.html",
        call=subject,
        page=page,
        is_first_page=after is None,
        count=count,
        terms=subject.terms,
        sealed=sealed,
        is_current=sealed is not None and rankings.is_current(session, subject, sealed, count),
        unfinished=rankings.unfinished(session, subject.id),
        may_seal=office(current_actor()),
        reads_the_office=(office | auditor)(current_actor()),
    )


@blueprint.post("/assessment/calls/<code>/ranking/seal")
@requires(office, of=call_of_panel)
def seal(subject: Call) -> ResponseReturnValue:
    code = subject.code
    commands.seal_ranking(code, current_actor(), g.received_at)
    return done("The ranking is sealed for the Monitoring Committee.", "assessment.ranking", code=code)
