"""Reads of plans: the plan of a member."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.database import existing
from urbact_calls.networks.models import Member, Network, Plan


def plan_of(session: Session, network: Network, plan_id: int) -> Plan:
    """A plan of a member of the network. Raises NotFound."""
    return existing(
        session,
        select(Plan)
        .join(Member, Member.id == Plan.member_id)
        .where(Plan.id == plan_id, Member.network_id == network.id)
        .options(joinedload(Plan.member).joinedload(Member.organisation)),
        f"plan {plan_id}",
    )
