"""The rules of `eligibility/rules/documents.py`."""

from tests.domain.eligibility.cases import cases
from tests.domain.eligibility.dossiers import led, partner


@cases("documents.lead_letter")
def test_lead_letter(case):
    case(led(partner("GR")), to_be_checked="an officer reads content and signature")
    case(led(partner("GR", letter_of_commitment=False)), not_met="City in GR (GR) is missing")
    case(led(partner("GR", letter_of_commitment=None)), to_be_checked="not known")
    case(led(partner("GR"), partner("PT", letter_of_commitment=False)), to_be_checked="City in GR")


@cases("documents.partner_letters")
def test_partner_letters(case):
    case(led(partner("GR")), met="no project partner")
    case(led(partner("GR"), partner("PT")), to_be_checked="No letter of 1 project partner is missing")
    case(
        led(partner("GR"), partner("PT", letter_of_commitment=False)), not_met="1 letter of 1 missing: City in PT (PT)"
    )
    case(led(partner("GR"), partner("PT", letter_of_commitment=None)), to_be_checked="not known")


@cases("documents.partner_letters")
def test_a_missing_letter_of_the_lead_is_the_fault_of_another_rule(case):
    case(
        led(partner("GR", letter_of_commitment=False), partner("PT")),
        to_be_checked="No letter of 1 project partner is missing",
    )


@cases("documents.partner_letters")
def test_an_organisation_that_is_entered_twice_has_one_letter_to_bring(case):
    case(
        led(partner("GR"), partner("PT"), partner("PT", letter_of_commitment=False)),
        to_be_checked="No letter of 1 project partner is missing",
    )
