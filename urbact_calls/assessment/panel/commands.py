"""Commands on the External Assessment Panel of a call: add a member, remove one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from urbact_calls.accounts.models import RoleGrant
from urbact_calls.applications.models import Application
from urbact_calls.assessment import reads
from urbact_calls.assessment.models import Allocation, PanelMember
from urbact_calls.calls.reads import for_update
from urbact_calls.database import existing, transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import Role
from urbact_calls.record.commands import field_changed


def add_to_panel(code: str, *, user_id: int, is_chair: bool, country: str | None, actor: Actor, now: datetime) -> None:
    """Puts an assessor, or a chair, on the panel of a call. Raises Refused for oneself."""
    with transaction() as session:
        if user_id == actor.user_id:
            raise Refused(Refusal(OWN(), "member"))
        call = for_update(session, code)
        wanted = Role.PANEL_CHAIR if is_chair else Role.ASSESSOR
        holds = select(RoleGrant.id).where(RoleGrant.user_id == user_id, RoleGrant.role == wanted)
        if session.scalar(holds) is None:
            raise Refused(Refusal(ROLE(wanted=wanted.text), "member"))
        if user_id in {each.user_id for each in reads.panel(session, call.id)}:
            raise Refused(Refusal(MEMBER(), "member"))
        member = PanelMember(
            call_id=call.id, user_id=user_id, is_chair=is_chair, country=country or None, invited_at=now
        )
        session.add(member)
        field_changed(session, *_field(member), before=None, after=_place(member), actor=actor, now=now)


def remove_from_panel(code: str, *, user_id: int, actor: Actor, now: datetime) -> None:
    """Takes somebody without an allocation off the panel of a call. Raises Refused, NotFound."""
    with transaction() as session:
        call = for_update(session, code)
        of_call = select(PanelMember).where(PanelMember.call_id == call.id, PanelMember.user_id == user_id)
        member = existing(session, of_call, f"member {user_id} of the panel of {code}")
        allocated = (
            select(Allocation.id)
            .join(Allocation.application)
            .where(Allocation.user_id == user_id, Allocation.released_at.is_(None), Application.call_id == call.id)
        )
        if session.scalar(allocated.limit(1)) is not None:
            raise Refused(Refusal(ALLOCATED()))
        session.delete(member)
        field_changed(session, *_field(member), before=_place(member), after=None, actor=actor, now=now)


def _field(member: PanelMember) -> tuple[Subject, str]:
    """Under which name the record keeps who is on a panel."""
    return Subject(SubjectKind.PANEL, member.call_id), f"member:{member.user_id}"


def _place(member: PanelMember) -> str:
    return "chair" if member.is_chair else "assessor"


ROLE = message("panel.role", "This account does not have the role “{wanted}”.")
OWN = message("panel.own", "A colleague must put you on the panel.")
MEMBER = message("panel.member", "This person is on the panel already.")
ALLOCATED = message("panel.allocated", "This person has applications; take them away first.")
