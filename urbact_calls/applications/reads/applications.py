"""Reads of applications by reference and by who may see them; permissions, public states, time left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Label,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import LETTER, Application, ApplicationAccess, Document, Partner, SavedSection
from urbact_calls.calls.models import Call
from urbact_calls.calls.publication.reads.dates import HOURS_ARE_TOLD_WITHIN
from urbact_calls.calls.reads import by_ids
from urbact_calls.database import existing
from urbact_calls.domain.permissions import (
    Actor,
    Interests,
    Relation,
    allocated_assessor,
    applicant,
    auditor,
    chair_of_this_panel,
    lead_applicant,
    office,
    partner_editor,
    system,
)
from urbact_calls.domain.refusal import Refusal, Refused, or_not_found
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import ApplicationState, PartnerRole, PublicState, Role
from urbact_calls.domain.words import PARIS
from urbact_calls.organisations.models import Membership, Organisation
from urbact_calls.paging import Page, page_of
from urbact_calls.statements import ask
from urbact_calls.subjects import Named, Parts, labelled, register

may_write = lead_applicant | partner_editor


def by_reference(session: Session, reference: str) -> Application:
    """The application with this reference, with its call. Raises NotFound."""
    query = select(Application).where(Application.reference == reference).options(joinedload(Application.call))
    return existing(session, query, f"application {reference}")


def for_update(session: Session, reference: str) -> Application:
    """The application, locked until the end of the transaction. Raises NotFound."""
    query = (
        select(Application)
        .where(Application.reference == reference)
        .options(joinedload(Application.call, innerjoin=True))
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    )
    return existing(session, query, f"application {reference}")


def opened_for_update(session: Session, actor: Actor, reference: str) -> tuple[Application, Relation]:
    """As `for_update`, with `relation_to` it, in one statement. Raises NotFound."""
    return _opened(session, actor, reference, is_locked=True)


def relation_to(session: Session, actor: Actor, application: Application) -> Relation:
    """What the actor is to this application as one of its applicants.

    The own place (`application_access`) counts first; else people of a partner organisation are editors where
    their partner may edit, viewers otherwise. Whoever takes part is in a conflict: offices end here.
    """
    if actor.user_id is None:
        return Relation()
    place = select(*_place_of(has_organisations=bool(actor.organisation_ids))).where(Application.id == application.id)
    return _relation(actor, application.id, *session.execute(place, _who(actor)).one())


def opened_by(session: Session, actor: Actor, reference: str) -> tuple[Application, Relation]:
    """The application with its call, and `relation_to` it, in one statement. Raises NotFound."""
    return _opened(session, actor, reference, is_locked=False)


def _opened(session: Session, actor: Actor, reference: str, *, is_locked: bool) -> tuple[Application, Relation]:
    query = _openings(has_organisations=bool(actor.organisation_ids), is_locked=is_locked)
    found = session.execute(query, {"reference": reference, **_who(actor)}).one_or_none()
    row = or_not_found(found, f"application {reference}")
    return row.Application, _relation(actor, row.Application.id, row.own_place, row.takes_part, row.may_edit)


# Each page of an application asks; to build the statement again took as long as to send it.
@cache
def _openings(*, has_organisations: bool, is_locked: bool) -> Select[Application, Role | None, bool, bool]:
    query = select(Application, *_place_of(has_organisations=has_organisations))
    query = query.where(Application.reference == bindparam("reference"))
    query = query.options(joinedload(Application.call, innerjoin=True))
    if not is_locked:
        return query
    return query.with_for_update(of=Application).execution_options(populate_existing=True)


def _who(actor: Actor) -> dict[str, Any]:
    """The parameters of `_place_of`."""
    known: dict[str, Any] = {"actor": actor.user_id}
    return known | {"organisations": list(actor.organisation_ids)} if actor.organisation_ids else known


def _place_of(*, has_organisations: bool) -> tuple[Label[Role | None], Label[bool], Label[bool]]:
    """The own place of the actor, whether his or her organisation takes part, and whether it may write."""
    own = select(ApplicationAccess.role).where(
        ApplicationAccess.application_id == Application.id, ApplicationAccess.user_id == bindparam("actor")
    )
    own_place = own.correlate(Application).scalar_subquery().label("own_place")
    if not has_organisations:
        return own_place, false().label("takes_part"), false().label("may_edit")
    organisations: BindParameter[int] = bindparam("organisations", expanding=True)
    of_partner = (
        select(Partner.id)
        .where(Partner.application_id == Application.id, Partner.organisation_id.in_(organisations))
        .correlate(Application)
    )
    may_edit = of_partner.where(Partner.may_edit.is_(True))
    return own_place, of_partner.exists().label("takes_part"), may_edit.exists().label("may_edit")


def _relation(actor: Actor, application_id: int, own: Role | None, takes_part: bool, may_edit: bool) -> Relation:
    if own is None and not takes_part:
        return Relation(is_conflicted=application_id in actor.interests.applications)
    by_work = Role.EDITOR if may_edit else Role.VIEWER
    return Relation(frozenset({own or by_work}), is_conflicted=True)


def visible_to(actor: Actor) -> Select[Application]:
    """The applications that this actor may read: an applicant's own; the Joint Secretariat's and the auditor's once
    they were submitted (a draft is private until then). The same answer as `may_read` of their pages."""
    seen = [takes_part(actor)]
    if office(actor) or auditor(actor):
        # A draft that was withdrawn without ever being submitted stays private too.
        is_submitted = and_(Application.state != ApplicationState.DRAFT, Application.submission_count > 0)
        seen.append(and_(is_submitted, Application.id.not_in(actor.interests.applications)))
    return select(Application).where(or_(*seen))


def takes_part(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Application` that the actor is one of its applicants, as `relation_to` says it of one."""
    if not actor.is_signed_in:
        return false()
    by_place = select(ApplicationAccess.application_id).where(ApplicationAccess.user_id == actor.user_id)
    if not actor.organisation_ids:
        return Application.id.in_(by_place)
    by_work = select(Partner.application_id).where(Partner.organisation_id.in_(actor.organisation_ids))
    # As one list of ids: two conditions joined by "or" would have every application looked at.
    return Application.id.in_(union_all(by_place, by_work))


def own_applications(session: Session, actor: Actor, *, after: str | None, size: int) -> Page[Application]:
    """The applications that the actor takes part in, the newest first, each with its call; those after the application
    with the reference `after`."""
    rows = ask(session, _own_applications, actor, after is not None, after=after, size=size + 1).scalars().all()
    # A call is long, with all its terms: it comes once, not with each of its applications.
    calls = by_ids(session, {row.call_id for row in rows})
    for row in rows:
        set_committed_value(row, "call", calls[row.call_id])
    return page_of(rows, size=size, key=lambda application: str(application.reference))


def _own_applications(actor: Actor, is_continued: bool) -> Select[Application]:
    query = select(Application).where(takes_part(actor)).order_by(Application.id.desc())
    if is_continued:
        last = select(Application.id).where(Application.reference == bindparam("after"), takes_part(actor))
        query = query.where(Application.id < last.scalar_subquery())
    return query.limit(bindparam("size", type_=Integer))


def partnerships(session: Session, application_ids: Collection[int]) -> Mapping[int, Row[int, str, str, int]]:
    """`name` and `country` of the lead partner of applications and how many `partners` each has, by its id; one
    query."""
    rows = session.execute(_PARTNERSHIPS, {"application_ids": list(application_ids)})
    return {row.application_id: row for row in rows}


_ANY_PARTNER = aliased(Partner)
_PARTNERSHIPS = (
    select(
        Partner.application_id,
        Organisation.name,
        Organisation.country,
        select(func.count(_ANY_PARTNER.id))
        .where(_ANY_PARTNER.application_id == Partner.application_id)
        .scalar_subquery()
        .label("partners"),
    )
    .join(Organisation, Organisation.id == Partner.organisation_id)
    .where(Partner.application_id.in_(bindparam("application_ids", expanding=True)), Partner.role == PartnerRole.LEAD)
)


def is_private(application: Application) -> bool:
    """Whether only its applicants may know of it: a draft, or one that was never submitted."""
    return application.state is ApplicationState.DRAFT or application.submission_count == 0


def public_state(application: Application, now: datetime) -> PublicState:
    """What an applicant is shown: never a decision that is recorded but not announced.

    A draft of a closed call has lapsed unless it was handed in and is being stored; a submitted application is in the
    eligibility check once the call has closed; an assessed one waits for a decision.
    """
    state, is_open = application.state, application.call.takes_applications(now)
    if state is ApplicationState.DRAFT:
        return PublicState.DRAFT if is_open or application.handed_in_at else PublicState.LAPSED
    if state is ApplicationState.SUBMITTED:
        return PublicState.SUBMITTED if is_open else PublicState.ELIGIBILITY_CHECK
    if state is ApplicationState.ELIGIBLE:
        return PublicState.ASSESSMENT
    if state is ApplicationState.ASSESSED:
        return PublicState.DECISION_PENDING
    return PublicState(state.value)


def section_rows(session: Session, application: Application) -> dict[str, SavedSection]:
    """The saved sections by code."""
    rows = session.scalars(select(SavedSection).where(SavedSection.application_id == application.id))
    return {row.code: row for row in rows}


def letter_of(session: Session, application: Application, partner_id: int) -> Document:
    """The letter of commitment of one partner of this application. Raises NotFound."""
    return document_of(session, application, partner_id, LETTER)


def document_of(session: Session, application: Application, partner_id: int, kind: str) -> Document:
    """A document of one partner of this application. Raises NotFound."""
    of_partner = (Partner.id == partner_id, Partner.application_id == application.id, Document.kind == kind)
    return existing(session, select(Document).join(Partner).where(*of_partner), f"{kind} of partner {partner_id}")


def partner_of(session: Session, application: Application, partner_id: int) -> Partner:
    """One partner of this application. Raises NotFound."""
    partner = session.get(Partner, partner_id)
    is_here = partner is not None and partner.application_id == application.id
    return or_not_found(partner if is_here else None, f"partner {partner_id}")


def lead_contacts(session: Session, application_id: int) -> Sequence[User]:
    """Who hears about an application: its lead applicants, and the people of the lead partner who may write in it."""
    by_place = select(ApplicationAccess.user_id).where(
        ApplicationAccess.application_id == application_id, ApplicationAccess.role == Role.LEAD
    )
    by_work = (
        select(Membership.user_id)
        .join(Partner, Partner.organisation_id == Membership.organisation_id)
        .where(
            Partner.application_id == application_id,
            Partner.role == PartnerRole.LEAD,
            Partner.may_edit.is_(True),
            Membership.accepted_at.is_not(None),
            # Somebody who was made a viewer of this application does not write in it.
            Membership.user_id.not_in(
                select(ApplicationAccess.user_id).where(
                    ApplicationAccess.application_id == application_id, ApplicationAccess.role == Role.VIEWER
                )
            ),
        )
    )
    return _reachable(session, by_place, by_work)


def everybody_of(session: Session, application_id: int) -> Sequence[User]:
    """Everybody who works on an application: whoever has a place in it, and the people of all its partners."""
    by_place = select(ApplicationAccess.user_id).where(ApplicationAccess.application_id == application_id)
    by_work = (
        select(Membership.user_id)
        .join(Partner, Partner.organisation_id == Membership.organisation_id)
        .where(Partner.application_id == application_id, Membership.accepted_at.is_not(None))
    )
    return _reachable(session, by_place, by_work)


def people_of(session: Session, organisation_id: int) -> Sequence[User]:
    """Everybody who works for an organisation."""
    by_work = select(Membership.user_id).where(
        Membership.organisation_id == organisation_id, Membership.accepted_at.is_not(None)
    )
    return _reachable(session, by_work)


def _reachable(session: Session, *ids: Select[int]) -> Sequence[User]:
    """The accounts among these that are confirmed and open, by id."""
    # As one list of ids: two conditions joined by "or" would have every account looked at.
    return session.scalars(
        select(User)
        .where(User.id.in_(union(*ids)), User.confirmed_at.is_not(None), User.disabled_at.is_(None))
        .order_by(User.id)
    ).all()


def ids_of(session: Session, reference: str) -> Sequence[int]:
    """The id of the application that a typed reference means."""
    return session.scalars(select(Application.id).where(Application.reference == reference.upper())).all()


def named(prefix: str, endpoint: str) -> Callable[[Session, Collection[int]], Mapping[int, Named]]:
    """Labels of what is kept under the id of an application, such as “Eligibility of APN-DEMO-017”."""
    return labelled(prefix, Application.reference, Application.id, endpoint, "reference")


def own_ids(interests: Interests) -> frozenset[int]:
    """Of what is kept under the id of an application: that of one's own."""
    return interests.applications


UNDER_ITS_ID: Mapping[SubjectKind, Parts] = {SubjectKind.APPLICATION: lambda application_id: (application_id,)}
"""Of what is kept under the id of an application: that it belongs to it."""

register(
    SubjectKind.APPLICATION,
    may_see=applicant | office | auditor | allocated_assessor | chair_of_this_panel | system,
    names=named("", "applications.application"),
    found=ids_of,
    involved=own_ids,
    is_private=lambda session, application_id: is_private(session.get_one(Application, application_id)),
)


def require_writable(application: Application, now: datetime) -> None:
    """Raises Refused unless the application is a draft of a call that is open at `now`, and not handed in."""
    require_not_handed_in(application)
    if application.state is not ApplicationState.DRAFT:
        raise Refused(Refusal(NOT_A_DRAFT()))
    if not application.call.takes_applications(now):
        raise Refused(Refusal(CLOSED_NOT_SAVED(closes_at=application.call.closes_at)))


def require_letters_writable(application: Application, now: datetime) -> None:
    """As `require_writable`; also while a clarification is asked, because what can be cured then are letters."""
    require_not_handed_in(application)
    if application.state is not ApplicationState.CLARIFICATION:
        require_writable(application, now)


def require_not_handed_in(application: Application) -> None:
    """Raises Refused while a submission is kept and not stored: what was handed in must not change any more."""
    if application.handed_in_at is not None:
        raise Refused(Refusal(HANDED_IN(received=application.handed_in_at)))


def is_handed_in(call_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition on the id of a call that something of it is handed in and not stored yet: it was received, maybe in
    time, so nothing that needs all submissions of the call may begin."""
    return exists().where(Application.call_id == call_id, Application.handed_in_at.is_not(None))


def partners_to_write_for(actor: Actor, relation: Relation, partners: Sequence[Partner]) -> list[Partner]:
    """The partners of an application whose figures and letters this actor may change.

    The lead applicant and the people of the lead partner change all, people of another partner their own. An editor
    from outside the partnership was named by the lead applicant and writes for all.
    """
    if Role.LEAD in relation.roles:
        return list(partners)
    if Role.EDITOR not in relation.roles:
        return []
    own = [partner for partner in partners if partner.organisation_id in actor.organisation_ids and partner.may_edit]
    return list(partners) if not own or any(partner.role == PartnerRole.LEAD for partner in own) else own


def time_left(call: Call, now: datetime) -> Text:
    """How long until a call closes: in days of the calendar in Paris, as on the page of the call, from 72 hours on in
    hours, in the last hour in minutes.

    Nothing is left while the tolerance after closing runs, and yet the call is open.
    """
    if not call.takes_applications(now):
        return CLOSED()
    left = max(call.closes_at - now, timedelta())
    minutes = int(left.total_seconds() // 60)
    if left > HOURS_ARE_TOLD_WITHIN:
        return DAYS_LEFT(count=(call.closes_at.astimezone(PARIS).date() - now.astimezone(PARIS).date()).days)
    return HOURS_LEFT(count=minutes // 60) if minutes >= 60 else MINUTES_LEFT(count=minutes)


HANDED_IN = message(
    "application.handed_in",
    "Not now: what was handed in on {received:second} is kept and is being stored. Look again in a moment.",
)
NOT_A_DRAFT = message("application.not_a_draft", "Not saved: the application is submitted. Reopen it as a draft first.")
CLOSED_NOT_SAVED = message("call.closed/not_saved", "Not saved: the call closed on {closes_at}.")


CLOSED = message("time_left.none", "closed")
DAYS_LEFT = message("time_left.days", "{count} days left", one="{count} day left")
HOURS_LEFT = message("time_left.hours", "{count} hours left", one="{count} hour left")
MINUTES_LEFT = message("time_left.minutes", "{count} minutes left", one="{count} minute left")
