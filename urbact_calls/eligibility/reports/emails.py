"""Emails on the eligibility check: what everybody who works on an application hears about its result."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.emails import event_context, tell_everybody
from urbact_calls.applications.models import StepTaken
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.eligibility.reports.reads import report as reads
from urbact_calls.messages.models import Recipient


def _announced(session: Session, args: StepTaken, recipient: Recipient) -> dict[str, Any]:
    context = event_context(session, args, recipient)
    return context | {
        "is_eligible": context["event"].target == ApplicationState.ELIGIBLE,
        "failed": reads.confirmed_unmet(session, context["application"].id),
    }


# A letter: a second one would raise the question which of them counts.
tell_everybody(
    "eligibility.announced",
    name="Result of the eligibility check",
    moment="When the application is declared eligible or not eligible",
    limit="Once for each declaration",
    context=_announced,
    policy="once",
)
