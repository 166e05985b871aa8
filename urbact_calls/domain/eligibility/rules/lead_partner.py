"""Rules on the lead partner: a city, in a country that may lead, with the label asked for, once per call."""

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.finding import Answer, met, not_enforced, not_met, to_be_checked
from urbact_calls.domain.eligibility.other_applications import led_by_the_lead
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import completeness, named
from urbact_calls.domain.terms import CallTerms, LabelRegister
from urbact_calls.domain.text import QUOTED, message
from urbact_calls.domain.vocabulary import CountryGroup

# One switch of the call stands for both groups: neither IPA nor NDICI partners were expected to lead in 2023.
_GROUPS_UNDER_THE_SWITCH = (CountryGroup.IPA, CountryGroup.NDICI)

NO_CITY = message(
    "lead_partner.is_city.no_city", "{lead} is not a city in the sense of the call; only a city may lead."
)
HAND_TO_CITY = message("lead_partner.is_city.fix_city", "Hand the lead over to a city of the partnership.")
MAY_NOT_LEAD = message(
    "lead_partner.is_city.may_not_lead",
    "{lead} sits in an {group} country, whose partners may take part in this call and not lead.",
)
HAND_TO_MEMBER_STATE = message(
    "lead_partner.is_city.fix_country", "Hand the lead over to a city of a Member State or partner state."
)
ENTERED = message("lead_partner.is_city.entered", "{lead} is entered as a city; an officer confirms its status.")


@rule(
    code="lead_partner.is_city",
    title="The lead partner is a city, in a country whose partners may lead",
    source="Terms of Reference, eligible lead partners",
)
def is_city(dossier: Dossier, terms: CallTerms) -> Answer:
    lead = dossier.lead
    if not lead.is_city:
        return not_met(NO_CITY(lead=named(lead)), fix=HAND_TO_CITY())

    # A country that the call does not admit is the fault of geography.eligible_countries alone.
    group = terms.group_of(lead.country)
    if group in _GROUPS_UNDER_THE_SWITCH and terms.admits(lead.country) and not terms.ipa_can_lead:
        return not_met(MAY_NOT_LEAD(lead=named(lead), group=group.value), fix=HAND_TO_MEMBER_STATE())
    return to_be_checked(ENTERED(lead=named(lead)))


NOTHING_ASKED = message(
    "lead_partner.holds_label.none", "The call asks for no label and no earlier project of the lead partner."
)
NOT_LOOKED_UP = message(
    "lead_partner.holds_label.not_looked_up", "The register of the call was not looked up for this dossier."
)
HOLDS = message("lead_partner.holds_label.holds", "{lead} stands in the register: {titles}.")
NO_TITLE = message("lead_partner.holds_label.title_unknown", "title not known to us")
NO_LABEL = message(
    "lead_partner.holds_label.no_label",
    "{lead} has no Good Practice label of {year} in our register. {completeness}",
)
NO_PROJECT = message(
    "lead_partner.holds_label.no_project", "{lead} has no implemented UIA project in our register. {completeness}"
)
SHOW_EVIDENCE = message(
    "lead_partner.holds_label.fix", "If the lead partner has it, show the evidence to the Joint Secretariat."
)


@rule(
    code="lead_partner.holds_label",
    title="The lead partner holds the label or has implemented the project that the call asks for",
    source="Terms of Reference, eligible lead partners",
)
def holds_label(dossier: Dossier, terms: CallTerms) -> Answer:
    asked, found = terms.lead_label, dossier.lead_labels
    if asked is None:
        return not_enforced(NOTHING_ASKED())
    if found is None or (found.register, found.year) != (asked.register, asked.year):
        return to_be_checked(NOT_LOOKED_UP())

    lead = named(dossier.lead)
    if found.labels:
        titles = tuple(QUOTED(words=label.title) if label.title else NO_TITLE() for label in found.labels)
        return met(HOLDS(lead=lead, titles=titles))
    if found.register is LabelRegister.GOOD_PRACTICE:
        said = NO_LABEL(lead=lead, year=str(found.year), completeness=completeness(found))
    else:
        said = NO_PROJECT(lead=lead, completeness=completeness(found))
    return not_met(said, fix=SHOW_EVIDENCE())


NO_LEAD_LIMIT = message("lead_partner.leads_once.none", "The call does not limit how many applications one city leads.")
OTHERS_UNKNOWN = message("lead_partner.leads_once.unknown", "The other applications of the call are not given.")
LEADS = message(
    "lead_partner.leads_once.leads",
    "{lead} leads {count} applications in this call.",
    one="{lead} leads {count} application in this call.",
)
LEADS_TOO_MANY = message(
    "lead_partner.leads_once.too_many",
    "{lead} leads {count} applications in this call; {most} is allowed. Also led: {others}.",
    one="{lead} leads {count} application in this call; {most} is allowed. Also led: {others}.",
)
LEADS_MANY = message(
    "lead_partner.leads_once.too_many/more",
    "{lead} leads {count} applications in this call; {most} is allowed. Also led: {others:comma} and {more} more.",
)
UNTITLED = message("lead_partner.leads_once.untitled", "an application without title")
WITHDRAW_OTHERS = message("lead_partner.leads_once.fix", "Withdraw the others, or hand over the lead of this one.")


@rule(
    code="lead_partner.leads_once",
    title="The lead partner leads no other application in this call",
    source="Terms of Reference, participation in several applications",
)
def leads_once(dossier: Dossier, terms: CallTerms) -> Answer:
    if terms.lead_max is None:
        return not_enforced(NO_LEAD_LIMIT())
    others = led_by_the_lead(dossier)
    if others is None:
        return to_be_checked(OTHERS_UNKNOWN())

    lead, number = named(dossier.lead), 1 + others.count
    if number <= terms.lead_max:
        return met(LEADS(lead=lead, count=number))
    titles, most = tuple(title or UNTITLED() for title in others.titles), terms.lead_max
    more = others.count - len(titles)
    if more:
        said = LEADS_MANY(lead=lead, count=number, most=most, others=titles, more=more)
    else:
        said = LEADS_TOO_MANY(lead=lead, count=number, most=most, others=titles)
    return not_met(said, fix=WITHDRAW_OTHERS())
