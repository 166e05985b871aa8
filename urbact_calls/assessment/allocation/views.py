"""Pages of panel and allocations: a call for the Joint Secretariat, and the declaration of an assessor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from urbact_calls.applications.models import Application
from urbact_calls.applications.officers.reads import WHOSE, is_whose
from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.assessment import reads as assessment
from urbact_calls.assessment.allocation import commands as allocation
from urbact_calls.assessment.allocation import reads
from urbact_calls.assessment.allocation.forms import AllocateForm, DeclareForm, PanelForm
from urbact_calls.assessment.models import PanelMember
from urbact_calls.assessment.panel import commands
from urbact_calls.assessment.sheets import commands as sheets
from urbact_calls.assessment.sheets.forms import ReasonForm
from urbact_calls.assessment.views import application_of_panel, blueprint, call_of_panel
from urbact_calls.calls.models import Call
from urbact_calls.calls.reads import by_code
from urbact_calls.database import db
from urbact_calls.domain.permissions import allocated_assessor, auditor, competes, office
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.vocabulary import ConflictAnswer
from urbact_calls.domain.words import PARIS
from urbact_calls.domain.workflow.assessment import REOPEN
from urbact_calls.eligibility.reports.reads.report import last_submission
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.form_answers import attempt, done
from urbact_calls.web.forms import day_of
from urbact_calls.web.row_numbers import after_of_request

# The panel of 2023 had ten days for thirteen sheets each (`domain.md` 8.1); two weeks is a proposal of ours.
DAYS_TO_SCORE = 14
PAGE_SIZE = 50


@blueprint.get("/assessment/")
@requires(office | auditor)
def index() -> ResponseReturnValue:
    return render_template("assessment/index.html", lines=reads.calls_in_assessment(db.session(), current_actor()))


@blueprint.get("/assessment/calls/<code>/")
@requires(office | auditor, of=call_of_panel)
def call(subject: Call) -> ResponseReturnValue:
    return _call_page(subject)


def _call_page(subject: Call, *, bad: AllocateForm | None = None, panel: PanelForm | None = None) -> str:
    session = db.session()
    members = assessment.panel(session, subject.id)
    whose = request.args.get("whose", "")
    page = reads.allocation_lines(
        session,
        subject,
        members,
        *is_whose(whose, current_actor()),
        now=g.received_at,
        after=after_of_request() or 0,
        size=PAGE_SIZE,
    )
    may_change = office(current_actor())
    due_on = g.received_at.astimezone(PARIS).date() + timedelta(days=DAYS_TO_SCORE)
    forms = {
        line.application.reference: AllocateForm(
            line.application.reference, line.candidates, formdata=None, data={"due_on": due_on}
        )
        for line in page.rows
        if may_change and line.may_have_another
    }
    if bad is not None:
        forms[bad.reference] = bad
    return render_template(
        "assessment/call.html",
        call=subject,
        members=members,
        page=page,
        after=after_of_request(),
        forms=forms,
        bad_form=bad or panel,
        panel_form=(panel or _panel_form(members)) if may_change else None,
        may_change=may_change,
        whose=whose if whose in WHOSE else "",
        whose_labels=WHOSE if may_change else {},
    )


def _back(code: str, reference: str) -> Response:
    """To the page of the list on which somebody did something."""
    return redirect(url_for("assessment.call", code=code, after=after_of_request(), _anchor=reference))


def _panel_form(members: Sequence[PanelMember]) -> PanelForm:
    return PanelForm(assessment.invitable(db.session(), members, current_actor()))


@blueprint.post("/assessment/calls/<code>/panel")
@requires(office, of=call_of_panel)
def invite(subject: Call) -> ResponseReturnValue:
    form, code = _panel_form(assessment.panel(db.session(), subject.id)), subject.code
    failed = attempt(
        form,
        lambda: commands.add_to_panel(
            code,
            user_id=form.user_id,
            is_chair=form.is_chair,
            country=form.country.data,
            actor=current_actor(),
            now=g.received_at,
        ),
    )
    if failed:
        return _call_page(by_code(db.session(), code), panel=form), failed
    return done("On the panel.", "assessment.call", code=code)


@blueprint.post("/assessment/calls/<code>/panel/<int:user_id>/removal")
@requires(office, of=call_of_panel)
def dismiss(subject: Call, user_id: int) -> ResponseReturnValue:
    code = subject.code
    commands.remove_from_panel(code, user_id=user_id, actor=current_actor(), now=g.received_at)
    return done("Taken off the panel.", "assessment.call", code=code)


@blueprint.post("/assessment/applications/<reference>/allocations")
@requires(office & ~competes, of=application_of_panel)
def allocate(application: Application) -> ResponseReturnValue:
    reference, code = application.reference, application.call.code
    members = assessment.panel(db.session(), application.call_id)
    page = reads.allocation_lines(
        db.session(), application.call, members, Application.id == application.id, now=g.received_at, after=0, size=1
    )
    form = AllocateForm(reference, page.rows[0].candidates if page.rows else {})
    failed = attempt(
        form,
        lambda: allocation.allocate(
            reference,
            user_id=form.assessor.number,
            due_on=day_of(form.due_on),
            actor=current_actor(),
            now=g.received_at,
        ),
    )
    if failed:
        return _call_page(by_code(db.session(), code), bad=form), failed
    flash(f"{reference} is allocated. The assessor is told by e-mail.", "good")
    return _back(code, reference)


@blueprint.post("/assessment/applications/<reference>/allocations/<int:allocation_id>/removal")
@requires(office & ~competes, of=application_of_panel)
def unallocate(application: Application, allocation_id: int) -> ResponseReturnValue:
    reference, code = application.reference, application.call.code
    allocation.unallocate(reference, allocation_id=allocation_id, actor=current_actor(), now=g.received_at)
    flash(f"{reference} is taken away from this assessor.", "good")
    return _back(code, reference)


@blueprint.post("/assessment/applications/<reference>/sheets/<int:allocation_id>/transitions/reopen_sheet")
@requires(office & ~competes, of=application_of_panel)
def reopen(application: Application, allocation_id: int) -> ResponseReturnValue:
    reference, code, form = application.reference, application.call.code, ReasonForm()
    if not form.validate():
        raise Refused(*form.refusals())
    sheets.reopen_sheet(
        reference,
        allocation_id=allocation_id,
        version=form.version.number,
        reason=form.reason.data or "",
        actor=current_actor(),
        now=g.received_at,
    )
    flash(str(REOPEN.success), "good")
    return _back(code, reference)


@blueprint.route("/assessment/applications/<reference>/declaration", methods=["GET", "POST"])
@requires(allocated_assessor, of=application_of_panel)
def declare(application: Application) -> ResponseReturnValue:
    form, reference = DeclareForm(), application.reference
    failed = attempt(
        form,
        lambda: allocation.declare(
            reference,
            answer=ConflictAnswer(form.answer.data),
            note=form.note.data or "",
            actor=current_actor(),
            now=g.received_at,
        ),
    )
    if failed:
        return _declaration(by_reference(db.session(), reference), form), failed
    if form.answer.data == ConflictAnswer.CONFLICT:
        flash("Your conflict of interest is recorded. The application is no longer on your desk.", "info")
        return redirect(url_for("assessment.desk"))
    words = "You declared that you have no conflict of interest. You can read and score now."
    return done(words, "assessment.sheet", reference=reference)


def _declaration(application: Application, form: DeclareForm) -> str:
    """Before the declaration only title, acronym, partner names and cities."""
    submission = last_submission(db.session(), application.reference)
    partners = submission.dossier.partners if submission else ()
    return render_template(
        "assessment/declare.html",
        application=application,
        partners=[(partner.name, partner.seat_city) for partner in partners],
        allocation=assessment.own_allocation(db.session(), application.id, current_actor().user_id),
        form=form,
    )
