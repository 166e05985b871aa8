"""Pages of a network and its members: the working page, its transitions, one agreement for each member."""

from __future__ import annotations

from functools import partial

from flask import g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from urbact_calls import pdfs
from urbact_calls.assessment.reads import relation_to
from urbact_calls.database import db
from urbact_calls.domain.permissions import (
    Actor,
    Relation,
    allocated_assessor,
    chair_of_this_panel,
    lead_applicant,
    partner_editor,
)
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.domain.vocabulary import NetworkState
from urbact_calls.domain.words import second
from urbact_calls.files.views import download, limit_uploads, takes_file, why_not_kept
from urbact_calls.networks import reads
from urbact_calls.networks.expertise.reads import envelope_of
from urbact_calls.networks.expertise.views import may_read_candidates
from urbact_calls.networks.members import commands
from urbact_calls.networks.members.forms import AgreementForm
from urbact_calls.networks.models import Network
from urbact_calls.networks.views import blueprint, network_at
from urbact_calls.organisations.reads import unconfirmed
from urbact_calls.web.access import Loaded, current_actor, requires
from urbact_calls.web.form_answers import done
from urbact_calls.web.forms import StepForm
from urbact_calls.workflow import lives
from urbact_calls.workflow.lives import offers


@blueprint.route("/networks/<slug>/work")
@requires(reads.may_read, of=network_at)
def show(network: Network) -> ResponseReturnValue:
    """Members, Local Groups, and what can be done next with the reasons that close it."""
    actor = current_actor()
    return render_template(
        "networks/show.html",
        network=network,
        offers=offers(db.session(), network, actor, g.received_at),
        envelope=envelope_of(db.session(), network),
        events=lives.told(lives.events_of(db.session(), network.subject), actor, g.relation),
        url_for_transition=lambda name: url_for("networks.transition", slug=network.slug, name=name),
        event_label=lambda event: lives.act_of(event).told,
        is_lead=lead_applicant(actor, g.relation),
        may_read_candidates=may_read_candidates(actor, g.relation),
        works_for=partial(reads.works_for, actor),
        may_write_for=partial(reads.may_write_for, actor, network),
        unconfirmed_organisations=unconfirmed(db.session(), [member.organisation_id for member in network.members]),
    )


def network_from(actor: Actor, reference: str) -> Loaded:
    """The network of an application, with what the actor is to either of them."""
    network = network_at(actor, reads.slug_of(db.session(), reference))
    on_the_panel = relation_to(db.session(), actor, network.subject.application_id)
    is_conflicted = network.relation.is_conflicted or on_the_panel.is_conflicted
    return Loaded(network.subject, Relation(network.relation.roles | on_the_panel.roles, is_conflicted))


@blueprint.route("/applications/<reference>/network")
@requires(reads.may_read | allocated_assessor | chair_of_this_panel, of=network_from)
def of_application(network: Network) -> ResponseReturnValue:
    """From an application to what it became; those who assessed it come to the public page."""
    is_public = not reads.may_read(current_actor(), g.relation)
    return redirect(url_for("catalogue.network" if is_public else "networks.show", slug=network.slug))


@blueprint.route("/networks/<slug>/transitions/<name>", methods=["POST"])
@requires(reads.may_read, of=network_at)
def transition(network: Network, name: str) -> ResponseReturnValue:
    """Takes one step of the network's life."""
    slug, form = network.slug, StepForm()
    commands.take_transition(
        slug, name, current_actor(), g.received_at, reason=form.reason.data, version=form.version.number
    )
    return redirect(url_for("networks.show", slug=slug))


@blueprint.route("/networks/<slug>/work/agreements")
@requires(reads.may_read, of=network_at)
def agreements(network: Network) -> ResponseReturnValue:
    """The signed agreements: which are here, which are missing."""
    return _agreements(network)


@blueprint.route("/networks/<slug>/work/agreements/<int:member_id>", methods=["POST"])
@takes_file
@requires(lead_applicant | partner_editor, of=network_at)
@limit_uploads
def upload_agreement(network: Network, member_id: int) -> ResponseReturnValue:
    """Keeps an agreement; or says beside its field why not."""
    slug = network.slug
    reads.member_to_write_for(db.session(), network, member_id, current_actor())
    field = AgreementForm(prefix=f"m{member_id}-").agreement
    refused = why_not_kept(field, "signed agreement", partial(commands.keep_agreement, slug, member_id))
    if refused:
        problem, status = refused
        return _agreements(reads.founded(db.session(), slug), member_id, problem), status
    return done(f"Agreement saved {second(g.received_at)}.", "networks.agreements", slug=slug)


@blueprint.route("/networks/<slug>/work/agreements/<int:member_id>")
@requires(reads.may_read, of=network_at)
def agreement(network: Network, member_id: int) -> ResponseReturnValue:
    """An agreement as it was uploaded."""
    member = reads.member_of(db.session(), network, member_id)
    kept = or_not_found(member.agreement, f"agreement of {member_id}")
    return download(kept.storage_key, filename=kept.filename, media_type=pdfs.MEDIA_TYPE)


def _agreements(network: Network, member_id: int | None = None, error: str = "") -> str:
    actor, rows = current_actor(), []
    is_forming = network.state is NetworkState.FORMING
    for member in network.members:
        form = AgreementForm(formdata=None, prefix=f"m{member.id}-")
        form.agreement.label.text = f"Agreement of {member.organisation.name}"
        if member.id == member_id and error:
            form.agreement.errors = [error]
        rows.append((member, form, is_forming and reads.may_write_for(actor, network, member)))
    return render_template(
        "networks/agreements.html",
        network=network,
        rows=rows,
        problem=next((form for _, form, _ in rows if form.errors), None),
        largest_bytes=pdfs.LARGEST_BYTES,
    )
