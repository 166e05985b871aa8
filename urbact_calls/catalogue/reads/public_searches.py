"""Public searches for experts: an allow-list of columns of what networks look for, as long as experts can apply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Text, and_, cast, select
from sqlalchemy.orm import Session

from urbact_calls.catalogue.reads.catalogue_search import AnySelect
from urbact_calls.catalogue.reads.published_columns import columns_of, shown
from urbact_calls.domain.languages import LANGUAGES
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.domain.themes import THEME_LABELS
from urbact_calls.domain.vocabulary import ExpertTrack, NetworkType
from urbact_calls.domain.words import PARIS
from urbact_calls.networks.expertise.reads import taking_applications
from urbact_calls.networks.models import ExpertSearch, Network
from urbact_calls.paging import Page, page_of

PAGE_SIZE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchShown:
    """A search for an expert as the public sees it: whom a network looks for, for what, when, and until when one can
    apply. `number` is its stable number; nothing says who opened it and who applied."""

    role: ExpertTrack
    task: str
    themes: tuple[str, ...]
    languages: tuple[str, ...]
    days: int | None
    starts_on: date | None
    ends_on: date | None
    apply_by: date | None
    opened_at: datetime
    slug: str
    name: str
    type: NetworkType
    is_demonstration: bool
    number: int = 0


SEARCH = (ExpertSearch.id.label("number"), *columns_of(SearchShown, ExpertSearch, Network))


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """What a reader looks for in a search; empty means everything that is real."""

    theme: str = ""
    role: ExpertTrack | None = None
    language: str = ""
    of_demonstration: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether a reader narrows the list."""
        return bool(self.theme or self.role or self.language)


def searches_query(filters: SearchFilters, now: datetime) -> AnySelect:
    """The public searches that a reader looks for."""
    query = _public(now).where(Network.is_demonstration.is_(filters.of_demonstration))
    for column, code in (
        (ExpertSearch.themes, filters.theme if filters.theme in THEME_LABELS else ""),
        (ExpertSearch.languages, filters.language if filters.language in LANGUAGES else ""),
    ):
        if code:
            # As for experts: the lists are JSON on both databases, and a code in quotes is one of the entries.
            query = query.where(cast(column, Text).contains(f'"{code}"', autoescape=True))
    return query if filters.role is None else query.where(ExpertSearch.role == filters.role)


def open_searches(session: Session, now: datetime, *, most: int = 200) -> Sequence[SearchShown]:
    """The real open searches, newest first; for feeds."""
    query = searches_query(SearchFilters(), now).order_by(ExpertSearch.id.desc()).limit(most)
    return [shown(SearchShown, row) for row in session.execute(query)]


def searches(
    session: Session, filters: SearchFilters, now: datetime, *, before: int | None, size: int = PAGE_SIZE
) -> Page[SearchShown]:
    """A page of open searches, newest first; one query."""
    query = searches_query(filters, now).order_by(ExpertSearch.id.desc()).limit(size + 1)
    rows = session.execute(query if before is None else query.where(ExpertSearch.id < before)).all()
    return page_of([shown(SearchShown, row) for row in rows], size=size, key=lambda row: str(row.number))


def search(session: Session, number: int, now: datetime) -> SearchShown:
    """One open search. Raises NotFound, also for one that is closed."""
    row = session.execute(_public(now).where(ExpertSearch.id == number)).one_or_none()
    return shown(SearchShown, or_not_found(row, f"search {number}"))


def searches_of(session: Session, slug: str, now: datetime) -> Sequence[SearchShown]:
    """The open searches of a network, newest first."""
    query = _public(now).where(Network.slug == slug).order_by(ExpertSearch.id.desc())
    return [shown(SearchShown, row) for row in session.execute(query)]


def search_numbers_query(now: datetime) -> AnySelect:
    """The pages of all real open searches."""
    found = select(ExpertSearch.id).join(Network, Network.id == ExpertSearch.network_id)
    return found.where(_is_public(now), Network.is_demonstration.is_(False)).order_by(ExpertSearch.id)


def has_demonstration(session: Session, now: datetime) -> bool:
    """Whether a network that was made up to try the site looks for somebody."""
    found = _public(now).where(Network.is_demonstration)
    return bool(session.scalar(select(found.exists())))


def _public(now: datetime) -> AnySelect:
    return select(*SEARCH).join(Network, Network.id == ExpertSearch.network_id).where(_is_public(now))


def _is_public(now: datetime) -> ColumnElement[bool]:
    # Where needs are no data, the search is of a time in which its form promised experts alone as readers.
    return and_(taking_applications(now.astimezone(PARIS).date()), ExpertSearch.themes.is_not(None))
