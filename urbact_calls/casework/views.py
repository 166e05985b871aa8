"""The page of one application, and the steps of its life."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications.forms import StartForm
from urbact_calls.applications.models import Application
from urbact_calls.applications.outline import outline_of, time_left
from urbact_calls.applications.queries import own_applications, public_state
from urbact_calls.applications.views.blueprint import application_of, may_read, own_part, page
from urbact_calls.calls.queries import open_calls, published
from urbact_calls.casework import case_page, progress, services
from urbact_calls.casework.facts import Known, facts_of, relation_to
from urbact_calls.casework.forms import TransitionForm
from urbact_calls.database import db
from urbact_calls.domain.permissions import applicant, signed_in
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.vocabulary import ApplicationState, PublicState
from urbact_calls.domain.workflow.application import APPLICATION
from urbact_calls.domain.workflow.machine import Offer
from urbact_calls.handling.queries import handling_of
from urbact_calls.organisations.queries import of_user
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.forms import attach
from urbact_calls.workflow.take import offers, seen_by

blueprint = Blueprint("casework", __name__)

PAGE_SIZE = 25


@blueprint.route("/applications/")
@requires(signed_in)
def index() -> ResponseReturnValue:
    """The applications that I take part in: who must act next, and by when."""
    found = own_applications(
        db.session(), current_actor(), after=request.args.get("after", "")[:32] or None, size=PAGE_SIZE
    )
    stands = progress.progress_of(db.session(), found.rows, g.received_at)
    return render_template(
        "casework/index.html",
        stands=stands,
        after=found.after,
        unsubmitted=[each for each in stands if each.state is PublicState.DRAFT],
        left={each.id: time_left(each.call.closes_at, g.received_at) for each in found.rows},
        open_calls=open_calls(db.session(), g.received_at),
    )


@blueprint.route("/calls/<code>/applications", methods=["POST"])
@requires(signed_in)
def start(code: str) -> ResponseReturnValue:
    """Starts a draft; the form stands at `applications.new`."""
    call = published(db.session(), code, g.received_at)
    organisations = of_user(db.session(), current_actor().user_id or 0)
    form = StartForm(organisations)
    problem = 422
    if form.validate() and form.organisation.data in {each.id for each in organisations}:
        try:
            reference = services.start(code, form.organisation.data, current_actor(), g.received_at)
        except Refused as refused:
            attach(form, refused.refusals)
            problem = 409
        else:
            flash(f"{reference} is a draft now. Nobody but its partners can see it.", "good")
            return redirect(url_for("casework.application", reference=reference))
    else:
        form.organisation.errors = ["Choose one of your organisations."]
    is_open = call.takes_applications(g.received_at)
    return render_template("applications/new.html", call=call, form=form, is_open=is_open), problem


@blueprint.route("/applications/<reference>/")
@requires(may_read, of=application_of)
def application(application: Application) -> ResponseReturnValue:
    """One application: what is missing, who takes part, what the rules say, and what can be done now."""
    return _page(application)


@blueprint.route("/applications/<reference>/transitions/<name>", methods=["POST"])
@requires(may_read, of=application_of)
def transition(application: Application, name: str) -> ResponseReturnValue:
    """Takes a step; a refusal answers with every reason and keeps what was typed."""
    form = TransitionForm()
    if not form.validate():
        return _refused(application, name, form, status=422)
    try:
        services.take_transition(
            application.reference, name, current_actor(), g.received_at, form.reason.data, seen=form.seen.number
        )
    except Refused as problem:
        attach(form, problem.refusals)
        return _refused(application, name, form, problem.refusals, status=409)
    flash(str(APPLICATION.by_name[name].success), "good")
    return redirect(url_for("casework.application", reference=application.reference))


def _page(application: Application) -> str:
    outline = outline_of(db.session(), application, g.received_at)
    course = progress.courses_of(db.session(), [application])[application.id]
    is_applicant = applicant(current_actor(), g.relation)
    history = progress.history(course.events, current_actor(), g.relation)
    state = public_state(application, g.received_at)
    stand = progress.progress(application, course, g.received_at)
    counts = application.state not in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)
    return page(
        "casework/application.html",
        application,
        outline=outline,
        own_part=own_part(outline, application),
        is_draft=state is PublicState.DRAFT,
        has_lapsed=state is PublicState.LAPSED,
        saved_at=max((row.updated_at for row in outline.saved.values()), default=None),
        partners=case_page.partner_rows(outline),
        progress=stand,
        not_yet=case_page.not_yet(outline, stand) if state is PublicState.DRAFT else "",
        question=case_page.question_of(course.events, application),
        history=history,
        receipt=course.submission if counts else None,
        report=case_page.shown_report(db.session(), application, is_applicant=is_applicant),
        offers=_offers(
            application, Known(events=course.events, sections_missing=outline.dossier.sections_missing or ())
        ),
        seen=len(history),
        ways=case_page.ways_out(application.reference),
        handling=handling_of(db.session(), application, current_actor(), g.relation),
        is_applicant=is_applicant,
    )


def _offers(application: Application, known: Known | None = None) -> tuple[Offer, ...]:
    """What this reader may do now; what the page has read already is not read again."""
    return offers(
        db.session(),
        application,
        current_actor(),
        g.received_at,
        relation=relation_to(db.session(), current_actor(), application, g.relation),
        facts=facts_of(db.session(), application, g.received_at, known),
    )


def _refused(
    application: Application, name: str, form: TransitionForm, refusals: Sequence[Refusal] = (), *, status: int
) -> ResponseReturnValue:
    """The page that says why a step was not taken, with the places where the reasons can be mended.

    It tells what has happened since, so its own form may take the step.
    """
    form.seen.data = str(seen_by(db.session(), application, current_actor(), g.relation))
    offer = next((each for each in _offers(application) if each.name == name), None)
    known = case_page.ways_out(application.reference)
    ways = dict.fromkeys(known[each.code] for each in refusals if each.code in known)
    body = page("casework/transition.html", application, name=name, form=form, offer=offer, ways=list(ways))
    return body, status
