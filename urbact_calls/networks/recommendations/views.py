"""Pages where the lead partner writes what the network recommends."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.database import db
from urbact_calls.domain.permissions import lead_applicant
from urbact_calls.domain.refusal import Refused, Stale
from urbact_calls.networks import reads as networks
from urbact_calls.networks.models import Network, Recommendation
from urbact_calls.networks.plans.views import SAVED, public_text_of
from urbact_calls.networks.recommendations import commands, reads
from urbact_calls.networks.recommendations.forms import RecommendationForm
from urbact_calls.networks.views import answer_status, blueprint, network_at
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.edit_conflicts import edit_conflicts_of
from urbact_calls.web.forms import SelectChoice, attach


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
    return _recommendation(network, reads.recommendation_of(network, recommendation_id))


def _recommendation(network: Network, existing: Recommendation | None) -> ResponseReturnValue:
    slug, id_ = network.slug, existing.id if existing else None
    form, edit_conflicts, status = _recommendation_form(network, existing), [], answer_status()
    if form.validate_on_submit():
        writing, member_id = public_text_of(form), form.member_id.data or None
        actor, now = current_actor(), g.received_at
        try:
            if id_ is None:
                commands.add_recommendation(slug, writing=writing, member_id=member_id, actor=actor, now=now)
            else:
                commands.change_recommendation(slug, id_, writing=writing, member_id=member_id, actor=actor, now=now)
        except Refused as problem:
            attach(form, problem.refusals)
            network = networks.founded(db.session(), slug)
        except Stale:
            network = networks.founded(db.session(), slug)
            stored = _recommendation_form(network, reads.recommendation_of(network, id_ or 0), formdata=None)
            edit_conflicts, status, form.seen.data = edit_conflicts_of(form, stored), 409, stored.seen.data
        else:
            flash(SAVED[bool(form.is_public.data)], "good")
            return redirect(url_for("networks.show", slug=slug))
    page = render_template(
        "networks/recommendation.html", network=network, form=form, edit_conflicts=edit_conflicts, is_new=id_ is None
    )
    return page, status


def _recommendation_form(network: Network, existing: Recommendation | None, **options: Any) -> RecommendationForm:
    form = RecommendationForm(
        obj=existing,
        seen=existing.mark if existing else "",
        is_public=existing is not None and existing.published_on is not None,
        **options,
    )
    cities = [SelectChoice(member.id, member.organisation.name) for member in network.members]
    form.member_id.choices = [SelectChoice(0, "The whole network"), *cities]
    return form
