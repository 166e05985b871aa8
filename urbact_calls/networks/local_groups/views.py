"""Page where a member describes its URBACT Local Group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.database import db
from urbact_calls.domain.permissions import lead_applicant, partner_editor
from urbact_calls.domain.refusal import NotFound, Stale
from urbact_calls.networks import reads
from urbact_calls.networks.local_groups import commands as local_groups
from urbact_calls.networks.local_groups.forms import LocalGroupForm
from urbact_calls.networks.members import commands
from urbact_calls.networks.members.views import answer_status
from urbact_calls.networks.models import LocalGroup, Member, Network
from urbact_calls.networks.views import blueprint, network_at
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.edit_conflicts import edit_conflicts_of


@blueprint.route("/networks/<slug>/work/local-groups/<int(max=2147483647):member_id>", methods=["GET", "POST"])
@requires(lead_applicant | partner_editor, of=network_at)
def local_group(network: Network, member_id: int) -> ResponseReturnValue:
    """The public contact of a Local Group, written by the people of its member."""
    member = next((member for member in network.members if member.id == member_id), None)
    if member is None or not commands.works_for(current_actor(), member):
        raise NotFound(f"member {member_id}")
    slug, form = network.slug, _local_group_form(member)
    if not form.validate_on_submit():
        return _local_group(network, member, form), answer_status()
    try:
        local_groups.describe_local_group(
            slug,
            member_id,
            coordinator=form.coordinator.data or "",
            contact=form.contact.data or "",
            seen=form.seen.data or "",
            actor=current_actor(),
            now=g.received_at,
        )
    except Stale:
        network = reads.founded(db.session(), slug)
        member = reads.member_of(db.session(), network, member_id)
        stored = _local_group_form(member, formdata=None)
        conflicts, form.seen.data = edit_conflicts_of(form, stored), stored.seen.data
        return _local_group(network, member, form, conflicts), 409
    flash("Saved. The public page shows it now.", "good")
    return redirect(url_for("networks.show", slug=slug))


def _local_group_form(member: Member, **options: Any) -> LocalGroupForm:
    group = member.local_group or LocalGroup()
    return LocalGroupForm(obj=group, seen=group.mark, **options)


def _local_group(
    network: Network, member: Member, form: LocalGroupForm, conflicts: Sequence[Mapping[str, Any]] = ()
) -> str:
    return render_template("networks/local_group.html", network=network, member=member, form=form, conflicts=conflicts)
