"""Who may lead: a city, in a country whose partners may lead, holding what the call asks for, once per call."""

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.city_names import fold, names_of
from urbact_calls.domain.eligibility.finding import Answer, met, not_enforced, not_met, to_be_checked
from urbact_calls.domain.eligibility.register_words import asked_title, completeness
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import count, listed, named
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import CountryGroup

# One switch of the call stands for both groups: neither IPA nor NDICI partners were expected to lead in 2023.
_GROUPS_UNDER_THE_SWITCH = (CountryGroup.IPA, CountryGroup.NDICI)


@rule(
    code="lead_partner.is_city",
    title="The lead partner is a city, in a country whose partners may lead",
    source="Terms of Reference, eligible lead partners",
)
def is_city(dossier: Dossier, terms: CallTerms) -> Answer:
    lead = dossier.lead
    if not lead.is_city:
        return not_met(
            f"{named(lead)} is not a city in the sense of the call; only a city may lead.",
            fix="Hand the lead over to a city of the partnership.",
        )

    # A country that the call does not admit is the fault of geography.eligible_countries alone.
    group = terms.group_of(lead.country)
    if group in _GROUPS_UNDER_THE_SWITCH and terms.admits(lead.country) and not terms.ipa_can_lead:
        return not_met(
            f"{named(lead)} sits in an {group} country, whose partners may take part in this call and not lead.",
            fix="Hand the lead over to a city of a Member State or partner state.",
        )
    return to_be_checked(f"{named(lead)} is entered as a city; an officer confirms its status.")


@rule(
    code="lead_partner.holds_label",
    title="The lead partner holds the label or has implemented the project that the call asks for",
    source="Terms of Reference, eligible lead partners",
)
def holds_label(dossier: Dossier, terms: CallTerms) -> Answer:
    asked, found = terms.lead_label, dossier.lead_labels
    if asked is None:
        return not_enforced("The call asks for no label and no earlier project of the lead partner.")
    if found is None or (found.register, found.year) != (asked.register, asked.year):
        return to_be_checked("The register of the call was not looked up for this dossier.")

    if found.labels:
        titles = [f"“{label.title}”" if label.title else "title not known to us" for label in found.labels]
        return met(f"{named(dossier.lead)} stands in the register: {listed(titles)}.")
    return not_met(
        f"{named(dossier.lead)} has no {asked_title(found)} in our register. {completeness(found)}",
        fix="If the lead partner has it, show the evidence to the Joint Secretariat.",
    )


@rule(
    code="lead_partner.leads_once",
    title="The lead partner leads no other application in this call",
    source="Terms of Reference, participation in several applications",
)
def leads_once(dossier: Dossier, terms: CallTerms) -> Answer:
    if terms.lead_max is None:
        return not_enforced("The call does not limit how many applications one city leads.")
    if dossier.other_applications is None:
        return to_be_checked("The other applications of the call are not given.")

    lead = dossier.lead
    others = [
        other.title
        for other in dossier.other_applications
        if other.call == dossier.call and other.lead_country == lead.country and fold(other.lead_name) in names_of(lead)
    ]
    if 1 + len(others) <= terms.lead_max:
        return met(f"{named(lead)} leads {count(1 + len(others), 'application')} in this call.")
    return not_met(
        f"{named(lead)} leads {count(1 + len(others), 'application')} in this call; {terms.lead_max} is allowed. "
        f"Also led: {listed(title or 'an application without title' for title in others)}.",
        fix="Withdraw the others, or hand over the lead of this one.",
    )
