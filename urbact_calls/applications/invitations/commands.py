"""Commands on invitations: invite a person, send again, take back, accept, register.

The lead applicant sends a link: signed, for two weeks, usable once. Whoever opens it signs in or opens an account
with the address it was sent to, and can write for that partner at once. An organisation that nobody knows but this
application gets its first member too. For one that the programme knows, or that takes part elsewhere, the place is
asked of its managers or of the Joint Secretariat: a lead applicant must not let people into the work of others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.accounts.commands import accounts
from urbact_calls.accounts.commands.sessions import end_sessions_step
from urbact_calls.accounts.models import User
from urbact_calls.accounts.reads import by_email
from urbact_calls.applications.drafts.commands import draft_to_write, locked_for
from urbact_calls.applications.invitations.reads import by_token, can_be_used, of_application
from urbact_calls.applications.models import (
    Application,
    ApplicationAccess,
    InvitationMessage,
    Partner,
    PartnerInvitation,
    PartnerMessage,
)
from urbact_calls.applications.reads.applications import partner_of
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor, lead_applicant
from urbact_calls.domain.refusal import Refusal, Refused, or_not_found
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import Role
from urbact_calls.jobs import announce
from urbact_calls.organisations import commands as organisations
from urbact_calls.organisations.models import Organisation
from urbact_calls.organisations.reads import count_of_members, membership_for_update
from urbact_calls.record.commands import field_changed


def announce_added_step(session: Session, application: Application, organisation: Organisation, now: datetime) -> None:
    """Tells the managers of an organisation that it became a partner of an application."""
    announce(
        session,
        kind="mail:partner.invited",
        # Whoever takes a partner out and adds it again the same day does not write again.
        key=f"mail:partner.invited:{application.reference}:{organisation.id}:{now:%Y%m%d}",
        args=PartnerMessage(reference=application.reference, organisation=organisation.id),
        now=now,
        subject=application.subject,
    )


def follow_editing_step(session: Session, partner: Partner) -> None:
    """Gives those who were invited for a partner the same right as its people have."""
    role = Role.EDITOR if partner.may_edit else Role.VIEWER
    for access in _places_given(session, partner):
        access.role = role


def end_access_step(session: Session, partner: Partner) -> None:
    """Takes away what invitations for a partner gave, when it is taken out."""
    for access in _places_given(session, partner):
        session.delete(access)


HAS_PEOPLE = message(
    "invitation.has_people", "{organisation} has people here already: they accept their colleagues themselves."
)
TWICE = message("invitation.twice", "This address has an invitation. Send it again below.")
ACCEPTED = message("invitation.accepted", "This person has accepted an invitation already.")
TOO_MANY = message("invitation.too_many", "Take an invitation back before you send another.")
OVER_NOT_WAITING = message("invitation.over/not_waiting", "This invitation was accepted or taken back.")
JUST_SENT = message("invitation.just_sent", "It was sent a moment ago. Try again in ten minutes.")
ACCEPTED_NOT_TO_TAKE_BACK = message(
    "invitation.accepted/not_to_take_back", "It was accepted. Let the partner only read instead."
)
TOO_OFTEN = message(
    "invitation.too_often", "It was sent {times} times. Ask the person another way, or invite another address."
)


MOST_SENDS = 5
MOST_OPEN = 30
"""More open invitations than partners that any call allows are no partnership."""
PAUSE = timedelta(minutes=10)


OTHER_ADDRESS = Refusal(
    message("invitation.other_address", "This invitation was sent to another address than that of your account.")()
)


JOINED = message("invitation.joined", "You work on this application now.")
JOINED_AND_ASKED = message(
    "invitation.joined/asked",
    "You work on this application now. Your place in the organisation waits for those who know it.",
)


def invite(reference: str, *, partner_id: int, address: str, actor: Actor, now: datetime) -> None:
    """Asks an address to work for a partner that has nobody. Says the same whether or not it has an account.

    Raises NotFound, and Refused for a partner that has people: they accept their colleagues themselves.
    """
    with transaction() as session:
        application = draft_to_write(session, reference, actor, now, lead_applicant)
        partner = partner_of(session, application, partner_id)
        if count_of_members(session, partner.organisation_id):
            raise Refused(Refusal(HAS_PEOPLE(organisation=partner.organisation.name), "partner"))
        rows = of_application(session, application)
        known = next((each for each in rows if each.partner_id == partner_id and each.address == address), None)
        if known is not None and can_be_used(known, now):
            raise Refused(Refusal(TWICE(), "email"))
        if known is not None and known.accepted_at is not None:
            raise Refused(Refusal(ACCEPTED(), "email"))
        if known is not None and known.sends >= MOST_SENDS:
            raise Refused(_too_often(known))
        if sum(can_be_used(each, now) for each in rows) >= MOST_OPEN:
            raise Refused(Refusal(TOO_MANY(), "email"))
        if known is None:
            known = PartnerInvitation(
                partner_id=partner_id, address=address, invited_by=actor.user_id, invited_at=now, sent_at=now, sends=0
            )
            session.add(known)
        known.revoked_at, known.invited_by = None, actor.user_id
        _send(session, known, "invited", actor, now)


def send_again(reference: str, invitation_id: int, *, actor: Actor, now: datetime) -> None:
    """Sends an invitation again, with a new link. Raises NotFound, Refused."""
    with transaction() as session:
        application = draft_to_write(session, reference, actor, now, lead_applicant)
        found = _invitation(session, application, invitation_id)
        if found.accepted_at is not None or found.revoked_at is not None:
            raise Refused(Refusal(OVER_NOT_WAITING()))
        if now - found.sent_at < PAUSE:
            raise Refused(Refusal(JUST_SENT()))
        if found.sends >= MOST_SENDS:
            raise Refused(_too_often(found))
        _send(session, found, "sent again", actor, now)


def revoke(reference: str, invitation_id: int, *, actor: Actor, now: datetime) -> None:
    """Takes an invitation back: its link does nothing from now on. Raises NotFound, Refused once it was accepted."""
    with transaction() as session:
        application = locked_for(session, reference, actor, lead_applicant)
        found = _invitation(session, application, invitation_id)
        if found.accepted_at is not None:
            raise Refused(Refusal(ACCEPTED_NOT_TO_TAKE_BACK()))
        if found.revoked_at is None:
            found.revoked_at = now
            _record(session, found, "taken back", actor, now)


def accept(secret: str, token: str, actor: Actor, now: datetime) -> Text:
    """Lets the person work for the partner, with the account whose address was invited; says so. Raises Refused."""
    with transaction() as session:
        found = _locked(session, secret, token, now)
        user = session.get(User, actor.user_id) if actor.user_id else None
        if user is None or user.email != found.address:
            raise Refused(OTHER_ADDRESS)
        return _join(session, found, user, now)


def register(secret: str, token: str, *, name: str, password_hash: str, now: datetime) -> User:
    """Opens an account for the invited address, confirmed because its link was opened, and accepts with it.

    Raises Refused for a link that is over, and where there is an account: its owner signs in.
    """
    with transaction() as session:
        found = _locked(session, secret, token, now)
        known = by_email(session, found.address)
        if known is not None and known.confirmed_at is None and known.disabled_at is None:
            # Somebody began to open it and never proved the address; whoever reads the mailbox takes it over.
            known.name, known.password_hash, known.confirmed_at = " ".join(name.split()), password_hash, now
            end_sessions_step(session, known, now)
            user = known
        else:
            user = accounts.create_step(
                session, email=found.address, name=name, password_hash=password_hash, now=now, confirmed=True
            )
        _join(session, found, user, now)
        return user


def _places_given(session: Session, partner: Partner) -> Sequence[ApplicationAccess]:
    return session.scalars(
        select(ApplicationAccess)
        .join(PartnerInvitation, PartnerInvitation.accepted_by == ApplicationAccess.user_id)
        .where(
            PartnerInvitation.partner_id == partner.id,
            PartnerInvitation.gave_access,
            ApplicationAccess.application_id == partner.application_id,
        )
    ).all()


def _join(session: Session, found: PartnerInvitation, user: User, now: datetime) -> Text:
    found.accepted_at, found.accepted_by = now, user.id
    person = Actor(user.id, user.name)
    _record(session, found, "accepted", person, now)
    if _is_known_here_only(session, found.partner):
        organisations.join_step(session, found.partner.organisation, user.id, now, accepted_by=found.invited_by)
        return JOINED()
    _give_place(session, found, user, now)
    return JOINED_AND_ASKED() if _ask_to_join(session, found, user, now) else JOINED()


def _is_known_here_only(session: Session, partner: Partner) -> bool:
    """Whether the organisation was typed for this application: nobody works for it, and nothing else names it."""
    organisation = partner.organisation
    elsewhere = select(Partner.id).where(
        Partner.organisation_id == organisation.id, Partner.application_id != partner.application_id
    )
    is_known = organisation.is_verified or organisation.provenance is not None
    return not (
        is_known or count_of_members(session, organisation.id) or session.scalar(elsewhere.limit(1)) is not None
    )


def _give_place(session: Session, found: PartnerInvitation, user: User, now: datetime) -> None:
    application_id = found.partner.application_id
    known = select(ApplicationAccess.id).where(
        ApplicationAccess.application_id == application_id, ApplicationAccess.user_id == user.id
    )
    if session.scalar(known) is None:
        role = Role.EDITOR if found.partner.may_edit else Role.VIEWER
        session.add(ApplicationAccess(application_id=application_id, user_id=user.id, role=role, granted_at=now))
        found.gave_access = True


def _ask_to_join(session: Session, found: PartnerInvitation, user: User, now: datetime) -> bool:
    """Asks the managers, or the Joint Secretariat, for a place in the organisation. False for somebody who has one."""
    organisation_id = found.partner.organisation_id
    known = membership_for_update(session, organisation_id, user.id)
    if known is not None:
        return known.accepted_at is None
    organisations.ask_step(session, organisation_id, user.id, now)
    return True


def _too_often(found: PartnerInvitation) -> Refusal:
    return Refusal(TOO_OFTEN(times=found.sends), "email")


def _send(session: Session, found: PartnerInvitation, what: str, actor: Actor, now: datetime) -> None:
    found.sends, found.sent_at = found.sends + 1, now
    session.flush()
    application = found.partner.application
    announce(
        session,
        kind="mail:person.invited",
        key=f"mail:person.invited:{found.id}:{int(found.invited_at.timestamp())}:{found.sends}",
        args=InvitationMessage(invitation=found.id, sends=found.sends, reference=application.reference),
        now=now,
        actor_id=actor.user_id,
        subject=application.subject,
    )
    _record(session, found, what, actor, now)


def _invitation(session: Session, application: Application, invitation_id: int) -> PartnerInvitation:
    found = session.get(PartnerInvitation, invitation_id)
    is_here = found is not None and found.partner.application_id == application.id
    return or_not_found(found if is_here else None, f"invitation {invitation_id}")


def _locked(session: Session, secret: str, token: str, now: datetime) -> PartnerInvitation:
    # Asked again under the lock: of two who use the link at once, the second finds it used.
    found = by_token(session, secret, token, now)
    session.execute(select(PartnerInvitation.id).where(PartnerInvitation.id == found.id).with_for_update())
    session.refresh(found, ["sends", "accepted_at", "revoked_at"])
    return by_token(session, secret, token, now)


def _record(session: Session, found: PartnerInvitation, what: str, actor: Actor, now: datetime) -> None:
    field_changed(session, found.partner.application.subject, f"invitation.{found.id}", None, what, actor, now)
