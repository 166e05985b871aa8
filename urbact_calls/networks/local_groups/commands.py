"""Command on URBACT Local Groups: a member describes its group."""

from __future__ import annotations

from datetime import datetime

from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Stale
from urbact_calls.domain.text import message
from urbact_calls.networks import reads
from urbact_calls.networks.models import LocalGroup
from urbact_calls.record.commands import change_fields

LOCAL_GROUP_STALE = message("local_group.stale", "This was saved by somebody else while you were writing.")


def describe_local_group(  # noqa: PLR0913 -- who says what, where and when; keyword-only after the second
    slug: str, member_id: int, *, coordinator: str, contact: str, seen: str, actor: Actor, now: datetime
) -> None:
    """Changes the public contact of a Local Group; `seen` is the mark of what was stored when the form was opened.

    Raises NotFound for all but the people of this member, Stale if a colleague has changed it since.
    """
    with transaction() as session:
        network = reads.for_update(session, slug)
        member = reads.member_of(session, network, member_id)
        if not reads.works_for(actor, member):
            raise NotFound(f"member {member_id}")
        if member.local_group is None:
            member.local_group = LocalGroup()
        if seen != member.local_group.mark:
            raise Stale(LOCAL_GROUP_STALE())
        contact_of_group = {"coordinator": coordinator or None, "contact": contact or None}
        prefix = f"local_group.{member.organisation.slug}."
        change_fields(
            session, network.subject, member.local_group, contact_of_group, prefix=prefix, actor=actor, now=now
        )
