"""Rules on the partnership: its size, no organisation twice, which partners are no cities, how often a city takes part.

Each organisation counts once, however often it is entered.
"""

from collections import Counter

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.city_names import counted_once, organisation_of
from urbact_calls.domain.eligibility.finding import Answer, met, not_enforced, not_met, to_be_checked
from urbact_calls.domain.eligibility.other_applications import times_taken_part
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import all_named, named
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.text import message

NO_SIZE = message("partnership.size.none", "The call does not limit the number of partners.")
AT_LEAST = message(
    "partnership.size.at_least",
    "{count} partners, lead partner included; the call asks for at least {fewest}.",
    one="{count} partner, lead partner included; the call asks for at least {fewest}.",
)
AT_MOST = message(
    "partnership.size.at_most",
    "{count} partners, lead partner included; the call asks for at most {most}.",
    one="{count} partner, lead partner included; the call asks for at most {most}.",
)
BETWEEN = message(
    "partnership.size.between",
    "{count} partners, lead partner included; the call asks for {fewest} to {most}.",
    one="{count} partner, lead partner included; the call asks for {fewest} to {most}.",
)
EXACTLY = message(
    "partnership.size.exactly",
    "{count} partners, lead partner included; the call asks for {number}.",
    one="{count} partner, lead partner included; the call asks for {number}.",
)
MORE = message("partnership.size.fix_more", "{count} partners more are enough.", one="{count} partner more is enough.")
FEWER = message("partnership.size.fix_less", "{count} partners less are enough.", one="{count} partner less is enough.")


@rule(
    code="partnership.size",
    title="The partnership has the number of partners the call asks for",
    source="Terms of Reference, composition of the partnership",
)
def size(dossier: Dossier, terms: CallTerms) -> Answer:
    fewest, most = terms.partners_min, terms.partners_max
    number = len(counted_once(dossier.partners))
    if fewest is None:
        if most is None:
            return not_enforced(NO_SIZE())
        said = AT_MOST(count=number, most=most)
    elif most is None:
        said = AT_LEAST(count=number, fewest=fewest)
    elif fewest == most:
        said = EXACTLY(count=number, number=most)
    else:
        said = BETWEEN(count=number, fewest=fewest, most=most)

    if fewest is not None and number < fewest:
        return not_met(said, fix=MORE(count=fewest - number))
    if most is not None and number > most:
        return not_met(said, fix=FEWER(count=number - most))
    return met(said)


ALL_DISTINCT = message("partnership.distinct.met", "No organisation stands in the partnership twice.")
ENTERED = message("partnership.distinct.entered", "{partner} {number} times")
TWICE = message("partnership.distinct.twice", "Entered more than once: {entered}. Each organisation counts once.")
REMOVE = message("partnership.distinct.fix", "Remove {count} entries.", one="Remove {count} entry.")


@rule(
    code="partnership.distinct",
    title="No organisation stands in the partnership twice",
    source="Terms of Reference, composition of the partnership",
)
def distinct(dossier: Dossier, terms: CallTerms) -> Answer:
    partners = counted_once(dossier.partners)
    surplus = len(dossier.partners) - len(partners)
    if not surplus:
        return met(ALL_DISTINCT())
    times = Counter(map(organisation_of, dossier.partners))
    entered = tuple(
        ENTERED(partner=named(partner), number=number)
        for partner in partners
        if (number := times[organisation_of(partner)]) > 1
    )
    return not_met(TWICE(entered=entered), fix=REMOVE(count=surplus))


NO_CITY_LIMIT = message("partnership.non_city.none", "The call does not limit partners that are not cities.")
ALL_CITIES = message("partnership.non_city.all_cities", "Every partner is a city.")
AGENCIES_ARE_NONE = message(
    "partnership.non_city.agencies",
    "Every partner is entered as a city. In this call an agency that a city owns is none; an officer confirms that no "
    "partner is one.",
)
TOO_MANY = message(
    "partnership.non_city.too_many",
    "{count} partners not a city: {partners}; the call allows {most}.",
    one="{count} partner not a city: {partners}; the call allows {most}.",
)
ALLOWED = message(
    "partnership.non_city.allowed",
    "{count} partners not a city: {partners}; the call allows {most}. An officer confirms category and public status.",
    one="{count} partner not a city: {partners}; the call allows {most}. "
    "An officer confirms category and public status.",
)
REPLACE_BY_CITY = message("partnership.non_city.fix", "Replace {number} of them by a city.")


@rule(
    code="partnership.non_city",
    title="Partners that are not cities are few, eligible, and public or public-equivalent",
    source="Terms of Reference, eligible partners; Reg. (EU) 2021/1059, Article 23",
)
def non_city(dossier: Dossier, terms: CallTerms) -> Answer:
    if terms.non_city_max is None:
        return not_enforced(NO_CITY_LIMIT())

    others = [partner for partner in counted_once(dossier.partners) if not partner.is_city]
    if not others:
        return met(ALL_CITIES()) if terms.agency_counts_as_city else to_be_checked(AGENCIES_ARE_NONE())
    number, most, partners = len(others), terms.non_city_max, all_named(others)
    if number > most:
        return not_met(TOO_MANY(count=number, partners=partners, most=most), fix=REPLACE_BY_CITY(number=number - most))
    return to_be_checked(ALLOWED(count=number, partners=partners, most=most))


NO_PARTICIPATION_LIMIT = message(
    "partnership.participations.none", "The call does not limit how often a city takes part."
)
OTHERS_UNKNOWN = message("partnership.participations.unknown", "The other applications of the call are not given.")
OFTEN = message("partnership.participations.often", "{partner} in {number}")
TOO_OFTEN = message(
    "partnership.participations.too_often",
    "Known to take part in more than {count} applications of the call: {often}.",
    one="Known to take part in more than {count} application of the call: {often}.",
)
NOT_OFTEN = message(
    "partnership.participations.met",
    "No city of the partnership is known to take part in more than {count} applications.",
    one="No city of the partnership is known to take part in more than {count} application.",
)


@rule(
    code="partnership.participations",
    title="No city takes part in more applications of the call than it can serve",
    source="Terms of Reference, participation in several applications; advice of National URBACT Points",
)
def participations(dossier: Dossier, terms: CallTerms) -> Answer:
    most = terms.participation_max
    if most is None:
        return not_enforced(NO_PARTICIPATION_LIMIT())
    known = times_taken_part(dossier)
    if known is None:
        return to_be_checked(OTHERS_UNKNOWN())

    taken_part = dict(zip(dossier.partners, known, strict=True))
    often = tuple(
        OFTEN(partner=named(partner), number=times)
        for partner in counted_once(dossier.partners)
        if (times := 1 + taken_part[partner]) > most
    )
    if often:
        return not_met(TOO_OFTEN(count=most, often=often))
    return met(NOT_OFTEN(count=most))
