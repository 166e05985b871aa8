"""The ranking of the database has the places that the terms say; a sealed one stays as it was."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.domain.scoring.places import Scored, ranked_by_hand
from tests.factories.accounts import actor_of, person
from tests.factories.assessment import GRID, assessed_row
from tests.factories.calls import open_call
from urbact_calls.applications.models import Application
from urbact_calls.assessment.models import ConsensusSheet, Ranking
from urbact_calls.assessment.ranking import commands as ranking
from urbact_calls.assessment.ranking.reads import ranked, sealed
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.terms import CallTerms, Provenance
from urbact_calls.domain.vocabulary import Confidence, Role


@pytest.fixture
def officer(session) -> Actor:
    return actor_of(person(Role.PROGRAMME_OFFICER))


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


def points(*given: int) -> dict[str, int]:
    return dict(zip(GRID.codes, given, strict=True))


def change_terms(call: Call, **changes: object) -> CallTerms:
    with transaction() as session:
        row = session.get_one(Call, call.id)
        terms = row.terms
        confirmed = {name: Provenance(Confidence.CONFIRMED) for name in changes}
        terms = replace(terms, **changes, provenance={**terms.provenance, **confirmed})  # type: ignore[arg-type]
        row.terms = terms
    return terms


@pytest.mark.parametrize("seed", range(4))
def test_the_database_gives_the_places_that_the_terms_say(call: Call, officer: Actor, now: datetime, seed: int):
    chance = random.Random(seed)  # noqa: S311 -- makes cases, keeps no secret
    thresholds = [(None, None), (60, None), (None, 2), (50, 1)][seed]
    terms = change_terms(
        call,
        overall_threshold=thresholds[0],
        criterion_threshold=thresholds[1],
        tie_break=("C1", "C3", "C2") if seed % 2 else (),
    )
    assert officer.user_id is not None
    # Few different points, so that totals are often equal.
    given = [points(*(chance.choice((1, 2, 4, 5)) for _ in GRID.codes)) for _ in range(25)]
    given += given[:3]
    scored = [
        Scored(assessed_row(call, number, each, now, officer.user_id), each) for number, each in enumerate(given, 1)
    ]

    places = ranked(db.session(), db.session.get_one(Call, call.id))

    expected = [(p.place, p.reference, p.total, p.is_tied, p.is_below) for p in ranked_by_hand(scored, GRID, terms)]
    assert [
        (each.place, each.application.reference, each.total_points, each.is_tied, each.is_below_threshold)
        for each in places
    ] == expected


def test_a_total_on_the_threshold_is_not_below_it(call: Call, officer: Actor, now: datetime):
    """In floats five weights of 0.2 with these points give 59.999999999999986."""
    change_terms(call, overall_threshold=60)
    assert officer.user_id is not None
    assessed_row(call, 1, points(3, 3, 3, 3, 3), now, officer.user_id)

    (place,) = ranked(db.session(), db.session.get_one(Call, call.id))

    assert (place.total_points, place.is_below_threshold) == (300, False)


def test_a_sealed_ranking_is_kept_as_it_was(call: Call, officer: Actor, now: datetime):
    assert officer.user_id is not None
    first = assessed_row(call, 1, points(5, 5, 5, 5, 5), now, officer.user_id)
    second = assessed_row(call, 2, points(4, 4, 4, 4, 4), now, officer.user_id)
    tied = assessed_row(call, 3, points(4, 4, 4, 4, 4), now, officer.user_id)

    ranking.seal_ranking(call.code, officer, now)
    with transaction() as session:
        for sheet in session.scalars(select(ConsensusSheet)):
            sheet.total_points = 0

    kept = sealed(db.session(), call.id)
    assert kept is not None
    assert [(p.place, p.application.reference, p.total_points, p.is_tied) for p in kept.places] == [
        (1, first, 500, False),
        (2, second, 400, True),
        (2, tied, 400, True),
    ]
    assert len(kept.fingerprint) == 64


def test_a_correction_makes_a_new_ranking_and_nothing_new_makes_none(call: Call, officer: Actor, now: datetime):
    assert officer.user_id is not None
    assessed_row(call, 1, points(5, 5, 5, 5, 5), now, officer.user_id)
    ranking.seal_ranking(call.code, officer, now)

    with pytest.raises(Refused) as problem:
        ranking.seal_ranking(call.code, officer, now + timedelta(hours=1))
    assert [each.code for each in problem.value.refusals] == ["ranking.same"]
    assessed_row(call, 2, points(1, 1, 1, 1, 1), now, officer.user_id)
    ranking.seal_ranking(call.code, officer, now + timedelta(hours=2))

    fingerprints = db.session.scalars(select(Ranking.fingerprint).order_by(Ranking.id)).all()
    assert len(set(fingerprints)) == 2


def test_nothing_is_sealed_while_an_application_is_still_assessed(call: Call, officer: Actor, now: datetime):
    assert officer.user_id is not None
    assessed_row(call, 1, points(5, 5, 5, 5, 5), now, officer.user_id)
    waiting = assessed_row(call, 2, points(5, 5, 5, 5, 5), now, officer.user_id)
    with transaction() as session:
        session.scalars(select(Application).where(Application.reference == waiting)).one().state = "eligible"

    with pytest.raises(Refused) as problem:
        ranking.seal_ranking(call.code, officer, now)

    assert [each.code for each in problem.value.refusals] == ["ranking.unfinished"]
    assert waiting in str(problem.value)


def test_an_empty_ranking_is_not_sealed(call: Call, officer: Actor, now: datetime):
    with pytest.raises(Refused) as problem:
        ranking.seal_ranking(call.code, officer, now)

    assert [each.code for each in problem.value.refusals] == ["ranking.empty"]
