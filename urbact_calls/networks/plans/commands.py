"""Commands on plans of members, and the check of titles and links that the public reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refusal, Refused, Stale
from urbact_calls.domain.subject import Subject
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.words import PARIS
from urbact_calls.networks import reads
from urbact_calls.networks.models import Plan, Recommendation
from urbact_calls.networks.plans import reads as plans
from urbact_calls.record.commands import change_fields

NO_ADDRESS = message("writing.url", "This is not the address of a page.")
NOT_HTTPS = message("writing.url/https", "The address must begin with https://.")
TITLE = message("writing.title", "Give the title that the public will read.")
WRITING_STALE = message("writing.stale", "This was saved by somebody else while you were writing.")

_UNSAFE = re.compile(r'[\s<>"\\]')


def describe_plan(slug: str, plan_id: int, *, writing: PublicText, actor: Actor, now: datetime) -> None:
    """Changes what is known of a plan, and whether the public reads it.

    Raises NotFound for all but the lead partner and the member itself, Refused for what the public could not use,
    Stale if somebody has changed it since the form was opened.
    """
    with transaction() as session:
        network = reads.for_update(session, slug)
        plan = plans.plan_of(session, network, plan_id)
        if not reads.may_write_for(actor, network, plan.member):
            raise NotFound(f"plan {plan_id}")
        check_text(writing)
        require_unchanged(plan, writing)
        where = f"plan.{plan.member.organisation.slug}.{plan.kind}"
        write_text(session, network.subject, where, plan, writing, actor=actor, now=now)


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


def check_text(writing: PublicText, *, needs_title: bool = False) -> None:
    refusals = []
    if not writing.title and (writing.is_public or needs_title):
        refusals.append(Refusal(TITLE(), "title"))
    if (problem := link_problem(writing.url)) is not None:
        refusals.append(Refusal(problem, "url"))
    if refusals:
        raise Refused(*refusals)


def require_unchanged(row: Plan | Recommendation, writing: PublicText) -> None:
    if writing.seen != row.mark:
        raise Stale(WRITING_STALE())


def write_text(  # noqa: PLR0913 -- who says what, where and when
    session: Session,
    subject: Subject,
    where: str,
    row: Plan | Recommendation,
    writing: PublicText,
    *,
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
    change_fields(session, subject, row, values, prefix=f"{where}.", actor=actor, now=now)
