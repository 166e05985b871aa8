"""What the lead applicant hears about the eligibility check."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.emails import event_context, to_lead_contacts
from urbact_calls.applications.models import StepTaken
from urbact_calls.domain.eligibility.clarification import clarification_due
from urbact_calls.domain.vocabulary import ApplicationState, ReportKind
from urbact_calls.eligibility import queries
from urbact_calls.notifications.messages import Email, Recipient, register


def _announced(session: Session, args: StepTaken, recipient: Recipient) -> dict[str, Any]:
    context = event_context(session, args, recipient)
    report = queries.latest_report(session, context["application"].id, ReportKind.OFFICIAL)
    findings = report.findings if report else []
    return context | {
        "is_eligible": context["event"].target == ApplicationState.ELIGIBLE,
        # Only what a person has confirmed keeps an application out, so only that is told.
        "failed": [each for each in findings if queries.is_unmet(each) and each.settled_outcome is not None],
    }


def _asked(session: Session, args: StepTaken, recipient: Recipient) -> dict[str, Any]:
    context = event_context(session, args, recipient)
    application = context["application"]
    report = queries.latest_report(session, application.id, ReportKind.OFFICIAL)
    terms = application.call.terms
    return context | {
        "due": clarification_due(context["event"].at, terms),
        "waiting": [each for each in report.findings if queries.is_unmet(each)] if report else [],
    }


# A letter: a second one would raise the question which of them counts.
register(
    Email(
        key="eligibility.announced",
        args=StepTaken,
        to=to_lead_contacts,
        context=_announced,
        policy="once",
        recipients="The lead contacts",
        moment="When the application is declared eligible or not eligible",
        limit="Once for each declaration",
    )
)
register(
    Email(
        key="clarification.asked",
        args=StepTaken,
        to=to_lead_contacts,
        context=_asked,
        recipients="The lead contacts",
        moment="When the Joint Secretariat asks for a clarification",
        limit="Once for each question",
    )
)
register(
    Email(
        key="clarification.answered",
        args=StepTaken,
        to=to_lead_contacts,
        context=event_context,
        recipients="The lead contacts",
        moment="When the clarification is answered",
        limit="Once for each answer",
    )
)
register(
    Email(
        key="clarification.lapsed",
        args=StepTaken,
        to=to_lead_contacts,
        context=event_context,
        recipients="The lead contacts",
        moment="When the time for the answer is over",
        limit="Once for each question",
    )
)
