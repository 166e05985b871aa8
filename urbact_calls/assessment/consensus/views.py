"""Pages of the consensus sheet: write what was agreed, sign it."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.assessment import reads
from urbact_calls.assessment.consensus import commands as consensus_commands
from urbact_calls.assessment.sheets import commands
from urbact_calls.assessment.sheets.forms import SheetForm, VersionForm, sheet_form
from urbact_calls.assessment.sheets.views import edit_conflicts_of_sheet
from urbact_calls.assessment.views import application_of_panel, blueprint
from urbact_calls.database import db
from urbact_calls.domain.permissions import allocated_assessor, auditor, chair_of_this_panel, office
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.vocabulary import ConsensusSheetState
from urbact_calls.domain.workflow.assessment import SIGN
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.forms import attach
from urbact_calls.workflow.take import offers

ON_THE_PANEL = allocated_assessor | chair_of_this_panel


@blueprint.route("/assessment/applications/<reference>/consensus", methods=["GET", "POST"])
@requires(ON_THE_PANEL | office | auditor, of=application_of_panel)
def consensus(application: Application) -> ResponseReturnValue:
    kept = reads.consensus_of(db.session(), application.id)
    form_of_grid = sheet_form(commands.grid_of(application))
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
        consensus_commands.save_consensus(
            reference, form.scores(), version=form.version.number, actor=current_actor(), now=g.received_at
        )
    except Stale as problem:
        form.form_errors.append(str(problem))
        application = by_reference(db.session(), reference)
        kept = reads.consensus_of(db.session(), application.id)
        conflicts = edit_conflicts_of_sheet(form, kept, "Saved by a colleague") if kept else []
        form.version.data = str(kept.text_version) if kept else ""
        return _consensus_page(application, form, conflicts=conflicts), 409
    except Refused as problem:
        attach(form, problem.refusals)
        return _consensus_page(by_reference(db.session(), reference), form), 422
    flash("Saved. Signatures that were given before a change are taken away.", "good")
    return redirect(url_for("assessment.consensus", reference=reference))


def _consensus_page(
    application: Application, form: SheetForm | None, *, conflicts: list[dict[str, Any]] | None = None
) -> str:
    """Nothing of any sheet is shown before all of them are locked."""
    session, actor = db.session(), current_actor()
    facts = reads.case_facts(session, application.id)
    kept = reads.consensus_of(session, application.id)
    may_see = kept is not None and facts.sheets_in >= facts.sheets_needed
    state = kept.state if kept else ConsensusSheetState.OPEN
    facts_to_sign = (
        consensus_commands.consensus_facts(session, kept, g.received_at) if kept is not None and may_see else None
    )
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
        grid=commands.grid_of(application),
        sheets=reads.active_allocations(session, application.id) if may_see else [],
        divergences=reads.divergences(session, application.id) if may_see else {},
        conflicts=conflicts or [],
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
    consensus_commands.sign_consensus(reference, version=form.version.number, actor=current_actor(), now=g.received_at)
    flash(str(SIGN.success), "good")
    return redirect(url_for("assessment.consensus", reference=reference))
