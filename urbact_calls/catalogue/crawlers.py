"""What search engines read: which pages there are, under which one address, and which are none of their business."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

import urbact_calls.calls.queries as calls
from urbact_calls.catalogue.experts import every_slug_query
from urbact_calls.catalogue.filters import in_a_real_network
from urbact_calls.networks.models import Network
from urbact_calls.organisations.models import Organisation

FIXED = ("front", "networks", "cities", "experts", "accessibility", "privacy", "help")
AUDIENCES = ("city", "expert", "local-group")
CLOSED = (
    "/account",
    "/applications/",
    "/assessment/",
    "/dashboard",
    "/decisions/",
    "/eligibility/",
    "/office/",
    "/api/",
)
"""Pages that need an account, and answers for programs; the words of a robots.txt hide nothing, they save visits."""


def network_slugs_query() -> Select[Any]:
    """The real networks: the demonstration is nothing to be found."""
    return select(Network.slug).where(Network.is_demonstration.is_(False)).order_by(Network.slug)


def city_slugs_query() -> Select[Any]:
    return select(Organisation.slug).where(in_a_real_network()).order_by(Organisation.slug)


def addresses(session: Session, now: datetime) -> list[str]:
    """The address of every public page, each page once; four queries."""
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
    return [in_full(page) for page in pages]


def in_full(path: str) -> str:
    """An address with the name of the site, as the settings give it: a request can be sent under any name."""
    return f"{current_app.extensions['settings'].public_url}{path}"


def sitemap_of(pages: list[str]) -> Response:
    return Response(render_template("catalogue/sitemap.xml", pages=pages), mimetype="application/xml")


def robots() -> Response:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), f"Sitemap: {in_full('/sitemap.xml')}"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def canonical(blueprint: Blueprint) -> str | None:
    """The one address of the public page that is read now: without filters and with the first page of a list."""
    endpoint = request.endpoint or ""
    if endpoint.partition(".")[0] != blueprint.name and endpoint not in ("calls.index", "calls.show"):
        return None
    return in_full(request.path)
