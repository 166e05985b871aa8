"""Commands on what the public reads of a network: its description, Local Groups, plans and recommendations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from urbact_calls.database import transaction
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused, Stale
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.themes import fold_themes
from urbact_calls.domain.words import PARIS
from urbact_calls.networks import reads
from urbact_calls.networks.models import LocalGroup, Network, Plan, Recommendation
from urbact_calls.record.commands import change_fields

NO_ADDRESS = message("writing.url", "This is not the address of a page.")
NOT_HTTPS = message("writing.url/https", "The address must begin with https://.")
TITLE = message("writing.title", "Give the title that the public will read.")
WRITING_STALE = message("writing.stale", "This was saved by somebody else while you were writing.")
NETWORK_TEXTS_STALE = message("network.texts_stale", "These texts were saved by somebody else.")

_UNSAFE = re.compile(r'[\s<>"\\]')


def describe(slug: str, *, theme: str, summary: str, version: int, actor: Actor, now: datetime) -> None:
    """Changes what the public reads about a network. Raises NotFound for all but its lead, Stale."""
    with transaction() as session:
        network = reads.led_by(session, slug, actor)
        if version != network.version:
            raise Stale(NETWORK_TEXTS_STALE())
        texts = {"theme": theme or None, "summary": summary or None}
        change_fields(session, network.subject, network, texts, actor=actor, now=now)
        network.themes_folded = fold_themes(network.theme)
        network.summary_folded = fold(network.summary or "")
        network.version += 1


def describe_local_group(  # noqa: PLR0913 -- who says what, where and when; keyword-only after the second
    slug: str, member_id: int, *, coordinator: str, contact: str, seen: str, actor: Actor, now: datetime
) -> None:
    """Changes the public contact of a Local Group; `seen` is the mark of what was stored when the form was opened.

    Raises NotFound for all but the people of this member, Stale if a colleague has changed it since.
    """
    with transaction() as session:
        network = reads.for_update(session, slug)
        member = reads.own_member(session, network, member_id, actor)
        if member.local_group is None:
            member.local_group = LocalGroup()
        _require_unchanged(member.local_group, seen)
        texts = {"coordinator": coordinator or None, "contact": contact or None}
        prefix = f"local_group.{member.organisation.slug}."
        change_fields(session, network.subject, member.local_group, texts, prefix=prefix, actor=actor, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicText:
    """What somebody wrote about a plan or a recommendation; `is_public` says that everybody may read it from now.

    `seen` is the mark of what was stored when the form was opened.
    """

    title: str
    url: str
    is_public: bool
    text: str = ""
    seen: str = ""


def describe_plan(slug: str, plan_id: int, *, writing: PublicText, actor: Actor, now: datetime) -> None:
    """Changes what is known of a plan, and whether the public reads it.

    Raises NotFound for all but the lead partner and the member itself, Refused for what the public could not use,
    Stale if somebody has changed it since the form was opened.
    """
    with transaction() as session:
        network = reads.for_update(session, slug)
        plan = reads.plan_to_write(session, network, plan_id, actor)
        _check_text(writing)
        _require_unchanged(plan, writing.seen)
        where = f"plan.{plan.member.organisation.slug}.{plan.kind}"
        _write(session, network, where, plan, writing, actor, now)


def add_recommendation(
    slug: str, *, writing: PublicText, member_id: int | None = None, actor: Actor, now: datetime
) -> int:
    """Adds a recommendation of the network, or of one of its members; gives its id.

    The same again, with none between them, is one form that was sent twice: this gives the id of the first.
    Raises NotFound for all but the lead partner, Refused for what the public could not use.
    """
    with transaction() as session:
        network = reads.led_by(session, slug, actor)
        _check_text(writing, needs_title=True)
        said = writing.title, writing.text, writing.url, member_id
        for newest in network.recommendations[-1:]:
            if (newest.title, newest.text or "", newest.url or "", newest.member_id) == said:
                return newest.id
        recommendation = Recommendation(title="", created_at=now, created_by=actor.user_id)
        network.recommendations.append(recommendation)
        _recommend(session, network, recommendation, writing, member_id, actor, now)
        return recommendation.id


def change_recommendation(  # noqa: PLR0913 -- who says what, where and when; keyword-only after the second
    slug: str, recommendation_id: int, *, writing: PublicText, member_id: int | None, actor: Actor, now: datetime
) -> None:
    """Changes a recommendation, and whether the public reads it. Raises as `add_recommendation` does, and Stale."""
    with transaction() as session:
        network = reads.led_by(session, slug, actor)
        recommendation = reads.recommendation_of(network, recommendation_id)
        _check_text(writing, needs_title=True)
        _require_unchanged(recommendation, writing.seen)
        _recommend(session, network, recommendation, writing, member_id, actor, now)


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


def _check_text(writing: PublicText, *, needs_title: bool = False) -> None:
    refusals = []
    if not writing.title and (writing.is_public or needs_title):
        refusals.append(Refusal(TITLE(), "title"))
    if (problem := link_problem(writing.url)) is not None:
        refusals.append(Refusal(problem, "url"))
    if refusals:
        raise Refused(*refusals)


def _require_unchanged(row: LocalGroup | Plan | Recommendation, seen: str) -> None:
    if seen != row.mark:
        raise Stale(WRITING_STALE())


def _recommend(  # noqa: PLR0913 -- who says what, where and when
    session: Session,
    network: Network,
    recommendation: Recommendation,
    writing: PublicText,
    member_id: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    recommendation.member = reads.member_of(session, network, member_id) if member_id else None
    session.flush()
    _write(session, network, f"recommendation.{recommendation.id}", recommendation, writing, actor, now)


def _write(  # noqa: PLR0913 -- who says what, where and when
    session: Session,
    network: Network,
    where: str,
    row: Plan | Recommendation,
    writing: PublicText,
    actor: Actor,
    now: datetime,
) -> None:
    """Writes title, link and text; the day of publication stays while the public goes on reading."""
    published_on = (row.published_on or now.astimezone(PARIS).date()) if writing.is_public else None
    values: dict[str, object] = {"url": writing.url or None, "published_on": published_on}
    if isinstance(row, Recommendation):
        values |= {"title": writing.title, "text": writing.text or None}
    else:
        values["title"] = writing.title or None
    change_fields(session, network.subject, row, values, prefix=f"{where}.", actor=actor, now=now)
