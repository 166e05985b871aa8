"""E-mails about an application: who hears of its steps, the reminder of a draft, and what colleagues changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, ChangesMessage, ClosingMessage, StepTaken
from urbact_calls.applications.reads.applications import by_reference, everybody_of, lead_contacts
from urbact_calls.applications.reads.changed_fields import ChangedPart, changed_parts
from urbact_calls.calls.publication.reads.call_facts import after_closing
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.domain.words import day_in_paris
from urbact_calls.jobs import OfApplication
from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Policy, Recipient
from urbact_calls.record.models import WorkflowEvent


def to_lead_contacts(session: Session, args: OfApplication) -> Sequence[Recipient]:
    """Everybody who hears about the application of a job."""
    application = by_reference(session, args.reference)
    return [user.recipient for user in lead_contacts(session, application.id)]


def to_everybody(session: Session, args: OfApplication) -> Sequence[Recipient]:
    """Everybody who works on the application of a job."""
    application = by_reference(session, args.reference)
    return [user.recipient for user in everybody_of(session, application.id)]


def event_context(session: Session, args: StepTaken, recipient: Recipient) -> dict[str, Any]:
    """The application and the event that the message is about."""
    return {
        "application": by_reference(session, args.reference),
        "event": session.get_one(WorkflowEvent, args.event),
    }


To = Callable[[Session, OfApplication], Sequence[Recipient]]


def _tell(to: To, recipients: str) -> Callable[..., None]:
    """Registers messages about steps of an application for some of its people."""

    def tell(  # noqa: PLR0913 -- what a message says and when; keyword-only after the key
        key: str,
        *,
        name: str,
        moment: str,
        limit: str,
        context: Callable[..., dict[str, Any]] = event_context,
        policy: Policy = "retry",
    ) -> None:
        register(
            Email(
                key=key,
                name=name,
                args=StepTaken,
                to=to,
                context=context,
                policy=policy,
                recipients=recipients,
                moment=moment,
                limit=limit,
            )
        )

    return tell


# Who must act now.
tell_lead_contacts = _tell(to_lead_contacts, "The lead contacts")
# Whoever works on the application wants to know what became of it.
tell_everybody = _tell(to_everybody, "Everybody who works on the application")


def _to_leads_of_a_draft(session: Session, args: ClosingMessage) -> Sequence[Recipient]:
    """Nobody, if the application was submitted or withdrawn, or the call moved its date, while the reminder waited."""
    application = by_reference(session, args.reference)
    is_draft = application.state is ApplicationState.DRAFT
    is_moved = application.call.closes_at != args.closes_at
    return to_lead_contacts(session, args) if is_draft and not is_moved else []


def _draft(session: Session, args: ClosingMessage, recipient: Recipient) -> dict[str, Any]:
    application = by_reference(session, args.reference)
    return {"application": application, "late": after_closing(application.call.terms)}


register(
    Email(
        key="call.closing_soon",
        name="Reminder: a draft is not submitted",
        args=ClosingMessage,
        to=_to_leads_of_a_draft,
        context=_draft,
        is_mutable=True,
        recipients="The lead contacts of a draft",
        moment="7 days and 1 day before the call closes, drafts only",
        limit="Once for each draft, day and closing date",
    )
)


def _changed(session: Session, args: ChangesMessage) -> tuple[Application, Mapping[int, list[ChangedPart]]]:
    """Nothing any more for an application that is no draft: what was submitted has its receipt."""
    application = by_reference(session, args.reference)
    if application.state is not ApplicationState.DRAFT:
        return application, {}
    return application, changed_parts(session, application, *day_in_paris(args.day))


def _to_whose_part_changed(session: Session, args: ChangesMessage) -> Sequence[Recipient]:
    application, parts = _changed(session, args)
    return [user.recipient for user in everybody_of(session, application.id) if user.id in parts]


def _changes(session: Session, args: ChangesMessage, recipient: Recipient) -> dict[str, Any]:
    application, parts = _changed(session, args)
    return {"application": application, "day": args.day, "parts": parts.get(recipient.user_id or 0, [])}


register(
    Email(
        key="application.changed",
        name="Colleagues changed your part",
        args=ChangesMessage,
        to=_to_whose_part_changed,
        context=_changes,
        is_mutable=True,
        recipients="The people of each partner whose part of a draft somebody else changed",
        moment="At 7 in the morning, about changes of the day before",
        limit="Once a day for each draft",
    )
)
