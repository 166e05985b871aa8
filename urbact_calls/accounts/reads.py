"""Reads of accounts by id, address, name and role; addresses in one spelling."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import ColumnElement, Select, bindparam, false, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from urbact_calls.accounts.models import ApiToken, BrowserSession, RoleGrant, RoleRequest, User
from urbact_calls.database import existing, found_in
from urbact_calls.domain.permissions import Actor, Interests, administrator, auditor
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import message, say
from urbact_calls.domain.vocabulary import EntryKind, Role
from urbact_calls.record.reads.entries import Entry, EntryPlace, RecordReading, source
from urbact_calls.record.reads.field_words import FieldWords, describes
from urbact_calls.subjects import labelled, register


def address_of(typed: str) -> str | None:
    """The address that was typed, in the spelling in which accounts keep it; None if it is not an address.

    A domain in another alphabet becomes its ASCII form, so that one that only looks like another is seen.
    """
    try:
        found = validate_email(typed, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return (found.ascii_email or found.normalized).lower()


SHORTEST_SEARCH = 3
LONGEST_NUMBER = 10
MOST_RESULTS = 20

Withheld = Callable[[Interests], Select[int]]
"""Selects the ids of the accounts that an administrator with these interests may not look after."""

WITHHELD: list[Withheld] = []


def withholds(accounts: Withheld) -> Withheld:
    """Keeps accounts from administrators who take part in something; features above say which ones."""
    WITHHELD.append(accounts)
    return accounts


def _looked_after_by(actor: Actor) -> ColumnElement[bool]:
    """The condition on `User` that this administrator may look after the account; a colleague does the others."""
    if not actor.interests.applications:
        return true()
    return User.id.not_in(_withheld(actor.interests))


def _withheld(interests: Interests) -> Select[int]:
    return select(User.id).where(or_(false(), *(User.id.in_(accounts(interests)) for accounts in WITHHELD)))


def find(session: Session, user_id: int) -> User | None:
    """The account with its roles; None if there is none."""
    query = select(User).where(User.id == user_id).options(joinedload(User.grants))
    return session.scalars(query).unique().one_or_none()


def by_id(session: Session, user_id: int) -> User:
    """The account with its roles. Raises NotFound."""
    return or_not_found(find(session, user_id), f"account {user_id}")


def by_ids(session: Session, user_ids: Collection[int]) -> dict[int, User]:
    """The accounts with their roles, by id; one that is gone has none."""
    query = select(User).where(User.id.in_(user_ids)).options(joinedload(User.grants))
    return {user.id: user for user in session.scalars(query).unique()}


def by_email(session: Session, email: str) -> User | None:
    """The account of an address, however it is capitalised."""
    return session.scalar(select(User).where(User.email == email.strip().lower()))


def find_for_update(session: Session, user_id: int) -> User | None:
    """The account, locked until the end of the transaction; None if there is none."""
    return session.scalar(select(User).where(User.id == user_id).with_for_update())


def for_update(session: Session, user_id: int) -> User:
    """The account, locked until the end of the transaction. Raises NotFound."""
    return or_not_found(find_for_update(session, user_id), f"account {user_id}")


def looked_after(session: Session, user_id: int, actor: Actor) -> User:
    """The account with its roles, for an administrator. Raises NotFound, also for one that a colleague looks after."""
    query = select(User).where(User.id == user_id, _looked_after_by(actor)).options(joinedload(User.grants))
    return or_not_found(session.scalars(query).unique().one_or_none(), f"account {user_id}")


def looked_after_for_update(session: Session, user_id: int, actor: Actor) -> User:
    """The same account, locked until the end of the transaction. Raises NotFound as `looked_after` does."""
    query = select(User).where(User.id == user_id, _looked_after_by(actor)).with_for_update()
    return or_not_found(session.scalar(query), f"account {user_id}")


def search(session: Session, text: str, actor: Actor) -> Sequence[User]:
    """Accounts that this administrator may look after and whose name or address contains the text, by name; at most
    20, none for fewer than 3 characters."""
    text = text.strip()
    if len(text) < SHORTEST_SEARCH:
        return []
    return session.scalars(
        select(User)
        .where(found_in(text, User.name, User.email), _looked_after_by(actor))
        .order_by(func.lower(User.name), User.id)
        .limit(MOST_RESULTS)
    ).all()


def with_role(session: Session, role: Role) -> Sequence[User]:
    """Active accounts that hold a role of the programme, by name."""
    return session.scalars(
        select(User)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.role == role, User.disabled_at.is_(None), User.confirmed_at.is_not(None))
        .order_by(func.lower(User.name), User.id)
    ).all()


def role_requests_of(session: Session, user_id: int) -> Sequence[RoleRequest]:
    """The roles that one administrator wants this account to have, the oldest first, with who asks."""
    query = select(RoleRequest).where(RoleRequest.user_id == user_id).options(joinedload(RoleRequest.asker))
    return session.scalars(query.order_by(RoleRequest.id)).unique().all()


def names_of(session: Session, user_ids: Collection[int]) -> dict[int, str]:
    """The names of accounts by id; one that is gone has none."""
    if not user_ids:
        return {}
    rows = session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))
    return {row.id: row.name for row in rows}


def hash_of(key: str) -> str:
    """What is stored of the key of a session or of a token. It is long and random, so it needs no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


def session_of(session: Session, key: str) -> BrowserSession | None:
    """The session that a key opens, with its account and roles, whether or not it is in force."""
    return session.scalars(_SESSION, {"sha256": hash_of(key)}).unique().one_or_none()


# Each request of somebody who is signed in asks; built here once.
_SESSION = (
    select(BrowserSession)
    .where(BrowserSession.sha256 == bindparam("sha256"))
    .options(joinedload(BrowserSession.user).joinedload(User.grants))
)


def known_session(session: Session, email: str, keys: Sequence[str]) -> int | None:
    """The first session that this account had with one of these keys: its browser is known. None if there is none.

    The first, which stays the same when others are opened.
    """
    if not keys:
        return None
    query = select(func.min(BrowserSession.id)).join(User)
    return session.scalar(query.where(User.email == email, BrowserSession.sha256.in_([hash_of(key) for key in keys])))


def open_sessions(session: Session, user_id: int, now: datetime) -> Sequence[BrowserSession]:
    """The sessions of an account that are in force, the one that was used last first."""
    return session.scalars(
        select(BrowserSession)
        .where(
            BrowserSession.user_id == user_id,
            BrowserSession.ended_at.is_(None),
            BrowserSession.used_at > now - BrowserSession.LASTS,
        )
        .order_by(BrowserSession.used_at.desc(), BrowserSession.id.desc())
    ).all()


def own_session(session: Session, user_id: int, session_id: int) -> BrowserSession:
    """A session of this account. Raises NotFound, also for one of somebody else."""
    query = select(BrowserSession).where(BrowserSession.id == session_id, BrowserSession.user_id == user_id)
    return existing(session, query, f"session {session_id}")


def token_of(session: Session, text: str) -> ApiToken | None:
    """The token that a program sent, with its owner, whether or not it is in force."""
    query = select(ApiToken).where(ApiToken.sha256 == hash_of(text)).options(joinedload(ApiToken.user))
    return session.scalar(query)


def all_tokens(session: Session) -> Sequence[ApiToken]:
    """Every token with its owner, the oldest first."""
    return session.scalars(select(ApiToken).options(joinedload(ApiToken.user)).order_by(ApiToken.id)).all()


def tokens_in_force(session: Session, user_id: int, now: datetime) -> Sequence[ApiToken]:
    """The tokens of an account that open something, the newest first."""
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)
        .order_by(ApiToken.id.desc())
    ).all()


def own_token(session: Session, user_id: int, token_id: int) -> ApiToken:
    """A token of this account. Raises NotFound, also for one of somebody else."""
    query = select(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == user_id)
    return existing(session, query, f"token {token_id}")


def _found_account(session: Session, text: str) -> Sequence[int]:
    """The account of an address, or of a number."""
    is_number = text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER
    meant = User.id == int(text) if is_number else User.email == text.lower()
    return session.scalars(select(User.id).where(meant)).all()


register(
    SubjectKind.ACCOUNT,
    may_see=administrator | auditor,
    may_open=administrator,
    names=labelled("Account ", User.id, User.id, "accounts.person", "user_id"),
    found=_found_account,
    involved=_withheld,
)


@describes(SubjectKind.ACCOUNT, rights=("role.%",))
def _field(name: str) -> FieldWords | None:
    what, _, code = name.partition(".")
    role = Role.with_code(code)
    if what == "role" and role is not None:
        return FieldWords(f"Holds the role: {role.label}")
    return FieldWords("Account closed") if name == "disabled" else None


SIGNED_IN = message("record.sign_in", "Signed in: {browser}")
ENDED = message("record.sign_in/ended", "Ended on {at:second}.")
LAST_USED = message("record.sign_in/used", "Last used on {at:second}.")
TOKEN = message("record.token", "Token of the interface: {name}")
EXPIRES = message("record.token/expires", "Good until {at:second}.")
REVOKED = message("record.token/revoked", "Revoked on {at:second}.")


@source("sign_in")
def _sign_ins(session: Session, reading: RecordReading) -> Sequence[Entry]:
    """The sessions of an account: in which browser, since when, and when they ended."""
    if not _is_about_sign_ins(reading):
        return ()
    query = select(BrowserSession).where(BrowserSession.user_id == reading.whole.id)
    query = reading.narrowed(
        query, "sign_in", at=BrowserSession.opened_at, number=BrowserSession.id, who=BrowserSession.user_id
    )
    return [
        Entry(
            place=EntryPlace(row.opened_at, "sign_in", row.id),
            kind=EntryKind.SIGN_IN,
            about=reading.whole,
            what=say(SIGNED_IN(browser=row.browser)),
            who=row.user_id,
            notes=(say(LAST_USED(at=row.used_at) if row.ended_at is None else ENDED(at=row.ended_at)),),
        )
        for row in session.scalars(query)
    ]


@source("token")
def _tokens(session: Session, reading: RecordReading) -> Sequence[Entry]:
    """The tokens of an account: when they were made, and until when they are good."""
    if not _is_about_sign_ins(reading):
        return ()
    query = select(ApiToken).where(ApiToken.user_id == reading.whole.id)
    query = reading.narrowed(query, "token", at=ApiToken.created_at, number=ApiToken.id, who=ApiToken.user_id)
    return [
        Entry(
            place=EntryPlace(row.created_at, "token", row.id),
            kind=EntryKind.SIGN_IN,
            about=reading.whole,
            what=say(TOKEN(name=row.label)),
            who=row.user_id,
            notes=(say(EXPIRES(at=row.expires_at) if row.revoked_at is None else REVOKED(at=row.revoked_at)),),
        )
        for row in session.scalars(query)
    ]


def _is_about_sign_ins(reading: RecordReading) -> bool:
    return reading.whole.kind is SubjectKind.ACCOUNT and reading.asks_for(EntryKind.SIGN_IN)
