"""What lists keep of the reports is counted for reports that were there before, and nothing else is lost."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import func, select

from config import ROOT
from tests.factories import eligibility as make
from tests.factories.accounts import actor_of
from tests.factories.calls import open_call
from tests.factories.jobs import work_off
from tests.factories.standings import kept
from tests.services_databases import Databases, settings_for
from urbact_calls.applications.models import Application, Partner, PlannedCost
from urbact_calls.applications.officers.commands import assign
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import FindingOutcome
from urbact_calls.eligibility.reports.models import ReportFinding
from urbact_calls.factory import create_app

FOLDER = str(ROOT / "migrations")
BEFORE = "8d3f51c2e7a4"


def rows() -> list[int | None]:
    """How many rows stand below the table that is changed."""
    numbers = [db.session.scalar(select(func.count(model.id))) for model in (Partner, PlannedCost, ReportFinding)]
    db.session.remove()
    return numbers


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_what_lists_keep_is_counted_for_what_was_there(
    databases: Databases, dialect: str, tmp_path: Path, now: datetime
):
    with databases.fresh(dialect) as url:
        app = create_app(settings_for(url, tmp_path))
        with app.app_context():
            call = open_call(db.session, now)
            again = make.submitted(call, now, "Vic", "ES")
            work_off(now)
            take_transition(again.reference, "reopen", again.actor, now)
            case = make.checked(call, now)
            officer, later = actor_of(make.officer()), make.after_closing(call)
            make.settle(case, "lead_partner.is_city", officer, later, FindingOutcome.NOT_MET)
            make.settle(case, "submission.in_english", officer, later)
            assign(case.reference, officer.user_id, officer, later)
            made, below = kept(), rows()

            flask_migrate.downgrade(directory=FOLDER, revision=BEFORE)
            flask_migrate.upgrade(directory=FOLDER)

            assert (kept(), rows()) == (made, below)
            assert made[case.reference] == ("official", 1, 1, 3)
            assert made[again.reference][:2] == ("provisional", 1)
            handled = dict(db.session.execute(select(Application.reference, Application.handled_by)).all())
            assert handled == {case.reference: officer.user_id, again.reference: None}
            db.session.remove()
            db.engine.dispose()
