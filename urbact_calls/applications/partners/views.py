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
from urbact_calls.domain.entries import storable_line
from urbact_calls.domain.permissions import lead_applicant
from urbact_calls.domain.refusal import Refused, Stale
from urbact_calls.organisations.reads import SHORTEST_SEARCH, region_statuses, search
from urbact_calls.places import reads as places
from urbact_calls.places.models import EuropeanPlace
from urbact_calls.reference.countries import country_name, programme_countries
from urbact_calls.reference.gazetteer import ATTRIBUTION, region_of, regions_in
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.form_answers import attempt, done
from urbact_calls.web.forms import BaseForm, attach
from urbact_calls.web.row_numbers import number_of


@blueprint.get("/applications/<reference>/partners")
@requires(may_read, of=application_of)
def partners(application: Application) -> ResponseReturnValue:
    """The partners, a search for more, and the meter of the partnership."""
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
    words = "Partner taken out, with its budget and its letter."
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
    text, country = storable_line(request.args.get("name", ""), 200), request.args.get("country", "")[:2]
    summary = summary_of(application)
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
        invited=[(each, reads.can_be_used(each, g.received_at)) for each in invited],
        is_lead=lead_applicant(current_actor(), g.relation),
    )


LONGEST_SEARCH = 100


@blueprint.get("/applications/<reference>/partners/new")
@requires(lead_applicant, of=application_of)
def new_partner(application: Application) -> ResponseReturnValue:
    """The search for the place of its seat; with a place, or one that is typed, the rest of the questions."""
    place, country = _place(request.args.get("place", "")), request.args.get("country", "")[:2]
    typed = storable_line(request.args.get("seat_city", ""), 120)
    if place is None and not typed:
        return _search(application)
    data = {"version": application.version, "place": place.id if place else "", "seat_city": typed, "country": country}
    return _questions(application, NewPartnerForm(place, data=data))


@blueprint.post("/applications/<reference>/partners/new")
@requires(lead_applicant, of=application_of)
def add_new_partner(application: Application) -> ResponseReturnValue:
    """Adds an organisation that is typed."""
    form = NewPartnerForm(_place(request.form.get("place", "")))
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


def _place(text: str) -> EuropeanPlace | None:
    """The place of this number; none for something else, so that the person can type it."""
    number = number_of(text)
    return None if number is None else db.session().get(EuropeanPlace, number)


def _search(application: Application) -> str:
    text, country = storable_line(request.args.get("q", ""), LONGEST_SEARCH), request.args.get("country", "")[:2]
    return page(
        "applications/new_partner_place.html",
        application,
        text=text,
        country=country,
        countries=[(each.code, each.name) for each in programme_countries().values()],
        found=places.search(db.session(), text, country=country, after=request.args.get("after")),
        country_name=country_name,
        region_of=region_of,
        regions_in=regions_in,
        shortest=places.SHORTEST_SEARCH,
        attribution=ATTRIBUTION,
    )


def _questions(application: Application, form: NewPartnerForm) -> str:
    return page("applications/new_partner.html", application, form=form, attribution=ATTRIBUTION)
