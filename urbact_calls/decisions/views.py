"""Decision page of a call: the sealed ranking, what the committee decided on it, and the announcement."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.calls.models import Call
from urbact_calls.calls.reads import by_code
from urbact_calls.database import db
from urbact_calls.decisions.announcements import commands as announcements_commands
from urbact_calls.decisions.announcements import reads as announcements
from urbact_calls.decisions.forms import AnnounceForm, DecisionForm, MeetingForm
from urbact_calls.decisions.meetings import commands as meetings_commands
from urbact_calls.decisions.meetings import reads
from urbact_calls.decisions.outcome_letters.emails import letter_to_be_sent
from urbact_calls.decisions.outcomes import commands
from urbact_calls.decisions.outcomes import reads as outcomes
from urbact_calls.decisions.outcomes.reads import decision_page
from urbact_calls.domain.permissions import Actor, Relation, auditor, committee, office
from urbact_calls.domain.refusal import NotFound, or_not_found
from urbact_calls.domain.text import message, say
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.organisations.reads import unconfirmed
from urbact_calls.web.access import Loaded, current_actor, requires
from urbact_calls.web.form_answers import attempt, done
from urbact_calls.web.forms import day_of
from urbact_calls.web.row_numbers import after_of_request

blueprint = Blueprint("decisions", __name__)

PAGE_SIZE = 50

ANNOUNCEMENTS_SHOWN = 5

ARE_ANNOUNCED = message(
    "decision.are_announced",
    "{count:,} decisions are announced. Each applicant is told by e-mail as soon as the step is taken.",
    one="{count} decision is announced. The applicant is told by e-mail as soon as the step is taken.",
)

# Who may know what was decided before it is announced.
SEES_RECORDED = office | committee


def _after() -> str | None:
    return request.args.get("after", "")[:32] or None


def call_to_decide(actor: Actor, code: str) -> Loaded:
    """A call; whoever competes in it is in a conflict."""
    call = by_code(db.session(), code)
    return Loaded(call, Relation(is_conflicted=call.id in actor.interests.calls))


def application_to_decide(actor: Actor, reference: str) -> Loaded:
    """An application that was assessed; the others are not the committee's business.

    Whoever competes in its call is in a conflict.
    """
    application = by_reference(db.session(), reference)
    if application.assessed_at is None:
        raise NotFound(reference)
    return Loaded(application, Relation(is_conflicted=application.call_id in actor.interests.calls))


@blueprint.get("/decisions/")
@requires(office | committee | auditor)
def index() -> ResponseReturnValue:
    return render_template("decisions/index.html", calls=reads.calls_to_decide(db.session(), current_actor()))


@blueprint.get("/decisions/calls/<code>/")
@requires(office | committee | auditor, of=call_to_decide)
def call(subject: Call) -> ResponseReturnValue:
    return _decision_page(subject, MeetingForm(formdata=None))


def _decision_page(subject: Call, form: MeetingForm) -> str:
    session, actor = db.session(), current_actor()
    after = _after()
    found = decision_page(session, subject, actor, sees_recorded=SEES_RECORDED(actor), after=after, size=PAGE_SIZE)
    budget = subject.terms.call_budget
    may_announce = office(actor) and found is not None and found.unannounced > 0 and not found.undecided
    recorded_own = may_announce and found is not None and found.own > 0
    return render_template(
        "decisions/call.html",
        call=subject,
        decisions=found,
        left_cents=budget.cents - found.approved_cents if found and budget else None,
        is_first_page=after is None,
        terms=subject.terms,
        meetings=reads.meetings(session, subject.id),
        meeting_form=form,
        may_write=office(actor),
        decidable=commands.DECIDABLE,
        may_announce=may_announce and not recorded_own,
        recorded_own=recorded_own,
    )


@blueprint.post("/decisions/calls/<code>/meetings")
@requires(office, of=call_to_decide)
def meet(subject: Call) -> ResponseReturnValue:
    form, code = MeetingForm(), subject.code
    failed = attempt(
        form,
        lambda: meetings_commands.open_meeting(
            code,
            reference=form.reference.data or "",
            held_on=day_of(form.held_on),
            is_written_procedure=form.is_written_procedure.data,
            actor=current_actor(),
            now=g.received_at,
        ),
    )
    if failed:
        return _decision_page(by_code(db.session(), code), form), failed
    return done(
        "The meeting is entered. Record what it decided, one application after the other.", "decisions.call", code=code
    )


@blueprint.route("/decisions/applications/<reference>", methods=["GET", "POST"])
@requires(office, of=application_to_decide)
def record(application: Application) -> ResponseReturnValue:
    form, reference, code = _decision_form(application), application.reference, application.call.code
    failed = attempt(
        form,
        lambda: commands.record_decision(
            reference,
            form.verdict,
            meeting_id=int(form.meeting.data),
            seen=form.seen.data or "",
            actor=current_actor(),
            now=g.received_at,
        ),
    )
    if failed:
        return _record_page(by_reference(db.session(), reference), form, is_stale=failed == 409), failed
    words = f"The decision on {reference} is recorded. Only the Joint Secretariat and the committee see it."
    return done(words, "decisions.call", code=code)


def _decision_form(application: Application) -> DecisionForm:
    unannounced = outcomes.unannounced_decision(db.session(), application.id)
    meetings = reads.meetings(db.session(), application.call_id)
    data: dict[str, object] = {"seen": outcomes.decision_token(unannounced)}
    if unannounced is not None:
        data |= {
            "meeting": str(unannounced.meeting_id),
            "outcome": unannounced.outcome,
            "reasons": unannounced.reasons,
            "conditions": unannounced.conditions,
            "conditions_due_on": unannounced.conditions_due_on,
        }
    return DecisionForm(meetings, data=data)


def _record_page(application: Application, form: DecisionForm, *, is_stale: bool) -> str:
    """The page with what was typed; beside it what a colleague recorded meanwhile, which the form then has seen."""
    state, recorded = application.state, None
    is_being_announced = outcomes.is_being_announced(db.session(), application.id)
    if is_stale:
        recorded = outcomes.unannounced_decision(db.session(), application.id)
        form.seen.data = outcomes.decision_token(recorded)
    return render_template(
        "decisions/record.html",
        application=application,
        form=form,
        recorded=recorded,
        is_decidable=state in commands.DECIDABLE and bool(form.meeting.choices) and not is_being_announced,
        is_being_announced=is_being_announced,
        was_decided=state is not ApplicationState.ASSESSED,
        earlier=outcomes.announced_decision(db.session(), application.id),
        unconfirmed_organisations=unconfirmed(
            db.session(), [partner.organisation_id for partner in application.partners]
        ),
    )


@blueprint.get("/decisions/calls/<code>/announcement")
@requires(office, of=call_to_decide)
def announcement(subject: Call) -> ResponseReturnValue:
    """A last look before announcing: the decisions that wait, what follows from them, and the letters."""
    return render_template(
        "decisions/announcement.html",
        call=subject,
        announcement=announcements.preview(db.session(), subject, after=_after(), size=PAGE_SIZE),
        undecided=outcomes.undecided(db.session(), subject.id),
        recorded_own=bool(outcomes.recorded_by(db.session(), subject.id, current_actor())),
        is_first_page=_after() is None,
    )


@blueprint.get("/decisions/applications/<reference>/letter")
@requires(office, of=application_to_decide)
def letter(application: Application) -> ResponseReturnValue:
    """The letter about a decision that is not announced yet, and who would get it."""
    decision = or_not_found(outcomes.unannounced_decision(db.session(), application.id), application.reference)
    recipients, text = letter_to_be_sent(db.session(), application, decision)
    return render_template("decisions/letter.html", application=application, recipients=recipients, letter=text)


@blueprint.post("/decisions/calls/<code>/announcement")
@requires(office, of=call_to_decide)
def announce(subject: Call) -> ResponseReturnValue:
    code, form = subject.code, AnnounceForm()
    count = announcements_commands.announce_decisions(
        code, seen=form.seen.data or "", actor=current_actor(), now=g.received_at
    )
    return done(say(ARE_ANNOUNCED(count=count)), "decisions.announcements", code=code)


@blueprint.get("/decisions/calls/<code>/announcements", endpoint="announcements")
@requires(office | committee | auditor, of=call_to_decide)
def announcements_of_call(subject: Call) -> ResponseReturnValue:
    """What was announced of a call, by whom and when, and how far the workers are."""
    before = after_of_request()
    return render_template(
        "decisions/announcements.html",
        call=subject,
        announcements=announcements.progress(
            db.session(), subject, g.received_at, before=before, size=ANNOUNCEMENTS_SHOWN
        ),
        is_first_page=before is None,
    )
