"""Reads of handlers and of internal notes: who handles an application, what officers noted about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.accounts.models import RoleGrant, User
from urbact_calls.applications.models import Application
from urbact_calls.applications.officers.models import Handler, InternalNote
from urbact_calls.applications.reads import applications
from urbact_calls.applications.reads.applications import relation_to
from urbact_calls.applications.reads.interests import who_takes_part
from urbact_calls.domain.permissions import Actor, Relation, office
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import Role
from urbact_calls.paging import Page, newest_first
from urbact_calls.record.reads.field_words import FieldWords, describes
from urbact_calls.subjects import register

OFFICE_ROLES = (Role.PROGRAMME_OFFICER, Role.PROGRAMME_MANAGER)
NOTES_SHOWN = 20
MINE, NOBODYS = "mine", "nobody"
WHOSE = {MINE: "Mine", NOBODYS: "Nobody's"}
"""The two questions an officer asks of a list."""

may_handle = office
"""The office, which ends for those of it who take part in the application themselves."""


def handlers_of(session: Session, application_ids: Collection[int]) -> Mapping[int, str]:
    """The names of those who handle these applications, by id of the application; one that is nobody's has none."""
    rows = session.execute(
        select(Handler.application_id, User.name)
        .join(User, User.id == Handler.user_id)
        .where(Handler.application_id.in_(application_ids))
    )
    return dict(rows.all())


def handler_of(session: Session, application_id: int) -> Handler | None:
    """Who handles an application, with the account; None if nobody does."""
    return session.scalar(
        select(Handler).where(Handler.application_id == application_id).options(joinedload(Handler.user))
    )


def is_whose(whose: str, actor: Actor) -> list[ColumnElement[bool]]:
    """The condition on `Application` for "mine" or "nobody"; none for anything else."""
    if whose == MINE:
        return [Application.handled_by == actor.user_id]
    return [Application.handled_by.is_(None)] if whose == NOBODYS else []


def colleagues(session: Session, application: Application, now: datetime) -> Sequence[User]:
    """The active people of the office who may handle an application, by name: not those who take part in it."""
    return session.scalars(
        select(User)
        .where(
            User.id.in_(select(RoleGrant.user_id).where(RoleGrant.role.in_(OFFICE_ROLES))),
            User.disabled_at.is_(None),
            User.confirmed_at.is_not(None),
            User.id.not_in(who_takes_part(session, [application.id], now)[application.id]),
        )
        .order_by(func.lower(User.name), User.id)
    ).all()


def notes_of(session: Session, application_id: int, after: int | None = None) -> Page[InternalNote]:
    """Notes on an application with their authors, the newest first; those older than the note `after`."""
    query = select(InternalNote).where(InternalNote.application_id == application_id)
    query = query.options(joinedload(InternalNote.author))
    return newest_first(session, query, InternalNote.id, before=after, size=NOTES_SHOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What an officer sees of the handling of one application on its other pages."""

    name: str
    is_mine: bool
    own_id: int
    notes: int


def handling_of(
    session: Session, application: Application, actor: Actor, as_applicant: Relation | None = None
) -> Handling | None:
    """Who handles an application and how many notes there are; None for whoever may not know.

    `as_applicant` is what the actor is to it as an applicant, where that was read before.
    """
    if actor.user_id is None or not office(actor):
        return None
    if not may_handle(actor, as_applicant or relation_to(session, actor, application)):
        return None
    notes = select(func.count(InternalNote.id)).where(InternalNote.application_id == Application.id)
    user_id, name, count = session.execute(
        select(Handler.user_id, User.name, notes.correlate(Application).scalar_subquery())
        .select_from(Application)
        .outerjoin(Handler, Handler.application_id == Application.id)
        .outerjoin(User, User.id == Handler.user_id)
        .where(Application.id == application.id)
    ).one()
    return Handling(name=name or "", is_mine=user_id == actor.user_id, own_id=actor.user_id, notes=count)


register(
    SubjectKind.HANDLING,
    may_see=may_handle,
    names=applications.named("Handling of ", "applications.notes"),
    found=applications.ids_of,
    involved=applications.own_ids,
    part_of=applications.UNDER_ITS_ID,
)


@describes(SubjectKind.HANDLING, rights=("handler",))
def _field(name: str) -> FieldWords | None:
    if name == "handler":
        return FieldWords("Handled by", holds_a_person=True)
    what, _, number = name.partition(":")
    return FieldWords(f"Internal note {number} (fingerprint)") if what == "note" else None
