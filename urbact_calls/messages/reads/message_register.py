"""Register of messages: every kind of message and of job with its plain name: what, to whom, when, how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from urbact_calls.domain.text import Text, message, texts
from urbact_calls.messages.models import EMAILS, Email

WRITE = message("job.write", "Write: {name}")
JOBS: Mapping[str, Text] = texts(
    "job",
    {
        "applications.digest": "Gather what colleagues changed",
        "applications.print": "Make the PDF of an application",
        "assessment.close": "Close an assessment",
        "assessment.compare": "Compare the sheets of the assessors",
        "applications.lapse_clarification": "End the time to answer",
        "applications.store": "Store what was handed in",
        "decisions.take_steps": "Take the steps of announced decisions",
        "eligibility.closing_list": "List the applications that stood in a call when it closed",
        "eligibility.examine": "Make the provisional report",
        "eligibility.official": "Make the official report",
        "eligibility.without_file": "Examine an application without a refused file",
        "files.check": "Check an uploaded file",
        "files.scan": "Scan an uploaded file",
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


def entries() -> Sequence[Email]:
    """Every kind of message, by key."""
    return [email for _, email in sorted(EMAILS.items())]


def mutable() -> Sequence[Email]:
    """The kinds of message that a person may switch off, by key."""
    return [email for email in entries() if email.is_mutable]
