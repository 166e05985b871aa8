"""A partner that is not in the list: find its place, then say what it is. Every step is a page of its own."""

from __future__ import annotations

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications import services
from urbact_calls.applications.models import Application
from urbact_calls.applications.partner_forms import NewPartnerForm
from urbact_calls.applications.views.blueprint import application_of, blueprint, is_writable, page
from urbact_calls.applications.views.partners import MOVED_ON
from urbact_calls.database import db
from urbact_calls.domain.permissions import lead_applicant
from urbact_calls.domain.refusal import Refused, Stale
from urbact_calls.places import queries
from urbact_calls.places.models import EuropeanPlace
from urbact_calls.reference.countries import country_name, programme_countries
from urbact_calls.reference.places import ATTRIBUTION, region_of
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.forms import attach, tidy

LONGEST_SEARCH = 100


@blueprint.route("/applications/<reference>/partners/new")
@requires(lead_applicant, of=application_of)
def new_partner(application: Application) -> ResponseReturnValue:
    """The search for the place of its seat; with a place, or one that is typed, the rest of the questions."""
    place = _place(request.args.get("place", ""))
    typed = tidy(request.args.get("seat_city", ""))[:120]
    if place is None and not typed:
        return _search(application)
    form = NewPartnerForm(
        place,
        formdata=None,
        data={
            "version": application.version,
            "place": place.id if place else "",
            "seat_city": typed,
            "country": request.args.get("country", "")[:2],
        },
    )
    return _questions(application, form)


@blueprint.route("/applications/<reference>/partners/new", methods=["POST"])
@requires(lead_applicant, of=application_of)
def add_new_partner(application: Application) -> ResponseReturnValue:
    """Adds an organisation that is typed."""
    form = NewPartnerForm(_place(request.form.get("place", "")))
    if not form.validate():
        return _questions(application, form), 422
    new = form.new
    try:
        services.add_new_partner(
            application.reference, new=new, version=form.version.number, actor=current_actor(), now=g.received_at
        )
    except Stale:
        form.form_errors.append(MOVED_ON)
        form.version.data = str(application.version)
        return _questions(application, form), 409
    except Refused as problem:
        attach(form, problem.refusals)
        return _questions(application, form), 422 if any(each.field for each in problem.refusals) else 409
    flash(f"{new.name} added. The Joint Secretariat confirms what it is.", "good")
    return redirect(url_for("applications.partners", reference=application.reference))


def _place(text: str) -> EuropeanPlace | None:
    """The place of this number; none for something else, so that the person can type it."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return db.session().get(EuropeanPlace, int(text))


def _search(application: Application) -> str:
    text, country = tidy(request.args.get("q", ""))[:LONGEST_SEARCH], request.args.get("country", "")[:2]
    return page(
        "applications/new_partner_place.html",
        application,
        text=text,
        country=country,
        countries=[(each.code, each.name) for each in programme_countries().values()],
        found=queries.search(db.session(), text, country=country, after=request.args.get("after")),
        country_name=country_name,
        region_of=region_of,
        shortest=queries.SHORTEST_SEARCH,
        attribution=ATTRIBUTION,
    )


def _questions(application: Application, form: NewPartnerForm) -> str:
    return page(
        "applications/new_partner.html",
        application,
        form=form,
        attribution=ATTRIBUTION,
        writable=is_writable(application),
    )
