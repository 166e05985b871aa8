"""Experts and agreements of a network: search, apply, appoint; one agreement for each member."""

from __future__ import annotations

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from wtforms import SelectChoice  # type: ignore[attr-defined]  # the stubs do not know SelectChoice of 3.3

from urbact_calls import pdfs
from urbact_calls.database import db
from urbact_calls.domain.permissions import Actor, auditor, expert, lead_applicant, office, own_expert, partner_editor
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import ExpertTrack, NetworkState
from urbact_calls.domain.workflow.expert_application import EXPERT_APPLICATION, why_not_apply
from urbact_calls.experts.languages import language_words, theme_words
from urbact_calls.experts.queries import of_user, validated_roles
from urbact_calls.networks import expert_services, expertise, queries, services
from urbact_calls.networks.blueprint import blueprint, network_at
from urbact_calls.networks.forms import AgreementForm, ApplyForm, DecisionForm, SearchForm
from urbact_calls.networks.models import ExpertApplication, Member, Network
from urbact_calls.reference.countries import country_name
from urbact_calls.web.access import Loaded, current_actor, requires
from urbact_calls.web.downloads import download
from urbact_calls.web.filters import second
from urbact_calls.web.forms import attach
from urbact_calls.workflow.take import offers

may_read_candidates = lead_applicant | office | auditor


def candidate_at(actor: Actor, application_id: int) -> Loaded:
    found = expertise.candidate(db.session(), application_id)
    return Loaded(found, expertise.relation_to(actor, found))


def searches_at(actor: Actor, slug: str) -> Loaded:
    """A network that looks for experts: every expert may read what it looks for."""
    network = queries.founded(db.session(), slug)
    expertise.open_searches_of(db.session(), slug)
    return Loaded(network, queries.relation_to(actor, network))


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
    if not form.validate_on_submit():
        return _experts(network, form), 422
    try:
        expert_services.open_expert_search(
            slug,
            role=ExpertTrack(form.role.data),
            task=form.task.data or "",
            actor=current_actor(),
            now=g.received_at,
        )
    except Refused as problem:
        attach(form, problem.refusals)
        return _experts(queries.founded(db.session(), slug), form), 409
    flash("The search is open. Validated experts can apply now.", "good")
    return redirect(url_for("networks.experts", slug=slug))


@blueprint.route("/networks/<slug>/work/experts/<int(max=2147483647):search_id>/closing", methods=["POST"])
@requires(lead_applicant, of=network_at)
def close_search(network: Network, search_id: int) -> ResponseReturnValue:
    """Ends a search without an appointment."""
    slug = network.slug
    expert_services.close_expert_search(slug, search_id, current_actor(), g.received_at)
    flash("The search is closed. Those who had applied are told.", "good")
    return redirect(url_for("networks.experts", slug=slug))


@blueprint.route("/expert-applications/")
@requires(expert)
def expert_applications() -> ResponseReturnValue:
    """What an expert has applied for, and what else is searched."""
    session, user_id = db.session(), current_actor().user_id or 0
    profile = of_user(session, user_id)
    return render_template(
        "networks/expert_applications.html",
        profile=profile,
        roles=validated_roles(profile),
        own=expertise.applications_of(session, user_id),
        searches=expertise.open_searches(session),
    )


@blueprint.route("/networks/<slug>/expert-applications", methods=["GET", "POST"])
@requires(expert, of=searches_at)
def apply_to_join(network: Network) -> ResponseReturnValue:
    """What a network looks for, and the form with which an expert applies."""
    slug, actor = network.slug, current_actor()
    form = ApplyForm(search=request.args.get("search", type=int))
    searches = expertise.open_searches_of(db.session(), slug)
    form.search.choices = [
        SelectChoice(search.id, f"{search.role.label}: {_short(search.task)}") for search in searches
    ]
    status = 200
    if request.method == "POST" and not form.validate_on_submit():
        status = 422
    elif request.method == "POST":
        try:
            application_id = expert_services.apply_to_join(
                slug, form.search.data, motivation=form.motivation.data or "", actor=actor, now=g.received_at
            )
        except Refused as problem:
            attach(form, problem.refusals)
            status = 409
        else:
            flash("Your application is sent. The lead partner of the network decides.", "good")
            return redirect(url_for("networks.candidate", application_id=application_id))
    session = db.session()
    network, searches = queries.founded(session, slug), expertise.open_searches_of(session, slug)
    profile = of_user(session, actor.user_id or 0)
    against = [
        (search, tuple(why_not_apply(expertise.candidate_facts(session, network, search, profile))))
        for search in searches
    ]
    return render_template("networks/apply_to_join.html", network=network, form=form, against=against), status


@blueprint.route("/expert-applications/<int(max=2147483647):application_id>")
@requires(own_expert | lead_applicant | office | auditor, of=candidate_at)
def candidate(found: ExpertApplication) -> ResponseReturnValue:
    """One application of an expert: for the expert its state, for the lead partner the decision."""
    return _candidate(found, DecisionForm(formdata=None))


@blueprint.route("/expert-applications/<int(max=2147483647):application_id>/transitions/<name>", methods=["POST"])
@requires(own_expert | lead_applicant, of=candidate_at)
def take_expert_transition(found: ExpertApplication, name: str) -> ResponseReturnValue:
    """Appoints for some days, declines with a reason, or withdraws."""
    form, application_id = DecisionForm(), found.id
    # Whoever may not know of this step learns nothing from the form either.
    step = EXPERT_APPLICATION.by_name.get(name)
    if step is None or not step.permission(current_actor(), g.relation):
        raise NotFound(name)
    if not form.validate_on_submit():
        return _candidate(found, form), 422
    try:
        expert_services.take_expert_transition(
            application_id,
            name,
            current_actor(),
            g.received_at,
            version=form.version.number,
            reason=form.reason.data,
            days=form.days.data,
        )
    except Refused as problem:
        attach(form, problem.refusals)
        return _candidate(expertise.candidate(db.session(), application_id), form), 409
    flash(say(step.success), "good")
    return redirect(url_for("networks.candidate", application_id=application_id))


@blueprint.route("/networks/<slug>/work/agreements")
@requires(queries.may_read, of=network_at)
def agreements(network: Network) -> ResponseReturnValue:
    """The signed agreements: which are here, which are missing."""
    return _agreements(network)


@blueprint.route("/networks/<slug>/work/agreements/<int(max=2147483647):member_id>", methods=["POST"])
@requires(lead_applicant | partner_editor, of=network_at)
def upload_agreement(network: Network, member_id: int) -> ResponseReturnValue:
    """Keeps an agreement; or says beside its field why not."""
    slug, actor, member = network.slug, current_actor(), _member(network, member_id)
    if not services.may_bring_agreement(actor, network, member):
        raise NotFound(f"member {member_id}")
    file = AgreementForm(prefix=f"m{member_id}-").agreement.data
    if not isinstance(file, FileStorage) or not file.filename:
        return _agreements(network, member_id, "Choose the signed agreement as PDF, then send it."), 422
    try:
        services.keep_agreement(
            slug,
            member_id,
            content=file.stream.read(pdfs.LARGEST_BYTES + 1),
            filename=file.filename,
            actor=actor,
            now=g.received_at,
            storage=current_app.extensions["storage"],
        )
    except Refused as problem:
        status = {pdfs.TooLarge: 413, pdfs.NotAPdf: 415}.get(type(problem), 409)
        return _agreements(queries.founded(db.session(), slug), member_id, str(problem)), status
    flash(f"Agreement saved {second(g.received_at)}.", "good")
    return redirect(url_for("networks.agreements", slug=slug))


@blueprint.route("/networks/<slug>/work/agreements/<int(max=2147483647):member_id>")
@requires(queries.may_read, of=network_at)
def agreement(network: Network, member_id: int) -> ResponseReturnValue:
    """An agreement as it was uploaded."""
    kept = _member(network, member_id).agreement
    if kept is None:
        raise NotFound(f"agreement of {member_id}")
    return download(kept.storage_key, filename=kept.filename, media_type=pdfs.MEDIA_TYPE)


def _experts(network: Network, form: SearchForm) -> str:
    actor = current_actor()
    return render_template(
        "networks/experts.html",
        network=network,
        form=form,
        searches=expertise.searches_of(db.session(), network),
        purse=expertise.purse_of(db.session(), network),
        is_lead=lead_applicant(actor, queries.relation_to(actor, network))
        and network.state is not NetworkState.COMPLETED,
    )


def _candidate(found: ExpertApplication, form: DecisionForm) -> str:
    session, actor = db.session(), current_actor()
    relation = expertise.relation_to(actor, found)
    offered = offers(session, found, actor, g.received_at, relation=relation)
    appoints = EXPERT_APPLICATION.names(lambda act: act.opens == "appointment")
    return render_template(
        "networks/candidate.html",
        found=found,
        form=form,
        appoint=next((offer for offer in offered if offer.name in appoints), None),
        others=[offer for offer in offered if offer.name not in appoints],
        purse=expertise.purse_of(session, found.search.network),
        is_own=own_expert(actor, relation),
        kinds=[kind.label for kind in found.profile.validated_kinds],
        themes=theme_words(found.profile.themes),
        languages=language_words(found.profile.languages),
        country=country_name(found.profile.country) if found.profile.country else None,
        url_for_transition=lambda name: url_for("networks.take_expert_transition", application_id=found.id, name=name),
    )


def _agreements(network: Network, member_id: int | None = None, error: str = "") -> str:
    actor, rows = current_actor(), []
    is_forming = network.state is NetworkState.FORMING
    for member in network.members:
        form = AgreementForm(formdata=None, prefix=f"m{member.id}-")
        form.agreement.label.text = f"Agreement of {member.organisation.name}"
        if member.id == member_id and error:
            form.agreement.errors = [error]
        rows.append((member, form, is_forming and services.may_bring_agreement(actor, network, member)))
    return render_template(
        "networks/agreements.html",
        network=network,
        rows=rows,
        problem=next((form for _, form, _ in rows if form.errors), None),
        largest_bytes=pdfs.LARGEST_BYTES,
    )


def _member(network: Network, member_id: int) -> Member:
    member = next((member for member in network.members if member.id == member_id), None)
    if member is None:
        raise NotFound(f"member {member_id}")
    return member


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79]}…"
