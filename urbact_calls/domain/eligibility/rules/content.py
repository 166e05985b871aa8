"""What the network works on: a theme, and in the transfer types the practice or project to be transferred."""

from urbact_calls.domain.dossier import Dossier, LabelLookup
from urbact_calls.domain.eligibility.city_names import spellings
from urbact_calls.domain.eligibility.finding import Answer, met, not_enforced, not_met, to_be_checked
from urbact_calls.domain.eligibility.register_words import completeness
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import listed, named
from urbact_calls.domain.terms import CallTerms, LabelRequirement

# Where the form asks for them; the fields stand in `network_types`.
IDENTITY_SECTION = "identity"
THEME_FIELD = "theme"
POLICY_OBJECTIVES_FIELD = "policy_objectives"


@rule(
    code="content.theme",
    title="At least one Policy Objective and a theme are named",
    source="Terms of Reference, thematic coverage; Reg. (EU) 2021/1060, Article 5(1)",
)
def theme(dossier: Dossier, terms: CallTerms) -> Answer:
    if dossier.sections is None or IDENTITY_SECTION not in dossier.sections:
        return to_be_checked("The dossier does not hold the section that names theme and Policy Objective.")

    answers = {
        "a theme": dossier.answer(IDENTITY_SECTION, THEME_FIELD),
        "a Policy Objective": dossier.answer(IDENTITY_SECTION, POLICY_OBJECTIVES_FIELD),
    }
    missing = [what for what, answer in answers.items() if not answer]
    if missing:
        return not_met(f"Not named: {listed(missing)}.", fix=f"Choose {listed(missing)}.")
    return met("A theme and at least one Policy Objective are named.")


@rule(
    code="content.practice_named",
    title="Exactly one practice or project is named for transfer, and the lead partner holds it",
    source="Terms of Reference, what the network transfers",
)
def practice_named(dossier: Dossier, terms: CallTerms) -> Answer:
    asked = terms.lead_label
    if asked is None:
        return not_enforced("The call transfers no practice and no project.")
    if dossier.practices is None:
        return to_be_checked(f"The dossier names no {asked.register.one_title}.")
    if len(dossier.practices) != 1:
        named_here = listed(dossier.practices) if dossier.practices else "none"
        return not_met(
            f"{len(dossier.practices)} named ({named_here}); the call asks for exactly one {asked.register.one_title}.",
            fix="Name one.",
        )

    found = dossier.lead_labels
    if found is None or (found.register, found.year) != (asked.register, asked.year):
        return to_be_checked(f"“{dossier.practices[0]}” was not looked up in the register.")
    return _held_by_the_lead(dossier, asked, found)


def _held_by_the_lead(dossier: Dossier, asked: LabelRequirement, found: LabelLookup) -> Answer:
    practice = dossier.practices[0] if dossier.practices else ""
    lead = named(dossier.lead)
    if not found.labels:
        # One fault, one code: that the lead is not in the register is what lead_partner.holds_label says.
        return to_be_checked(f"{lead} is not in our register, so “{practice}” cannot be compared.")
    titles = [label.title for label in found.labels if label.title is not None]
    if any(spellings(practice) & spellings(title) for title in titles):
        return met(f"“{practice}” is held by {lead}.")
    if not all(label.title and label.is_official for label in found.labels):
        return to_be_checked(f"{lead} holds a title that our register does not know; compare it with “{practice}”.")
    return not_met(
        f"“{practice}” is not what {lead} holds: {listed(titles)}. {completeness(found)}",
        fix=f"Name the {asked.register.one_title} of the lead partner, or show the evidence.",
    )
