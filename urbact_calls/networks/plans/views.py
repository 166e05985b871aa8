"""Page where a member writes about its plan."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.database import db
from urbact_calls.domain.permissions import lead_applicant, partner_editor
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.networks import reads as networks
from urbact_calls.networks.models import Network, Plan
from urbact_calls.networks.plans import commands, reads
from urbact_calls.networks.plans.commands import PublicText
from urbact_calls.networks.plans.forms import PlanForm
from urbact_calls.networks.views import blueprint, network_at
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.edit_conflicts import edit_conflicts_of
from urbact_calls.web.forms import attach

SAVED = {True: "Saved. The public page shows it now.", False: "Saved. The public does not read it yet."}


@blueprint.route("/networks/<slug>/work/plans/<int(max=2147483647):plan_id>", methods=["GET", "POST"])
@requires(lead_applicant | partner_editor, of=network_at)
def plan(network: Network, plan_id: int) -> ResponseReturnValue:
    """Title and link of a plan, and whether the public reads them."""
    slug, found = network.slug, reads.plan_of(db.session(), network, plan_id)
    if not commands.may_write_plan(current_actor(), network, found.member):
        raise NotFound(f"plan {plan_id}")
    form = _plan_form(found)
    page = {"member": found.member.organisation.name, "kind": found.kind.label}
    conflicts, status = [], answer_status()
    if form.validate_on_submit():
        try:
            commands.describe_plan(
                slug, plan_id, writing=public_text_of(form), actor=current_actor(), now=g.received_at
            )
        except Refused as problem:
            attach(form, problem.refusals)
            network = networks.founded(db.session(), slug)
        except Stale:
            network = networks.founded(db.session(), slug)
            stored = _plan_form(reads.plan_of(db.session(), network, plan_id), formdata=None)
            conflicts, status, form.seen.data = edit_conflicts_of(form, stored), 409, stored.seen.data
        else:
            flash(SAVED[bool(form.is_public.data)], "good")
            return redirect(url_for("networks.show", slug=slug))
    return render_template("networks/plan.html", network=network, form=form, conflicts=conflicts, **page), status


def _plan_form(found: Plan, **options: Any) -> PlanForm:
    return PlanForm(obj=found, seen=found.mark, is_public=found.published_on is not None, **options)


def public_text_of(form: PlanForm) -> PublicText:
    text = form["text"].data if "text" in form else ""
    return PublicText(
        title=form.title.data or "",
        url=form.url.data or "",
        is_public=bool(form.is_public.data),
        text=text or "",
        seen=form.seen.data or "",
    )


def answer_status() -> int:
    """A form that came back with faults is not a success."""
    return 422 if request.method == "POST" else 200
