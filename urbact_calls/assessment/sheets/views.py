"""Pages of assessors: the worklist, and the sheet beside the application."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import letter_of
from urbact_calls.assessment import reads
from urbact_calls.assessment.models import Allocation
from urbact_calls.assessment.sheets import commands
from urbact_calls.assessment.sheets import reads as sheet_reads
from urbact_calls.assessment.sheets.forms import SheetForm, sheet_form
from urbact_calls.assessment.views import application_of_panel, blueprint
from urbact_calls.database import db
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.permissions import allocated_assessor, panel_chair, panel_member
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.workflow.assessment import LOCK
from urbact_calls.eligibility.reports.reads.report import last_submission, partners_with_letters
from urbact_calls.files.views import download
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.form_answers import attempt_draft, done
from urbact_calls.web.forms import VersionForm
from urbact_calls.workflow.lives import offers


@blueprint.get("/assessment/desk/")
@requires(panel_member | panel_chair)
def desk() -> ResponseReturnValue:
    after, chaired_after = (request.args.get(name, "")[:32] or None for name in ("after", "chaired_after"))
    found = sheet_reads.assessor_worklist(
        db.session(), current_actor(), size=PAGE_SIZE, after=after, chaired_after=chaired_after
    )
    return render_template(
        "assessment/desk.html", worklist=found, is_first_page=after is None and chaired_after is None
    )


PAGE_SIZE = 50


@blueprint.route("/assessment/applications/<reference>/sheet", methods=["GET", "POST"])
@requires(allocated_assessor, of=application_of_panel)
def sheet(application: Application) -> ResponseReturnValue:
    allocation = reads.own_allocation(db.session(), application.id, current_actor().user_id)
    if allocation.conflict is None:
        return redirect(url_for("assessment.declare", reference=application.reference))
    reference, form = application.reference, sheet_form(commands.grid_of(application)).showing(allocation.sheet)

    def keep(written: SheetForm) -> None:
        version = written.version.number
        commands.save_sheet(reference, written.scores(), version=version, actor=current_actor(), now=g.received_at)

    failed = attempt_draft(form, form.showing(allocation.sheet, formdata=None), keep)
    if form.rest_is_saved:
        form.version.data = str(allocation.sheet.version)
    if failed:
        return _sheet_page(application, allocation, form, is_stale=failed == 409), failed
    return done("Saved.", "assessment.sheet", reference=reference, _anchor="lock" if "lock" in request.form else None)


def _sheet_page(application: Application, allocation: Allocation, form: SheetForm, *, is_stale: bool) -> str:
    """The page with what was typed; beside it what is kept, if that was saved meanwhile."""
    session, actor = db.session(), current_actor()
    submission = last_submission(session, application.reference)
    if submission is None:
        raise NotFound(application.reference)
    scored = commands.points_of(allocation.sheet.points)
    return render_template(
        "assessment/sheet.html",
        application=application,
        allocation=allocation,
        state=allocation.sheet.state,
        form=form,
        grid=form.grid,
        scored=scored,
        so_far=form.grid.so_far(scored),
        first_open=next((code for code in form.grid.codes if code not in scored), None),
        lock_address=lambda name: url_for("assessment.lock", reference=application.reference),
        edit_conflicts=form.edit_conflicts(allocation.sheet, "Kept from the other window") if is_stale else [],
        offers=offers(session, allocation.sheet, actor, g.received_at, relation=g.relation),
        facts=reads.case_facts(session, application.id),
        dossier=submission.dossier,
        kind=KINDS[application.call.type],
        signing_partners=partners_with_letters(session, application.id),
    )


@blueprint.post("/assessment/applications/<reference>/sheet/transitions/submit_sheet")
@requires(allocated_assessor, of=application_of_panel)
def lock(application: Application) -> ResponseReturnValue:
    reference, form = application.reference, VersionForm()
    commands.submit_sheet(reference, version=form.version.number, actor=current_actor(), now=g.received_at)
    return done(str(LOCK.success), "assessment.sheet", reference=reference)


@blueprint.get("/assessment/applications/<reference>/letters/<int:partner_id>")
@requires(allocated_assessor, of=application_of_panel)
def partner_letter(application: Application, partner_id: int) -> ResponseReturnValue:
    allocation = reads.own_allocation(db.session(), application.id, current_actor().user_id)
    if allocation.conflict is None:
        raise NotFound("letters are read after the declaration")
    document = letter_of(db.session(), application, partner_id)
    return download(document.storage_key, filename=document.filename, media_type=document.media_type)
