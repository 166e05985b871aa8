"""Pages of one's applications and of one application, and the transitions that can be taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.officers.reads import handling_of
from urbact_calls.applications.reads.applications import own_applications, partnerships, public_state, time_left
from urbact_calls.applications.submission import commands as submission
from urbact_calls.applications.submission.forms import TransitionForm
from urbact_calls.applications.submission.reads import progress as reads
from urbact_calls.applications.submission.reads.decided import decisions_on, may_read_decisions
from urbact_calls.applications.submission.reads.facts import (
    NOTHING_KNOWN,
    Known,
    facts_of,
    file_of,
    files_of,
    relation_to,
    submission_of,
)
from urbact_calls.applications.submission.reads.progress import Progress
from urbact_calls.applications.views import (
    NOT_STARTED,
    PageLink,
    PartnerProfile,
    ShownReport,
    Summary,
    application_of,
    blueprint,
    may_read,
    page,
    shown_state,
    summary_of,
)
from urbact_calls.calls.reads import by_phase
from urbact_calls.database import db
from urbact_calls.domain.eligibility.clarification import clarification_due
from urbact_calls.domain.network_types import kind_of
from urbact_calls.domain.permissions import Relation, applicant, signed_in
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import ApplicationState, PublicState, Tone
from urbact_calls.domain.words import when
from urbact_calls.domain.workflow.application import APPLICATION, CLARIFICATION_ROUND
from urbact_calls.domain.workflow.machine import Offer
from urbact_calls.files.views import download
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.form_answers import done
from urbact_calls.web.forms import attach
from urbact_calls.workflow.lives import act_of, offers, seen_by, told

HANDING_IN = APPLICATION.names(lambda act: act.freezes)
"""The steps by which somebody hands in an application: what a request may not take back to its sender."""
# What has waited so long for its turn is one of many. It is kept, in a fifth of the time that it takes to store it, so
# that the others behind it wait less; and workers store what is kept for half of what it costs in a request of its own.
PATIENCE = timedelta(seconds=1)
# Some hundreds may look again and again, beside the workers that store what they wait for: who has many before him or
# her looks again when these are about to be stored.
AGAIN_SECONDS, STORED_EACH_SECOND = 6, 40


@dataclass(frozen=True, slots=True)
class ReadinessCell:
    label: str
    tone: Tone


def report_on_page(session: Session, application: Application, *, is_applicant: bool) -> ShownReport | None:
    """The report of the rule book that this reader may see."""
    return next((report for show in REPORTS if (report := show(session, application, is_applicant))), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRow:
    """A row of `macros/readiness.html`."""

    name: str
    href: str
    place: str
    region: str
    cells: tuple[ReadinessCell, ...]
    act_href: str
    act_label: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a page of an application: the endpoint, the anchor on it, and the words of the link."""

    endpoint: str
    anchor: str
    label: str


ShowReport = Callable[[Session, Application, bool], ShownReport | None]

PLACES: dict[str, Place] = {}
"""Where a reason can be mended, by its code; the feature whose reason it is enters it."""
REPORTS: list[ShowReport] = []
"""The function that gives the report of an application for an applicant, or for somebody else."""


def ways_out(reference: str) -> dict[str, PageLink]:
    """The places where reasons can be mended, by code; only those who may mend them are given these reasons."""
    return {
        code: PageLink(place.label, url_for(place.endpoint, reference=reference, _anchor=place.anchor))
        for code, place in PLACES.items()
    }


def question_of(events: Sequence[WorkflowEvent], application: Application) -> str:
    """What the Joint Secretariat asks, and until when an answer counts; nothing if it asks nothing."""
    if application.state is not ApplicationState.CLARIFICATION:
        return ""
    asked = next(event for event in reversed(events) if act_of(event).uses_up == CLARIFICATION_ROUND)
    due = clarification_due(asked.at, application.call.terms)
    return f"The Joint Secretariat asks, and your answer counts until {when(due)}: {asked.reason}"


HANDED_IN_TEXT = message(
    "application.handed_in/draft",
    "It was received on {received:second} and is being stored. That instant counts, whenever it is done.",
)


def not_yet(summary: Summary, progress: Progress) -> str:
    """What the lead partner must know while the draft is not submitted: who sees it, until when, what is missing."""
    if summary.application.handed_in_at is not None:
        return str(HANDED_IN_TEXT(received=summary.application.handed_in_at))
    closes_at = when(summary.application.call.closes_at)
    private = f"The Joint Secretariat cannot see this application; the call closes on {closes_at}."
    return f"{progress.status.text} {private} {summary.missing_words}"


def partner_rows(summary: Summary) -> list[PartnerRow]:
    """How far each partner is: its region, its profile, its figures, its letter, and whether its people may write."""
    documents = url_for("applications.documents", reference=summary.application.reference)
    budget = summary.dossier.budget
    rows = []
    for number, (profile, facts) in enumerate(zip(summary.profiles, summary.dossier.partners, strict=True), start=1):
        planned = budget.total_of(number) if budget else None
        rows.append(
            PartnerRow(
                name=facts.name,
                place=f"{facts.country}, lead" if facts.is_lead else facts.country,
                region=facts.region_category.label if facts.region_category else "Not known",
                href=profile.parts[0].href if profile.parts else "",
                cells=(
                    _profile_cell(profile),
                    _readiness("Missing", str(planned) if planned else ""),
                    _readiness("Missing", "Here" if facts.letter_of_commitment else ""),
                    _readiness("Reads", "Can write" if profile.partner.may_edit else ""),
                ),
                act_href="" if facts.letter_of_commitment else documents,
                act_label="" if facts.letter_of_commitment else "Add the letter",
            )
        )
    return rows


def _readiness(otherwise: str, words: str) -> ReadinessCell:
    return ReadinessCell(words, Tone.GOOD) if words else ReadinessCell(otherwise, Tone.NEUTRAL)


def _profile_cell(profile: PartnerProfile) -> ReadinessCell:
    if profile.is_complete:
        return ReadinessCell("Nothing missing", Tone.GOOD)
    started = any(part.state is not NOT_STARTED for part in profile.parts)
    return ReadinessCell(profile.fact, Tone.INFO) if started else ReadinessCell("Not started", Tone.NEUTRAL)


PAGE_SIZE = 25


@blueprint.route("/applications/")
@requires(signed_in)
def index() -> ResponseReturnValue:
    """The applications that I take part in: who must act next, and by when."""
    session = db.session()
    # Before the applications: their calls are then known.
    calls = by_phase(session, g.received_at)
    found = own_applications(session, current_actor(), after=request.args.get("after", "")[:32] or None, size=PAGE_SIZE)
    rows = reads.progress_of(session, found.rows, g.received_at)
    return render_template(
        "applications/index.html",
        rows=rows,
        after=found.after,
        unsubmitted=[each for each in rows if each.state is PublicState.DRAFT],
        left={each.id: time_left(each.call, g.received_at) for each in found.rows},
        partnerships=partnerships(session, [each.id for each in found.rows]),
        open_calls=calls.open,
    )


@blueprint.route("/applications/<reference>/")
@requires(may_read, of=application_of)
def application(application: Application) -> ResponseReturnValue:
    """One application: what is missing, who takes part, what the rules say, and what can be done now."""
    return _page(application)


@blueprint.get("/applications/<reference>/review")
@requires(applicant, of=application_of)
def review(application: Application) -> ResponseReturnValue:
    """A last look before submitting: parts, figures, letters, rules, and answers that are very short."""
    summary = summary_of(application)
    budget = summary.dossier.budget
    return page(
        "applications/review.html",
        application,
        summary=summary,
        partners=partner_rows(summary),
        total=str(budget.total) if budget and budget.total else "",
        offer=next((each for each in _offers(application) if each.is_reviewed), None),
        seen=seen_by(db.session(), application, current_actor(), g.relation),
        ways=ways_out(application.reference),
    )


@blueprint.route("/applications/<reference>/transitions/<name>", methods=["POST"])
@requires(may_read, of=application_of)
def transition(application: Application, name: str) -> ResponseReturnValue:
    """Takes a step; a refusal answers with every reason and keeps what was typed."""
    # Kept apart: an act that is committed leaves the row to be read again.
    reference = application.reference
    form = TransitionForm()
    if not form.validate():
        return _refused(application, name, form, status=422)
    actor, hands_in = current_actor(), name in HANDING_IN
    if hands_in and application.handed_in_at is not None:
        return redirect(url_for("applications.being_stored", reference=reference), 303)
    if late := submission.lateness(application, name, actor, g.relation, g.received_at):
        attach(form, [late])
        body, subject = _too_late(application, name, form), application.subject
        submission.keep_late(subject, name, late, actor, g.received_at)
        return body, 409
    try:
        if hands_in and g.waited >= PATIENCE:
            submission.keep_step(
                *(application, name, actor, g.relation, g.received_at, form.reason.data), seen=form.seen.number
            )
            return redirect(url_for("applications.being_stored", reference=reference), 303)
        submission.take_transition(reference, name, actor, g.received_at, form.reason.data, seen=form.seen.number)
    except Refused as problem:
        attach(form, problem.refusals)
        return _refused(application, name, form, problem.refusals, status=409)
    return done(str(APPLICATION.by_name[name].success), "applications.application", reference=reference)


@blueprint.get("/applications/<reference>/being-stored")
@requires(applicant, of=application_of)
def being_stored(application: Application) -> ResponseReturnValue:
    """What became of a submission that was kept: it is being stored, and the page looks again by itself; or it is
    stored, and here is the receipt; or it was refused, with every reason."""
    reference = application.reference
    if application.handed_in_at is not None:
        seconds = AGAIN_SECONDS + reads.waiting_before(db.session(), application) // STORED_EACH_SECOND
        body = _short_page("applications/being_stored.html", application, again_seconds=seconds)
        again = url_for("applications.being_stored", reference=reference)
        return body, {"Refresh": f"{seconds}; url={again}"}
    attempt = reads.latest_attempt(db.session(), application, current_actor(), HANDING_IN)
    if attempt is not None and application.state in APPLICATION.by_name[attempt.transition].sources:
        form, refusals = TransitionForm(), tuple(Refusal(Text.from_json(each)) for each in attempt.refusals)
        attach(form, refusals)
        return _refused(application, attempt.transition, form, refusals, status=409)
    receipt = reads.receipt_of(db.session(), application)
    if receipt is None:
        return redirect(url_for("applications.application", reference=reference))
    return _short_page("applications/stored.html", application, receipt=receipt)


@blueprint.get("/applications/<reference>/submissions/<int:number>")
@requires(may_read, of=application_of)
def submitted(application: Application, number: int) -> ResponseReturnValue:
    """One submission as it was received: text, partners, budget, files."""
    found = submission_of(db.session(), application, number)
    return page(
        "applications/submitted.html",
        application,
        submission=found,
        dossier=found.dossier,
        kind=kind_of(application.call.terms),
        files=[(found.dossier.partners[each.partner - 1].name, each) for each in files_of(db.session(), found)],
    )


@blueprint.get("/applications/<reference>/submissions/<int:number>/files/<int:file_id>")
@requires(may_read, of=application_of)
def submitted_file(application: Application, number: int, file_id: int) -> ResponseReturnValue:
    """A file of a submission as it was then, to be saved and not shown by the browser."""
    file = file_of(db.session(), submission_of(db.session(), application, number), file_id)
    return download(file.storage_key, filename=file.filename, media_type=file.media_type)


def _page(application: Application) -> str:
    summary = summary_of(application)
    history = reads.histories_of(db.session(), [application])[application.id]
    is_applicant = applicant(current_actor(), g.relation)
    known = told(history.events, current_actor(), g.relation)
    relation = relation_to(db.session(), current_actor(), application, g.relation)
    reads_decisions = may_read_decisions(current_actor(), relation)
    steps = reads.history_steps(history.events, current_actor(), g.relation)
    state = public_state(application, g.received_at)
    now = reads.progress(application, history, g.received_at)
    counts = application.state not in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)
    return page(
        "applications/application.html",
        application,
        summary=summary,
        is_draft=state is PublicState.DRAFT,
        has_lapsed=state is PublicState.LAPSED,
        saved_at=max((row.updated_at for row in summary.saved.values()), default=None),
        partners=partner_rows(summary),
        unconfirmed_organisations=summary.unconfirmed,
        progress=now,
        not_yet=not_yet(summary, now) if state is PublicState.DRAFT else "",
        question=question_of(history.events, application),
        history=steps,
        receipt=history.submission if counts else None,
        decisions=decisions_on(db.session(), application, known) if reads_decisions else (),
        report=report_on_page(db.session(), application, is_applicant=is_applicant),
        offers=()
        if application.handed_in_at
        else _offers(
            application,
            relation,
            Known(events=history.events, sections_missing=summary.dossier.sections_missing or ()),
        ),
        seen=len(steps),
        ways=ways_out(application.reference),
        review_href=url_for("applications.review", reference=application.reference),
        handling=handling_of(db.session(), application, current_actor(), g.relation),
        is_applicant=is_applicant,
    )


def _offers(
    application: Application, relation: Relation | None = None, known: Known = NOTHING_KNOWN
) -> tuple[Offer, ...]:
    """What this reader may do now; what the page has read already is not read again."""
    return offers(
        db.session(),
        application,
        current_actor(),
        g.received_at,
        relation=relation or relation_to(db.session(), current_actor(), application, g.relation),
        facts=facts_of(db.session(), application, g.received_at, known),
    )


def _short_page(template: str, application: Application, **values: object) -> str:
    """A page that reads nothing beside the application: there may be hundreds of them at the hour of closing."""
    left = time_left(application.call, g.received_at)
    state = shown_state(application)
    return render_template(template, application=application, state=state, time_left=left, **values)


def _too_late(application: Application, name: str, form: TransitionForm) -> str:
    """The page that says that a step came too late."""
    label = APPLICATION.by_name[name].text
    return _short_page("applications/transition.html", application, name=label, form=form, offer=None, ways=())


def _refused(
    application: Application, name: str, form: TransitionForm, refusals: Sequence[Refusal] = (), *, status: int
) -> ResponseReturnValue:
    """The page that says why a step was not taken, with the places where the reasons can be mended.

    It tells what has happened since, so its own form may take the step.
    """
    form.seen.data = str(seen_by(db.session(), application, current_actor(), g.relation))
    offer = next((each for each in _offers(application) if each.name == name), None)
    known = ways_out(application.reference)
    ways = dict.fromkeys(known[each.code] for each in refusals if each.code in known)
    body = page("applications/transition.html", application, name=name, form=form, offer=offer, ways=list(ways))
    return body, status
