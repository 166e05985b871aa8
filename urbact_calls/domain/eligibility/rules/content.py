"""Rules on the content: a theme, and in the transfer types the practice or project to be transferred."""

from urbact_calls.domain.dossier import Dossier, LabelLookup
from urbact_calls.domain.eligibility.city_names import spellings
from urbact_calls.domain.eligibility.finding import Answer, met, not_enforced, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import completeness, named
from urbact_calls.domain.terms import CallTerms, LabelRequirement
from urbact_calls.domain.text import message

# Where the form asks for them; the fields stand in `network_types`.
IDENTITY_SECTION = "identity"
THEME_FIELD = "theme"
POLICY_OBJECTIVES_FIELD = "policy_objectives"

NO_SECTION = message(
    "content.theme.no_section", "The dossier does not hold the section that names theme and Policy Objective."
)
NAMED = message("content.theme.named", "A theme and at least one Policy Objective are named.")
NOT_NAMED = message("content.theme.not_named", "Not named: {missing}.")
CHOOSE = message("content.theme.fix", "Choose {missing}.")
A_THEME = message("content.theme.a_theme", "a theme")
AN_OBJECTIVE = message("content.theme.an_objective", "a Policy Objective")


@rule(
    code="content.theme",
    title="At least one Policy Objective and a theme are named",
    source="Terms of Reference, thematic coverage; Reg. (EU) 2021/1060, Article 5(1)",
)
def theme(dossier: Dossier, terms: CallTerms) -> Answer:
    if dossier.sections is None or IDENTITY_SECTION not in dossier.sections:
        return to_be_checked(NO_SECTION())

    answers = {
        A_THEME(): dossier.answer(IDENTITY_SECTION, THEME_FIELD),
        AN_OBJECTIVE(): dossier.answer(IDENTITY_SECTION, POLICY_OBJECTIVES_FIELD),
    }
    missing = tuple(what for what, answer in answers.items() if not answer)
    if missing:
        return not_met(NOT_NAMED(missing=missing), fix=CHOOSE(missing=missing))
    return met(NAMED())


NOTHING_TRANSFERRED = message("content.practice_named.none_asked", "The call transfers no practice and no project.")
NONE_IN_DOSSIER = message("content.practice_named.none_in_dossier", "The dossier names no {title}.")
NONE_NAMED = message("content.practice_named.none", "0 named (none); the call asks for exactly one {title}.")
SEVERAL_NAMED = message(
    "content.practice_named.several", "{number} named ({practices}); the call asks for exactly one {title}."
)
NAME_ONE = message("content.practice_named.fix_number", "Name one.")
NOT_LOOKED_UP = message("content.practice_named.not_looked_up", "“{practice}” was not looked up in the register.")
LEAD_UNKNOWN = message(
    "content.practice_named.lead_unknown", "{lead} is not in our register, so “{practice}” cannot be compared."
)
HELD = message("content.practice_named.held", "“{practice}” is held by {lead}.")
TITLE_UNKNOWN = message(
    "content.practice_named.title_unknown",
    "{lead} holds a title that our register does not know; compare it with “{practice}”.",
)
NOT_HELD = message("content.practice_named.not_held", "“{practice}” is not what {lead} holds: {titles}. {completeness}")
NAME_THE_LEADS = message("content.practice_named.fix", "Name the {title} of the lead partner, or show the evidence.")


@rule(
    code="content.practice_named",
    title="Exactly one practice or project is named for transfer, and the lead partner holds it",
    source="Terms of Reference, what the network transfers",
)
def practice_named(dossier: Dossier, terms: CallTerms) -> Answer:
    asked = terms.lead_label
    if asked is None:
        return not_enforced(NOTHING_TRANSFERRED())
    if dossier.practices is None:
        return to_be_checked(NONE_IN_DOSSIER(title=asked.register.text))
    number, title = len(dossier.practices), asked.register.text
    if not number:
        return not_met(NONE_NAMED(title=title), fix=NAME_ONE())
    if number > 1:
        return not_met(SEVERAL_NAMED(number=number, practices=dossier.practices, title=title), fix=NAME_ONE())

    found = dossier.lead_labels
    if found is None or (found.register, found.year) != (asked.register, asked.year):
        return to_be_checked(NOT_LOOKED_UP(practice=dossier.practices[0]))
    return _held_by_the_lead(dossier, asked, found)


def _held_by_the_lead(dossier: Dossier, asked: LabelRequirement, found: LabelLookup) -> Answer:
    practice = dossier.practices[0] if dossier.practices else ""
    lead = named(dossier.lead)
    if not found.labels:
        # One fault, one code: that the lead is not in the register is what lead_partner.holds_label says.
        return to_be_checked(LEAD_UNKNOWN(lead=lead, practice=practice))
    titles = tuple(label.title for label in found.labels if label.title is not None)
    if any(spellings(practice) & spellings(title) for title in titles):
        return met(HELD(practice=practice, lead=lead))
    if not all(label.title and label.is_official for label in found.labels):
        return to_be_checked(TITLE_UNKNOWN(lead=lead, practice=practice))
    return not_met(
        NOT_HELD(practice=practice, lead=lead, titles=titles, completeness=completeness(found)),
        fix=NAME_THE_LEADS(title=asked.register.text),
    )
