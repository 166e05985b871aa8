"""Pages of expertise: the searches of a network, an expert's applications, and one application."""

from __future__ import annotations

from dataclasses import asdict

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.database import db
from urbact_calls.domain.permissions import Actor, auditor, expert, lead_applicant, office, own_expert
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import NetworkState
from urbact_calls.domain.workflow.expert_application import CHOOSE, EXPERT_APPLICATION, LEAVE, why_not_apply
from urbact_calls.experts.reads import of_user, roles_on, words_of
from urbact_calls.networks import reads as networks
from urbact_calls.networks.expertise import commands, reads
from urbact_calls.networks.expertise.forms import ApplyForm, CandidateDecisionForm, SearchForm
from urbact_calls.networks.models import ExpertApplication, Network
from urbact_calls.networks.views import blueprint, network_at
from urbact_calls.web.access import Loaded, current_actor, requires
from urbact_calls.web.form_answers import answer_status, attempt, done
from urbact_calls.web.forms import SelectChoice, attach
from urbact_calls.workflow.lives import offers

may_read_candidates = lead_applicant | office | auditor


def candidate_at(actor: Actor, application_id: int) -> Loaded:
    found = reads.candidate(db.session(), application_id)
    return Loaded(found, reads.relation_to(actor, found))


def searches_at(actor: Actor, slug: str) -> Loaded:
    """A network that looks for experts: every expert may read what it looks for."""
    network = networks.founded(db.session(), slug)
    reads.open_searches_of(db.session(), slug, g.received_at)
    return Loaded(network, networks.relation_to(actor, network))


@blueprint.route("/networks/<slug>/work/experts")
@requires(may_read_candidates, of=network_at)
def experts(network: Network) -> ResponseReturnValue:
    """The searches of a network, who applied, who is appointed, and what is left of the envelope."""
    return _experts(network, SearchForm(formdata=None))


@blueprint.route("/networks/<slug>/work/experts", methods=["POST"])
@requires(lead_applicant, of=network_at)
def open_search(network: Network) -> ResponseReturnValue:
    """Opens a search."""
    form, slug = SearchForm(), network.slug
    failed = attempt(
        form,
        lambda: commands.open_expert_search(
            slug, form.needs, actor=current_actor(), now=g.received_at, seen=form.seen.number
        ),
        refused=409,
    )
    if failed:
        return _experts(networks.founded(db.session(), slug), form), failed
    return done("The search is open. Validated experts can apply now.", "networks.experts", slug=slug)


@blueprint.route("/networks/<slug>/work/experts/<int:search_id>/closing", methods=["POST"])
@requires(lead_applicant, of=network_at)
def close_search(network: Network, search_id: int) -> ResponseReturnValue:
    """Ends a search without an appointment."""
    slug = network.slug
    commands.close_expert_search(slug, search_id, current_actor(), g.received_at)
    return done("The search is closed. Those who had applied are told.", "networks.experts", slug=slug)


@blueprint.route("/expert-applications/")
@requires(expert)
def expert_applications() -> ResponseReturnValue:
    """What an expert has applied for, and what else is searched."""
    session, user_id = db.session(), current_actor().user_id or 0
    profile = of_user(session, user_id)
    searches = reads.open_searches(session, g.received_at)
    matches = reads.matches_of(session, searches, profile, g.received_at) if profile else [None] * len(searches)
    return render_template(
        "networks/expert_applications.html",
        profile=profile,
        roles=roles_on(profile, g.received_at),
        own=reads.applications_of(session, user_id),
        searches=list(zip(searches, matches, strict=True)),
        bookings=reads.bookings_of(session, profile.id) if profile else (),
    )


@blueprint.route("/networks/<slug>/expert-applications", methods=["GET", "POST"])
@requires(expert, of=searches_at)
def apply_to_join(network: Network) -> ResponseReturnValue:
    """What a network looks for, and the form with which an expert applies."""
    slug, actor = network.slug, current_actor()
    form = ApplyForm(search=request.args.get("search", type=int))
    searches = reads.open_searches_of(db.session(), slug, g.received_at)
    form.search.choices = [
        SelectChoice(search.id, f"{search.role.label}: {_short(search.task)}") for search in searches
    ]
    status = answer_status()
    if form.validate_on_submit():
        try:
            application_id = commands.apply_to_join(
                slug, form.search.data, motivation=form.motivation.data or "", actor=actor, now=g.received_at
            )
        except Refused as problem:
            attach(form, problem.refusals)
            status = 409
            network, searches = (
                networks.founded(db.session(), slug),
                reads.open_searches_of(db.session(), slug, g.received_at),
            )
        else:
            words = "Your application is sent. The lead partner of the network decides."
            return done(words, "networks.candidate", application_id=application_id)
    session = db.session()
    profile = of_user(session, actor.user_id or 0)
    matches = reads.matches_of(session, searches, profile, g.received_at) if profile else [None] * len(searches)
    against = [
        (search, tuple(why_not_apply(reads.candidate_facts(session, network, search, profile, g.received_at))), match)
        for search, match in zip(searches, matches, strict=True)
    ]
    return render_template("networks/apply_to_join.html", network=network, form=form, against=against), status


@blueprint.route("/expert-applications/<int:application_id>")
@requires(own_expert | lead_applicant | office | auditor, of=candidate_at)
def candidate(found: ExpertApplication) -> ResponseReturnValue:
    """One application of an expert: for the expert its state, for the lead partner the decision."""
    return _candidate(found, CandidateDecisionForm(formdata=None))


@blueprint.route("/expert-applications/<int:application_id>/transitions/<name>", methods=["POST"])
@requires(own_expert | lead_applicant | office, of=candidate_at)
def take_expert_transition(found: ExpertApplication, name: str) -> ResponseReturnValue:
    """Chooses for some days, validates the choice, declines with a reason, withdraws, or ends the appointment."""
    form, application_id = CandidateDecisionForm(), found.id
    # Whoever may not know of this step learns nothing from the form either.
    step = EXPERT_APPLICATION.by_name.get(name)
    if step is None or not step.permission(current_actor(), g.relation):
        raise NotFound(name)
    if not form.validate_on_submit():
        return _candidate(found, form), 422
    try:
        commands.take_expert_transition(
            application_id,
            name,
            current_actor(),
            g.received_at,
            version=form.version.number,
            reason=form.reason.data,
            asked=form.asked,
            end=form.end,
        )
    except Refused as problem:
        attach(form, problem.refusals)
        return _candidate(reads.candidate(db.session(), application_id), form), 409
    return done(say(step.success), "networks.candidate", application_id=application_id)


def _experts(network: Network, form: SearchForm) -> str:
    actor, searches = current_actor(), reads.searches_of(db.session(), network)
    form.seen.data = str(len(searches))
    return render_template(
        "networks/experts.html",
        network=network,
        form=form,
        searches=searches,
        today=reads.today_in_paris(g.received_at),
        envelope=reads.envelope_of(db.session(), network),
        is_lead=lead_applicant(actor, networks.relation_to(actor, network))
        and network.state is not NetworkState.COMPLETED,
    )


def _candidate(found: ExpertApplication, form: CandidateDecisionForm) -> str:
    session, actor = db.session(), current_actor()
    relation = reads.relation_to(actor, found)
    offered = offers(session, found, actor, g.received_at, relation=relation)
    if not form.is_submitted():
        # What the search looks for is what is chosen, unless the lead partner agrees on something else.
        form.process(data=asdict(reads.DaysAsked.of(found)))
    (match,) = reads.matches_of(session, [found.search], found.profile, g.received_at, beside=found.id)
    return render_template(
        "networks/candidate.html",
        found=found,
        form=form,
        choose=next((offer for offer in offered if offer.name == CHOOSE.name), None),
        leave=next((offer for offer in offered if offer.name == LEAVE.name), None),
        others=[offer for offer in offered if offer.name not in (CHOOSE.name, LEAVE.name)],
        match=match,
        leads_elsewhere=reads.leads_elsewhere(session, found),
        bookings=reads.bookings_of(session, found.profile_id) if (office | auditor)(actor, relation) else None,
        may_be_appointed=found.search.role in roles_on(found.profile, g.received_at),
        envelope=reads.envelope_of(session, found.search.network),
        is_own=own_expert(actor, relation),
        **words_of(found.profile),
        url_for_transition=lambda name: url_for("networks.take_expert_transition", application_id=found.id, name=name),
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79]}…"
