"""Commands on accounts: register, confirm, sign in, reset a password, grant and revoke roles, disable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from urbact_calls.accounts import reads
from urbact_calls.accounts.commands import attempts, passwords
from urbact_calls.accounts.commands.links import AccountLink, mark_of
from urbact_calls.accounts.commands.sessions import end_sessions_step
from urbact_calls.accounts.commands.tokens import revoke_tokens_step
from urbact_calls.accounts.models import AccountMessage, RoleGrant, RoleRequest, User
from urbact_calls.database import add_or_refuse, db, transaction
from urbact_calls.domain.permissions import DECIDING_ROLES, PROGRAMME_ROLES, SYSTEM, Actor
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import Role
from urbact_calls.jobs import Job, announce
from urbact_calls.record.commands import field_changed
from urbact_calls.subjects import is_about


def create_step(
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
    if reads.by_email(session, user.email) is not None:
        raise Refused(TAKEN)
    add_or_refuse(session, user, TAKEN)
    return user


def grant_step(
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
    if (held := user.grant_of(role)) is not None:
        return held
    giver = by or SYSTEM
    given = RoleGrant(role=role, country=country, granted_at=now, granted_by=giver.user_id)
    user.grants.append(given)
    session.flush()
    field_changed(session, user.subject, f"role.{role.value}", False, True, giver, now)
    return given


def revoke_step(session: Session, user: User, role: Role, now: datetime, by: Actor) -> None:
    """Takes a role away; nothing if it is not held. Recorded."""
    if (held := user.grant_of(role)) is None:
        return
    user.grants.remove(held)
    session.flush()
    field_changed(session, user.subject, f"role.{role.value}", True, False, by, now)


NOT_GRANTED = message("role.not_granted", "“{role}” is not a role of the programme.")

TAKEN = Refusal(message("account.exists", "There is an account with this e-mail address already.")(), "email")


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


AT_ONCE_A_DAY = 5
PASSWORD_WRONG = message("password.wrong", "This is not your current password.")
OWN = message("role.own", "Another administrator must give you a role.")

Theme = Literal["light", "dark"]

WRONG = Refusal(message("sign_in.wrong", "This e-mail address and this password do not belong together.")(), "password")
DISABLED = Refusal(
    message("sign_in.disabled", "This account is closed. Write to the Joint Secretariat to open it again.")(), "email"
)
LINK_OVER = Refusal(message("link.over", "This link has been used, or is too old. Ask for a new one.")())
LAST_ADMINISTRATOR = Refusal(
    message("role.last_administrator", "This is the last administrator. Give the role to somebody else first.")(),
    "role",
)


def register(email: str, name: str, now: datetime, *, onwards: str = "") -> None:
    """Opens an account that waits for its confirmation. Whoever has one already hears so by e-mail, and only there.
    `onwards` is the path of this site to which the link leads in the end.

    It has no password: whoever typed the address may not be its owner. Registering again changes the name that is
    proposed, and no link that was sent before.
    """
    with transaction() as session:
        user = reads.by_email(session, email)
        if user is None:
            user = create_step(session, email=email, name=name, password_hash=passwords.NONE, now=now)
        elif user.confirmed_at is None and user.disabled_at is None:
            user.name = " ".join(name.split())
        else:
            _mail(session, "account.exists", user, now)
            return
        _mail(session, "account.confirm", user, now, onwards=onwards)


def confirm(ticket: AccountLink, name: str, password_hash: str, now: datetime) -> User:
    """Confirms the address of an account; who has the link says who they are and chooses the password.

    Raises Refused if the link is too old or was used.
    """
    with transaction() as session:
        user = _holder(session, ticket, now)
        user.confirmed_at, user.name = now, " ".join(name.split())
        _set_password(session, user, password_hash, now)
    return user


def sign_in(email: str, password: str, now: datetime, *, machine: str = "", keys: Sequence[str] = ()) -> User:
    """The account of an address and a password. Raises Refused, in the same words and time for every stranger.

    Wrong passwords slow down per account and per machine, by its network address; `keys` are those of the sessions
    that were opened in this browser: in one that the account knows only what is typed there counts.
    """
    counted = _counted(email, machine, keys)
    count = attempts.begin_attempt(counted, now)
    user = reads.by_email(db.session(), email)
    is_right = passwords.matches(user.password_hash if user else None, password)
    if user is None or user.confirmed_at is None or not is_right:
        if user is not None and user.can_sign_in and count >= attempts.OF_AN_ACCOUNT.free:
            _tell_of_wrong_passwords(user.id, now)
        raise Refused(WRONG)
    if user.disabled_at is not None:
        raise Refused(DISABLED)
    attempts.take_back_attempt(counted)
    if passwords.is_outdated(user.password_hash):
        _rehash(user.id, user.password_hash, password)
        db.session().refresh(user)
    return user


def _counted(email: str, machine: str, keys: Sequence[str]) -> attempts.Counted:
    address = email.strip().lower()
    known_by = reads.known_session(db.session(), address, keys)
    if known_by is not None:
        return {f"browser of session {known_by}": attempts.OF_AN_ACCOUNT}
    return {f"account {address}": attempts.OF_AN_ACCOUNT, f"machine {machine}": attempts.OF_A_MACHINE}


def _tell_of_wrong_passwords(user_id: int, now: datetime) -> None:
    with transaction() as session:
        user = reads.by_id(session, user_id)
        announce(
            session,
            kind="mail:account.wrong_passwords",
            key=f"mail:account.wrong_passwords:{user_id}:{now:%Y%m%d}",
            args=AccountMessage(user=user_id, at=now),
            now=now,
            subject=user.subject,
        )


def ask_for_reset(email: str, now: datetime, *, many_asked: bool = False) -> None:
    """Sends a link to choose a new password, if there is an active account; says nothing about whether there is.

    `many_asked`: whoever asks did so for many addresses; the link then comes with the next full hour.
    """
    with transaction() as session:
        user = reads.by_email(session, email)
        if user is None or user.disabled_at is not None:
            return
        email = "account.reset" if user.confirmed_at else "account.confirm"
        _mail(session, email, user, now, many_asked=many_asked)


def reset_password(ticket: AccountLink, password_hash: str, now: datetime) -> User:
    """Sets a new password and ends all sessions and tokens. Raises Refused if the link is too old or was used."""
    with transaction() as session:
        user = _holder(session, ticket, now)
        _set_password(session, user, password_hash, now)
    return user


def rename(user_id: int, name: str) -> None:
    """Changes the name by which the person is shown."""
    with transaction() as session:
        reads.for_update(session, user_id).name = " ".join(name.split())


def change_password(user_id: int, current: str, password_hash: str, now: datetime) -> User:
    """Sets a new password and ends all sessions and tokens. Raises Refused if the current one is wrong."""
    # Counted apart from sign-in, so that nobody outside can make the owner wait here.
    counted = {f"current password of account {user_id}": attempts.OF_AN_ACCOUNT}
    attempts.begin_attempt(counted, now)
    known = reads.by_id(db.session(), user_id).password_hash
    if not passwords.matches(known, current):
        raise Refused(Refusal(PASSWORD_WRONG(), "current"))
    attempts.take_back_attempt(counted)
    with transaction() as session:
        user = reads.for_update(session, user_id)
        _set_password(session, user, password_hash, now)
    return user


def choose_theme(user_id: int, theme: Theme | None) -> None:
    """Remembers light or dark colours; None follows the device."""
    with transaction() as session:
        reads.for_update(session, user_id).theme = theme


def sign_out_everywhere(user_id: int, now: datetime) -> None:
    """Ends every session of the account; programs go on with their tokens."""
    with transaction() as session:
        end_sessions_step(session, reads.for_update(session, user_id), now)


def grant(  # noqa: PLR0913 -- who gets which role where, from whom; keyword-only after the fifth
    user_id: int, role: Role, country: str | None, actor: Actor, now: datetime, *, needs_two: bool = False
) -> bool:
    """Gives a role of the programme. Nobody gives a role to themselves: the person who decides must be another.

    With `needs_two`, a role that decides is given once a second administrator gives the same; until then it is kept as
    a request, and the answer is False.
    """
    with transaction() as session:
        if user_id == actor.user_id:
            raise Refused(Refusal(OWN(), "role"))
        user = reads.looked_after_for_update(session, user_id, actor)
        request = session.scalar(select(RoleRequest).where(RoleRequest.user_id == user_id, RoleRequest.role == role))
        is_enough = not needs_two or role not in DECIDING_ROLES or user.grant_of(role) is not None
        if not is_enough and not _is_seconded(session, request, country, actor):
            _ask(session, user, request or RoleRequest(user_id=user_id, role=role), country, actor, now)
            return False
        if request is not None:
            session.delete(request)
        grant_step(session, user, role, now, by=actor, country=country)
        return True


def _is_seconded(session: Session, request: RoleRequest | None, country: str | None, actor: Actor) -> bool:
    """Whether another administrator, who still is one, wants to give the same role."""
    if request is None or request.country != country or request.asked_by == actor.user_id:
        return False
    asker = request.asker
    return asker is not None and asker.disabled_at is None and asker.grant_of(Role.ADMINISTRATOR) is not None


def _ask(  # noqa: PLR0913 -- the request, and who asks for what
    session: Session, user: User, request: RoleRequest, country: str | None, actor: Actor, now: datetime
) -> None:
    request.country, request.asked_at, request.asked_by = country, now, actor.user_id
    session.add(request)
    field_changed(session, user.subject, f"role.{request.role.value}", False, "asked", actor, now)


def revoke(user_id: int, role: Role, actor: Actor, now: datetime) -> None:
    """Takes a role away, from the next request on, or what one administrator wanted to give. Raises Refused for the
    last administrator."""
    with transaction() as session:
        user = reads.looked_after_for_update(session, user_id, actor)
        asked = delete(RoleRequest).where(RoleRequest.user_id == user_id, RoleRequest.role == role)
        if session.execute(asked.returning(RoleRequest.id)).all():
            field_changed(session, user.subject, f"role.{role.value}", "asked", False, actor, now)
        if role is Role.ADMINISTRATOR and not others_hold(session, user, role):
            raise Refused(LAST_ADMINISTRATOR)
        revoke_step(session, user, role, now, by=actor)


def disable(user_id: int, actor: Actor, now: datetime) -> None:
    """Closes an account: it is out at once. Raises Refused for the last administrator."""
    with transaction() as session:
        user = reads.looked_after_for_update(session, user_id, actor)
        if user.grant_of(Role.ADMINISTRATOR) and not others_hold(session, user, Role.ADMINISTRATOR):
            raise Refused(LAST_ADMINISTRATOR)
        _set_disabled(session, user, now, actor, now)
        end_sessions_step(session, user, now)
        revoke_tokens_step(session, user, now)


def enable(user_id: int, actor: Actor, now: datetime) -> None:
    """Opens a closed account again."""
    with transaction() as session:
        _set_disabled(session, reads.looked_after_for_update(session, user_id, actor), None, actor, now)


def _set_disabled(session: Session, user: User, disabled_at: datetime | None, actor: Actor, now: datetime) -> None:
    was, will_be = user.disabled_at is not None, disabled_at is not None
    field_changed(session, user.subject, "disabled", was, will_be, actor, now)
    user.disabled_at = disabled_at


def _holder(session: Session, ticket: AccountLink, now: datetime) -> User:
    user = reads.find_for_update(session, ticket.user_id)
    if user is None or not ticket.opens(user, now):
        raise Refused(LINK_OVER)
    return user


def _set_password(session: Session, user: User, password_hash: str, now: datetime) -> None:
    user.password_hash = password_hash
    end_sessions_step(session, user, now)
    revoke_tokens_step(session, user, now)


def _rehash(user_id: int, known_hash: str, password: str) -> None:
    fresh = passwords.hashed(password)
    with transaction() as session:
        user = reads.for_update(session, user_id)
        # Not if the password was changed meanwhile.
        if user.password_hash == known_hash:
            user.password_hash = fresh


def _mail(  # noqa: PLR0913 -- which message to whom, and what it leads to; keyword-only after the fourth
    session: Session, email: str, user: User, now: datetime, *, many_asked: bool = False, onwards: str = ""
) -> None:
    """Sends a message about the account: at once, or with the next full hour where many were asked for.

    Nobody is refused: whoever asked for one in the name of somebody else would have used up what its owner needs.
    """
    kind = f"mail:{email}"
    sent_today = select(func.count(Job.id)).where(
        Job.kind == kind, is_about(Job, SubjectKind.ACCOUNT, user.id), Job.created_at > now - timedelta(days=1)
    )
    if not many_asked and (session.scalar(sent_today) or 0) < AT_ONCE_A_DAY:
        # One message a minute about the same state of the account: a button pressed twice sends one.
        due_at, turn = now, f"{mark_of(user)}:{int(now.timestamp()) // 60}"
    else:
        due_at = (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
        turn = f"{due_at:%Y%m%dT%H}"
    announce(
        session,
        kind=kind,
        key=f"{kind}:{user.id}:{turn}",
        args=AccountMessage(user=user.id, at=due_at, onwards=onwards),
        now=now,
        due_at=due_at,
        subject=user.subject,
    )
