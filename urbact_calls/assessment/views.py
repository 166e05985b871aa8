"""The pages of assessors: the desk, the declaration, the sheet beside the application, the consensus."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications.models import Application
from urbact_calls.applications.queries import by_reference, letter_of
from urbact_calls.assessment import desk as desks
from urbact_calls.assessment import operations, panel_views, queries, services
from urbact_calls.assessment.blueprint import application_of_panel, blueprint
from urbact_calls.assessment.forms import DeclareForm, SheetForm, VersionForm, sheet_form, shown
from urbact_calls.assessment.models import Allocation, ConsensusSheet, IndividualSheet
from urbact_calls.database import db
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.permissions import (
    allocated_assessor,
    auditor,
    chair_of_this_panel,
    office,
    panel_chair,
    panel_member,
)
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.vocabulary import (
    ConflictAnswer,
    ConsensusSheetState,
)
from urbact_calls.domain.workflow.assessment import LOCK, SIGN
from urbact_calls.eligibility.queries import last_submission, letters
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.downloads import download
from urbact_calls.web.forms import attach
from urbact_calls.workflow.take import offers

__all__ = ["blueprint", "panel_views"]

PAGE_SIZE = 50
ON_THE_PANEL = allocated_assessor | chair_of_this_panel


@blueprint.get("/assessment/desk/")
@requires(panel_member | panel_chair)
def desk() -> ResponseReturnValue:
    after, chaired_after = (request.args.get(name, "")[:32] or None for name in ("after", "chaired_after"))
    found = desks.desk(db.session(), current_actor(), size=PAGE_SIZE, after=after, chaired_after=chaired_after)
    return render_template("assessment/desk.html", desk=found, is_first_page=after is None and chaired_after is None)


@blueprint.route("/assessment/applications/<reference>/declaration", methods=["GET", "POST"])
@requires(allocated_assessor, of=application_of_panel)
def declare(application: Application) -> ResponseReturnValue:
    form = DeclareForm()
    reference = application.reference
    if not form.validate_on_submit():
        return _declaration(application, form), 422 if request.method == "POST" else 200
    try:
        answer = ConflictAnswer(form.answer.data)
        services.declare(reference, answer=answer, note=form.note.data or "", actor=current_actor(), now=g.received_at)
    except Refused as problem:
        attach(form, problem.refusals)
        return _declaration(by_reference(db.session(), reference), form), 422
    if answer is ConflictAnswer.CONFLICT:
        flash("Your conflict of interest is recorded. The application is no longer on your desk.", "info")
        return redirect(url_for("assessment.desk"))
    flash("You declared that you have no conflict of interest. You can read and score now.", "good")
    return redirect(url_for("assessment.sheet", reference=reference))


def _declaration(application: Application, form: DeclareForm) -> str:
    """Before the declaration only title, acronym, partner names and cities."""
    submission = last_submission(db.session(), application.reference)
    partners = submission.dossier.partners if submission else ()
    return render_template(
        "assessment/declare.html",
        application=application,
        partners=[(partner.name, partner.seat_city) for partner in partners],
        allocation=queries.own_allocation(db.session(), application.id, current_actor().user_id),
        form=form,
    )


@blueprint.route("/assessment/applications/<reference>/sheet", methods=["GET", "POST"])
@requires(allocated_assessor, of=application_of_panel)
def sheet(application: Application) -> ResponseReturnValue:
    allocation = queries.own_allocation(db.session(), application.id, current_actor().user_id)
    if allocation.conflict is None:
        return redirect(url_for("assessment.declare", reference=application.reference))
    form = sheet_form(operations.grid_of(application)).showing(allocation.sheet)
    if request.method == "GET":
        return _sheet_page(application, allocation, form)
    if not form.validate():
        return _sheet_page(application, allocation, form), 422
    return _save_sheet(application.reference, form)


def _save_sheet(reference: str, form: SheetForm) -> ResponseReturnValue:
    try:
        services.save_sheet(
            reference, form.scores(), version=form.version.number, actor=current_actor(), now=g.received_at
        )
    except Stale as problem:
        form.form_errors.append(str(problem))
        return _sheet_again(reference, form, clashing=True), 409
    except Refused as problem:
        attach(form, problem.refusals)
        return _sheet_again(reference, form), 422
    flash("Saved.", "good")
    return redirect(
        url_for("assessment.sheet", reference=reference, _anchor="lock" if "lock" in request.form else None)
    )


def _sheet_again(reference: str, form: SheetForm, *, clashing: bool = False) -> str:
    """The page with what was typed beside what is kept; saving it again is meant to replace what is kept."""
    application = by_reference(db.session(), reference)
    allocation = queries.own_allocation(db.session(), application.id, current_actor().user_id)
    clashes = _clashes(form, allocation.sheet, "Kept from the other window") if clashing else []
    if clashing:
        form.version.data = str(allocation.sheet.version)
    return _sheet_page(application, allocation, form, clashes=clashes)


def _clashes(form: SheetForm, kept: IndividualSheet | ConsensusSheet, theirs: str) -> list[dict[str, Any]]:
    stored = shown(kept)
    return [
        {
            "label": _label(form, name),
            "mine": {"text": typed, "words": "What you typed"},
            "theirs": {"text": stored.get(name, ""), "words": theirs},
        }
        for name, typed in form.typed().items()
        if typed != stored.get(name, "")
    ]


def _label(form: SheetForm, name: str) -> str:
    code, _, part = name.partition("_")
    return f"{form.grid.criterion(code).title}: {'points' if part == 'points' else 'reasons'}" if part else "The text"


def _sheet_page(
    application: Application,
    allocation: Allocation,
    form: SheetForm,
    *,
    clashes: list[dict[str, Any]] | None = None,
) -> str:
    session, actor = db.session(), current_actor()
    submission = last_submission(session, application.reference)
    if submission is None:
        raise NotFound(application.reference)
    state = allocation.sheet.state
    return render_template(
        "assessment/sheet.html",
        application=application,
        allocation=allocation,
        state=state,
        form=form,
        grid=form.grid,
        scored=(scored := operations.points_of(allocation.sheet.points)),
        so_far=form.grid.so_far(scored),
        first_open=next((code for code in form.grid.codes if code not in scored), None),
        lock_address=lambda name: url_for("assessment.lock", reference=application.reference),
        clashes=clashes or [],
        offers=offers(session, allocation.sheet, actor, g.received_at, relation=g.relation),
        facts=queries.case_facts(session, application.id),
        dossier=submission.dossier,
        kind=KINDS[application.call.type],
        letters=letters(session, application.id),
    )


@blueprint.post("/assessment/applications/<reference>/sheet/transitions/submit_sheet")
@requires(allocated_assessor, of=application_of_panel)
def lock(application: Application) -> ResponseReturnValue:
    reference, form = application.reference, VersionForm()
    services.submit_sheet(reference, version=form.version.number, actor=current_actor(), now=g.received_at)
    flash(str(LOCK.success), "good")
    return redirect(url_for("assessment.sheet", reference=reference))


@blueprint.get("/assessment/applications/<reference>/letters/<int:partner_id>")
@requires(allocated_assessor, of=application_of_panel)
def partner_letter(application: Application, partner_id: int) -> ResponseReturnValue:
    allocation = queries.own_allocation(db.session(), application.id, current_actor().user_id)
    if allocation.conflict is None:
        raise NotFound("letters are read after the declaration")
    document = letter_of(db.session(), application, partner_id)
    return download(document.storage_key, filename=document.filename, media_type=document.media_type)


@blueprint.route("/assessment/applications/<reference>/consensus", methods=["GET", "POST"])
@requires(ON_THE_PANEL | office | auditor, of=application_of_panel)
def consensus(application: Application) -> ResponseReturnValue:
    kept = queries.consensus_of(db.session(), application.id)
    form_of_grid = sheet_form(operations.grid_of(application))
    if request.method == "GET":
        return _consensus_page(application, form_of_grid.showing(kept) if kept else None)
    if kept is None or not ON_THE_PANEL(current_actor(), g.relation):
        raise NotFound(application.reference)
    form = form_of_grid.showing(kept)
    if not form.validate():
        return _consensus_page(application, form), 422
    return _save_consensus(application.reference, form)


def _save_consensus(reference: str, form: SheetForm) -> ResponseReturnValue:
    try:
        services.save_consensus(
            reference, form.scores(), version=form.version.number, actor=current_actor(), now=g.received_at
        )
    except Stale as problem:
        form.form_errors.append(str(problem))
        application = by_reference(db.session(), reference)
        kept = queries.consensus_of(db.session(), application.id)
        clashes = _clashes(form, kept, "Saved by a colleague") if kept else []
        form.version.data = str(kept.text_version) if kept else ""
        return _consensus_page(application, form, clashes=clashes), 409
    except Refused as problem:
        attach(form, problem.refusals)
        return _consensus_page(by_reference(db.session(), reference), form), 422
    flash("Saved. Signatures that were given before a change are taken away.", "good")
    return redirect(url_for("assessment.consensus", reference=reference))


def _consensus_page(
    application: Application, form: SheetForm | None, *, clashes: list[dict[str, Any]] | None = None
) -> str:
    """Nothing of any sheet is shown before all of them are locked."""
    session, actor = db.session(), current_actor()
    facts = queries.case_facts(session, application.id)
    kept = queries.consensus_of(session, application.id)
    may_see = kept is not None and facts.sheets_in >= facts.sheets_needed
    state = kept.state if kept else ConsensusSheetState.OPEN
    facts_to_sign = operations.consensus_facts(session, kept, g.received_at) if kept is not None and may_see else None
    offered = (
        offers(session, kept, actor, g.received_at, relation=g.relation, facts=facts_to_sign)
        if kept is not None and facts_to_sign
        else ()
    )
    return render_template(
        "assessment/consensus.html",
        application=application,
        facts=facts,
        sheet=kept if may_see else None,
        state=state,
        form=form if may_see else None,
        may_write=may_see and state is ConsensusSheetState.OPEN and ON_THE_PANEL(actor, g.relation),
        grid=operations.grid_of(application),
        sheets=queries.active_allocations(session, application.id) if may_see else [],
        divergences=queries.divergences(session, application.id) if may_see else {},
        clashes=clashes or [],
        signed={each.user_id for each in kept.signatures} if kept else set(),
        to_sign=facts_to_sign.signatures_missing if facts_to_sign else (),
        offers=[offer for offer in offered if offer.name == SIGN.name],
        sign_address=lambda name: url_for("assessment.sign", reference=application.reference),
        is_office=office(actor) or auditor(actor),
    )


@blueprint.post("/assessment/applications/<reference>/consensus/transitions/sign")
@requires(ON_THE_PANEL, of=application_of_panel)
def sign(application: Application) -> ResponseReturnValue:
    reference, form = application.reference, VersionForm()
    services.sign_consensus(reference, version=form.version.number, actor=current_actor(), now=g.received_at)
    flash(str(SIGN.success), "good")
    return redirect(url_for("assessment.consensus", reference=reference))
