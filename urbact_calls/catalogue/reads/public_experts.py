"""Public experts: an allow-list of columns, of those who are validated and consent, now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Text, and_, cast, select
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import User
from urbact_calls.domain.languages import LANGUAGES, language_words
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.themes import THEME_LABELS, theme_words
from urbact_calls.domain.vocabulary import Expertise, ExpertProfileState, ExpertTrack
from urbact_calls.domain.workflow.expert_profile import ROLES_OF
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.networks.models import Appointment, Network
from urbact_calls.paging import Page, page_of
from urbact_calls.reference.countries import country_name

PAGE_SIZE = 24
EXPERT = (
    ExpertProfile.slug,
    User.name,
    ExpertProfile.state,
    ExpertProfile.validated_kinds,
    ExpertProfile.themes,
    ExpertProfile.languages,
    ExpertProfile.country,
    ExpertProfile.years,
    ExpertProfile.skills,
    ExpertProfile.summary,
    ExpertProfile.is_demonstration,
)

AnySelect = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertShown:
    """An expert as the public sees him or her."""

    slug: str
    name: str
    state: ExpertProfileState
    kinds: tuple[str, ...]
    themes: tuple[str, ...]
    languages: tuple[str, ...]
    country: str | None
    years: int | None
    skills: str | None
    summary: str | None
    is_demonstration: bool


@dataclass(frozen=True, slots=True)
class NetworkExpert:
    """An expert of a network who consents to a public page."""

    slug: str
    name: str
    role: ExpertTrack


def experts_query(filters: ExpertFilters, after: str | None, size: int) -> AnySelect:
    """Public experts in the order of their slugs, one more than a page."""
    query = (
        select(*EXPERT)
        .join(User, User.id == ExpertProfile.user_id)
        .where(_is_public())
        .order_by(ExpertProfile.slug)
        .limit(size + 1)
    )
    for column, code in (
        (ExpertProfile.themes, filters.theme if filters.theme in THEME_LABELS else ""),
        (ExpertProfile.languages, filters.language if filters.language in LANGUAGES else ""),
        (ExpertProfile.validated_kinds, filters.kind),
    ):
        if code:
            # The lists are stored as JSON on both databases: a code in quotes is one of the entries. Levels of
            # languages are codes too (C2), and none of them is the code of a language.
            query = query.where(cast(column, Text).contains(f'"{code}"', autoescape=True))
    if filters.track is not None:
        states = [state for state, roles in ROLES_OF.items() if filters.track in roles]
        query = query.where(ExpertProfile.state.in_(states))
    if after:
        query = query.where(ExpertProfile.slug > after)
    return query


def expert_query(slug: str) -> AnySelect:
    return select(*EXPERT).join(User, User.id == ExpertProfile.user_id).where(ExpertProfile.slug == slug, _is_public())


def experts_of_query(slug: str) -> AnySelect:
    """The public experts of a network, the lead expert first."""
    return (
        select(ExpertProfile.slug, User.name, Appointment.role)
        .join(Appointment, Appointment.profile_id == ExpertProfile.id)
        .join(Network, Network.id == Appointment.network_id)
        .join(User, User.id == ExpertProfile.user_id)
        .where(Network.slug == slug, _is_public())
        .order_by(Appointment.role.desc(), Appointment.id)
    )


def every_slug_query() -> AnySelect:
    """The pages of all public experts."""
    return (
        select(ExpertProfile.slug)
        .join(User, User.id == ExpertProfile.user_id)
        .where(_is_public(), ExpertProfile.is_demonstration.is_(False))
        .order_by(ExpertProfile.slug)
    )


def experts(session: Session, filters: ExpertFilters, *, after: str | None, size: int = PAGE_SIZE) -> Page[ExpertShown]:
    """A page of public experts; one query."""
    rows = session.execute(experts_query(filters, after, size)).all()
    page = page_of(rows, size=size, key=lambda row: row.slug)
    return Page([_shown(row) for row in page.rows], page.after)


def expert(session: Session, slug: str) -> ExpertShown:
    """One public expert. Raises NotFound, also for one who is there and not public."""
    row = session.execute(expert_query(slug)).one_or_none()
    if row is None:
        raise NotFound(f"expert {slug}")
    return _shown(row)


def experts_of(session: Session, slug: str) -> Sequence[NetworkExpert]:
    """Who helps a network, as far as they consent; each once for each role."""
    rows = session.execute(experts_of_query(slug))
    return list(dict.fromkeys(NetworkExpert(row.slug, row.name, row.role) for row in rows))


def _is_public() -> ColumnElement[bool]:
    return and_(
        ExpertProfile.state.in_(list(ROLES_OF)), ExpertProfile.consented_at.is_not(None), User.disabled_at.is_(None)
    )


def _shown(row: Row[Any]) -> ExpertShown:
    return ExpertShown(
        slug=row.slug,
        name=row.name,
        state=row.state,
        kinds=tuple(kind.label for kind in row.validated_kinds),
        themes=tuple(theme_words(row.themes)),
        languages=tuple(language_words(row.languages)),
        country=country_name(row.country) if row.country else None,
        years=row.years,
        skills=row.skills,
        summary=row.summary,
        is_demonstration=row.is_demonstration,
    )


@dataclass(frozen=True, slots=True)
class ExpertFilters:
    """What a reader looks for in an expert; empty means everything. A code that nobody knows asks for nothing."""

    theme: str = ""
    track: ExpertTrack | None = None
    language: str = ""
    kind: Expertise | None = None
