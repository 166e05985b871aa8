"""Where a member writes about its plan, and the lead partner about what the network recommends."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice  # type: ignore[attr-defined]  # the stubs do not know SelectChoice of 3.3

from urbact_calls.database import db
from urbact_calls.domain.permissions import lead_applicant, partner_editor
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.networks import plan_services, queries
from urbact_calls.networks.blueprint import blueprint, network_at
from urbact_calls.networks.forms import PlanForm, RecommendationForm
from urbact_calls.networks.models import Network, Plan, Recommendation
from urbact_calls.networks.plan_services import Writing
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.clashes import clashes_of
from urbact_calls.web.forms import attach

SAVED = {True: "Saved. The public page shows it now.", False: "Saved. The public does not read it yet."}


@blueprint.route("/networks/<slug>/work/plans/<int(max=2147483647):plan_id>", methods=["GET", "POST"])
@requires(lead_applicant | partner_editor, of=network_at)
def plan(network: Network, plan_id: int) -> ResponseReturnValue:
    """Title and link of a plan, and whether the public reads them."""
    slug, found = network.slug, queries.plan_of(db.session(), network, plan_id)
    if not plan_services.may_write_plan(current_actor(), network, found.member):
        raise NotFound(f"plan {plan_id}")
    form = _plan_form(found)
    page = {"member": found.member.organisation.name, "kind": found.kind.label}
    clashes, status = [], _status()
    if form.validate_on_submit():
        try:
            plan_services.describe_plan(slug, plan_id, writing=_writing(form), actor=current_actor(), now=g.received_at)
        except Refused as problem:
            attach(form, problem.refusals)
            network = queries.founded(db.session(), slug)
        except Stale:
            network = queries.founded(db.session(), slug)
            stored = _plan_form(queries.plan_of(db.session(), network, plan_id), formdata=None)
            clashes, status, form.seen.data = clashes_of(form, stored), 409, stored.seen.data
        else:
            flash(SAVED[bool(form.is_public.data)], "good")
            return redirect(url_for("networks.show", slug=slug))
    return render_template("networks/plan.html", network=network, form=form, clashes=clashes, **page), status


def _plan_form(found: Plan, **options: Any) -> PlanForm:
    return PlanForm(obj=found, seen=found.mark, is_public=found.published_on is not None, **options)


@blueprint.route("/networks/<slug>/work/recommendations/new", methods=["GET", "POST"])
@requires(lead_applicant, of=network_at)
def new_recommendation(network: Network) -> ResponseReturnValue:
    """Something that the network recommends to others."""
    return _recommendation(network, None)


@blueprint.route(
    "/networks/<slug>/work/recommendations/<int(max=2147483647):recommendation_id>", methods=["GET", "POST"]
)
@requires(lead_applicant, of=network_at)
def recommendation(network: Network, recommendation_id: int) -> ResponseReturnValue:
    """A recommendation as it stands, to change it."""
    return _recommendation(network, queries.recommendation_of(network, recommendation_id))


def _recommendation(network: Network, said: Recommendation | None) -> ResponseReturnValue:
    slug, id_ = network.slug, said.id if said else None
    form, clashes, status = _recommendation_form(network, said), [], _status()
    if form.validate_on_submit():
        writing, member_id = _writing(form), form.member_id.data or None
        actor, now = current_actor(), g.received_at
        try:
            if id_ is None:
                plan_services.add_recommendation(slug, writing=writing, member_id=member_id, actor=actor, now=now)
            else:
                plan_services.change_recommendation(
                    slug, id_, writing=writing, member_id=member_id, actor=actor, now=now
                )
        except Refused as problem:
            attach(form, problem.refusals)
            network = queries.founded(db.session(), slug)
        except Stale:
            network = queries.founded(db.session(), slug)
            stored = _recommendation_form(network, queries.recommendation_of(network, id_ or 0), formdata=None)
            clashes, status, form.seen.data = clashes_of(form, stored), 409, stored.seen.data
        else:
            flash(SAVED[bool(form.is_public.data)], "good")
            return redirect(url_for("networks.show", slug=slug))
    page = render_template(
        "networks/recommendation.html", network=network, form=form, clashes=clashes, is_new=id_ is None
    )
    return page, status


def _recommendation_form(network: Network, said: Recommendation | None, **options: Any) -> RecommendationForm:
    form = RecommendationForm(
        obj=said,
        seen=said.mark if said else "",
        is_public=said is not None and said.published_on is not None,
        **options,
    )
    cities = [SelectChoice(member.id, member.organisation.name) for member in network.members]
    form.member_id.choices = [SelectChoice(0, "The whole network"), *cities]
    return form


def _writing(form: PlanForm) -> Writing:
    text = form.text.data if isinstance(form, RecommendationForm) else ""
    return Writing(
        title=form.title.data or "",
        url=form.url.data or "",
        is_public=bool(form.is_public.data),
        text=text or "",
        seen=form.seen.data or "",
    )


def _status() -> int:
    """A form that came back with faults is not a success."""
    return 422 if request.method == "POST" else 200
