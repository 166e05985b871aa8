"""Reads of the panel: who may still be invited to it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import RoleGrant, User
from urbact_calls.assessment.models import PanelMember
from urbact_calls.domain.vocabulary import Role


def invitable(session: Session, members: Sequence[PanelMember]) -> list[tuple[User, Role]]:
    """Active accounts with the role of an assessor or a chair that are not on this panel yet, by name."""
    rows = session.execute(
        select(User, RoleGrant.role)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(
            RoleGrant.role.in_((Role.ASSESSOR, Role.PANEL_CHAIR)),
            User.disabled_at.is_(None),
            User.confirmed_at.is_not(None),
            User.id.not_in([member.user_id for member in members]),
        )
        .order_by(func.lower(User.name), User.id, RoleGrant.role)
    )
    return [(user, role) for user, role in rows]
