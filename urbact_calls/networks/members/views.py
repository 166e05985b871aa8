"""Pages of a network and its members: the text of the network, its transitions, one agreement for each member."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from urbact_calls import pdfs
from urbact_calls.database import db
from urbact_calls.domain.permissions import lead_applicant, partner_editor
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.vocabulary import NetworkState
from urbact_calls.domain.words import second
from urbact_calls.networks import reads
from urbact_calls.networks.members import commands
from urbact_calls.networks.members.forms import AgreementForm, DescribeForm, StepForm
from urbact_calls.networks.models import Member, Network
from urbact_calls.networks.views import blueprint, network_at
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.downloads import download
from urbact_calls.web.edit_conflicts import edit_conflicts_of


@blueprint.route("/networks/<slug>/work/text", methods=["GET", "POST"])
@requires(lead_applicant, of=network_at)
def describe(network: Network) -> ResponseReturnValue:
    """What the public reads about the network."""
    slug, form = network.slug, _describe_form(network)
    if not form.validate_on_submit():
        return render_template("networks/describe.html", network=network, form=form, conflicts=()), answer_status()
    try:
        commands.describe(
            slug,
            theme=form.theme.data or "",
            summary=form.summary.data or "",
            version=form.version.number,
            actor=current_actor(),
            now=g.received_at,
        )
    except Stale:
        # What was typed stays; saving again replaces what stands there now, knowingly.
        network = reads.founded(db.session(), slug)
        stored = _describe_form(network, formdata=None)
        conflicts, form.version.data = edit_conflicts_of(form, stored), stored.version.data
        return render_template("networks/describe.html", network=network, form=form, conflicts=conflicts), 409
    flash("Saved. The public page shows it now.", "good")
    return redirect(url_for("networks.show", slug=slug))


def _describe_form(network: Network, **options: Any) -> DescribeForm:
    stored = {"theme": network.theme, "summary": network.summary, "version": str(network.version)}
    return DescribeForm(data=stored, **options)


@blueprint.route("/networks/<slug>/transitions/<name>", methods=["POST"])
@requires(reads.may_read, of=network_at)
def transition(network: Network, name: str) -> ResponseReturnValue:
    """Takes one step of the network's life."""
    slug, form = network.slug, StepForm()
    commands.take_transition(
        slug, name, current_actor(), g.received_at, reason=form.reason.data, version=form.version.number
    )
    return redirect(url_for("networks.show", slug=slug))


def answer_status() -> int:
    """A form that came back with faults is not a success."""
    return 422 if request.method == "POST" else 200


@blueprint.route("/networks/<slug>/work/agreements")
@requires(reads.may_read, of=network_at)
def agreements(network: Network) -> ResponseReturnValue:
    """The signed agreements: which are here, which are missing."""
    return _agreements(network)


@blueprint.route("/networks/<slug>/work/agreements/<int(max=2147483647):member_id>", methods=["POST"])
@requires(lead_applicant | partner_editor, of=network_at)
def upload_agreement(network: Network, member_id: int) -> ResponseReturnValue:
    """Keeps an agreement; or says beside its field why not."""
    slug, actor, member = network.slug, current_actor(), _member(network, member_id)
    if not commands.may_bring_agreement(actor, network, member):
        raise NotFound(f"member {member_id}")
    file = AgreementForm(prefix=f"m{member_id}-").agreement.data
    if not isinstance(file, FileStorage) or not file.filename:
        return _agreements(network, member_id, "Choose the signed agreement as PDF, then send it."), 422
    try:
        commands.keep_agreement(
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
        return _agreements(reads.founded(db.session(), slug), member_id, str(problem)), status
    flash(f"Agreement saved {second(g.received_at)}.", "good")
    return redirect(url_for("networks.agreements", slug=slug))


@blueprint.route("/networks/<slug>/work/agreements/<int(max=2147483647):member_id>")
@requires(reads.may_read, of=network_at)
def agreement(network: Network, member_id: int) -> ResponseReturnValue:
    """An agreement as it was uploaded."""
    kept = _member(network, member_id).agreement
    if kept is None:
        raise NotFound(f"agreement of {member_id}")
    return download(kept.storage_key, filename=kept.filename, media_type=pdfs.MEDIA_TYPE)


def _agreements(network: Network, member_id: int | None = None, error: str = "") -> str:
    actor, rows = current_actor(), []
    is_forming = network.state is NetworkState.FORMING
    for member in network.members:
        form = AgreementForm(formdata=None, prefix=f"m{member.id}-")
        form.agreement.label.text = f"Agreement of {member.organisation.name}"
        if member.id == member_id and error:
            form.agreement.errors = [error]
        rows.append((member, form, is_forming and commands.may_bring_agreement(actor, network, member)))
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
