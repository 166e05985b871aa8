"""A Transfer and an Innovation Transfer demonstration, from the draft to the network, led by a city of no register.

No made-up city can stand in a register of real ones. An officer settles the finding with the label as evidence, as
the rules foresee for a register that is not complete.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.factories.applications import row
from tests.factories.story import story
from urbact_calls.database import db
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.vocabulary import ApplicationState, FindingOutcome, ReportKind
from urbact_calls.eligibility.reports.reads.report import latest_report
from urbact_calls.networks.models import Member, Network, Plan

LABEL = "lead_partner.holds_label"

pytestmark = pytest.mark.usefixtures("session")


def outcome(reference: str, code: str) -> str:
    report = latest_report(db.session(), row(reference).id, ReportKind.OFFICIAL)
    return next(str(finding.current_outcome) for finding in report.findings if finding.code == code)


@pytest.mark.parametrize(
    ("code", "plans"),
    [
        ("TN-DEMO", {"lead": "improvement_plan", "partner": "transfer_plan"}),
        ("ITN-DEMO", {"lead": "continuity_plan", "partner": "investment_plan"}),
    ],
)
def test_it_becomes_a_network_with_the_plans_of_its_type(now, code, plans):
    tale = story(now, code).submit().close_call()
    assert outcome(tale.reference, LABEL) == "not_met"
    tale.settle()
    with pytest.raises(Refused):
        tale.declare()

    tale.settle_one(LABEL, FindingOutcome.MET)
    tale.declare()
    assert row(tale.reference).state == ApplicationState.ELIGIBLE
    tale.allocate().lock_sheets().sign().record().announce()

    network = db.session.scalars(select(Network).where(Network.application_id == row(tale.reference).id)).one()
    found = db.session.execute(
        select(Member.role, Plan.kind).join(Plan, Plan.member_id == Member.id).where(Member.network_id == network.id)
    ).all()
    assert (network.type, network.is_demonstration) == (code.partition("-")[0], True)
    assert {tuple(each) for each in found} == set(plans.items())
    assert len(found) == len(row(tale.reference).partners)
