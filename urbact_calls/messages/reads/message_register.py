"""Register of messages: every kind of message and of job with its plain name: what, to whom, when, how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from urbact_calls.domain.text import Text, message, texts
from urbact_calls.messages.models import EMAILS, Email

WRITE = message("job.write", "Write: {name}")
JOBS: Mapping[str, Text] = texts(
    "job",
    {
        "applications.print": "Make the PDF of an application",
        "assessment.close": "Close an assessment",
        "assessment.compare": "Compare the sheets of the assessors",
        "casework.lapse_clarification": "End the time to answer",
        "decisions.carry_out": "Carry out a decision",
        "eligibility.examine": "Make the provisional report",
        "eligibility.official": "Make the official report",
        "mail.deliver": "Send a message",
        "mail.deliver_once": "Send a message, once only",
        "network.found": "Found a network",
    },
)
"""By the name under which a feature registers the job; the job that writes a message has the name of the message."""


def message_name(key: str) -> str:
    """The name of a kind of message; its key for one that only an older release knew."""
    return EMAILS[key].name if key in EMAILS else key


def job_name(kind: str) -> str:
    """The name of a kind of job; the kind itself for one that only an older release knew."""
    key = kind.removeprefix("mail:")
    return str(WRITE(name=EMAILS[key].name) if key != kind and key in EMAILS else JOBS.get(kind, kind))


ALWAYS = "No, it always comes"
CAN_BE_SWITCHED_OFF = "Yes, in the account or by its link"
BY_LEAVING = "Yes, by leaving the list"
_LISTS = ("call.opens",)


def entries() -> Sequence[RegisteredMessage]:
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


def _entry(email: Email) -> RegisteredMessage:
    choice = CAN_BE_SWITCHED_OFF if email.is_mutable else BY_LEAVING if email.key in _LISTS else ALWAYS
    return RegisteredMessage(
        key=email.key,
        recipients=email.recipients,
        moment=email.moment,
        limit=email.limit,
        choice=choice,
        if_uncertain="A person decides" if email.policy == "once" else "It is tried again",
        holds_link=email.is_secret,
    )


@dataclass(frozen=True, slots=True)
class RegisteredMessage:
    """One kind of message in words."""

    key: str
    recipients: str
    moment: str
    limit: str
    choice: str
    if_uncertain: str
    holds_link: bool
