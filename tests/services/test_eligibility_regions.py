"""The regions of partners: an officer confirms or corrects them before the verdict, once for each organisation."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select, update

from tests.factories import eligibility as make
from tests.factories.accounts import actor_of
from tests.factories.calls import open_call
from tests.factories.eligibility import Case
from tests.factories.regions import confirm_all_regions
from tests.kept_worlds import Kept
from tests.query_count import statements
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.dossier import RegionLookup
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.vocabulary import ReportKind
from urbact_calls.eligibility.findings import reads as findings_reads
from urbact_calls.eligibility.regions.commands import confirm_regions, correct_region
from urbact_calls.eligibility.reports.reads import report as reads
from urbact_calls.eligibility.reports.reads.partner_regions import PartnerRegion, partner_regions, unconfirmed
from urbact_calls.organisations.models import Organisation, RegionConfirmation
from urbact_calls.record.models import FieldChange

pytestmark = pytest.mark.usefixtures("standings_hold")


@pytest.fixture
def call(kept: Kept, now: datetime) -> Call:
    return kept(open_call, db.session, now)


@pytest.fixture
def case(kept: Kept, call: Call, now: datetime) -> Case:
    return kept(make.checked, call, now)


@pytest.fixture
def officer(case: Case) -> Actor:
    return actor_of(make.officer("Olga Officer"))


@pytest.fixture
def later(call: Call) -> datetime:
    return make.after_closing(call)


def region_of(case: Case, name: str) -> PartnerRegion:
    db.session.rollback()
    return next(each for each in partner_regions(db.session(), case.row.id) if each.status.organisation.name == name)


def waiting(case: Case) -> tuple[str, ...]:
    db.session.rollback()
    return unconfirmed(db.session(), case.row.id)


def correct(case: Case, name: str, nuts2: str, officer: Actor, later: datetime, **changes: str) -> None:
    found = region_of(case, name)
    given = {"nuts2": nuts2, "reason": "Seen in the annex of the regulation.", "seen": found.token, **changes}
    correct_region(case.reference, found.partner.id, actor=officer, now=later, **given)


def balance(case: Case):
    db.session.rollback()
    report = reads.latest_report(db.session(), case.row.id, ReportKind.OFFICIAL)
    assert report is not None
    return report, {finding.code: finding for finding in report.findings}


def test_all_regions_wait_for_an_officer_and_close_the_verdict(case: Case, officer: Actor, later: datetime):
    assert len(waiting(case)) == 10
    for code in make.open_codes(case):
        make.settle(case, code, officer, later)

    with pytest.raises(Refused, match="Confirm the region of these partners first: Agen"):
        take_transition(case.reference, "propose_eligible", officer, later)


def test_they_are_confirmed_in_one_act_with_who_and_when(case: Case, officer: Actor, later: datetime):
    confirm_all_regions(case.reference, officer, later)

    assert waiting(case) == ()
    confirmation = region_of(case, "Agen").status.confirmation
    assert confirmation is not None
    assert (confirmation.confirmed_by, confirmation.confirmed_at, confirmation.reason) == (
        officer.user_id,
        later,
        None,
    )
    changes = db.session.scalars(select(FieldChange).where(FieldChange.field == "region")).all()
    assert {change.actor_id for change in changes} == {officer.user_id}
    assert len(changes) == 10


def test_confirming_again_writes_nothing(case: Case, officer: Actor, later: datetime):
    token = region_of(case, "Agen").token
    assert confirm_regions(case.reference, [token], actor=officer, now=later) == 1

    assert confirm_regions(case.reference, [token], actor=officer, now=later) == 0

    assert len(db.session.scalars(select(RegionConfirmation)).all()) == 1


def test_an_organisation_is_confirmed_once_for_all_its_applications(
    call: Call, case: Case, officer: Actor, later: datetime, now: datetime
):
    other = make.checked(open_call(db.session, now, "APN-TWO"), now)
    confirm_all_regions(case.reference, officer, later)

    # Both applications have the same ten cities.
    assert waiting(other) == ()


def test_a_region_that_changes_must_be_confirmed_again(case: Case, officer: Actor, later: datetime):
    confirm_all_regions(case.reference, officer, later)
    with transaction() as session:
        session.execute(
            update(Organisation)
            .where(Organisation.name == "Agen")
            .values(nuts2="FRK2", region_category="more developed")
        )

    assert waiting(case) == ("Agen",)

    confirm_all_regions(case.reference, officer, later)
    report, _ = balance(case)
    assert report.dossier.partners[0].nuts2 == "FRK2"
    assert waiting(case) == ()


def test_a_correction_is_confirmed_and_brings_the_report_up_to_it(case: Case, officer: Actor, later: datetime):
    submitted = reads.last_submission(db.session(), case.reference)
    before = submitted.dossier.partners[0]

    correct(case, "Agen", "FRK2", officer, later)

    agen = region_of(case, "Agen")
    assert (agen.status.organisation.nuts2, agen.status.organisation.region_basis) == ("FRK2", "officer")
    assert agen.status.confirmation.reason == "Seen in the annex of the regulation."
    assert agen.is_settled
    report, _ = balance(case)
    assert report.dossier.partners[0].region_category == "more developed"
    # What was submitted stays as it was.
    assert reads.last_submission(db.session(), case.reference).dossier.partners[0] == before
    assert before.region_category == "transition"


def test_a_finding_that_comes_out_differently_waits_for_a_person_again(case: Case, officer: Actor, later: datetime):
    report, findings = balance(case)
    assert findings["geography.regional_balance"].outcome == "met"
    make.settle(case, "geography.regional_balance", officer, later)

    # Seven of the ten partners are from poorer regions, and the call asks for seven.
    correct(case, "Agen", "FRK2", officer, later)

    report, findings = balance(case)
    assert findings["geography.regional_balance"].outcome == "not_met"
    assert findings["geography.regional_balance"].settled_outcome is None
    assert report.verdict == "ineligible"
    said = findings_reads.settlements(db.session(), case.row.id)["geography.regional_balance"]
    assert [str(each.note) for each in said] == [
        "The region of a partner was corrected, and the rule was examined again.",
        "Seen in the letters on file.",
    ]


def test_another_application_of_the_same_city_is_brought_up_too(
    case: Case, officer: Actor, later: datetime, now: datetime
):
    other = make.checked(open_call(db.session, now, "APN-TWO"), now)

    correct(case, "Agen", "FRK2", officer, later)

    report, _ = balance(other)
    assert report.dossier.partners[0].nuts2 == "FRK2"
    assert "Agen" not in waiting(other)


def test_a_report_that_is_made_later_judges_by_what_was_confirmed(call: Call, now: datetime):
    case = make.submitted(call, now)
    officer, later = actor_of(make.officer()), make.after_closing(call)
    correct(case, "Agen", "FRK2", officer, later)

    make.make_official_reports(call)

    report, _ = balance(case)
    assert report.dossier.partners[0].nuts2 == "FRK2"
    assert "Agen" not in waiting(case)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"nuts2": "PL71"}, "regions.country"),
        ({"nuts2": "XX"}, "regions.country"),
        ({"reason": "short"}, "regions.reason"),
    ],
)
def test_a_correction_needs_a_region_of_the_country_and_a_reason(
    case: Case, officer: Actor, later: datetime, changes: dict[str, str], code: str
):
    given = {"nuts2": "FRK2", **changes}

    with pytest.raises(Refused) as problem:
        correct(case, "Agen", given.pop("nuts2"), officer, later, **given)

    assert problem.value.refusals[0].code == code
    assert region_of(case, "Agen").status.organisation.nuts2 is None


def test_nobody_confirms_what_has_changed_meanwhile_or_is_not_there(case: Case, officer: Actor, later: datetime):
    with pytest.raises(Stale):
        confirm_regions(case.reference, ["1|XX|transition"], actor=officer, now=later)
    with pytest.raises(Stale):
        correct(case, "Agen", "FRK2", officer, later, seen="x")
    with pytest.raises(NotFound):
        correct_region(case.reference, 999999, nuts2="FRK2", reason="Because it is.", seen="", actor=officer, now=later)
    with pytest.raises(Refused, match="Tick at least one"):
        confirm_regions(case.reference, [], actor=officer, now=later)


def test_a_category_that_is_not_known_cannot_be_confirmed_only_entered(case: Case, officer: Actor, later: datetime):
    with transaction() as session:
        session.execute(update(Organisation).where(Organisation.name == "Agen").values(region_category=None))

    with pytest.raises(Refused, match="not known"):
        confirm_regions(case.reference, [region_of(case, "Agen").token], actor=officer, now=later)
    correct(case, "Agen", "FRI1", officer, later)
    assert "Agen" not in waiting(case)


def test_outside_the_union_there_is_nothing_to_confirm(case: Case):
    with transaction() as session:
        session.execute(update(Organisation).where(Organisation.name == "Agen").values(country="BA"))

    assert "Agen" not in waiting(case)


def test_after_the_verdict_nothing_is_confirmed_any_more(call: Call, now: datetime):
    case = make.eligible(call, now)

    with pytest.raises(Refused, match="during the check only"):
        confirm_all_regions_anyway(case, actor_of(make.officer()), make.after_closing(call))


def confirm_all_regions_anyway(case: Case, officer: Actor, later: datetime) -> None:
    confirm_regions(case.reference, [region_of(case, "Agen").token], actor=officer, now=later)


def test_the_number_of_queries_does_not_grow_with_the_partners(case: Case):
    with statements() as sent:
        partner_regions(db.session(), case.row.id)

    assert len(sent) <= 4


def test_a_corrected_region_is_looked_up_anew(case: Case, officer: Actor, later: datetime):
    correct(case, "Agen", "FRI1", officer, later)

    judged = region_of(case, "Agen").judged
    assert judged is not None
    assert (judged.nuts2, judged.region) == ("FRI1", RegionLookup(is_known=True, category=judged.region_category))
