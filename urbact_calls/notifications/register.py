"""All messages of the program in one table: what, to whom, when, how often; made from what the features register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from urbact_calls.notifications.messages import EMAILS, Email

ALWAYS = "No, it always comes"
CAN_BE_SWITCHED_OFF = "Yes, in the account or by its link"
BY_LEAVING = "Yes, by leaving the list"
_LISTS = ("call.opens",)


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of message in words."""

    key: str
    recipients: str
    moment: str
    limit: str
    choice: str
    if_uncertain: str
    holds_link: bool


def entries() -> Sequence[Entry]:
    """Every kind of message, by key."""
    return [_entry(email) for _, email in sorted(EMAILS.items())]


def mutable() -> Sequence[Email]:
    """The kinds of message that a person may switch off, by key."""
    return [email for _, email in sorted(EMAILS.items()) if email.is_mutable]


def markdown() -> str:
    """The table for `docs/notifications.md`."""
    head = (
        "| Key | To | When | At most | Can it be switched off? | If sending breaks off |\n|---|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| `{each.key}` | {each.recipients} | {each.moment} | {each.limit} | {each.choice} | {each.if_uncertain} |\n"
        for each in entries()
    )


def _entry(email: Email) -> Entry:
    choice = CAN_BE_SWITCHED_OFF if email.is_mutable else BY_LEAVING if email.key in _LISTS else ALWAYS
    return Entry(
        key=email.key,
        recipients=email.recipients,
        moment=email.moment,
        limit=email.limit,
        choice=choice,
        if_uncertain="A person decides" if email.policy == "once" else "It is tried again",
        holds_link=email.is_secret,
    )
