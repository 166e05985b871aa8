"""The rules of `eligibility/rules/submission.py`."""

from datetime import UTC, datetime, timedelta

from tests.domain.eligibility.cases import cases
from tests.domain.eligibility.dossiers import partners

# 31 March 2023 at 15:00 in Paris: summer time had begun five days before.
OPENING = datetime(2023, 1, 8, 23, 0, tzinfo=UTC)
CLOSING = datetime(2023, 3, 31, 13, 0, tzinfo=UTC)
ENGLISH = "The city and its partners will work with local groups to plan actions that can be carried out. " * 4
GERMAN = "Die Stadt arbeitet gemeinsam mit ihren Partnern und lokalen Gruppen an einem Plan für die Zukunft. " * 4


@cases("submission.on_time", terms={"closes_at": CLOSING, "tolerance_seconds": 0})
def test_on_time(case):
    case(partners(8, submitted_at=CLOSING - timedelta(hours=3)), met="31 March 2023 at 12:00:00, Paris time")
    case(partners(8, submitted_at=CLOSING), met="15:00:00")
    case(partners(8, submitted_at=CLOSING + timedelta(milliseconds=999)), met="15:00:00")
    case(partners(8, submitted_at=CLOSING + timedelta(seconds=1)), not_met="1 second too late")
    case(partners(8, submitted_at=CLOSING + timedelta(hours=26)), not_met="more than 26 hours too late")
    case(partners(8), to_be_checked="does not say when")


@cases("submission.on_time", terms={"opens_at": OPENING, "closes_at": CLOSING})
def test_the_instant_of_opening_counts_and_nothing_before_it(case):
    case(partners(8, submitted_at=OPENING), met="Received on 9 January 2023 at 00:00:00")
    case(partners(8, submitted_at=OPENING - timedelta(milliseconds=1)), not_met="before the call opened on 9 January")


@cases("submission.on_time", terms={"closes_at": CLOSING, "tolerance_seconds": 30})
def test_on_time_with_a_tolerance(case):
    case(partners(8, submitted_at=CLOSING + timedelta(seconds=30, milliseconds=500)), met="tolerance of 30 seconds")
    case(partners(8, submitted_at=CLOSING + timedelta(seconds=31)), not_met="1 second too late")


@cases("submission.complete")
def test_complete(case):
    case(partners(8, sections_missing=()), met="Every mandatory section")
    case(
        partners(8, sections_missing=("Work plan", "Leadership")), not_met="Still to fill in: Work plan and Leadership."
    )
    case(partners(8), to_be_checked="no sections")


@cases("submission.in_english")
def test_in_english(case):
    case(partners(8, language="fr"), not_met="declares the language fr")
    case(partners(8, language="en"), to_be_checked="too little text")
    case(partners(8, sections={"challenge": {"challenge": ENGLISH}}), to_be_checked="50 of 100 words")
    case(partners(8, sections={"challenge": {"challenge": GERMAN}}), to_be_checked="6 of 100 words")
    case(partners(8), to_be_checked="an officer reads it")
