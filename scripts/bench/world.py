"""Database of the benchmark: a call with many applications in every state, most of it written as SQL.

The commands would take hours for 10,000; what is written by the database out of its own rows needs some minutes for
100,000. All figures and names are made up. A person has as many applications, and a page as many rows, whatever the
number of applications: six cities for ten of them (600 at least), 20 assessors, 8 officers, 8 partners and 10 texts of
1,000 characters in an application.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import flask_migrate
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from config import ROOT
from scripts.bench import rows
from scripts.trials import say
from urbact_calls.accounts.commands.passwords import hashed
from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.dossier import build_dossier
from urbact_calls.applications.submission.models import Submission
from urbact_calls.assessment.models import Ranking
from urbact_calls.assessment.ranking import reads as ranking
from urbact_calls.calls.definition.commands import add_call_step, demonstration_terms
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain import serialization
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.network_types.fields import TICKED, Field, FieldKind, Section
from urbact_calls.domain.scoring import standing
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import ApplicationState as S
from urbact_calls.domain.vocabulary import NetworkState, ReportKind
from urbact_calls.eligibility.reports.commands import examine, store_report
from urbact_calls.networks import commands as networks
from urbact_calls.networks.models import LocalGroup, Member, Network, NetworkStage, Plan

CODE = "APN-BENCH"
LEAD, OFFICER, ASSESSOR = "lead0@example.org", "officer0@example.org", "assessor0@example.org"
PASSWORD = "nine lanterns above the quiet quay"  # noqa: S105 -- of accounts that live as long as one benchmark
SIZES = {"cities": 600, "assessors": 20, "officers": 8, "partners": 8}
CITIES_PER_APPLICATION = 0.6
TEXTS = 10
LENGTH = 1000
WORDS = """
the of and to in a for with that is on as by our are this will from which we each at their city cities network
challenge people residents young older local group plan plans action actions square market street harbour
river station school housing energy water heat waste trade craft work skills learning visit partner partners
exchange meeting council office region country budget method evidence survey result results change test small
large first second third before after during between together against without public private shared open empty
vacant old new green quiet busy strong weak growing shrinking long short term year years month months season
day night transport walking cycling bus tram rent owner tenant shop shops museum library garden park roof
bridge wall gate border port
"""
COUNTRIES = ("FR", "IT", "GR", "HU", "PT", "ES", "SI", "RO", "PL", "LT")

# Ten applications in a row; the tenth is approved, or has its network, while there is money: a call founds some
# dozens of networks however many cities apply.
MIX = (S.DRAFT, S.DRAFT, S.SUBMITTED, S.SUBMITTED, S.ELIGIBLE, S.ELIGIBLE, S.ASSESSED, S.ASSESSED, S.NOT_APPROVED)
MOST_APPROVED = 30


@dataclass(frozen=True, slots=True)
class BenchWorld:
    """What the measured pages are about. `drafts` are for the clients that write, each with its lead."""

    application: str
    network: str
    drafts: tuple[tuple[str, str], ...]


def prose(number: int) -> str:
    """A text of 1,000 characters, another for each number: of words by chance, so that a database can press it no
    further than what people write."""
    chance = random.Random(number)  # noqa: S311 -- always the same texts
    return " ".join(chance.choices(WORDS.split(), k=LENGTH // 2))[: LENGTH - 1] + "."


TEXT = prose(0)


def state_of(number: int) -> S:
    """The state of the application with this number in the call, counted from 1."""
    place, row = (number - 1) % 10, number // 10
    if place < len(MIX):
        return MIX[place]
    if row > MOST_APPROVED:
        return S.NOT_APPROVED
    return S.IN_NETWORK if row % 2 else S.APPROVED


def fill(count: int, now: datetime) -> BenchWorld:
    """Makes the tables in the empty database of the current app, and fills them with a call of `count` applications."""
    make_tables(now)
    numbers = range(1, count + 1)
    cities = max(SIZES["cities"], round(count * CITIES_PER_APPLICATION))
    terms = replace(demonstration_terms(now), code=CODE, title="Call of the benchmark")
    with transaction() as session:
        call = add_call(session, terms, now)
        as_bulk(session)
        # One hash for all: Argon2 is slow on purpose.
        given: dict[str, Any] = {**SIZES, "cities": cities, "call": call.id, "code": CODE, "now": now}
        given |= {
            "password_hash": hashed(PASSWORD),
            "countries": [*COUNTRIES],
            "states": [state_of(n) for n in numbers],
        }
        given |= {"answers": answers_of(call), "remark": TEXT[:300], "reasons": TEXT[:200]}
        say("applications")
        run_all(session, [*rows.PEOPLE_AND_CITIES, *rows.APPLICATIONS], given)
        say("submissions and reports")
        _add_submissions(session, given)
        say("assessments")
        session.execute(text(rows.SCORES))
        session.execute(text(rows.ONE_SCORE), [_score(call, n) for n in numbers])
        run_all(session, rows.ASSESSMENTS, given)
        say("decisions and networks")
        places = ranking.ranked(session, call)
        sealed = Ranking(
            call_id=call.id,
            sealed_at=now,
            fingerprint=ranking.fingerprint_of(places),
            partners_by_category=ranking.partners_by_category(session, ranking.of_ranked(call)),
            places=[place.sealed() for place in places],
        )
        session.add(sealed)
        run_all(session, rows.DECISIONS, given)
        _add_networks(session, call, now)
    vacuum()
    drafts = itertools.islice((n for n in numbers if state_of(n) is S.DRAFT), 8)
    return BenchWorld(
        application=_reference(next(n for n in reversed(numbers) if state_of(n) is S.ELIGIBLE)),
        network=f"bench-{next(n for n in reversed(numbers) if state_of(n) is S.IN_NETWORK)}",
        drafts=tuple((_reference(n), f"lead{(n - 1) % cities}@example.org") for n in drafts),
    )


def _reference(number: int) -> str:
    return f"{CODE}-{number:05}"


def as_bulk(session: Session) -> None:
    """Until the end of the transaction: no limit of time, no wait for the disk, and no key is looked up, since each row
    is made of the one that it points at. Only the owner of the cluster may ask for that."""
    session.execute(text("SET LOCAL statement_timeout = 0"))
    session.execute(text("SET LOCAL synchronous_commit = off"))
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("SET LOCAL work_mem = '256MB'"))
    # Enough to plan the next statement; `vacuum` looks again.
    session.execute(text("SET LOCAL default_statistics_target = 10"))


def run_all(session: Session, statements: Iterable[str], given: Mapping[str, Any]) -> None:
    """Executes statements of `rows`, each with what it takes of `given`."""
    for statement in statements:
        session.execute(text(statement), given)
    # So that the planner knows how large the tables are.
    session.execute(text("ANALYZE"))


def make_tables(now: datetime) -> None:
    """Makes the tables in the empty database of the current app, and loads the networks that the program knows."""
    flask_migrate.upgrade(directory=str(ROOT / "migrations"))
    networks.load(now)


def vacuum() -> None:
    """Does at once what a server that has been up for an hour has done."""
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))


def add_call(session: Session, terms: CallTerms, now: datetime) -> Call:
    """The published call that the applications answer."""
    return add_call_step(
        session,
        terms=terms,
        summary="A call of the benchmark.",
        published_at=min(terms.opens_at, now),
        now=now,
        is_demonstration=True,
    )


def answers_of(call: Call) -> str:
    """Ten texts of 1,000 characters, and the short answers of an application that is complete."""
    return json.dumps(answered(KINDS[call.type].sections, TEXTS))


def answered(sections: Iterable[Section], texts: int) -> dict[str, dict[str, str]]:
    """Answers to each field of these sections, the first so many of them texts of 1,000 characters."""
    long_texts, written = itertools.count(1), itertools.count(1)

    def answer(field: Field) -> str:
        if field.kind is FieldKind.TICK:
            return TICKED
        if field.choices:
            return field.choices[0].code
        long = field.kind is FieldKind.TEXT and (field.limit or 0) >= len(TEXT) and next(long_texts) <= texts
        return prose(next(written)) if long else "A short answer."[: field.limit]

    return {section.code: {field.code: answer(field) for field in section.fields} for section in sections}


def _add_submissions(session: Session, given: Mapping[str, Any]) -> None:
    """Submissions with their dossier, what happened, officers, and the official report with a finding per rule."""
    now, submitted = given["now"], Application.state == S.SUBMITTED
    first = session.scalars(select(Application).where(submitted).order_by(Application.id).limit(1)).one()
    dossier = build_dossier(session, first, now.replace(microsecond=0), other_applications=())
    of_all = replace(dossier, acronym="BENCH#", title="Network # of the benchmark")
    run_all(session, rows.SUBMISSIONS, {**given, "dossier": json.dumps(serialization.to_json(of_all))})
    submission = session.scalars(select(Submission).where(Submission.application_id == first.id)).one()
    store_report(
        session,
        reference=first.reference,
        submission_id=submission.id,
        kind=ReportKind.OFFICIAL,
        dossier=dossier,
        examination=examine(submission, dossier),
        now=now,
    )
    session.flush()
    run_all(session, rows.REPORTS, given)


def _score(call: Call, number: int) -> dict[str, Any]:
    """Points of the application with this number, the same on each of its sheets."""
    grid = KINDS[call.type].grid
    points = {code: 2 + (number * 7 // place) % 4 for place, code in enumerate(grid.codes, 1)}
    total, place = grid.total(points), standing(points, grid, call.terms)
    return {"number": number, "points": json.dumps(points), "total": total, "standing": place}


def _add_networks(session: Session, call: Call, now: datetime) -> None:
    kind, terms = KINDS[call.type], call.terms
    stages = kind.stages_in_time(terms.network_start, terms.network_end)
    of_networks = select(Application).where(Application.state == S.IN_NETWORK).order_by(Application.id)
    for application in session.scalars(of_networks):
        network = Network(
            slug=f"bench-{application.number}",
            name=f"Bench {application.number}",
            folded=f"bench {application.number}",
            type=call.type,
            call_code=call.code,
            application_id=application.id,
            is_demonstration=True,
            state=NetworkState.ACTIVE,
            summary=TEXT,
            starts_on=terms.network_start,
            ends_on=terms.network_end,
            founded_at=now,
            activated_at=now,
            stages=[NetworkStage(**asdict(stage)) for stage in stages],
            members=[
                Member(
                    organisation_id=partner.organisation_id,
                    role=partner.role,
                    position=partner.position,
                    local_group=LocalGroup(),
                    plans=[Plan(kind=kind.plans[partner.role])],
                )
                for partner in application.partners
            ],
        )
        session.add(network)
