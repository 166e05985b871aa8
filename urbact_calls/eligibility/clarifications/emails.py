"""Emails on clarifications: asked, answered, lapsed."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.emails import event_context, tell_lead_contacts
from urbact_calls.applications.models import StepTaken
from urbact_calls.domain.eligibility.clarification import clarification_due
from urbact_calls.domain.vocabulary import ReportKind
from urbact_calls.eligibility.reports.reads import report as reads
from urbact_calls.messages.models import Recipient


def _asked(session: Session, args: StepTaken, recipient: Recipient) -> dict[str, Any]:
    context = event_context(session, args, recipient)
    application = context["application"]
    report = reads.latest_report(session, application.id, ReportKind.OFFICIAL)
    terms = application.call.terms
    return context | {
        "due": clarification_due(context["event"].at, terms),
        "waiting": [each for each in report.findings if reads.is_unmet(each)] if report else [],
    }


tell_lead_contacts(
    "clarification.asked",
    name="A question of the Joint Secretariat",
    moment="When the Joint Secretariat asks for a clarification",
    limit="Once for each question",
    context=_asked,
)
tell_lead_contacts(
    "clarification.answered",
    name="Receipt of an answer",
    moment="When the clarification is answered",
    limit="Once for each answer",
)
tell_lead_contacts(
    "clarification.lapsed",
    name="The time to answer is over",
    moment="When the time for the answer is over",
    limit="Once for each question",
)
