"""The rules of `eligibility/rules/schedule.py`."""

from datetime import date

from tests.domain.eligibility.cases import cases
from tests.domain.eligibility.dossiers import partners
from urbact_calls.domain.dossier import Schedule


@cases("schedule.call_dates", terms={"network_start": date(2023, 6, 1), "network_end": date(2025, 12, 31)})
def test_call_dates(case):
    case(
        partners(8, schedule=Schedule(start=date(2023, 6, 1), end=date(2025, 12, 31))), met="1 June 2023 to 31 December"
    )
    case(partners(8, schedule=Schedule(start=date(2023, 6, 2), end=date(2025, 12, 31))), not_met="2 June 2023")
    case(partners(8, schedule=Schedule(start=date(2023, 6, 1), end=date(2025, 12, 30))), not_met="Take the dates")
    case(partners(8), to_be_checked="does not say when")


@cases("schedule.call_dates", terms={"network_start": None, "network_end": None})
def test_call_dates_where_the_call_fixes_none(case):
    case(partners(8), not_enforced="fixes no dates")


@cases("schedule.call_dates", terms={"network_start": date(2023, 6, 1), "network_end": None})
def test_call_dates_where_the_call_fixes_one_of_them_only(case):
    case(partners(8), not_enforced="fixes no dates")
