"""Working page of a network: for its lead, its members, and the Joint Secretariat."""

from __future__ import annotations

from functools import partial

from flask import g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.assessment.reads import relation_to
from urbact_calls.database import db
from urbact_calls.domain.permissions import Actor, Relation, allocated_assessor, chair_of_this_panel, lead_applicant
from urbact_calls.networks import reads
from urbact_calls.networks.expertise import reads as expertise
from urbact_calls.networks.expertise import views
from urbact_calls.networks.models import Network
from urbact_calls.networks.views import blueprint, network_at
from urbact_calls.web.access import Loaded, current_actor, requires
from urbact_calls.workflow import timeline
from urbact_calls.workflow.take import offers


@blueprint.route("/networks/<slug>/work")
@requires(reads.may_read, of=network_at)
def show(network: Network) -> ResponseReturnValue:
    """Members, Local Groups, and what can be done next with the reasons that close it."""
    actor = current_actor()
    return render_template(
        "networks/show.html",
        network=network,
        offers=offers(db.session(), network, actor, g.received_at),
        envelope=expertise.envelope_of(db.session(), network),
        events=timeline.told(timeline.events_of(db.session(), network.subject), actor, g.relation),
        url_for_transition=lambda name: url_for("networks.transition", slug=network.slug, name=name),
        event_label=lambda event: timeline.act_of(event).told,
        is_lead=lead_applicant(actor, g.relation),
        may_read_candidates=views.may_read_candidates(actor, g.relation),
        works_for=partial(reads.works_for, actor),
        may_write_for=partial(reads.may_write_for, actor, network),
    )


def network_from(actor: Actor, reference: str) -> Loaded:
    """The network of an application, with what the actor is to either of them."""
    network = network_at(actor, reads.slug_of(db.session(), reference))
    on_the_panel = relation_to(db.session(), actor, network.subject.application_id)
    return Loaded(network.subject, Relation(network.relation.roles | on_the_panel.roles, on_the_panel.is_conflicted))


@blueprint.route("/applications/<reference>/network")
@requires(reads.may_read | allocated_assessor | chair_of_this_panel, of=network_from)
def of_application(network: Network) -> ResponseReturnValue:
    """From an application to what it became; those who assessed it come to the public page."""
    is_public = not reads.may_read(current_actor(), g.relation)
    return redirect(url_for("catalogue.network" if is_public else "networks.show", slug=network.slug))
