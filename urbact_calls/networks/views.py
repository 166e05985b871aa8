"""The working page of a network: for its lead, its members, and the Joint Secretariat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.assessment.queries import relation_to as panel_relation
from urbact_calls.database import db
from urbact_calls.domain.permissions import (
    Actor,
    Relation,
    allocated_assessor,
    chair_of_this_panel,
    lead_applicant,
    partner_editor,
)
from urbact_calls.domain.refusal import NotFound, Stale
from urbact_calls.networks import expert_views, expertise, plan_services, plan_views, queries, services
from urbact_calls.networks.blueprint import blueprint, network_at
from urbact_calls.networks.forms import DescribeForm, LocalGroupForm, StepForm
from urbact_calls.networks.models import LocalGroup, Member, Network
from urbact_calls.web.access import Loaded, current_actor, requires
from urbact_calls.web.clashes import clashes_of
from urbact_calls.workflow import timeline
from urbact_calls.workflow.take import offers

__all__ = ["blueprint", "expert_views", "plan_views"]


@blueprint.route("/networks/<slug>/work")
@requires(queries.may_read, of=network_at)
def show(network: Network) -> ResponseReturnValue:
    """Members, Local Groups, and what can be done next with the reasons that close it."""
    actor = current_actor()
    return render_template(
        "networks/show.html",
        network=network,
        offers=offers(db.session(), network, actor, g.received_at),
        purse=expertise.purse_of(db.session(), network),
        events=timeline.told(timeline.events_of(db.session(), network.subject), actor, g.relation),
        url_for_transition=lambda name: url_for("networks.transition", slug=network.slug, name=name),
        event_label=lambda event: timeline.act_of(event).told,
        is_lead=lead_applicant(actor, g.relation),
        may_read_candidates=expert_views.may_read_candidates(actor, g.relation),
        may_write_for=partial(services.works_for, actor),
        may_write_plan=partial(plan_services.may_write_plan, actor, network),
    )


def network_from(actor: Actor, reference: str) -> Loaded:
    """The network of an application, with what the actor is to either of them."""
    network = network_at(actor, queries.slug_of(db.session(), reference))
    on_the_panel = panel_relation(db.session(), actor, network.subject.application_id)
    return Loaded(network.subject, Relation(network.relation.roles | on_the_panel.roles, on_the_panel.is_conflicted))


@blueprint.route("/applications/<reference>/network")
@requires(queries.may_read | allocated_assessor | chair_of_this_panel, of=network_from)
def of_application(network: Network) -> ResponseReturnValue:
    """From an application to what it became; those who assessed it come to the public page."""
    is_public = not queries.may_read(current_actor(), g.relation)
    return redirect(url_for("catalogue.network" if is_public else "networks.show", slug=network.slug))


@blueprint.route("/networks/<slug>/work/text", methods=["GET", "POST"])
@requires(lead_applicant, of=network_at)
def describe(network: Network) -> ResponseReturnValue:
    """What the public reads about the network."""
    slug, form = network.slug, _describe_form(network)
    if not form.validate_on_submit():
        return render_template("networks/describe.html", network=network, form=form, clashes=()), _status()
    try:
        services.describe(
            slug,
            theme=form.theme.data or "",
            summary=form.summary.data or "",
            version=form.version.number,
            actor=current_actor(),
            now=g.received_at,
        )
    except Stale:
        # What was typed stays; saving again replaces what stands there now, knowingly.
        network = queries.founded(db.session(), slug)
        stored = _describe_form(network, formdata=None)
        clashes, form.version.data = clashes_of(form, stored), stored.version.data
        return render_template("networks/describe.html", network=network, form=form, clashes=clashes), 409
    flash("Saved. The public page shows it now.", "good")
    return redirect(url_for("networks.show", slug=slug))


def _describe_form(network: Network, **options: Any) -> DescribeForm:
    stored = {"theme": network.theme, "summary": network.summary, "version": str(network.version)}
    return DescribeForm(data=stored, **options)


@blueprint.route("/networks/<slug>/work/local-groups/<int(max=2147483647):member_id>", methods=["GET", "POST"])
@requires(lead_applicant | partner_editor, of=network_at)
def local_group(network: Network, member_id: int) -> ResponseReturnValue:
    """The public contact of a Local Group, written by the people of its member."""
    member = next((member for member in network.members if member.id == member_id), None)
    if member is None or not services.works_for(current_actor(), member):
        raise NotFound(f"member {member_id}")
    slug, form = network.slug, _local_group_form(member)
    if not form.validate_on_submit():
        return _local_group(network, member, form), _status()
    try:
        services.describe_local_group(
            slug,
            member_id,
            coordinator=form.coordinator.data or "",
            contact=form.contact.data or "",
            seen=form.seen.data or "",
            actor=current_actor(),
            now=g.received_at,
        )
    except Stale:
        network = queries.founded(db.session(), slug)
        member = queries.member_of(db.session(), network, member_id)
        stored = _local_group_form(member, formdata=None)
        clashes, form.seen.data = clashes_of(form, stored), stored.seen.data
        return _local_group(network, member, form, clashes), 409
    flash("Saved. The public page shows it now.", "good")
    return redirect(url_for("networks.show", slug=slug))


def _local_group_form(member: Member, **options: Any) -> LocalGroupForm:
    group = member.local_group or LocalGroup()
    return LocalGroupForm(obj=group, seen=group.mark, **options)


def _local_group(
    network: Network, member: Member, form: LocalGroupForm, clashes: Sequence[Mapping[str, Any]] = ()
) -> str:
    return render_template("networks/local_group.html", network=network, member=member, form=form, clashes=clashes)


@blueprint.route("/networks/<slug>/transitions/<name>", methods=["POST"])
@requires(queries.may_read, of=network_at)
def transition(network: Network, name: str) -> ResponseReturnValue:
    """Takes one step of the network's life."""
    slug, form = network.slug, StepForm()
    services.take_transition(
        slug, name, current_actor(), g.received_at, reason=form.reason.data, version=form.version.number
    )
    return redirect(url_for("networks.show", slug=slug))


def _status() -> int:
    """A form that came back with faults is not a success."""
    return 422 if request.method == "POST" else 200
