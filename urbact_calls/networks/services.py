"""Commands of those who work in a network."""

from __future__ import annotations

from datetime import datetime

from urbact_calls import pdfs
from urbact_calls.audit.operations import field_changed
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor, lead_applicant
from urbact_calls.domain.refusal import NotFound, Refusal, Refused, Stale
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import NetworkState
from urbact_calls.networks import queries
from urbact_calls.networks.models import Agreement, LocalGroup, Member, Network
from urbact_calls.networks.themes import fold_themes
from urbact_calls.storage import Storage
from urbact_calls.workflow.take import take

AGREEMENT = pdfs.Paper(field="agreement", word="agreement", whole="signed agreement")


NETWORK_TEXTS_STALE = message("network.texts_stale", "These texts were saved by somebody else.")
LOCAL_GROUP_STALE = message("local_group.stale", "This was saved by somebody else while you were writing.")
LATE = message("agreement.late", "The network has started: its agreements stay as they are.")


def describe(slug: str, *, theme: str, summary: str, version: int, actor: Actor, now: datetime) -> None:
    """Changes what the public reads about a network. Raises NotFound for all but its lead, Stale."""
    with transaction() as session:
        network = queries.for_update(session, slug)
        if not lead_applicant(actor, queries.relation_to(actor, network)):
            raise NotFound(f"network {slug}")
        if version != network.version:
            raise Stale(NETWORK_TEXTS_STALE())
        for field, after in (("theme", theme or None), ("summary", summary or None)):
            field_changed(
                session,
                subject=network.subject,
                field=field,
                before=getattr(network, field),
                after=after,
                actor=actor,
                now=now,
            )
            setattr(network, field, after)
        network.themes_folded = fold_themes(network.theme)
        network.version += 1


def describe_local_group(  # noqa: PLR0913 -- who says what, where and when; keyword-only after the second
    slug: str, member_id: int, *, coordinator: str, contact: str, seen: str, actor: Actor, now: datetime
) -> None:
    """Changes the public contact of a Local Group; `seen` is the mark of what was stored when the form was opened.

    Raises NotFound for all but the people of this member, Stale if a colleague has changed it since.
    """
    with transaction() as session:
        network = queries.for_update(session, slug)
        member = queries.member_of(session, network, member_id)
        if not works_for(actor, member):
            raise NotFound(f"member {member_id}")
        if member.local_group is None:
            member.local_group = LocalGroup()
        if seen != member.local_group.mark:
            raise Stale(LOCAL_GROUP_STALE())
        for field, after in (("coordinator", coordinator or None), ("contact", contact or None)):
            field_changed(
                session,
                subject=network.subject,
                field=f"local_group.{member.organisation.slug}.{field}",
                before=getattr(member.local_group, field),
                after=after,
                actor=actor,
                now=now,
            )
            setattr(member.local_group, field, after)


def works_for(actor: Actor, member: Member) -> bool:
    """Whether the actor is one of the member's own people."""
    return actor.is_signed_in and member.organisation_id in actor.organisation_ids


def keep_agreement(  # noqa: PLR0913 -- who brings what, where and when; keyword-only after the second
    slug: str, member_id: int, *, content: bytes, filename: str, actor: Actor, now: datetime, storage: Storage
) -> None:
    """Keeps the signed agreement of a member in place of the one before.

    Raises pdfs.TooLarge or pdfs.NotAPdf, NotFound for all but the lead partner and the member itself, Refused once the
    network has started: what was signed before the start stays.
    """
    pdfs.check(content, AGREEMENT)
    stored = storage.put(content)
    try:
        with transaction() as session:
            network = queries.for_update(session, slug)
            member = queries.member_of(session, network, member_id)
            if not may_bring_agreement(actor, network, member):
                raise NotFound(f"member {member_id}")
            if network.state is not NetworkState.FORMING:
                raise Refused(Refusal(LATE()))
            agreement = member.agreement or Agreement(member_id=member.id)
            before, old_key = agreement.sha256, agreement.storage_key
            agreement.storage_key, agreement.size, agreement.sha256 = stored.key, stored.size, stored.sha256
            agreement.filename = pdfs.clean_name(filename, "agreement")
            agreement.uploaded_at, agreement.uploaded_by = now, actor.user_id
            session.add(agreement)
            field_changed(
                session,
                subject=network.subject,
                field=f"agreement.{member.organisation.slug}",
                before=before,
                after=stored.sha256,
                actor=actor,
                now=now,
            )
    except BaseException:
        storage.remove(stored.key)
        raise
    if old_key is not None:
        storage.remove(old_key)


def may_bring_agreement(actor: Actor, network: Network, member: Member) -> bool:
    """The lead partner brings any agreement, a member its own."""
    return lead_applicant(actor, queries.relation_to(actor, network)) or works_for(actor, member)


def take_transition(  # noqa: PLR0913 -- what a step depends on; keyword-only after the fourth
    slug: str, name: str, actor: Actor, now: datetime, *, reason: str | None = None, version: int | None = None
) -> None:
    """Takes one step of a network's life, as it stood at `version` where one is given.

    Raises Refused with every reason, MovedOn, NotFound for a stranger.
    """
    with transaction() as session:
        take(session, queries.for_update(session, slug), name, actor, now, seen=version, reason=reason)
