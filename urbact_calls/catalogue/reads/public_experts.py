"""Public experts: an allow-list of columns, of those who are validated and consent, now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Text, and_, cast, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from urbact_calls.accounts.models import User
from urbact_calls.catalogue.reads.catalogue_search import AnySelect
from urbact_calls.catalogue.reads.published_columns import columns_of, shown
from urbact_calls.domain.languages import LANGUAGES
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.domain.themes import THEME_LABELS
from urbact_calls.domain.vocabulary import Expertise, ExpertProfileState, ExpertTrack, LanguageLevel
from urbact_calls.domain.workflow.expert_profile import ROLES_OF
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.networks.models import Appointment, Network
from urbact_calls.paging import Page, in_order

PAGE_SIZE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertShown:
    """An expert as the public sees him or her."""

    slug: str
    name: str
    state: ExpertProfileState
    validated_kinds: tuple[Expertise, ...]
    themes: tuple[str, ...]
    languages: tuple[tuple[str, LanguageLevel], ...]
    country: str | None
    years: int | None
    skills: str | None
    summary: str | None
    is_demonstration: bool


EXPERT = tuple(columns_of(ExpertShown, ExpertProfile, User))


def experts_query(filters: ExpertFilters) -> AnySelect:
    """The public experts that a reader looks for."""
    query = select(*EXPERT).join(User, User.id == ExpertProfile.user_id)
    query = query.where(_is_public(), ExpertProfile.is_demonstration.is_(filters.of_demonstration))
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
    return query


def expert_query(slug: str) -> AnySelect:
    return select(*EXPERT).join(User, User.id == ExpertProfile.user_id).where(ExpertProfile.slug == slug, _is_public())


def experts_of_query(slug: str) -> Select[str, str, ExpertTrack]:
    """The public experts of a network now, the lead expert first: whose choice is validated, and who has not left."""
    return _experts_of(slug, ExpertProfile.slug, User.name, Appointment.role).where(Appointment.ended_on.is_(None))


def former_experts_of_query(slug: str) -> Select[str, str, ExpertTrack, date | None]:
    """The public experts who have left a network, the last first."""
    query = _experts_of(slug, ExpertProfile.slug, User.name, Appointment.role, Appointment.ended_on)
    return query.where(Appointment.ended_on.is_not(None)).order_by(None).order_by(Appointment.ended_on.desc())


def _experts_of(slug: str, *columns: InstrumentedAttribute[Any]) -> Select[Any]:
    return (
        select(*columns)
        .join(Appointment, Appointment.profile_id == ExpertProfile.id)
        .join(Network, Network.id == Appointment.network_id)
        .join(User, User.id == ExpertProfile.user_id)
        .where(Network.slug == slug, Appointment.validated_at.is_not(None), _is_public())
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
    page = in_order(session, experts_query(filters), ExpertProfile.slug, after=after, size=size)
    return Page([shown(ExpertShown, row) for row in page.rows], page.after)


def has_demonstration(session: Session) -> bool:
    """Whether there is a public expert who was made up to try the site."""
    made_up = select(ExpertProfile.id).join(User, User.id == ExpertProfile.user_id)
    made_up = made_up.where(_is_public(), ExpertProfile.is_demonstration)
    return bool(session.scalar(select(made_up.exists())))


def expert(session: Session, slug: str) -> ExpertShown:
    """One public expert. Raises NotFound, also for one who is there and not public."""
    row = session.execute(expert_query(slug)).one_or_none()
    return shown(ExpertShown, or_not_found(row, f"expert {slug}"))


def experts_of(session: Session, slug: str) -> Sequence[Row[str, str, ExpertTrack]]:
    """Slug, name and role of those who help a network, as far as they consent; each once for each role."""
    return list(dict.fromkeys(session.execute(experts_of_query(slug))))


def former_experts_of(session: Session, slug: str) -> Sequence[Row[str, str, ExpertTrack, date | None]]:
    """Slug, name, role and last day of those who helped a network and left, as far as they consent."""
    return session.execute(former_experts_of_query(slug)).all()


def _is_public() -> ColumnElement[bool]:
    return and_(
        ExpertProfile.state.in_(list(ROLES_OF)), ExpertProfile.consented_at.is_not(None), User.disabled_at.is_(None)
    )


@dataclass(frozen=True, slots=True)
class ExpertFilters:
    """What a reader looks for in an expert; empty means everything that is real. A code that nobody knows asks for
    nothing; `of_demonstration` asks for who was made up to try the site."""

    theme: str = ""
    track: ExpertTrack | None = None
    language: str = ""
    kind: Expertise | None = None
    of_demonstration: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether a reader narrows the list."""
        return bool(self.theme or self.track or self.language or self.kind)
