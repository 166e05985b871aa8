"""Database of the benchmark: a call with many applications in every state, written row by row.

The commands would take hours for 10,000. All figures and names are made up. What does not depend on the number of
applications stays the same: 600 cities, 30 assessors, 8 officers, 8 partners and 10 texts of 1,000 characters in an
application.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from scripts.bench.applications import add_applications, add_handlers, add_submissions
from scripts.bench.assessments import add_assessments, add_decisions
from scripts.bench.shape import ASSESSORS, CITIES, CODE, COUNTRIES, OFFICERS, PASSWORD, People, S, reference, state_of
from scripts.trials import say
from urbact_calls.accounts.commands.passwords import hashed
from urbact_calls.accounts.models import RoleGrant, User
from urbact_calls.assessment.models import PanelMember
from urbact_calls.calls.definition.commands import add_call_step, demonstration_terms
from urbact_calls.calls.models import Call
from urbact_calls.database import Base, db, transaction
from urbact_calls.domain.vocabulary import Role
from urbact_calls.organisations.models import Membership, Organisation


@dataclass(frozen=True, slots=True)
class BenchWorld:
    """Where the measured pages are, and who opens them. `drafts` are for the clients that write, each with its lead."""

    lead: str
    officer: str
    assessor: str
    application: str
    network: str
    drafts: tuple[tuple[str, str], ...]


def seed(count: int, now: datetime) -> BenchWorld:
    """Fills an empty database with a call of `count` applications."""
    with transaction() as session:
        call = _call(session, now)
        people = add_people(session, call, now)
        cities = add_cities(session, now, people)
    say("applications")
    numbers = range(1, count + 1)
    add_applications(call, numbers, cities, people, now)
    say("submissions and reports")
    add_submissions(call, numbers, now)
    add_handlers(numbers, people, now)
    say("assessments")
    add_assessments(call, numbers, people, now)
    say("decisions and networks")
    add_decisions(call, numbers, cities, now)
    _finish()
    drafts = itertools.islice((n for n in numbers if state_of(n) is S.DRAFT), 8)
    return BenchWorld(
        lead="lead0@example.org",
        officer="officer0@example.org",
        assessor="assessor0@example.org",
        application=reference(next(n for n in reversed(numbers) if state_of(n) is S.ELIGIBLE)),
        network=f"bench-{next(n for n in reversed(numbers) if state_of(n) is S.IN_NETWORK)}",
        drafts=tuple((reference(n), f"lead{(n - 1) % CITIES}@example.org") for n in drafts),
    )


def _call(session: Session, now: datetime) -> Call:
    terms = replace(demonstration_terms(now), code=CODE, title="Call of the benchmark")
    return add_call_step(
        session,
        terms=terms,
        summary="A call of the benchmark.",
        published_at=min(terms.opens_at, now),
        now=now,
        is_demonstration=True,
    )


def add_people(session: Session, call: Call, now: datetime) -> People:
    # One hash for all: Argon2 is slow on purpose.
    password_hash = hashed(PASSWORD)

    def account(name: str, role: Role | None = None) -> User:
        grants = [RoleGrant(role=role, granted_at=now)] if role else []
        return User(
            email=f"{name}@example.org",
            name=name.capitalize(),
            password_hash=password_hash,
            created_at=now,
            confirmed_at=now,
            grants=grants,
        )

    leads = [account(f"lead{number}") for number in range(CITIES)]
    assessors = [account(f"assessor{number}", Role.ASSESSOR) for number in range(ASSESSORS)]
    officers = [account(f"officer{number}", Role.PROGRAMME_OFFICER) for number in range(OFFICERS)]
    session.add_all([*leads, *assessors, *officers])
    session.flush()
    session.add_all(PanelMember(call_id=call.id, user_id=each.id, invited_at=now) for each in assessors)
    return People(
        tuple(each.id for each in leads), tuple(each.id for each in assessors), tuple(each.id for each in officers)
    )


def add_cities(session: Session, now: datetime, people: People) -> tuple[int, ...]:
    cities = [
        Organisation(
            slug=f"bench-city-{number}",
            name=f"Bench city {number}",
            folded=f"bench city {number}",
            seat_city=f"Bench city {number}",
            country=COUNTRIES[number % len(COUNTRIES)],
            kind="city",
            category="CITY_MUNICIPALITY",
            region_category="less developed",
            is_verified=True,
            created_at=now,
        )
        for number in range(CITIES)
    ]
    session.add_all(cities)
    session.flush()
    session.add_all(
        Membership(user_id=user, organisation_id=city.id, requested_at=now, accepted_at=now)
        for user, city in zip(people.leads, cities, strict=True)
    )
    return tuple(city.id for city in cities)


def _finish() -> None:
    """Moves the counters behind the ids that were given, and lets the planner know how large the tables are."""
    engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            key = table.autoincrement_column
            if key is not None:
                connection.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key.name}'), "  # noqa: S608
                        f"coalesce((SELECT max({key.name}) FROM {table.name}), 1))"
                    )
                )
        connection.execute(text("VACUUM ANALYZE"))


def utc_now() -> datetime:
    return datetime.now(UTC)
