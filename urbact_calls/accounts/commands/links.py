"""Signed links in e-mails, which confirm an address or reset a password: for one purpose, usable once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from itsdangerous import BadData, URLSafeSerializer

from urbact_calls.accounts.models import User

Purpose = Literal["confirm", "reset"]


@dataclass(frozen=True, slots=True)
class AccountLink:
    """What a link says: for which account, made when, what the account was like then, and to which path of this site
    it leads in the end; empty for none."""

    purpose: Purpose
    user_id: int
    made_at: datetime
    mark: str
    onwards: str = ""

    def is_over(self, now: datetime) -> bool:
        return not timedelta() <= now - self.made_at <= LIFETIMES[self.purpose]

    def opens(self, user: User, now: datetime) -> bool:
        """Whether it still works for its account: neither is over, and the account is as it was when it was made. What
        confirms an address opens no account that is confirmed."""
        is_due = self.purpose != "confirm" or user.confirmed_at is None
        return is_due and user.disabled_at is None and not self.is_over(now) and self.mark == mark_of(user)


LIFETIMES: dict[Purpose, timedelta] = {"confirm": timedelta(days=3), "reset": timedelta(hours=1)}


def mark_of(user: User) -> str:
    """A short mark that changes with the password, the epoch and the confirmation of an account."""
    facts = f"{user.password_hash}|{user.epoch}|{user.confirmed_at is not None}"
    return hashlib.sha256(facts.encode()).hexdigest()[:20]


def written(secret: str, purpose: Purpose, user: User, made_at: datetime, onwards: str = "") -> str:
    """The token of a link for this account."""
    facts = [user.id, int(made_at.timestamp()), mark_of(user), *filter(None, [onwards])]
    return str(_signer(secret, purpose).dumps(facts))


def read(secret: str, purpose: Purpose, token: str) -> AccountLink | None:
    """What a token says; None if it was not written by this site for this purpose."""
    try:
        user_id, seconds, mark, *onwards = _signer(secret, purpose).loads(token)
    except BadData:
        return None
    return AccountLink(purpose, user_id, datetime.fromtimestamp(seconds, UTC), mark, "".join(onwards))


def _signer(secret: str, purpose: Purpose) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=f"account.{purpose}")
