"""Reads of plans: the plan of a member."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.domain.refusal import NotFound
from urbact_calls.networks.models import Member, Network, Plan


def plan_of(session: Session, network: Network, plan_id: int) -> Plan:
    """A plan of a member of the network. Raises NotFound."""
    plan = session.scalar(
        select(Plan)
        .join(Member, Member.id == Plan.member_id)
        .where(Plan.id == plan_id, Member.network_id == network.id)
        .options(joinedload(Plan.member).joinedload(Member.organisation))
    )
    if plan is None:
        raise NotFound(f"plan {plan_id}")
    return plan
