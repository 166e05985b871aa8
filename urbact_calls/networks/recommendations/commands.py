"""Commands on recommendations: what a network recommends to others."""

from __future__ import annotations

from datetime import datetime

from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.networks import reads
from urbact_calls.networks.models import Recommendation
from urbact_calls.networks.plans.commands import PublicText, check_text, require_unchanged, write_text
from urbact_calls.networks.recommendations import reads as recommendations


def add_recommendation(
    slug: str, *, writing: PublicText, member_id: int | None = None, actor: Actor, now: datetime
) -> int:
    """Adds a recommendation of the network, or of one of its members; gives its id.

    Raises NotFound for all but the lead partner, Refused for what the public could not use.
    """
    with transaction() as session:
        network = reads.led_by(session, slug, actor)
        check_text(writing, needs_title=True)
        member = reads.member_of(session, network, member_id) if member_id else None
        recommendation = Recommendation(title="", created_at=now, created_by=actor.user_id, member=member)
        network.recommendations.append(recommendation)
        session.flush()
        write_text(
            session,
            network.subject,
            f"recommendation.{recommendation.id}",
            recommendation,
            writing,
            actor=actor,
            now=now,
        )
        return recommendation.id


def change_recommendation(  # noqa: PLR0913 -- who says what, where and when; keyword-only after the second
    slug: str, recommendation_id: int, *, writing: PublicText, member_id: int | None, actor: Actor, now: datetime
) -> None:
    """Changes a recommendation, and whether the public reads it. Raises as `add_recommendation` does, and Stale."""
    with transaction() as session:
        network = reads.led_by(session, slug, actor)
        recommendation = recommendations.recommendation_of(network, recommendation_id)
        check_text(writing, needs_title=True)
        require_unchanged(recommendation, writing)
        recommendation.member = reads.member_of(session, network, member_id) if member_id else None
        write_text(
            session,
            network.subject,
            f"recommendation.{recommendation.id}",
            recommendation,
            writing,
            actor=actor,
            now=now,
        )
