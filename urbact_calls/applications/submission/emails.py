"""E-mails about submission: receipt, reopened, withdrawn."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.emails import event_context, to_lead_contacts
from urbact_calls.applications.models import StepTaken
from urbact_calls.applications.submission.reads.facts import submission_of
from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Recipient


def _receipt(session: Session, args: StepTaken, recipient: Recipient) -> dict[str, Any]:
    context = event_context(session, args, recipient)
    # The submission of this event: the application may have been reopened and submitted again since.
    return context | {"submission": submission_of(session, context["application"], args.submission)}


register(
    Email(
        key="application.submitted",
        name="Receipt of an application",
        args=StepTaken,
        to=to_lead_contacts,
        context=_receipt,
        recipients="The lead contacts",
        moment="When the application is submitted",
        limit="Once for each submission",
    )
)
register(
    Email(
        key="application.reopened",
        name="Application reopened",
        args=StepTaken,
        to=to_lead_contacts,
        context=event_context,
        recipients="The lead contacts",
        moment="When a submitted application becomes a draft again",
        limit="Once for each reopening",
    )
)
register(
    Email(
        key="application.withdrawn",
        name="Application withdrawn",
        args=StepTaken,
        to=to_lead_contacts,
        context=event_context,
        recipients="The lead contacts",
        moment="When the application is withdrawn",
        limit="Once",
    )
)
