"""Commands for what a network gives to the public: the plans of its members, and what it recommends to others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from urbact_calls.audit.operations import field_changed
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor, lead_applicant
from urbact_calls.domain.refusal import NotFound, Refusal, Refused, Stale
from urbact_calls.domain.subject import Subject
from urbact_calls.domain.text import Text, message
from urbact_calls.networks import queries
from urbact_calls.networks.models import Member, Network, Plan, Recommendation
from urbact_calls.networks.services import works_for
from urbact_calls.web.filters import PARIS

NO_ADDRESS = message("writing.url", "This is not the address of a page.")
NOT_HTTPS = message("writing.url/https", "The address must begin with https://.")
TITLE = message("writing.title", "Give the title that the public will read.")
WRITING_STALE = message("writing.stale", "This was saved by somebody else while you were writing.")

_UNSAFE = re.compile(r'[\s<>"\\]')


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What somebody wrote about a plan or a recommendation; `is_public` says that everybody may read it from now.

    `seen` is the mark of what was stored when the form was opened.
    """

    title: str
    url: str
    is_public: bool
    text: str = ""
    seen: str = ""


def may_write_plan(actor: Actor, network: Network, member: Member) -> bool:
    """The lead partner writes about the plan of any member, a member about its own."""
    return lead_applicant(actor, queries.relation_to(actor, network)) or works_for(actor, member)


def describe_plan(slug: str, plan_id: int, *, writing: Writing, actor: Actor, now: datetime) -> None:
    """Changes what is known of a plan, and whether the public reads it.

    Raises NotFound for all but the lead partner and the member itself, Refused for what the public could not use,
    Stale if somebody has changed it since the form was opened.
    """
    with transaction() as session:
        network = queries.for_update(session, slug)
        plan = queries.plan_of(session, network, plan_id)
        if not may_write_plan(actor, network, plan.member):
            raise NotFound(f"plan {plan_id}")
        _check(writing)
        _unchanged(plan, writing)
        where = f"plan.{plan.member.organisation.slug}.{plan.kind}"
        _write(session, network.subject, where, plan, writing, actor=actor, now=now)


def add_recommendation(
    slug: str, *, writing: Writing, member_id: int | None = None, actor: Actor, now: datetime
) -> int:
    """Adds a recommendation of the network, or of one of its members; gives its id.

    Raises NotFound for all but the lead partner, Refused for what the public could not use.
    """
    with transaction() as session:
        network = _led_by(session, slug, actor)
        _check(writing, needs_title=True)
        member = queries.member_of(session, network, member_id) if member_id else None
        said = Recommendation(title="", created_at=now, created_by=actor.user_id, member=member)
        network.recommendations.append(said)
        session.flush()
        _write(session, network.subject, f"recommendation.{said.id}", said, writing, actor=actor, now=now)
        return said.id


def change_recommendation(  # noqa: PLR0913 -- who says what, where and when; keyword-only after the second
    slug: str, recommendation_id: int, *, writing: Writing, member_id: int | None, actor: Actor, now: datetime
) -> None:
    """Changes a recommendation, and whether the public reads it. Raises as `add_recommendation` does, and Stale."""
    with transaction() as session:
        network = _led_by(session, slug, actor)
        said = queries.recommendation_of(network, recommendation_id)
        _check(writing, needs_title=True)
        _unchanged(said, writing)
        said.member = queries.member_of(session, network, member_id) if member_id else None
        _write(session, network.subject, f"recommendation.{said.id}", said, writing, actor=actor, now=now)


def link_problem(url: str) -> Text | None:
    """Why a link cannot stand on a public page; None for one that can, and for none at all.

    Only https: a reader must not be sent to a page that somebody on the way can change.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return NO_ADDRESS()
    if parts.scheme != "https":
        return NOT_HTTPS()
    if "." not in host.strip(".") or parts.username is not None or _UNSAFE.search(url):
        return NO_ADDRESS()
    return None


def _led_by(session: Session, slug: str, actor: Actor) -> Network:
    network = queries.for_update(session, slug)
    if not lead_applicant(actor, queries.relation_to(actor, network)):
        raise NotFound(f"network {slug}")
    return network


def _check(writing: Writing, *, needs_title: bool = False) -> None:
    refusals = []
    if not writing.title and (writing.is_public or needs_title):
        refusals.append(Refusal(TITLE(), "title"))
    if (problem := link_problem(writing.url)) is not None:
        refusals.append(Refusal(problem, "url"))
    if refusals:
        raise Refused(*refusals)


def _unchanged(row: Plan | Recommendation, writing: Writing) -> None:
    if writing.seen != row.mark:
        raise Stale(WRITING_STALE())


def _write(  # noqa: PLR0913 -- who says what, where and when
    session: Session,
    subject: Subject,
    where: str,
    row: Plan | Recommendation,
    writing: Writing,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Takes over what was written; the day of publication stays while the public goes on reading."""
    published_on = (row.published_on or now.astimezone(PARIS).date()) if writing.is_public else None
    values: dict[str, object] = {"url": writing.url or None, "published_on": published_on}
    if isinstance(row, Recommendation):
        values |= {"title": writing.title, "text": writing.text or None}
    else:
        values["title"] = writing.title or None
    for field, after in values.items():
        field_changed(
            session,
            subject=subject,
            field=f"{where}.{field}",
            before=_as_told(getattr(row, field)),
            after=_as_told(after),
            actor=actor,
            now=now,
        )
        setattr(row, field, after)


def _as_told(value: object) -> object:
    """A value as the record of changes keeps it: a day as text."""
    return value.isoformat() if isinstance(value, date) else value
