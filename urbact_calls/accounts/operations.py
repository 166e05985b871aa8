"""Steps on accounts that commands, the command line and the demonstration compose."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from urbact_calls.accounts import queries
from urbact_calls.accounts.models import PROGRAMME_ROLES, RoleGrant, User
from urbact_calls.audit import operations as audit
from urbact_calls.domain.permissions import SYSTEM, Actor
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import Role

NOT_GRANTED = message("role.not_granted", "“{role}” is not a role of the programme.")

TAKEN = Refusal(message("account.exists", "There is an account with this e-mail address already.")(), "email")


def create(
    session: Session, *, email: str, name: str, password_hash: str, now: datetime, confirmed: bool = False
) -> User:
    """A new account. Raises Refused if the address has one. `passwords.hashed` makes the hash."""
    user = User(
        email=email.strip().lower(),
        name=" ".join(name.split()),
        password_hash=password_hash,
        created_at=now,
        confirmed_at=now if confirmed else None,
    )
    if queries.by_email(session, user.email) is not None:
        raise Refused(TAKEN)
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError as problem:
        # Somebody registered the same address between the question and the answer.
        raise Refused(TAKEN) from problem
    return user


def grant(
    session: Session,
    user: User,
    role: Role,
    now: datetime,
    by: Actor | None = None,
    country: str | None = None,
) -> RoleGrant:
    """Gives a role of the programme; a role that is held already stays as it is. Recorded."""
    if role not in PROGRAMME_ROLES:
        raise Refused(Refusal(NOT_GRANTED(role=role.text), "role"))
    held = next((each for each in user.grants if each.role == role), None)
    if held is not None:
        return held
    giver = by or SYSTEM
    given = RoleGrant(role=role, country=country, granted_at=now, granted_by=giver.user_id)
    user.grants.append(given)
    session.flush()
    _record_role(session, user, role, held=False, holds=True, actor=giver, now=now)
    return given


def revoke(session: Session, user: User, role: Role, now: datetime, by: Actor) -> None:
    """Takes a role away; nothing if it is not held. Recorded."""
    held = next((each for each in user.grants if each.role == role), None)
    if held is None:
        return
    user.grants.remove(held)
    session.flush()
    _record_role(session, user, role, held=True, holds=False, actor=by, now=now)


def others_hold(session: Session, user: User, role: Role) -> bool:
    """Whether another active account holds a role. Locks the grants, so that two cannot leave at once."""
    grants = session.scalars(select(RoleGrant).where(RoleGrant.role == role).with_for_update()).all()
    holders = [grant.user_id for grant in grants if grant.user_id != user.id]
    return (
        session.scalar(
            select(User.id)
            .where(User.id.in_(holders), User.disabled_at.is_(None), User.confirmed_at.is_not(None))
            .limit(1)
        )
        is not None
    )


def end_sessions(user: User) -> None:
    """Signs the person out everywhere: sessions carry the epoch that they began in."""
    user.epoch += 1


def _record_role(
    session: Session, user: User, role: Role, *, held: bool, holds: bool, actor: Actor, now: datetime
) -> None:
    audit.field_changed(
        session,
        subject=user.subject,
        field=f"role.{role.value}",
        before=held,
        after=holds,
        actor=actor,
        now=now,
    )
