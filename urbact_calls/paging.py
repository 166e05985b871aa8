"""Paging of long lists by key: a page of rows, and the query that continues after a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, SQLColumnExpression, UnaryExpression, or_
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.operators import desc_op

Row = TypeVar("Row")
AnySelect = TypeVar("AnySelect", bound=Select[*tuple[Any, ...]])
Order = tuple[SQLColumnExpression[Any], SQLColumnExpression[Any]]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a long list and the key after which the next ones follow (None at the end)."""

    rows: Sequence[Row]
    after: str | None


def page_of(rows: Sequence[Row], *, size: int, key: Callable[[Row], str]) -> Page[Row]:
    """A page from `size + 1` rows that were asked for: the one too many says that there is more."""
    shown = rows[:size]
    return Page(shown, key(shown[-1]) if len(rows) > size and shown else None)


def in_order(
    session: Session, query: AnySelect, key: InstrumentedAttribute[str], *, after: str | None, size: int
) -> Page[Any]:
    """A page of the rows of a query in the order of `key`, which no two of them share; those `after` a key."""
    query = query.order_by(key).limit(size + 1)
    rows = session.execute(query.where(key > after) if after else query).all()
    return page_of(rows, size=size, key=lambda row: str(getattr(row, key.key)))


def newest_first(
    session: Session, query: Select[Row], number: InstrumentedAttribute[int], *, before: int | None, size: int
) -> Page[Row]:
    """A page of the rows of a query, the highest number first; those that are older than the row numbered `before`."""
    query = query.order_by(number.desc()).limit(size + 1)
    rows = session.scalars(query if before is None else query.where(number < before)).all()
    return page_of(rows, size=size, key=lambda row: str(getattr(row, number.key)))


def continued(session: Session, query: AnySelect, order: Order, last: Select[Any] | None) -> AnySelect:
    """A query in this order, from after the row that `last` finds; all of it without one, or if it is gone.

    `last` chooses the row, of which the columns of `order` are read. The first of them may be `.desc()`; the second
    tells rows apart that share the first.
    """
    first, second = order
    query = query.order_by(first, second)
    if last is None:
        return query
    is_down = isinstance(first, UnaryExpression) and first.modifier is desc_op
    key = first.element if isinstance(first, UnaryExpression) and is_down else first
    found = session.execute(last.with_only_columns(key, second, maintain_column_froms=True)).one_or_none()
    if found is None:
        return query
    last_key, last_second = found
    # The comparison that stands alone lets an index find the place.
    reached, beyond = (key <= last_key, key < last_key) if is_down else (key >= last_key, key > last_key)
    return query.where(reached, or_(beyond, second > last_second))
