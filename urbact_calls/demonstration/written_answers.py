"""Answers of a made-up application to every question of its form, and what those who judge it write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from urbact_calls.demonstration.made_up_cities import CITIES
from urbact_calls.demonstration.played_applications import PlayedApplication
from urbact_calls.demonstration.prose import Writer, joined, towns
from urbact_calls.domain.network_types.fields import TICKED, Field, FieldKind, Section, table_text
from urbact_calls.domain.vocabulary import CostCategory
from urbact_calls.reference.countries import country_name

TEAM = (("coordinator", "0.6", "1.0"), ("finance", "0.2", "0.5"), ("communication", "0.2", "0.4"))
CONTACTS = ("Mayor", "Coordinator of the network", "Officer for European funds", "Press officer")
# What a partner plans, in euros, for each category: the least and the most.
EUROS = {
    CostCategory.STAFF: (30_000, 41_000),
    CostCategory.TRAVEL_ACCOMMODATION: (10_000, 14_000),
    CostCategory.EXTERNAL_EXPERTISE: (12_000, 18_000),
    CostCategory.EQUIPMENT: (500, 2_000),
}


@cache
def _people_and_countries() -> Mapping[str, tuple[int, str]]:
    """The made-up number of people and the country of each town, by its name."""
    known = {town.name: (town.people, town.country) for town in towns()}
    return known | {city.name: (24_000, city.country) for city in CITIES}


def words_of(application: PlayedApplication) -> dict[str, object]:
    """The words that the sentences of an application need."""
    lead, *others = application.towns
    subject = application.subject
    countries = sorted({country_name(_people_and_countries()[name][1]) for name in application.towns})
    return {
        "topic": subject.topic,
        "people": subject.people,
        "place": subject.place,
        "trial": subject.trial,
        "measure": subject.measure,
        "actors": subject.actors,
        "lead": lead,
        "other": others[application.place % len(others)],
        "partners": ", ".join(application.towns[:-1]) + f" and {application.towns[-1]}",
        "count": len(application.towns),
        "countries": f"{len(countries)} countries",
        "months": 31,
    }


def writer_of(application: PlayedApplication) -> Writer:
    return Writer(application.acronym, **words_of(application))


def writer_of_partner(application: PlayedApplication, town: str) -> Writer:
    others = [name for name in application.towns if name != town]
    people, country = _people_and_countries()[town]
    words = words_of(application) | {
        "city": town,
        "country": country_name(country),
        "other": others[len(town) % len(others)],
        "population": f"{people:,}",
        "position": ("in the middle", "rather behind", "a little ahead", "among the smaller ones")[people % 4],
    }
    return Writer(f"{application.acronym} {town}", **words)


def answers(application: PlayedApplication, section: Section) -> dict[str, str]:
    """What the application answers in a section of its form."""
    writer = writer_of(application)
    return {field.code: _answer(application, writer, section, field) for field in section.fields}


def partner_answers(application: PlayedApplication, town: str, section: Section) -> dict[str, str]:
    """What one of its partners answers about itself."""
    writer = writer_of_partner(application, town)
    return {field.code: _partner_answer(application, writer, town, field) for field in section.fields}


def _answer(application: PlayedApplication, writer: Writer, section: Section, field: Field) -> str:
    subject = application.subject
    chosen = {
        ("identity", "title"): application.title,
        ("identity", "acronym"): application.acronym,
        ("identity", "theme"): subject.theme,
        ("identity", "secondary_themes"): subject.secondary,
        ("identity", "policy_objectives"): subject.objectives,
        ("identity", "specific_objective"): subject.specific,
        ("cross_cutting", "green"): writer.put(subject.green),
        ("cross_cutting", "digital"): writer.put(subject.digital),
        ("cross_cutting", "gender"): writer.put(subject.gender),
        ("expertise", "themes"): f"{subject.theme} participation"
        if subject.theme != "participation"
        else "participation",
        ("expertise", "languages"): "en fr",
    }
    if (section.code, field.code) in chosen:
        return chosen[section.code, field.code]
    if field.kind is FieldKind.TABLE:
        return table_text(field, _rows(application, writer, field))
    if field.kind is FieldKind.TICK:
        return TICKED
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        return field.choices[0].code
    if field.kind is FieldKind.REFERENCE:
        return ""
    if field.code == "challenge":
        return joined(_challenge(application, writer), field.limit)
    if field.code == "rationale":
        return joined([*writer.parts("rationale"), *_offers(application)], field.limit)
    return writer.text(field.code, most=field.limit)


def _challenge(application: PlayedApplication, writer: Writer) -> list[str]:
    subject = application.subject
    # Four of the five paragraphs, the first always: no two applications of a subject say the same.
    left_out = 1 + writer.number(0, len(subject.challenge) - 2)
    told = [writer.put(text) for number, text in enumerate(subject.challenge) if number != left_out]
    views = [
        writer_of_partner(application, town).put(subject.local[number % len(subject.local)])
        for number, town in enumerate(application.towns[1:5])
    ]
    return [*writer.parts("challenge"), *told, *views, *writer.parts("challenge_end")]


def _offers(application: PlayedApplication) -> list[str]:
    """A paragraph for each partner: what it brings and what it wants to learn."""
    return [
        f"{town}: {writer_of_partner(application, town).parts('partner_motivation')[1]}"
        for town in application.towns[1:]
    ]


def _rows(application: PlayedApplication, writer: Writer, field: Field) -> list[dict[str, str]]:
    if field.code == "meetings":
        months = (2, 8, 14, 21, 29)
        return [
            {"date": f"Month {month}", "place": town, "aim": aim}
            for month, town, aim in zip(months, application.towns, writer.parts("meetings"), strict=False)
        ]
    if field.code == "work_packages":
        return [
            {
                **dict(zip(("objective", "activities", "deliverables"), told.split("|"), strict=True)),
                "responsible": application.towns[number % len(application.towns)],
                "start": str(1 + 2 * (number == 2)),
                "end": "31" if number in (0, 3) else "28",
                "cost": f"{writer.number(90, 230) * 1000}.00",
            }
            for number, told in enumerate(writer.parts("work_packages"))
        ]
    return [
        {"role": role, "person": person, "fte": _share_of_time(writer, least, most)}
        for (role, least, most), person in zip(TEAM, CONTACTS[1:], strict=True)
    ]


def _share_of_time(writer: Writer, least: str, most: str) -> str:
    """A share of full time between two, in steps of a tenth."""
    return f"{writer.number(round(float(least) * 10), round(float(most) * 10)) / 10:.1f}"


def _partner_answer(application: PlayedApplication, writer: Writer, town: str, field: Field) -> str:
    plain = {
        "name_en": f"Municipality of {town}",
        "legal_status": "public_authority",
        "registration": f"DEMO-{sum(map(ord, town)):05d}",
        "address": f"Town hall\n{town}\n{country_name(_people_and_countries()[town][1])}",
        "lau": "",
        "population": str(_people_and_countries()[town][0]),
        "newcomer": TICKED if len(town) % 3 == 0 else "",
    }
    if field.code in plain:
        return plain[field.code]
    if field.code == "contacts":
        return table_text(field, _contacts(town))
    question = {
        "challenge": "partner_challenge",
        "context": "partner_context",
        "motivation": "partner_motivation",
        "local_group": "partner_group",
        "output": "partner_output",
        "experience": "partner_experience",
        "managing_authority": "partner_authority",
    }[field.code]
    paragraphs = writer.parts(question)
    if field.code == "challenge":
        paragraphs += [writer.put(text) for text in application.subject.local]
    return joined(paragraphs, field.limit)


def _contacts(town: str) -> Sequence[dict[str, str]]:
    return [
        {"name": f"{function} of {town} (made up)", "function": function, "email": "nobody@example.org"}
        for function in CONTACTS
    ]


def amounts(application: PlayedApplication, town: str) -> dict[CostCategory, int]:
    """What a partner plans, in cents, by category."""
    writer = writer_of_partner(application, town)
    return {category: writer.number(least // 100, most // 100) * 100_00 for category, (least, most) in EUROS.items()}
