"""Outcome letters: the e-mails about decisions, never sent twice, so that nobody gets a second letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.emails import event_context, tell_everybody, to_everybody
from urbact_calls.applications.models import Application, StepTaken
from urbact_calls.assessment.reads import agreed_sheet
from urbact_calls.decisions.outcomes import reads
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.jobs import OfApplication
from urbact_calls.messages.emails import Rendered, render
from urbact_calls.messages.models import Recipient

ANNOUNCED = "decision.announced"


def _decided(session: Session, args: StepTaken, recipient: Recipient) -> dict[str, Any]:
    context = event_context(session, args, recipient)
    return context | {"decision": reads.announced_decision(session, context["application"].id)}


def _announced(session: Session, args: StepTaken, recipient: Recipient) -> dict[str, Any]:
    context = _decided(session, args, recipient)
    return context | _letter_on(session, context["application"], context["decision"])


def letter_to_be_sent(
    session: Session, application: Application, decision: Decision
) -> tuple[Sequence[Recipient], Rendered]:
    """Who would get the letter about a decision that is not announced, and what it would say."""
    to = to_everybody(session, OfApplication(reference=application.reference))
    context = _letter_on(session, application, decision)
    return to, render(ANNOUNCED, context, to[0] if to else Recipient(""))


def _letter_on(session: Session, application: Application, decision: Decision) -> dict[str, Any]:
    """The decision and the agreed sheet, which names nobody."""
    return {"application": application, "decision": decision, "sheet": agreed_sheet(session, application)}


tell_everybody(
    ANNOUNCED,
    name="Decision of the Monitoring Committee",
    moment="When the decisions of the call are announced",
    limit="Once for each decision",
    context=_announced,
    policy="once",
)
tell_everybody(
    "decision.conditions_met",
    name="Conditions met",
    moment="When the conditions of an approval are met",
    limit="Once for each decision",
    context=_decided,
    policy="once",
)
tell_everybody(
    "decision.conditions_missed",
    name="Conditions not met",
    moment="When the conditions of an approval are not met",
    limit="Once for each decision",
    context=_decided,
    policy="once",
)
