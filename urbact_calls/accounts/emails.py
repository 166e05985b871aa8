"""E-mails about accounts: confirm the address, there is an account already, choose a new password."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from urbact_calls.accounts.commands import links
from urbact_calls.accounts.models import AccountMessage, User
from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Recipient, Resend


def _anew(user: int, now: datetime, resend: Resend) -> AccountMessage:
    return AccountMessage(user=user, at=now, resend=resend)


def _account(session: Session, args: AccountMessage) -> Sequence[Recipient]:
    user = session.get(User, args.user)
    return [] if user is None else [user.recipient]


def _waiting(session: Session, args: AccountMessage) -> Sequence[Recipient]:
    """The account, unless it was confirmed while the message waited."""
    user = session.get(User, args.user)
    return [] if user is None or user.confirmed_at is not None else _account(session, args)


def _with_link(purpose: links.Purpose) -> Callable[[Session, AccountMessage, Recipient], dict[str, Any]]:
    def context(session: Session, args: AccountMessage, _: Recipient) -> dict[str, Any]:
        asked_at = args.at
        user = session.get_one(User, args.user)
        token = links.written(current_app.config["SECRET_KEY"], purpose, user, asked_at, args.onwards)
        return {"token": token, "until": asked_at + links.LIFETIMES[purpose]}

    return context


register(
    Email(
        key="account.confirm",
        name="Confirm an e-mail address",
        args=AccountMessage,
        to=_waiting,
        context=_with_link("confirm"),
        is_secret=True,
        anew=_anew,
        recipients="Whoever opened the account",
        moment="When an account is opened, or somebody asks for a new password before confirming the address",
        limit="Once a minute and account, after five in a day once an hour",
    )
)
register(
    Email(
        key="account.exists",
        name="An account exists already",
        args=AccountMessage,
        to=_account,
        context=lambda session, args, recipient: {},
        recipients="The owner of the account",
        moment="When somebody tries to open an account with an address that has one",
        limit="Once a minute and account, after five in a day once an hour",
    )
)
register(
    Email(
        key="account.reset",
        name="Choose a new password",
        args=AccountMessage,
        to=_account,
        context=_with_link("reset"),
        is_secret=True,
        anew=_anew,
        recipients="The owner of the account",
        moment="When somebody asks for a new password",
        limit="Once a minute and account, after five in a day once an hour",
    )
)
register(
    Email(
        key="account.wrong_passwords",
        name="Wrong passwords were typed",
        args=AccountMessage,
        to=_account,
        context=lambda session, args, recipient: {},
        recipients="The owner of the account",
        moment="When several wrong passwords were typed for an account",
        limit="Once a day and account",
    )
)
