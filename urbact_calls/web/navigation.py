"""Navigation in the head of each page: the links that this person works with."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for

from urbact_calls.domain.permissions import (
    Actor,
    Predicate,
    administrator,
    anyone,
    auditor,
    committee,
    expert,
    office,
    panel_chair,
    panel_member,
    signed_in,
    works_for_an_organisation,
)


@dataclass(frozen=True, slots=True)
class Link:
    """One link; `current` for the part of the site that this page belongs to."""

    label: str
    href: str
    current: bool


# They come to the list of organisations from their account; their heads are full.
serves_the_programme = office | auditor | committee | panel_member | panel_chair | administrator

ENTRIES: tuple[tuple[str, str, Predicate], ...] = (
    ("Dashboard", "worklists.dashboard", signed_in),
    ("My applications", "applications.index", works_for_an_organisation),
    ("Organisations", "organisations.index", signed_in & ~serves_the_programme),
    ("My desk", "assessment.desk", panel_member | panel_chair),
    ("Eligibility", "eligibility.index", office | auditor),
    ("Assessment", "assessment.index", office | auditor),
    ("Decisions", "decisions.index", office | committee | auditor),
    ("Experts", "experts.index", office | auditor),
    ("Expert profile", "experts.mine", expert),
    ("Join a network", "networks.expert_applications", expert),
    ("Accounts", "accounts.people", administrator),
    ("Workers", "messages.jobs", office | administrator),
    ("Calls", "calls.index", anyone),
    ("Networks", "catalogue.networks", anyone),
    ("Experts", "catalogue.experts", ~signed_in),
)


def for_actor(actor: Actor) -> list[Link]:
    """The links that this actor can follow, in the order of the work."""
    here = (request.endpoint or "").partition(".")[0] if request else ""
    # Of the public catalogue the networks and the experts have a link; the first page and the help belong to none.
    if here in ("catalogue", "networks"):
        parts = {
            "/networks/": "catalogue.networks",
            "/experts/": "catalogue.experts",
            "/expert-applications/": "networks",
        }
        here = next((part for start, part in parts.items() if request.path.startswith(start)), "")
    return [
        Link(label, url_for(endpoint), here in (endpoint, endpoint.partition(".")[0]))
        for label, endpoint, predicate in ENTRIES
        if predicate(actor)
    ]
