"""What long lists are read from is reckoned for applications that were assessed and sealed before."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import func, select

from config import ROOT
from tests.factories.accounts import actor_of, person
from tests.factories.applications import city
from tests.factories.assessment import GRID, assessed_row
from tests.factories.calls import open_call
from tests.services_databases import Databases, settings_for
from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.submission.models import Submission
from urbact_calls.assessment.models import ConsensusPoints, ConsensusSheet, RankedPlace, Ranking
from urbact_calls.assessment.ranking import commands as ranking
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import Role
from urbact_calls.factory import create_app

FOLDER = str(ROOT / "migrations")
BEFORE = "5d0c8e61f3a7"


def kept() -> dict[str, list[object]]:
    """Everything that the migration reckons, and the rows that point to what it makes anew."""
    session = db.session()
    found = {
        "standings": session.execute(
            select(ConsensusSheet.application_id, ConsensusSheet.call_id, ConsensusSheet.standing).order_by(
                ConsensusSheet.id
            )
        ).all(),
        "places": session.execute(
            select(RankedPlace.application_id, RankedPlace.standing).order_by(RankedPlace.id)
        ).all(),
        "balances": session.scalars(select(Ranking.partners_by_category)).all(),
        "budgets": session.scalars(select(Submission.budget_cents)).all(),
        "points": [session.scalar(select(func.count(ConsensusPoints.id)))],
    }
    db.session.remove()
    return {name: list(rows) for name, rows in found.items()}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_standings_and_sums_are_reckoned_for_what_was_there(
    databases: Databases, dialect: str, tmp_path: Path, now: datetime
):
    with databases.fresh(dialect) as url:
        app = create_app(settings_for(url, tmp_path))
        with app.app_context():
            officer = actor_of(person(Role.PROGRAMME_OFFICER))
            call = open_call(db.session, now)
            assert officer.user_id is not None
            for number, given in enumerate((5, 3, 3), start=1):
                assessed_row(call, number, dict.fromkeys(GRID.codes, given), now, officer.user_id)
            town = city("Agen", now)
            with transaction() as session:
                for application in session.scalars(select(Application)):
                    session.add(
                        Partner(application_id=application.id, organisation_id=town.id, role="lead", position=1)
                    )
                    session.add(
                        Submission(
                            application_id=application.id,
                            number=1,
                            dossier={"budget_total": 123_00},
                            fingerprint="0" * 64,
                            budget_cents=123_00,
                            received_at=now,
                            committed_at=now,
                        )
                    )
            ranking.seal_ranking(call.code, officer, now)
            db.session.remove()
            made = kept()

            flask_migrate.downgrade(directory=FOLDER, revision=BEFORE)
            flask_migrate.upgrade(directory=FOLDER)

            assert kept() == made
            assert made["balances"] == [{"transition": 3}]
            assert made["points"] == [3 * len(GRID.codes)]
            db.session.remove()
            db.engine.dispose()
