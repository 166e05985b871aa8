"""Letters of commitment. Presence is seen by the program; signature and content are read by an officer."""

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.finding import Answer, met, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import all_named, count, named
from urbact_calls.domain.terms import CallTerms


@rule(
    code="documents.lead_letter",
    title="The lead partner's signed letter of commitment is attached",
    source="Terms of Reference, annexes: letters of commitment",
)
def lead_letter(dossier: Dossier, terms: CallTerms) -> Answer:
    lead = dossier.lead
    if lead.letter_of_commitment is None:
        return to_be_checked(f"It is not known whether the letter of {named(lead)} is attached.")
    if not lead.letter_of_commitment:
        return not_met(
            f"The letter of the lead partner {named(lead)} is missing.",
            fix="Attach the letter, signed by an elected representative.",
        )
    return to_be_checked(f"The letter of {named(lead)} is attached; an officer reads content and signature.")


@rule(
    code="documents.partner_letters",
    title="The signed letter of commitment of every project partner is attached",
    source="Terms of Reference, annexes: letters of commitment",
)
def partner_letters(dossier: Dossier, terms: CallTerms) -> Answer:
    partners = [partner for partner in dossier.partners if not partner.is_lead]
    if not partners:
        return met("There is no project partner, so no letter is asked for.")

    missing = [partner for partner in partners if partner.letter_of_commitment is False]
    unknown = [partner for partner in partners if partner.letter_of_commitment is None]
    if missing:
        return not_met(
            f"{count(len(missing), 'letter')} of {len(partners)} missing: {all_named(missing)}.",
            fix=f"Attach {count(len(missing), 'letter')}, signed by an elected representative.",
        )
    if unknown:
        return to_be_checked(f"It is not known whether these letters are attached: {all_named(unknown)}.")
    return to_be_checked(
        f"No letter of {count(len(partners), 'project partner')} is missing; an officer reads content and signature."
    )
