"""Pages of the partnership: partners added from the list or typed, taken out, and the rules that it meets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import current_app, g, request
from flask.typing import ResponseReturnValue

from urbact_calls.applications.invitations import reads
from urbact_calls.applications.models import Application
from urbact_calls.applications.partners import commands
from urbact_calls.applications.partners.forms import NewPartnerForm, PartnershipForm
from urbact_calls.applications.views import application_of, blueprint, is_writable, may_read, page, summary_of
from urbact_calls.database import db
from urbact_calls.domain.eligibility.city_names import has_only_signs
from urbact_calls.domain.entries import storable_line
from urbact_calls.domain.permissions import lead_applicant
from urbact_calls.domain.refusal import Refused, Stale
from urbact_calls.organisations.forms import LONGEST_NAME
from urbact_calls.organisations.reads import SHORTEST_SEARCH, region_statuses, search
from urbact_calls.places import reads as places
from urbact_calls.places.reads import PlacesFound
from urbact_calls.reference.countries import programme_countries
from urbact_calls.reference.gazetteer import ATTRIBUTION
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.form_answers import attempt, done
from urbact_calls.web.forms import BaseForm, attach


@blueprint.get("/applications/<reference>/partners")
@requires(may_read, of=application_of)
def partners(application: Application) -> ResponseReturnValue:
    """The partners, a search for more with the form for one that is not found, and the meter of the partnership."""
    return _page(application, PartnershipForm())


@blueprint.post("/applications/<reference>/partners")
@requires(lead_applicant, of=application_of)
def add_partner(application: Application) -> ResponseReturnValue:
    """Adds an organisation from the list."""
    form = PartnershipForm()
    return _act(application, form, commands.add_partner, words="Partner added.", slug=form.organisation.data or "")


@blueprint.post("/applications/<reference>/partners/<int:partner_id>/removal")
@requires(lead_applicant, of=application_of)
def remove_partner(application: Application, partner_id: int) -> ResponseReturnValue:
    """Takes a project partner out."""
    command = partial(commands.remove_partner, storage=current_app.extensions["storage"])
    words = "Partner taken out, with its profile, its budget and its letter."
    return _act(application, PartnershipForm(), command, words=words, partner_id=partner_id)


@blueprint.post("/applications/<reference>/partners/<int:partner_id>/editing")
@requires(lead_applicant, of=application_of)
def set_editing(application: Application, partner_id: int) -> ResponseReturnValue:
    """Lets the people of a partner write, or only read."""
    form = PartnershipForm()
    may_edit = form.may_edit.data == "yes"
    words = "Its people can write now." if may_edit else "Its people can read now, not write."
    return _act(application, form, commands.set_partner_editing, words=words, partner_id=partner_id, may_edit=may_edit)


def _act(
    application: Application, form: PartnershipForm, command: Callable[..., None], *, words: str, **arguments: object
) -> ResponseReturnValue:
    """One act on the partnership: done and back to the page, or the page with the reason."""
    reference, version = application.reference, form.version.number
    act = partial(command, reference, **arguments, version=version, actor=current_actor(), now=g.received_at)
    failed = attempt(form, act, refused=409)
    if failed:
        return _page(application, form), failed
    return done(words, "applications.partners", reference=reference)


def _page(application: Application, problem: BaseForm) -> str:
    invited = reads.of_application(db.session(), application)
    text, country = _looked_for()
    summary = summary_of(application)
    new = NewPartnerForm.for_search(_places_called, text, country, version=application.version) if text else None
    return page(
        "applications/partners.html",
        application,
        summary=summary,
        own_ids={partner.id for partner in summary.own_partners},
        regions=region_statuses(db.session(), [partner.organisation for partner in summary.partners]),
        problem=problem,
        leads=is_writable(application) and lead_applicant(current_actor(), g.relation),
        text=text,
        country=country,
        countries=[(each.code, each.name) for each in programme_countries().values()],
        shortest=SHORTEST_SEARCH,
        found=search(db.session(), text, country or None),
        has_only_signs=has_only_signs(text),
        new=new,
        attribution=ATTRIBUTION,
        invited=[(each, reads.can_be_used(each, g.received_at)) for each in invited],
        is_lead=lead_applicant(current_actor(), g.relation),
    )


@blueprint.get("/applications/<reference>/partners/new")
@requires(lead_applicant, of=application_of)
def new_partner(application: Application) -> ResponseReturnValue:
    """A new organisation; the name that was looked for is filled in."""
    form = NewPartnerForm.for_search(_places_called, *_looked_for(), version=application.version)
    return _questions(application, form)


@blueprint.post("/applications/<reference>/partners/new")
@requires(lead_applicant, of=application_of)
def add_new_partner(application: Application) -> ResponseReturnValue:
    """Adds an organisation that is typed."""
    form = NewPartnerForm(_places_called)
    if not form.validate():
        return _questions(application, form), 422
    new = form.new
    try:
        commands.add_new_partner(
            application.reference, new=new, version=form.version.number, actor=current_actor(), now=g.received_at
        )
    except Stale as problem:
        form.form_errors.append(str(problem))
        form.version.data = str(application.version)
        return _questions(application, form), 409
    except Refused as problem:
        attach(form, problem.refusals)
        return _questions(application, form), 422 if any(each.field for each in problem.refusals) else 409
    words = f"{new.name} added. The Joint Secretariat confirms what it is."
    return done(words, "applications.partners", reference=application.reference)


def _places_called(city: str, country: str) -> PlacesFound:
    return places.called(db.session(), city, country=country)


def _looked_for() -> tuple[str, str]:
    """The name and the country of a search in this request."""
    return storable_line(request.args.get("name", ""), LONGEST_NAME), request.args.get("country", "")[:2]


def _questions(application: Application, form: NewPartnerForm) -> str:
    return page("applications/new_partner.html", application, form=form, attribution=ATTRIBUTION)
