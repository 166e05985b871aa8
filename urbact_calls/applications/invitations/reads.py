"""Invitations by link and by application, and the partners that have nobody in the program yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application, ApplicationAccess, Partner, PartnerInvitation
from urbact_calls.applications.reads.interests import Instants, takes_part
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ApplicationState, Role
from urbact_calls.domain.workflow.application import APPLICATION
from urbact_calls.organisations.models import Membership

LASTS = timedelta(days=14)
OVER = APPLICATION.ends - {ApplicationState.IN_NETWORK}
"""Nobody is invited to an application in one of these states."""


LINK_OVER = Refusal(
    message("invitation.over", "This invitation has been used, taken back or replaced, or is too old.")()
)

ENDED = Refusal(
    message("invitation.over/ended", "What you were invited to has ended, or whoever invited you left it.")()
)


def token_of(secret: str, invitation: PartnerInvitation) -> str:
    """What stands in the link of the last message."""
    return str(_signer(secret).dumps([invitation.id, invitation.sends]))


def by_token(session: Session, secret: str, token: str, now: datetime) -> PartnerInvitation:
    """The invitation of a link. Raises Refused, in the same words for a link that is over, used or made up."""
    try:
        invitation_id, sends = _signer(secret).loads(token)
    except BadData as problem:
        raise Refused(LINK_OVER) from problem
    found = session.scalar(
        select(PartnerInvitation)
        .where(PartnerInvitation.id == invitation_id)
        .options(
            joinedload(PartnerInvitation.partner).joinedload(Partner.application).joinedload(Application.call),
            joinedload(PartnerInvitation.partner).joinedload(Partner.organisation),
        )
    )
    if found is None or found.sends != sends or not can_be_used(found, now):
        raise Refused(LINK_OVER)
    if has_ended(session, found, now):
        raise Refused(ENDED)
    return found


def has_ended(session: Session, invitation: PartnerInvitation, now: datetime) -> bool:
    """Whether what an invitation invites to is over, or whoever invited has no right to it any more.

    A right that was given earlier is asked for again when it is used.
    """
    application = invitation.partner.application
    is_lapsed = application.state is ApplicationState.DRAFT and not application.call.takes_applications(now)
    if is_lapsed or application.state in OVER:
        return True
    still_leads = (
        select(ApplicationAccess.id)
        .join(User, User.id == ApplicationAccess.user_id)
        .where(
            ApplicationAccess.application_id == application.id,
            ApplicationAccess.user_id == invitation.invited_by,
            ApplicationAccess.role == Role.LEAD,
            User.disabled_at.is_(None),
        )
    )
    return session.scalar(still_leads) is None


def can_be_used(invitation: PartnerInvitation, now: datetime) -> bool:
    """Whether its link can still be used."""
    is_open = invitation.accepted_at is None and invitation.revoked_at is None
    return is_open and now <= invitation.sent_at + LASTS


def of_application(session: Session, application: Application) -> list[PartnerInvitation]:
    """Who was asked to work on an application, by partner and then in the order of asking."""
    return list(
        session.scalars(
            select(PartnerInvitation)
            .join(PartnerInvitation.partner)
            .where(Partner.application_id == application.id)
            .order_by(Partner.position, PartnerInvitation.id)
            .options(joinedload(PartnerInvitation.partner).joinedload(Partner.organisation))
        )
    )


def partners_without_people(session: Session, application: Application) -> list[Partner]:
    """The partners for which nobody works in the program yet, in order."""
    works = (
        select(Membership.id)
        .where(Membership.organisation_id == Partner.organisation_id, Membership.accepted_at.is_not(None))
        .exists()
    )
    return list(
        session.scalars(
            select(Partner)
            .where(Partner.application_id == application.id, ~works)
            .order_by(Partner.position, Partner.id)
            .options(joinedload(Partner.organisation))
        )
    )


@takes_part
def _is_invited(instants: Instants) -> Select[int, int]:
    """Whoever is invited to work on an application, from the invitation until its link is over: what an invitation
    that was accepted gives has its own rows."""
    return (
        select(Partner.application_id, User.id)
        .join(PartnerInvitation, PartnerInvitation.partner_id == Partner.id)
        .join(User, User.email == PartnerInvitation.address)
        .where(
            PartnerInvitation.accepted_at.is_(None),
            PartnerInvitation.revoked_at.is_(None),
            PartnerInvitation.sent_at >= instants.before(LASTS),
        )
    )


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="partner.invitation")
