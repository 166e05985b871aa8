"""Letters of commitment. Presence is seen by the program; signature and content are read by an officer."""

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.city_names import counted_once
from urbact_calls.domain.eligibility.finding import Answer, met, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import all_named, named
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.text import message

LEAD_UNKNOWN = message("documents.lead_letter.unknown", "It is not known whether the letter of {lead} is attached.")
LEAD_MISSING = message("documents.lead_letter.missing", "The letter of the lead partner {lead} is missing.")
ATTACH_IT = message("documents.lead_letter.fix", "Attach the letter, signed by an elected representative.")
LEAD_ATTACHED = message(
    "documents.lead_letter.attached", "The letter of {lead} is attached; an officer reads content and signature."
)


@rule(
    code="documents.lead_letter",
    title="The lead partner's signed letter of commitment is attached",
    source="Terms of Reference, annexes: letters of commitment",
)
def lead_letter(dossier: Dossier, terms: CallTerms) -> Answer:
    lead = dossier.lead
    if lead.letter_of_commitment is None:
        return to_be_checked(LEAD_UNKNOWN(lead=named(lead)))
    if not lead.letter_of_commitment:
        return not_met(LEAD_MISSING(lead=named(lead)), fix=ATTACH_IT())
    return to_be_checked(LEAD_ATTACHED(lead=named(lead)))


NO_PARTNER = message("documents.partner_letters.none", "There is no project partner, so no letter is asked for.")
MISSING = message(
    "documents.partner_letters.missing",
    "{count} letters of {number} missing: {missing}.",
    one="{count} letter of {number} missing: {missing}.",
)
ATTACH = message(
    "documents.partner_letters.fix",
    "Attach {count} letters, signed by an elected representative.",
    one="Attach {count} letter, signed by an elected representative.",
)
UNKNOWN = message("documents.partner_letters.unknown", "It is not known whether these letters are attached: {unknown}.")
NONE_MISSING = message(
    "documents.partner_letters.none_missing",
    "No letter of {count} project partners is missing; an officer reads content and signature.",
    one="No letter of {count} project partner is missing; an officer reads content and signature.",
)


@rule(
    code="documents.partner_letters",
    title="The signed letter of commitment of every project partner is attached",
    source="Terms of Reference, annexes: letters of commitment",
)
def partner_letters(dossier: Dossier, terms: CallTerms) -> Answer:
    partners = [partner for partner in counted_once(dossier.partners) if not partner.is_lead]
    if not partners:
        return met(NO_PARTNER())

    missing = [partner for partner in partners if partner.letter_of_commitment is False]
    unknown = [partner for partner in partners if partner.letter_of_commitment is None]
    if missing:
        return not_met(
            MISSING(count=len(missing), number=len(partners), missing=all_named(missing)),
            fix=ATTACH(count=len(missing)),
        )
    if unknown:
        return to_be_checked(UNKNOWN(unknown=all_named(unknown)))
    return to_be_checked(NONE_MISSING(count=len(partners)))
