"""Pages of the consensus sheet: write what was agreed, sign it."""

from __future__ import annotations

from functools import partial

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.assessment import reads
from urbact_calls.assessment.consensus import commands as consensus_commands
from urbact_calls.assessment.sheets import commands
from urbact_calls.assessment.sheets.forms import SheetForm, sheet_form
from urbact_calls.assessment.views import application_of_panel, blueprint
from urbact_calls.database import db
from urbact_calls.domain.permissions import allocated_assessor, auditor, chair_of_this_panel, competes, office
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.vocabulary import ConsensusSheetState
from urbact_calls.domain.workflow.assessment import SIGN
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.form_answers import attempt_draft, done
from urbact_calls.web.forms import VersionForm
from urbact_calls.workflow.lives import offers

ON_THE_PANEL = allocated_assessor | chair_of_this_panel


@blueprint.route("/assessment/applications/<reference>/consensus", methods=["GET", "POST"])
@requires(ON_THE_PANEL | ((office | auditor) & ~competes), of=application_of_panel)
def consensus(application: Application) -> ResponseReturnValue:
    kept = reads.consensus_of(db.session(), application.id)
    form_of_grid = sheet_form(commands.grid_of(application))
    if request.method != "POST":
        return _consensus_page(application, form_of_grid.showing(kept) if kept else None)
    if kept is None or not ON_THE_PANEL(current_actor(), g.relation):
        raise NotFound(application.reference)
    reference, form = application.reference, form_of_grid.showing(kept)

    def keep(written: SheetForm) -> None:
        version = written.version.number
        consensus_commands.save_consensus(
            reference, written.scores(), version=version, actor=current_actor(), now=g.received_at
        )

    failed = attempt_draft(form, form.showing(kept, formdata=None), keep)
    if form.rest_is_saved:
        form.version.data = str(kept.text_version)
    if failed:
        return _consensus_page(by_reference(db.session(), reference), form, is_stale=failed == 409), failed
    return done(
        "Saved. Signatures that were given before a change are taken away.", "assessment.consensus", reference=reference
    )


def _consensus_page(application: Application, form: SheetForm | None, *, is_stale: bool = False) -> str:
    """Nothing of any sheet is shown before all of them are locked."""
    session, actor = db.session(), current_actor()
    facts, kept = reads.case_facts(session, application.id), reads.consensus_of(session, application.id)
    page = partial(
        render_template,
        "assessment/consensus.html",
        application=application,
        facts=facts,
        is_office=office(actor) or auditor(actor),
    )
    if kept is None or form is None or facts.sheets_in < facts.sheets_needed:
        return page(sheet=None)
    to_sign = consensus_commands.consensus_facts(session, kept, g.received_at)
    offered = offers(session, kept, actor, g.received_at, relation=g.relation, facts=to_sign)
    return page(
        sheet=kept,
        state=kept.state,
        form=form,
        may_write=kept.state is ConsensusSheetState.OPEN and ON_THE_PANEL(actor, g.relation),
        grid=form.grid,
        sheets=reads.active_allocations(session, application.id),
        divergences=reads.divergences(session, application.id),
        edit_conflicts=form.edit_conflicts(kept, "Saved by a colleague") if is_stale else [],
        signed={each.user_id for each in kept.signatures},
        to_sign=to_sign.signatures_missing,
        offers=[offer for offer in offered if offer.name == SIGN.name],
        sign_address=lambda name: url_for("assessment.sign", reference=application.reference),
    )


@blueprint.post("/assessment/applications/<reference>/consensus/transitions/sign")
@requires(ON_THE_PANEL, of=application_of_panel)
def sign(application: Application) -> ResponseReturnValue:
    reference, form = application.reference, VersionForm()
    consensus_commands.sign_consensus(reference, version=form.version.number, actor=current_actor(), now=g.received_at)
    return done(str(SIGN.success), "assessment.consensus", reference=reference)
