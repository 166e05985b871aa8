"""Public pages of calls: all calls, one call, its dates as a calendar file."""

from __future__ import annotations

from flask import Response, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.calls import reads
from urbact_calls.calls.models import Call
from urbact_calls.calls.publication.forms import SubscribeForm
from urbact_calls.calls.publication.reads import call_facts, dates
from urbact_calls.calls.publication.reads.announcement import announced_on
from urbact_calls.calls.publication.reads.icalendar import calendar
from urbact_calls.calls.views import blueprint, copied_from, spelled
from urbact_calls.database import db
from urbact_calls.domain.permissions import auditor, office
from urbact_calls.web.access import current_actor, in_full, public


@blueprint.route("/calls/<code>/dates.ics")
@public
def calendar_file(code: str) -> ResponseReturnValue:
    """The dates of a published call, for one's own calendar."""
    call = reads.published(db.session(), code, g.received_at)
    events = dates.calendar_events(call, in_full(url_for("calls.show", code=code)))
    file = calendar(events, name=call.title, stamped_at=call.published_at or call.created_at)
    answer = Response(file, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{call.code.lower()}.ics"'
    return answer


@blueprint.route("/calls/")
@public
def index() -> ResponseReturnValue:
    """All published calls, with the results of past ones."""
    calls = reads.by_phase(db.session(), g.received_at)
    return render_template(
        "calls/index.html",
        calls=calls,
        announced=announced_on(db.session(), calls.closed),
        left={call.code: dates.time_left(call, g.received_at) for call in calls.open},
    )


@blueprint.route("/calls/<code>")
@public
def show(code: str) -> ResponseReturnValue:
    """One call: what it asks for, by when, and what happens next."""
    if code != spelled(code):
        return redirect(url_for("calls.show", code=spelled(code)), 301)
    call = reads.published(db.session(), code, g.received_at)
    return call_page(call, SubscribeForm(formdata=None)), 200


def call_page(call: Call, form: SubscribeForm) -> str:
    """The page of a call; `form` asks for an address as long as the call is upcoming."""
    return render_template(
        "calls/show.html",
        call=call,
        terms=call.terms,
        phase=call.phase(g.received_at),
        left=dates.time_left(call, g.received_at),
        events=dates.events(call, g.received_at, announced_on(db.session(), [call]).get(call.id)),
        call_facts=call_facts,
        actor=current_actor(),
        sees_office=(office | auditor)(current_actor()),
        copied_from=copied_from(call),
        form=form,
    )
