"""How many partners, which of them are not cities, and how often the same city takes part."""

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.city_names import fold, names_of
from urbact_calls.domain.eligibility.finding import Answer, met, not_enforced, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import all_named, count, listed, named
from urbact_calls.domain.terms import CallTerms


@rule(
    code="partnership.size",
    title="The partnership has the number of partners the call asks for",
    source="Terms of Reference, composition of the partnership",
)
def size(dossier: Dossier, terms: CallTerms) -> Answer:
    fewest, most = terms.partners_min, terms.partners_max
    if fewest is None and most is None:
        return not_enforced("The call does not limit the number of partners.")

    number = len(dossier.partners)
    said = f"{count(number, 'partner')}, lead partner included"
    if fewest is not None and number < fewest:
        return not_met(f"{said}; {_asked(fewest, most)}.", fix=_enough(fewest - number, "more"))
    if most is not None and number > most:
        return not_met(f"{said}; {_asked(fewest, most)}.", fix=_enough(number - most, "less"))
    return met(f"{said}; {_asked(fewest, most)}.")


def _asked(fewest: int | None, most: int | None) -> str:
    if most is None:
        return f"the call asks for at least {fewest}"
    if fewest is None:
        return f"the call asks for at most {most}"
    return f"the call asks for {fewest} to {most}" if fewest != most else f"the call asks for {fewest}"


def _enough(gap: int, direction: str) -> str:
    verb = "is" if gap == 1 else "are"
    return f"{count(gap, 'partner')} {direction} {verb} enough."


@rule(
    code="partnership.non_city",
    title="Partners that are not cities are few, eligible, and public or public-equivalent",
    source="Terms of Reference, eligible partners; Reg. (EU) 2021/1059, Article 23",
)
def non_city(dossier: Dossier, terms: CallTerms) -> Answer:
    if terms.non_city_max is None:
        return not_enforced("The call does not limit partners that are not cities.")

    others = [partner for partner in dossier.partners if not partner.is_city]
    if not others:
        return met("Every partner is a city.")
    said = f"{count(len(others), 'partner')} not a city: {all_named(others)}; the call allows {terms.non_city_max}"
    if len(others) > terms.non_city_max:
        gap = len(others) - terms.non_city_max
        return not_met(f"{said}.", fix=f"Replace {count(gap, 'of them', 'of them')} by a city.")
    return to_be_checked(f"{said}. An officer confirms category and public status.")


@rule(
    code="partnership.participations",
    title="No city takes part in more applications of the call than it can serve",
    source="Terms of Reference, participation in several applications; advice of National URBACT Points",
)
def participations(dossier: Dossier, terms: CallTerms) -> Answer:
    most = terms.participation_max
    if most is None:
        return not_enforced("The call does not limit how often a city takes part.")
    if dossier.other_applications is None:
        return to_be_checked("The other applications of the call are not given.")

    leads = [(other.lead_country, fold(other.lead_name)) for other in dossier.other_applications]
    in_this_call = [
        lead for lead, other in zip(leads, dossier.other_applications, strict=True) if other.call == dossier.call
    ]
    often = []
    for partner in dossier.partners:
        names = names_of(partner)
        times = 1 + sum(country == partner.country and name in names for country, name in in_this_call)
        if times > most:
            often.append(f"{named(partner)} in {times}")
    if often:
        return not_met(f"Known to take part in more than {count(most, 'application')} of the call: {listed(often)}.")
    return met(f"No city of the partnership is known to take part in more than {count(most, 'application')}.")
