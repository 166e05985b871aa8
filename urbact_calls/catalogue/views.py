"""Public pages: networks, cities, experts, the eligibility check for a place, and how to get involved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from urbact_calls.calls import reads as calls
from urbact_calls.calls.publication.reads import dates
from urbact_calls.calls.publication.reads.announcement import announced_on
from urbact_calls.catalogue.reads import catalogue_search, networks_and_cities, public_experts, public_searches
from urbact_calls.catalogue.reads.catalogue_search import CatalogueFilters
from urbact_calls.catalogue.reads.networks_and_cities import (
    city_slugs_query,
    network_slugs_query,
    stage_bars,
    standing,
)
from urbact_calls.catalogue.reads.place_eligibility import CheckedPlace, calls_for_place
from urbact_calls.catalogue.reads.public_experts import every_slug_query
from urbact_calls.catalogue.reads.published_columns import NetworkShown
from urbact_calls.database import db
from urbact_calls.domain.eligibility.city_names import has_only_signs
from urbact_calls.domain.entries import storable_line
from urbact_calls.domain.languages import LANGUAGES
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.themes import THEME_LABELS, code_of
from urbact_calls.domain.vocabulary import Expertise, ExpertTrack, NetworkType
from urbact_calls.domain.words import PARIS
from urbact_calls.places import reads as places
from urbact_calls.reference.countries import programme_countries
from urbact_calls.reference.gazetteer import ATTRIBUTION, divisions, region_of, regions_in
from urbact_calls.reference.known_networks import known_networks, known_partners, regions
from urbact_calls.reference.national_points import PUBLISHED_AT, national_points
from urbact_calls.reference.registers import completeness
from urbact_calls.web.access import current_actor, in_full, public
from urbact_calls.web.row_numbers import after_of_request

blueprint = Blueprint("catalogue", __name__)

LONGEST_SEARCH = 100
CARDS = 3
FEWEST_CITIES_DRAWN = 5


@blueprint.app_context_processor
def foot_links() -> dict[str, Any]:
    """The links in the foot of every page."""
    pages = (("Accessibility", "accessibility"), ("Privacy", "privacy"), ("Sources", "sources"), ("Help", "help"))
    return {"foot_links": [{"label": label, "href": url_for(f"catalogue.{page}")} for label, page in pages]}


@blueprint.app_context_processor
def canonical() -> dict[str, Any]:
    """The one address of a public page: without filters and with the first page of a list."""
    endpoint = request.endpoint or ""
    is_public = endpoint.startswith(f"{blueprint.name}.") or endpoint in ("calls.index", "calls.show")
    return {"canonical": in_full(request.path) if is_public else None}


@blueprint.route("/")
@public
def front() -> ResponseReturnValue:
    """Open calls with the time left, the map of networks, and how to get involved."""
    session = db.session()
    by_phase, totals = calls.by_phase(session, g.received_at), networks_and_cities.totals(session)
    drawn = [network for network in networks_and_cities.every_network(session) if network.lead_index is not None]
    chosen = _of_the_day(drawn, g.received_at.astimezone(PARIS).date())
    return render_template(
        "catalogue/front.html",
        calls=by_phase,
        announced=announced_on(session, by_phase.closed),
        today=g.received_at.astimezone(PARIS).date(),
        left={call.code: dates.time_left(call, g.received_at) for call in by_phase.open},
        drawn=drawn,
        drawn_on_map=[{"cities": network.cities, "lead": network.lead_index} for network in drawn],
        chosen=chosen,
        highlighted=drawn.index(chosen[0]) if chosen else None,
        totals=totals,
        in_figures=_in_figures(totals),
        latest_result=next((call for call in by_phase.closed if _has_approval_figures(call.results)), None),
        actor=current_actor(),
    )


@blueprint.route("/networks/")
@public
def networks() -> ResponseReturnValue:
    """All networks; by type, theme, country, or by words in the names of a network, its themes and its cities."""
    session, filters = db.session(), _filters()
    page = networks_and_cities.networks(session, filters, after=request.args.get("after"))
    return render_template(
        "catalogue/networks.html",
        page=page,
        filters=filters,
        choices=catalogue_search.choices_of_networks(session, filters),
        totals=networks_and_cities.totals(session),
        has_demonstration=networks_and_cities.has_demonstration(session),
        address=_address("catalogue.networks", filters),
    )


@blueprint.route("/networks/<slug>")
@public
def network(slug: str) -> ResponseReturnValue:
    """One network: its cities with their plans, its stages, its Local Groups, and where all this is known from."""
    found = networks_and_cities.network(db.session(), slug)
    today = g.received_at.astimezone(PARIS).date()
    return render_template(
        "catalogue/network.html",
        network=found,
        bars=stage_bars(found, today),
        standing=standing(found, today),
        experts=public_experts.experts_of(db.session(), slug),
        former_experts=public_experts.former_experts_of(db.session(), slug),
        searches=public_searches.searches_of(db.session(), slug, g.received_at),
    )


@blueprint.route("/cities/")
@public
def cities() -> ResponseReturnValue:
    """Every city, and every other body, that is or was a member of a network."""
    session, filters = db.session(), _filters()
    query = catalogue_search.city_countries_query(filters)
    countries = catalogue_search.choices_of_countries(session, query, filters.country)
    return render_template(
        "catalogue/cities.html",
        page=networks_and_cities.cities(session, filters, after=request.args.get("after")),
        filters=filters,
        countries=countries,
        total=sum(choice.count for choice in countries if filters.country in ("", choice.code)),
        address=_address("catalogue.cities", filters),
    )


@blueprint.route("/cities/<slug>")
@public
def city(slug: str) -> ResponseReturnValue:
    """One city with its networks."""
    found = networks_and_cities.city(db.session(), slug)
    return render_template("catalogue/city.html", city=found, point=national_points().get(found.country))


@blueprint.route("/experts/")
@public
def experts() -> ResponseReturnValue:
    """The validated experts who agreed to be shown; by theme, language, kind of expertise, and what they can be."""
    filters = _expert_filters()
    return render_template(
        "catalogue/experts.html",
        page=public_experts.experts(db.session(), filters, after=request.args.get("after")),
        filters=filters,
        has_demonstration=public_experts.has_demonstration(db.session()),
        themes=THEME_LABELS,
        languages=LANGUAGES,
        kinds=Expertise,
        tracks=ExpertTrack,
    )


@blueprint.route("/experts/searches/")
@public
def expert_searches() -> ResponseReturnValue:
    """What networks look for now; by role, theme and language."""
    role, theme, language = (request.args.get(name, "") for name in ("role", "theme", "language"))
    filters = public_searches.SearchFilters(
        theme=code_of(theme[:LONGEST_SEARCH]),
        role=ExpertTrack.with_code(role),
        language=language if language in LANGUAGES else "",
        of_demonstration=bool(request.args.get("demonstration")),
    )
    return render_template(
        "catalogue/expert_searches.html",
        page=public_searches.searches(db.session(), filters, g.received_at, before=after_of_request()),
        filters=filters,
        has_demonstration=public_searches.has_demonstration(db.session(), g.received_at),
        themes=THEME_LABELS,
        languages=LANGUAGES,
        roles=ExpertTrack,
    )


@blueprint.route("/experts/searches/<int:number>")
@public
def expert_search(number: int) -> ResponseReturnValue:
    """One open search: what the network needs, and until when one can apply."""
    search = public_searches.search(db.session(), number, g.received_at)
    return render_template("catalogue/expert_search.html", search=search)


@blueprint.route("/experts/<slug>")
@public
def expert(slug: str) -> ResponseReturnValue:
    """The public page of an expert."""
    return render_template("catalogue/expert.html", expert=public_experts.expert(db.session(), slug))


@blueprint.route("/get-involved/<audience>")
@public
def get_involved(audience: str) -> ResponseReturnValue:
    """What a city, an expert, or people who live in a member city can do."""
    if audience not in AUDIENCES:
        raise NotFound(audience)
    return render_template(
        "catalogue/get_involved.html",
        audience=audience,
        open_calls=calls.by_phase(db.session(), g.received_at).open,
        points=national_points().values(),
        points_at=PUBLISHED_AT,
        actor=current_actor(),
    )


@blueprint.route("/sitemap.xml")
@public
def sitemap() -> ResponseReturnValue:
    """Every public page, for search engines."""
    pages = public_addresses(db.session(), g.received_at)
    return Response(render_template("catalogue/sitemap.xml", pages=pages), mimetype="application/xml")


@blueprint.route("/robots.txt")
@public
def robots() -> ResponseReturnValue:
    """What search engines need not visit, and where the list of pages is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), f"Sitemap: {in_full('/sitemap.xml')}"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@blueprint.route("/.well-known/security.txt")
@public
def security() -> ResponseReturnValue:
    """Where to report a weakness of this site (RFC 9116); it does not exist where the settings name nobody."""
    contact = current_app.extensions["settings"].security_contact
    if not contact:
        raise NotFound("security.txt")
    # A reader must be able to see that somebody still stands behind it; the RFC advises less than a year.
    expires = (g.received_at + SECURITY_CONTACT_HOLDS).strftime("%Y-%m-%dT00:00:00Z")
    lines = [f"Contact: {contact}", f"Expires: {expires}", "Preferred-Languages: en"]
    lines.append(f"Canonical: {in_full('/.well-known/security.txt')}")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@blueprint.route("/get-involved/town")
@public
def place_search() -> ResponseReturnValue:
    """Eligibility check for a place: the search for the place."""
    words, country = storable_line(request.args.get("q", ""), LONGEST_SEARCH), request.args.get("country", "")[:2]
    return render_template(
        "catalogue/place_search.html",
        words=words,
        has_only_signs=has_only_signs(words),
        country=country,
        countries=programme_countries(),
        found=places.search(db.session(), words, country=country, after=request.args.get("after")),
        shortest=places.SHORTEST_SEARCH,
        region_of=region_of,
        regions_in=regions_in,
        attribution=ATTRIBUTION,
    )


@blueprint.route("/get-involved/town/<int:place_id>")
@public
def place_eligibility(place_id: int) -> ResponseReturnValue:
    """Eligibility check for a place: what each call says about it."""
    place = places.by_id(db.session(), place_id)
    wanted = regions().get(request.args.get("region", ""))
    checked = CheckedPlace(place, wanted if wanted and wanted.country == place.country else None)
    return render_template(
        "catalogue/place_eligibility.html",
        checked=checked,
        answers=calls_for_place(checked, calls.by_phase(db.session(), g.received_at)),
        attribution=ATTRIBUTION,
    )


@blueprint.route("/sources")
@public
def sources() -> ResponseReturnValue:
    """Where the reference data comes from, and under which licence."""
    return render_template(
        "catalogue/sources.html",
        places=places.count(db.session()),
        regions=len(regions()),
        divisions=len(divisions()),
        countries=len(programme_countries()),
        networks=len(known_networks()),
        members=len(known_partners()),
        registers=completeness(),
        attribution=ATTRIBUTION,
    )


@blueprint.route("/accessibility", endpoint="accessibility")
@blueprint.route("/privacy", endpoint="privacy")
@blueprint.route("/help", endpoint="help")
@public
def text_page() -> ResponseReturnValue:
    """How accessible this site is; what is kept about people, why and for how long; how the site works."""
    return render_template(f"catalogue{request.path}.html")


def _expert_filters() -> public_experts.ExpertFilters:
    """What the address asks for; a word that is no choice asks for nothing."""
    asked = {name: request.args.get(name, "") for name in ("theme", "track", "language", "kind")}
    return public_experts.ExpertFilters(
        theme=code_of(asked["theme"][:LONGEST_SEARCH]),
        track=ExpertTrack.with_code(asked["track"]),
        language=asked["language"] if asked["language"] in LANGUAGES else "",
        kind=Expertise.with_code(asked["kind"]),
        of_demonstration=bool(request.args.get("demonstration")),
    )


def _filters() -> CatalogueFilters:
    """What the address asks for; a type or country that does not exist asks for nothing."""
    country = request.args.get("country", "")
    return CatalogueFilters(
        words=storable_line(request.args.get("q", ""), LONGEST_SEARCH),
        type=NetworkType.with_code(request.args.get("type", "")),
        country=country if country in programme_countries() else "",
        theme=code_of(request.args.get("theme", "")[:LONGEST_SEARCH]),
        of_demonstration=bool(request.args.get("demonstration")),
    )


def _address(endpoint: str, filters: CatalogueFilters) -> Any:
    """Gives the address of a list with these filters and others: `address(after="x")`, `address(type=None)`."""

    def address(**changes: str | None) -> str:
        asked: dict[str, Any] = {
            "q": filters.words or None,
            "type": filters.type,
            "country": filters.country or None,
            "theme": filters.theme or None,
            "demonstration": "1" if filters.of_demonstration else None,
            **changes,
        }
        return url_for(endpoint, **{name: value for name, value in asked.items() if value})

    return address


def _of_the_day(networks: Sequence[NetworkShown], today: date) -> list[NetworkShown]:
    """Up to three networks that have something to show, other ones each day: none is better than the others."""
    shown = [network for network in networks if network.summary and len(network.cities) >= FEWEST_CITIES_DRAWN]
    first = today.toordinal() * CARDS
    return [shown[(first + number) % len(shown)] for number in range(min(CARDS, len(shown)))]


def _in_figures(totals: Iterable[int]) -> list[tuple[int, str]]:
    """What the first page counts, each with its words."""
    return [(count, one if count == 1 else many) for count, (one, many) in zip(totals, IN_FIGURES, strict=True)]


def _has_approval_figures(results: dict[str, Any] | None) -> bool:
    return bool(results) and {"proposals", "approved"} <= set(results or ())


IN_FIGURES = (
    ("network since 2023, of those we know", "networks since 2023, of those we know"),
    ("city or other body in them", "cities and other bodies in them"),
    ("country they come from", "countries they come from"),
)
"""What the first page counts, one and many: networks, their members, and the countries of these."""
FIXED = ("front", "networks", "cities", "experts", "expert_searches", "accessibility", "privacy", "help")
AUDIENCES = ("city", "expert", "local-group")
SECURITY_CONTACT_HOLDS = timedelta(days=180)
CLOSED = (
    *("/account", "/applications/", "/assessment/", "/dashboard", "/decisions/", "/eligibility/", "/office/"),
    "/api/",
)
"""Pages that need an account, and answers for programs; the words of a robots.txt hide nothing, they save visits."""


def public_addresses(session: Session, now: datetime) -> list[str]:
    """The address of every public page, each page once; five queries."""
    pages = [url_for(f"catalogue.{name}") for name in FIXED]
    pages += [url_for("catalogue.get_involved", audience=audience) for audience in AUDIENCES]
    pages += [url_for("calls.index")]
    phases = calls.by_phase(session, now)
    published = (*phases.open, *phases.upcoming, *phases.closed)
    pages += [url_for("calls.show", code=call.code) for call in published if not call.is_demonstration]
    for endpoint, query in (
        ("catalogue.network", network_slugs_query()),
        ("catalogue.city", city_slugs_query()),
        ("catalogue.expert", every_slug_query()),
    ):
        pages += [url_for(endpoint, slug=slug) for slug in session.scalars(query)]
    searches = session.scalars(public_searches.search_numbers_query(now))
    pages += [url_for("catalogue.expert_search", number=number) for number in searches]
    return [in_full(page) for page in pages]
