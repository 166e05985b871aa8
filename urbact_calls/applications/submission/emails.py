"""E-mails about submission: receipt, reopened, withdrawn, taken back after a complaint."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.emails import event_context, tell_everybody
from urbact_calls.applications.models import StepTaken
from urbact_calls.applications.submission.reads.facts import submission_of
from urbact_calls.messages.models import Recipient


def _receipt(session: Session, args: StepTaken, recipient: Recipient) -> dict[str, Any]:
    context = event_context(session, args, recipient)
    # The submission of this event: the application may have been reopened and submitted again since.
    return context | {"submission": submission_of(session, context["application"], args.submission)}


tell_everybody(
    "application.submitted",
    name="Receipt of an application",
    moment="When the application is submitted",
    limit="Once for each submission",
    context=_receipt,
)
tell_everybody(
    "application.reopened",
    name="Application reopened",
    moment="When a submitted application becomes a draft again",
    limit="Once for each reopening",
)
tell_everybody(
    "application.taken_back",
    name="Application taken back after a complaint",
    moment="When a complaint was upheld and the application goes back to the check or to the committee",
    limit="Once for each time",
)
tell_everybody(
    "application.withdrawn", name="Application withdrawn", moment="When the application is withdrawn", limit="Once"
)
