"""Reading applications, and what a person is to one of them."""

from __future__ import annotations

from sqlalchemy import Select, exists, false, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from urbact_calls.applications.models import Application, ApplicationAccess, BudgetLine, Partner, Section
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.permissions import Actor, Relation, auditor, office
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.vocabulary import ApplicationState, PartnerRole, Role


def by_reference(session: Session, reference: str) -> Application:
    """The application with this reference, with its call. Raises NotFound."""
    application = session.scalar(
        select(Application).where(Application.reference == reference).options(joinedload(Application.call))
    )
    if application is None:
        raise NotFound(f"application {reference}")
    return application


def for_update(session: Session, reference: str) -> Application:
    """The application, locked until the end of the transaction. Raises NotFound."""
    application = session.scalar(
        select(Application)
        .where(Application.reference == reference)
        .options(selectinload(Application.call))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if application is None:
        raise NotFound(f"application {reference}")
    return application


def relation_to(session: Session, actor: Actor, application: Application) -> Relation:
    """What the actor is to this application as one of its applicants.

    The own place (`application_access`) counts first; else people of a partner organisation are editors where
    their partner may edit, viewers otherwise.
    """
    if actor.user_id is None:
        return Relation()
    own = session.scalar(
        select(ApplicationAccess.role).where(
            ApplicationAccess.application_id == application.id, ApplicationAccess.user_id == actor.user_id
        )
    )
    if own is not None:
        return Relation(frozenset({Role(own)}))
    if not actor.organisation_ids:
        return Relation()
    rights = session.scalars(
        select(Partner.may_edit).where(
            Partner.application_id == application.id, Partner.organisation_id.in_(actor.organisation_ids)
        )
    ).all()
    if not rights:
        return Relation()
    return Relation(frozenset({Role.EDITOR if any(rights) else Role.VIEWER}))


def visible_to(actor: Actor) -> Select[tuple[Application]]:
    """The applications that this actor may read: an applicant's own; the Joint Secretariat's and the auditor's once
    they were submitted (a draft is private until then). The same answer as `may_read` in `casework`."""
    own = [
        exists().where(ApplicationAccess.application_id == Application.id, ApplicationAccess.user_id == actor.user_id)
    ]
    if actor.organisation_ids:
        own.append(
            exists().where(
                Partner.application_id == Application.id, Partner.organisation_id.in_(actor.organisation_ids)
            )
        )
    seen = own if actor.is_signed_in else [false()]
    if office(actor) or auditor(actor):
        seen.append(Application.state != ApplicationState.DRAFT)
    return select(Application).where(or_(*seen))


def sections_missing(session: Session, application: Application) -> tuple[str, ...]:
    """Labels of the parts of the form that still miss a mandatory answer, in form order."""
    kind = KINDS[application.call.network_type]
    answers = dict(
        session.execute(select(Section.code, Section.answers).where(Section.application_id == application.id)).tuples()
    )
    missing = [*kind.missing(answers)]
    has_partners = session.scalar(
        select(exists().where(Partner.application_id == application.id, Partner.role == PartnerRole.PARTNER))
    )
    if not has_partners:
        missing.append("Partners")
    has_budget = session.scalar(
        select(
            exists().where(
                Partner.application_id == application.id,
                BudgetLine.partner_id == Partner.id,
                BudgetLine.amount_cents > 0,
            )
        )
    )
    if not has_budget:
        missing.append("Budget")
    return tuple(missing)
