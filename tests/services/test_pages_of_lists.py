"""Long lists page by page: every row once, in the order of the whole list, also where many rows are equal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories.accounts import actor_of, person
from tests.factories.assessment import GRID, assessed_row
from tests.factories.calls import open_call
from urbact_calls.assessment.models import Allocation, ConsensusSheet, IndividualSheet, PanelMember
from urbact_calls.assessment.ranking import commands as ranking
from urbact_calls.assessment.ranking.reads import ranked, ranking_page
from urbact_calls.assessment.sheets.reads import assessor_worklist
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.decisions.outcomes.reads import decision_page
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import Role
from urbact_calls.paging import Page

# Two groups share their points; the numbers are in no order of points.
POINTS = (3, 5, 3, 4, 5, 3, 2)


@pytest.fixture
def office(session) -> Actor:
    return actor_of(person(Role.PROGRAMME_OFFICER))


@pytest.fixture
def call(session, office: Actor, now: datetime) -> Call:
    made = open_call(db.session, now)
    assert office.user_id is not None
    for number, given in enumerate(POINTS, start=1):
        assessed_row(made, number, dict.fromkeys(GRID.codes, given), now, office.user_id)
    return made


def walked(page_after: Callable[[str | None], Page], name: Callable) -> list[str]:
    """What the pages of two show one after the other."""
    found: list[str] = []
    after = None
    while True:
        db.session.rollback()
        page = page_after(after)
        found += [name(row) for row in page.rows]
        if page.after is None:
            return found
        after = page.after


def reference(line) -> str:
    return line.application.reference


def numbered(*numbers: int) -> list[str]:
    return [f"APN-DEMO-{number:03d}" for number in numbers]


def test_the_ranking(call: Call):
    pages = walked(
        lambda after: ranking_page(db.session(), call, after=after, size=2), lambda place: place.application.reference
    )

    assert (
        pages == [place.application.reference for place in ranked(db.session(), call)] == numbered(2, 5, 4, 1, 3, 6, 7)
    )


def test_the_decision_room(call: Call, office: Actor, now: datetime):
    ranking.seal_ranking(call.code, office, now)

    def page_after(after: str | None) -> Page:
        found = decision_page(db.session(), call, office, sees_recorded=True, after=after, size=2)
        assert found is not None
        return found.page

    assert walked(page_after, lambda line: line.place.reference) == numbered(2, 5, 4, 1, 3, 6, 7)


def test_the_desk_of_an_assessor_and_of_a_chair(call: Call, now: datetime):
    user = person(Role.ASSESSOR, Role.PANEL_CHAIR)
    with transaction() as session:
        session.add(PanelMember(call_id=call.id, user_id=user.id, invited_at=now, is_chair=True))
        for sheet in session.scalars(select(ConsensusSheet).order_by(ConsensusSheet.id)).all():
            session.add(
                Allocation(
                    application_id=sheet.application_id,
                    user_id=user.id,
                    due_on=(now + timedelta(days=sheet.application.number % 2)).date(),
                    allocated_at=now,
                    sheet=IndividualSheet(state="open", updated_at=now),
                )
            )
            sheet.state = "open" if sheet.application.number in (3, 6) else "signed"

    actor = actor_of(user)
    own = walked(lambda after: assessor_worklist(db.session(), actor, size=2, after=after).own, reference)
    chaired = walked(
        lambda after: assessor_worklist(db.session(), actor, size=2, chaired_after=after).chaired, reference
    )

    assert own == numbered(2, 4, 6, 1, 3, 5, 7)
    assert chaired == numbered(3, 6, 1, 2, 4, 5, 7)


def test_a_page_after_a_row_that_is_not_there_begins_at_the_first(call: Call):
    page = ranking_page(db.session(), call, after="APN-DEMO-999", size=2)

    assert [reference(place) for place in page.rows] == numbered(2, 5)
