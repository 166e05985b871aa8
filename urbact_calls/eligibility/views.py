"""Pages of the eligibility check for the Joint Secretariat: the list of a call, one report, its letters."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications.models import Application
from urbact_calls.applications.officers.reads import WHOSE, handling_of
from urbact_calls.applications.reads.applications import by_reference, letter_of
from urbact_calls.database import db
from urbact_calls.domain.entries import storable_line
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.permissions import Actor, Relation, auditor, office
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.text import message, say
from urbact_calls.domain.vocabulary import ApplicationState, CallPhase, FindingOutcome, ReportKind
from urbact_calls.eligibility.findings import commands
from urbact_calls.eligibility.findings import reads as findings_reads
from urbact_calls.eligibility.forms import CorrectRegionForm, SettleForm
from urbact_calls.eligibility.regions import commands as regions_commands
from urbact_calls.eligibility.reports.models import StoredReport
from urbact_calls.eligibility.reports.reads import applications_in_check as in_check
from urbact_calls.eligibility.reports.reads import report as reads
from urbact_calls.eligibility.reports.reads.partner_regions import PartnerRegion, partner_region, partner_regions
from urbact_calls.files.views import download
from urbact_calls.organisations.reads import unconfirmed
from urbact_calls.web.access import Loaded, current_actor, requires
from urbact_calls.web.form_answers import attempt, done
from urbact_calls.web.forms import BaseForm
from urbact_calls.web.row_numbers import after_of_request

CONFIRMED = message("regions.confirmed", "{count} regions confirmed.", one="{count} region confirmed.")

blueprint = Blueprint("eligibility", __name__)

PAGE_SIZE = 50
GROUPS = (
    (FindingOutcome.NOT_MET, "bad", "cross"),
    (FindingOutcome.TO_BE_CHECKED, "caution", "question"),
    (FindingOutcome.MET, "good", "tick"),
    (FindingOutcome.NOT_ENFORCED, "good", "ring"),
)


def handed_in(actor: Actor, reference: str) -> Loaded:
    """An application that is no private draft any more."""
    application = by_reference(db.session(), reference)
    if application.state is ApplicationState.DRAFT:
        raise NotFound(reference)
    return Loaded(application, Relation(is_conflicted=application.id in actor.interests.applications))


@blueprint.get("/eligibility/")
@requires(office | auditor)
def index() -> ResponseReturnValue:
    session, actor, filters = db.session(), current_actor(), _filters()
    calls = in_check.calls_in_check(session)
    call = next((each for each in calls if each.code == request.args.get("call")), calls[0] if calls else None)
    return render_template(
        "eligibility/index.html",
        calls=calls,
        call=call,
        is_closed=call is not None and call.phase(g.received_at) is CallPhase.CLOSED,
        filters=filters,
        counts=in_check.counts(session, call.id, actor) if call else None,
        findings_labels=in_check.FINDINGS_FILTERS,
        whose_labels=WHOSE if office(actor) else {},
        page=in_check.applications_in_check(session, call.id, filters, actor, size=PAGE_SIZE) if call else None,
        here=_address,
    )


def _filters() -> in_check.CheckFilters:
    findings, whose = (request.args.get(name, "") for name in ("findings", "whose"))
    return in_check.CheckFilters(
        states=tuple(state for state in ApplicationState if state.value in request.args.getlist("state")),
        findings=findings if findings in in_check.FINDINGS_FILTERS else "",
        whose=whose if whose in WHOSE else "",
        text=storable_line(request.args.get("q", "")),
        after=after_of_request() or 0,
    )


def _address(**changes: Any) -> str:
    """This list with other filters."""
    values = {"call": request.args.get("call"), **changes}
    return url_for("eligibility.index", **{name: value for name, value in values.items() if value})


@blueprint.get("/eligibility/<reference>/")
@requires(office | auditor, of=handed_in)
def show(application: Application) -> ResponseReturnValue:
    return _page(application)


@blueprint.post("/eligibility/<reference>/findings/<code>")
@requires(office, of=handed_in)
def settle(application: Application, code: str) -> ResponseReturnValue:
    form, reference = SettleForm(code), application.reference
    failed = attempt(
        form,
        lambda: commands.settle(
            reference,
            code,
            outcome=FindingOutcome(form.outcome.data),
            note=form.note.data or "",
            seen=form.seen.data or "",
            actor=current_actor(),
            now=g.received_at,
        ),
    )
    if failed:
        return _page(by_reference(db.session(), reference), form, is_stale=failed == 409), failed
    words = "Settled. The finding now says what you found."
    return done(words, "eligibility.show", reference=reference, _anchor=f"finding-{code}")


@blueprint.post("/eligibility/<reference>/regions")
@requires(office, of=handed_in)
def confirm_regions(application: Application) -> ResponseReturnValue:
    """Confirms the regions of all ticked partners in one act."""
    form = BaseForm()
    try:
        count = regions_commands.confirm_regions(
            application.reference, request.form.getlist("ticked")[:100], actor=current_actor(), now=g.received_at
        )
    except (Refused, Stale) as problem:
        form.form_errors.append(str(problem))
        page = _page(by_reference(db.session(), application.reference), form)
        return page, 409 if isinstance(problem, Stale) else 422
    return done(say(CONFIRMED(count=count)), "eligibility.show", reference=application.reference, _anchor="regions")


@blueprint.post("/eligibility/<reference>/regions/<int:partner_id>")
@requires(office, of=handed_in)
def correct_region(application: Application, partner_id: int) -> ResponseReturnValue:
    """Gives one partner another region, with the reason."""
    region = partner_region(db.session(), application.id, partner_id)
    form, reference = CorrectRegionForm(partner_id, region.status.organisation.country), application.reference
    failed = attempt(
        form,
        lambda: regions_commands.correct_region(
            reference,
            partner_id,
            nuts2=form.nuts2.data,
            reason=form.reason.data or "",
            seen=form.seen.data or "",
            actor=current_actor(),
            now=g.received_at,
        ),
    )
    if failed:
        if failed == 409:
            form.seen.data = region.token
        return _page(by_reference(db.session(), reference), form), failed
    words = "The region is corrected and confirmed. Findings that came out differently wait for you again."
    return done(words, "eligibility.show", reference=reference, _anchor="regions")


@blueprint.get("/eligibility/<reference>/letters/<int:partner_id>")
@requires(office | auditor, of=handed_in)
def letter(application: Application, partner_id: int) -> ResponseReturnValue:
    document = letter_of(db.session(), application, partner_id)
    return download(document.storage_key, filename=document.filename, media_type=document.media_type)


def _page(application: Application, form: BaseForm | None = None, *, is_stale: bool = False) -> str:
    """The page of an application, with the form that came back; after a conflict it has seen what is stored now."""
    session = db.session()
    report = reads.latest_report(session, application.id)
    submission = reads.last_submission(session, application.reference)
    settled = form if isinstance(form, SettleForm) else None
    corrected = form if isinstance(form, CorrectRegionForm) else None
    regions = partner_regions(session, application.id)
    may_check = office(current_actor()) and application.state is ApplicationState.SUBMITTED
    may_settle = may_check and report is not None and report.kind is ReportKind.OFFICIAL
    return render_template(
        "eligibility/show.html",
        application=application,
        report=report,
        groups=[
            (outcome, tone, mark, [each for each in report.findings if each.current_outcome is outcome])
            for outcome, tone, mark in GROUPS
        ]
        if report
        else [],
        forms=_settle_forms(report, settled, is_stale) if report and (settled or may_settle) else {},
        regions=regions,
        unconfirmed_organisations=unconfirmed(session, [each.partner.organisation_id for each in regions]),
        may_confirm=may_check,
        region_forms=_region_forms(regions, corrected) if may_check else {},
        corrected=corrected.partner_id if corrected else None,
        terms=application.call.terms,
        chosen=settled.code if settled else None,
        bad_form=form,
        settlements=findings_reads.settlements(session, application.id),
        facts=reads.case_facts(session, application.id),
        submission=submission,
        dossier=submission.dossier if submission else None,
        kind=KINDS[application.call.type],
        signing_partners=reads.partners_with_letters(session, application.id),
        handling=handling_of(session, application, current_actor()),
    )


def _region_forms(regions: list[PartnerRegion], returned: CorrectRegionForm | None) -> dict[int, CorrectRegionForm]:
    """A form per partner in whose country regions count; the one that came back keeps what was entered."""
    forms = {
        each.partner.id: CorrectRegionForm(
            each.partner.id, each.status.organisation.country, formdata=None, data={"seen": each.token}
        )
        for each in regions
        if each.status.has_category
    }
    return {number: returned if returned and returned.partner_id == number else form for number, form in forms.items()}


def _settle_forms(report: StoredReport, returned: SettleForm | None, is_stale: bool) -> dict[str, SettleForm]:
    """A form per finding; the one that came back keeps what was entered; after a conflict it sees what is stored."""
    forms = {}
    for finding in report.findings:
        seen = findings_reads.settlement_token(finding)
        if returned is not None and finding.code == returned.code:
            returned.seen.data = seen if is_stale else returned.seen.data
            forms[finding.code] = returned
        elif finding.outcome is not FindingOutcome.NOT_ENFORCED:
            stored = {"outcome": finding.settled_outcome, "note": finding.note or "", "seen": seen}
            forms[finding.code] = SettleForm(finding.code, formdata=None, data=stored)
    return forms
