"""Commands on partners: add one, take one out, let its people write."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from urbact_calls.applications.budget.commands import budget_field
from urbact_calls.applications.drafts.commands import draft_to_write, is_submitted
from urbact_calls.applications.invitations.commands import announce_added_step, end_access_step, follow_editing_step
from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.reads.applications import partner_of
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor, lead_applicant
from urbact_calls.domain.refusal import Refusal, Refused, Stale
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import PartnerRole
from urbact_calls.files.commands import discard_step
from urbact_calls.organisations.commands import NewOrganisation, find_or_create_step
from urbact_calls.organisations.models import Organisation
from urbact_calls.organisations.reads import by_slug
from urbact_calls.record.commands import field_changed
from urbact_calls.storage import Storage


def add_partner(reference: str, *, slug: str, version: int, actor: Actor, now: datetime) -> None:
    """Adds an organisation at the end of the partnership. Raises NotFound, Stale, Refused for one that is there."""
    with transaction() as session:
        application = _partnership(session, reference, version, actor, now)
        _add(session, application, by_slug(session, slug), actor, now)


def add_new_partner(reference: str, *, new: NewOrganisation, version: int, actor: Actor, now: datetime) -> None:
    """Adds an organisation that was typed; one of the same name, country and seat that is known is taken instead.

    Raises Stale, and Refused for one that is in the partnership already.
    """
    with transaction() as session:
        application = _partnership(session, reference, version, actor, now)
        _add(session, application, find_or_create_step(session, new, now), actor, now)


def _add(session: Session, application: Application, organisation: Organisation, actor: Actor, now: datetime) -> None:
    partners = application.partners
    if organisation.id in {each.organisation_id for each in partners}:
        raise Refused(Refusal(TWICE(organisation=organisation.name), field="name"))
    if len(partners) >= MOST_PARTNERS:
        raise Refused(Refusal(TOO_MANY(count=len(partners))))
    last = partners[-1].position
    partners.append(Partner(organisation_id=organisation.id, role=PartnerRole.PARTNER, position=last + 1))
    application.version += 1
    field_changed(session, application.subject, "partners", None, organisation.slug, actor, now)
    announce_added_step(session, application, organisation, now)


def remove_partner(
    reference: str, partner_id: int, *, version: int, actor: Actor, now: datetime, storage: Storage
) -> None:
    """Takes a project partner out, with its budget and its letter. Raises Refused for the lead partner, Stale."""
    with transaction() as session:
        application = _partnership(session, reference, version, actor, now)
        partner = partner_of(session, application, partner_id)
        if partner.role == PartnerRole.LEAD:
            raise Refused(Refusal(LEAD()))
        for document in partner.documents:
            # What was submitted stays.
            if not is_submitted(session, document.storage_key):
                discard_step(session, document.storage_key, storage)
        for line in partner.budget_lines:
            field = budget_field(partner, line.category)
            field_changed(session, application.subject, field, line.amount_cents, None, actor, now)
        field_changed(session, application.subject, "partners", partner.organisation.slug, None, actor, now)
        end_access_step(session, partner)
        session.delete(partner)
        application.version += 1


def set_partner_editing(  # noqa: PLR0913 -- keyword-only after the second
    reference: str, partner_id: int, *, may_edit: bool, version: int, actor: Actor, now: datetime
) -> None:
    """Lets the people of a partner write in the form, or only read it. Raises Stale."""
    with transaction() as session:
        application = _partnership(session, reference, version, actor, now)
        partner = partner_of(session, application, partner_id)
        field = f"partners.{partner.organisation.slug}.may_edit"
        field_changed(session, application.subject, field, partner.may_edit, may_edit, actor, now)
        if partner.may_edit != may_edit:
            partner.may_edit = may_edit
            follow_editing_step(session, partner)
            application.version += 1


def _partnership(session: Session, reference: str, version: int, actor: Actor, now: datetime) -> Application:
    application = draft_to_write(session, reference, actor, now, lead_applicant)
    if version != application.version:
        raise Stale(PARTNERSHIP_STALE())
    return application


# Far above what any call allows: the grid of a budget must stay a page that can be sent.
MOST_PARTNERS = 30


TWICE = message("partner.twice", "{organisation} is in the partnership already.")
TOO_MANY = message("partner.too_many", "{count} partners are more than any call allows; take one out first.")
LEAD = message("partner.lead", "The lead partner cannot be taken out of its own application.")


PARTNERSHIP_STALE = message(
    "partnership.stale",
    "The partnership was changed by somebody else. Nothing is lost: look at it as it is now, then send again.",
)
