"""The partnership: who takes part, who may write, and how it stands against the rules of the call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications import invitations, services
from urbact_calls.applications.forms import AddPartnerForm, PartnerForm
from urbact_calls.applications.models import Application
from urbact_calls.applications.operations import partners_to_write_for
from urbact_calls.applications.outline import outline_of
from urbact_calls.applications.views.blueprint import (
    application_of,
    blueprint,
    is_writable,
    may_read,
    own_part,
    page,
)
from urbact_calls.database import db
from urbact_calls.domain.permissions import lead_applicant
from urbact_calls.domain.refusal import Refused, Stale
from urbact_calls.organisations.models import Organisation
from urbact_calls.organisations.queries import SHORTEST_SEARCH, search
from urbact_calls.organisations.regions import standings
from urbact_calls.reference.countries import programme_countries
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.forms import BaseForm, attach

MOVED_ON = "The partnership was changed by somebody else. Nothing is lost: look at it as it is now, then send again."


@blueprint.route("/applications/<reference>/partners")
@requires(may_read, of=application_of)
def partners(application: Application) -> ResponseReturnValue:
    """The partners, a search for more, and the meter of the partnership."""
    return _page(application, PartnerForm(formdata=None))


@blueprint.route("/applications/<reference>/partners", methods=["POST"])
@requires(lead_applicant, of=application_of)
def add_partner(application: Application) -> ResponseReturnValue:
    """Adds an organisation from the list."""
    form = AddPartnerForm()
    if not form.validate():
        return _page(application, form), 422
    return _act(
        application,
        form,
        lambda: services.add_partner(
            application.reference,
            slug=form.organisation.data or "",
            version=form.version.number,
            actor=current_actor(),
            now=g.received_at,
        ),
        "Partner added.",
    )


@blueprint.route("/applications/<reference>/partners/<int(max=2147483647):partner_id>/removal", methods=["POST"])
@requires(lead_applicant, of=application_of)
def remove_partner(application: Application, partner_id: int) -> ResponseReturnValue:
    """Takes a project partner out."""
    form = PartnerForm()
    return _act(
        application,
        form,
        lambda: services.remove_partner(
            application.reference,
            partner_id,
            version=form.version.number,
            actor=current_actor(),
            now=g.received_at,
            storage=current_app.extensions["storage"],
        ),
        "Partner taken out, with its budget and its letter.",
    )


@blueprint.route("/applications/<reference>/partners/<int(max=2147483647):partner_id>/editing", methods=["POST"])
@requires(lead_applicant, of=application_of)
def set_editing(application: Application, partner_id: int) -> ResponseReturnValue:
    """Lets the people of a partner write, or only read."""
    form = PartnerForm()
    may_edit = form.may_edit.data == "yes"
    return _act(
        application,
        form,
        lambda: services.set_partner_editing(
            application.reference,
            partner_id,
            may_edit=may_edit,
            version=form.version.number,
            actor=current_actor(),
            now=g.received_at,
        ),
        "Its people can write now." if may_edit else "Its people can read now, not write.",
    )


def _act(application: Application, form: BaseForm, act: Callable[[], None], done: str) -> ResponseReturnValue:
    """One act on the partnership: done and back to the page, or the page with the reason."""
    try:
        act()
    except Stale:
        form.form_errors.append(MOVED_ON)
        return _page(application, form), 409
    except Refused as problem:
        attach(form, problem.refusals)
        return _page(application, form), 409
    flash(done, "good")
    return redirect(url_for("applications.partners", reference=application.reference))


def _page(application: Application, problem: BaseForm) -> str:
    invited = invitations.of_application(db.session(), application)
    text, country = request.args.get("name", "")[:200], request.args.get("country", "")[:2]
    outline = outline_of(db.session(), application, g.received_at)
    own = partners_to_write_for(current_actor(), g.relation, outline.partners)
    return page(
        "applications/partners.html",
        application,
        outline=outline,
        own_ids={partner.id for partner in own},
        own_part=own_part(outline, application),
        standings=standings(db.session(), [partner.organisation for partner in outline.partners]),
        problem=problem,
        leads=is_writable(application) and lead_applicant(current_actor(), g.relation),
        text=text,
        country=country,
        countries=[(each.code, each.name) for each in programme_countries().values()],
        shortest=SHORTEST_SEARCH,
        found=_found(text, country),
        invited=[(each, invitations.is_waiting(each, g.received_at)) for each in invited],
        is_lead=lead_applicant(current_actor(), g.relation),
    )


def _found(text: str, country: str) -> Sequence[Organisation]:
    return search(db.session(), text, country or None) if text.strip() else ()
