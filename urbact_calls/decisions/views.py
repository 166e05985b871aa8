"""The decision room: the sealed ranking, what the committee decided on it, and the announcement."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications.models import Application
from urbact_calls.applications.queries import by_reference
from urbact_calls.assessment.forms import day_of
from urbact_calls.calls.models import Call
from urbact_calls.calls.queries import by_code
from urbact_calls.database import db
from urbact_calls.decisions import queries, services
from urbact_calls.decisions.forms import AnnounceForm, DecisionForm, MeetingForm
from urbact_calls.decisions.room import room
from urbact_calls.domain.permissions import STRANGER, Actor, auditor, committee, office
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.web.access import Loaded, current_actor, requires
from urbact_calls.web.forms import attach

blueprint = Blueprint("decisions", __name__)

PAGE_SIZE = 50

# Who may know what was decided before it is announced.
IN_THE_KNOW = office | committee


def call_to_decide(actor: Actor, code: str) -> Loaded:
    return Loaded(by_code(db.session(), code), STRANGER)


def application_to_decide(actor: Actor, reference: str) -> Loaded:
    """An application that was assessed; the others are not the committee's business."""
    application = by_reference(db.session(), reference)
    if application.assessed_at is None:
        raise NotFound(reference)
    return Loaded(application, STRANGER)


@blueprint.get("/decisions/")
@requires(office | committee | auditor)
def index() -> ResponseReturnValue:
    return render_template("decisions/index.html", calls=queries.calls_to_decide(db.session()))


@blueprint.get("/decisions/calls/<code>/")
@requires(office | committee | auditor, of=call_to_decide)
def call(subject: Call) -> ResponseReturnValue:
    return _room(subject, MeetingForm(formdata=None))


def _room(subject: Call, form: MeetingForm) -> str:
    session, actor = db.session(), current_actor()
    after = request.args.get("after", "")[:32] or None
    found = room(session, subject, sees_recorded=IN_THE_KNOW(actor), after=after, size=PAGE_SIZE)
    budget = subject.terms.call_budget
    return render_template(
        "decisions/call.html",
        call=subject,
        room=found,
        left_cents=budget.cents - found.approved_cents if found and budget else None,
        is_first_page=after is None,
        terms=subject.terms,
        meetings=queries.meetings(session, subject.id),
        meeting_form=form,
        may_write=office(actor),
        decidable=services.DECIDABLE,
        may_announce=office(actor) and found is not None and found.waiting > 0 and not found.undecided,
    )


@blueprint.post("/decisions/calls/<code>/meetings")
@requires(office, of=call_to_decide)
def meet(subject: Call) -> ResponseReturnValue:
    form, code = MeetingForm(), subject.code
    if not form.validate_on_submit():
        return _room(subject, form), 422
    try:
        services.open_meeting(
            code,
            reference=form.reference.data or "",
            held_on=day_of(form.held_on),
            is_written_procedure=form.is_written_procedure.data,
            actor=current_actor(),
            now=g.received_at,
        )
    except Refused as problem:
        attach(form, problem.refusals)
        return _room(by_code(db.session(), code), form), 422
    flash("The meeting is entered. Record what it decided, one application after the other.", "good")
    return redirect(url_for("decisions.call", code=code))


@blueprint.route("/decisions/applications/<reference>", methods=["GET", "POST"])
@requires(office, of=application_to_decide)
def record(application: Application) -> ResponseReturnValue:
    form = _decision_form(application)
    reference, code = application.reference, application.call.code
    if not form.validate_on_submit():
        return _record_page(application, form), 422 if request.method == "POST" else 200
    try:
        services.record_decision(
            reference,
            form.verdict,
            meeting_id=int(form.meeting.data),
            seen=form.seen.data or "",
            actor=current_actor(),
            now=g.received_at,
        )
    except Stale as problem:
        form.form_errors.append(str(problem))
        application = by_reference(db.session(), reference)
        form.seen.data = queries.token(queries.waiting_decision(db.session(), application.id))
        return _record_page(application, form, is_stale=True), 409
    except Refused as problem:
        attach(form, problem.refusals)
        return _record_page(by_reference(db.session(), reference), form), 422
    flash(f"The decision on {reference} is recorded. Only the Joint Secretariat and the committee see it.", "good")
    return redirect(url_for("decisions.call", code=code))


def _decision_form(application: Application) -> DecisionForm:
    waiting = queries.waiting_decision(db.session(), application.id)
    meetings = queries.meetings(db.session(), application.call_id)
    data: dict[str, object] = {"seen": queries.token(waiting)}
    if waiting is not None:
        data |= {
            "meeting": str(waiting.meeting_id),
            "outcome": waiting.outcome,
            "reasons": waiting.reasons,
            "conditions": waiting.conditions,
            "conditions_due_on": waiting.conditions_due_on,
        }
    return DecisionForm(meetings, data=data)


def _record_page(application: Application, form: DecisionForm, *, is_stale: bool = False) -> str:
    state = application.state
    waiting = queries.waiting_decision(db.session(), application.id)
    return render_template(
        "decisions/record.html",
        application=application,
        form=form,
        recorded=waiting if is_stale else None,
        is_decidable=state in services.DECIDABLE and bool(form.meeting.choices),
        was_decided=state is not ApplicationState.ASSESSED,
        earlier=queries.announced_decision(db.session(), application.id),
    )


@blueprint.post("/decisions/calls/<code>/announcement")
@requires(office, of=call_to_decide)
def announce(subject: Call) -> ResponseReturnValue:
    code, form = subject.code, AnnounceForm()
    count = services.announce_decisions(code, seen=form.seen.data or "", actor=current_actor(), now=g.received_at)
    flash(f"{count} decisions are announced. Each applicant is told by e-mail.", "good")
    return redirect(url_for("decisions.call", code=code))
