"""Pages where the people of a network write what the public reads: a form of each text, and what is saved of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import g, render_template
from flask.typing import ResponseReturnValue

from urbact_calls.database import db
from urbact_calls.domain.permissions import lead_applicant, partner_editor
from urbact_calls.domain.refusal import Refused, Stale
from urbact_calls.networks import reads
from urbact_calls.networks.models import Network, Recommendation
from urbact_calls.networks.public_texts import commands
from urbact_calls.networks.public_texts.forms import DescribeForm, LocalGroupForm, PlanForm, RecommendationForm
from urbact_calls.networks.views import blueprint, network_at
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.edit_conflicts import edit_conflicts_of
from urbact_calls.web.form_answers import answer_status, done
from urbact_calls.web.forms import BaseForm, SelectChoice, attach

Row = TypeVar("Row")
Form = TypeVar("Form", bound=BaseForm)

SAVED = {True: "Saved. The public page shows it now.", False: "Saved. The public does not read it yet."}


@blueprint.route("/networks/<slug>/work/text", methods=["GET", "POST"])
@requires(lead_applicant, of=network_at)
def describe(network: Network) -> ResponseReturnValue:
    """What the public reads about the network."""
    slug = network.slug

    def save(form: DescribeForm) -> None:
        commands.describe(
            slug,
            theme=form.theme.data or "",
            summary=form.summary.data or "",
            version=form.version.number,
            actor=current_actor(),
            now=g.received_at,
        )

    return _written(network, "networks/describe.html", lambda network: network, DescribeForm.of, save)


@blueprint.route("/networks/<slug>/work/local-groups/<int:member_id>", methods=["GET", "POST"])
@requires(lead_applicant | partner_editor, of=network_at)
def local_group(network: Network, member_id: int) -> ResponseReturnValue:
    """The public contact of a Local Group, written by the people of its member."""
    slug, actor = network.slug, current_actor()

    def save(form: LocalGroupForm) -> None:
        commands.describe_local_group(
            slug,
            member_id,
            coordinator=form.coordinator.data or "",
            contact=form.contact.data or "",
            seen=form.seen.data or "",
            actor=actor,
            now=g.received_at,
        )

    return _written(
        network,
        "networks/local_group.html",
        lambda network: reads.own_member(db.session(), network, member_id, actor),
        LocalGroupForm.of,
        save,
    )


@blueprint.route("/networks/<slug>/work/plans/<int:plan_id>", methods=["GET", "POST"])
@requires(lead_applicant | partner_editor, of=network_at)
def plan(network: Network, plan_id: int) -> ResponseReturnValue:
    """Title and link of a plan, and whether the public reads them."""
    slug, actor = network.slug, current_actor()
    return _written(
        network,
        "networks/plan.html",
        lambda network: reads.plan_to_write(db.session(), network, plan_id, actor),
        PlanForm.of,
        lambda form: commands.describe_plan(slug, plan_id, writing=form.writing, actor=actor, now=g.received_at),
    )


@blueprint.route("/networks/<slug>/work/recommendations/new", methods=["GET", "POST"])
@requires(lead_applicant, of=network_at)
def new_recommendation(network: Network) -> ResponseReturnValue:
    """Something that the network recommends to others."""
    return _recommendation(network, None)


@blueprint.route("/networks/<slug>/work/recommendations/<int:recommendation_id>", methods=["GET", "POST"])
@requires(lead_applicant, of=network_at)
def recommendation(network: Network, recommendation_id: int) -> ResponseReturnValue:
    """A recommendation as it stands, to change it."""
    return _recommendation(network, recommendation_id)


def _recommendation(network: Network, id_: int | None) -> ResponseReturnValue:
    slug = network.slug
    choices = [SelectChoice(0, "The whole network")]
    choices += [SelectChoice(member.id, member.organisation.name) for member in network.members]

    def find(network: Network) -> Recommendation | None:
        return reads.recommendation_of(network, id_) if id_ is not None else None

    def form_of(found: Recommendation | None, **options: Any) -> RecommendationForm:
        form = RecommendationForm.of(found, **options)
        form.member_id.choices = choices
        return form

    def save(form: RecommendationForm) -> None:
        writing, member_id, actor = form.writing, form.member_id.data or None, current_actor()
        if id_ is None:
            commands.add_recommendation(slug, writing=writing, member_id=member_id, actor=actor, now=g.received_at)
        else:
            commands.change_recommendation(
                slug, id_, writing=writing, member_id=member_id, actor=actor, now=g.received_at
            )

    return _written(network, "networks/recommendation.html", find, form_of, save)


def _written(
    network: Network,
    template: str,
    find: Callable[[Network], Row],
    form_of: Callable[..., Form],
    save: Callable[[Form], None],
) -> ResponseReturnValue:
    """The form of a row of the network, which `save` keeps, with what a colleague has stored meanwhile beside it."""
    slug, row = network.slug, find(network)
    form, edit_conflicts, status = form_of(row), [], answer_status()
    if form.validate_on_submit():
        try:
            save(form)
        except Refused as problem:
            attach(form, problem.refusals)
        except Stale:
            status = 409
        else:
            return done(SAVED["is_public" not in form or form["is_public"].data], "networks.show", slug=slug)
        network = reads.founded(db.session(), slug)
        row = find(network)
        if status == 409:
            # What was typed stays; saving again replaces what stands there now, knowingly.
            stored = form_of(row, formdata=None)
            edit_conflicts, mark = edit_conflicts_of(form, stored), "version" if "version" in form else "seen"
            form[mark].data = stored[mark].data
    page = render_template(template, network=network, row=row, form=form, edit_conflicts=edit_conflicts)
    return page, status
