"""The programme's 29 dossiers, and more of the kind: what is expected of each, through the library."""

import json

import pytest

from tests.exchange.programme_cases import BY_ID, CASES, changed, expected, with_partners, without_partner
from urbact_calls.domain.eligibility.rulebook import RULEBOOK
from urbact_calls.exchange.examination import examine_text
from urbact_calls.reference.known_calls import historic_terms


def result(answer):
    return {key: answer[key] for key in ("verdict", "not_met", "warnings")}


def city(name, country, *, seat=None, region=None):
    """The facts that make another city of a partner."""
    named = {"name": name, "seat_city": name if seat is None else seat, "country": country}
    return {**named, "nuts2": "", "region_category": region}


MORE_DEVELOPED = {"nuts2": "", "region_category": "more developed"}


def again(name, place, /, **changes):
    """The case with one partner entered a second time, as a project partner with these changes."""
    partners = BY_ID[name]["partners"]
    return changed(name, partners=[*partners, {**partners[place], "role": "partner", **changes}])


def examined(case):
    [answer] = examine_text(json.dumps(case))
    return answer


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_each_dossier_of_the_programme_gives_what_is_expected(case):
    answer = examined(case)

    assert result(answer) == expected(case)
    assert set(case["expected"].get("to_be_checked_includes", ())) <= set(answer["to_be_checked"])


def test_a_list_is_answered_in_its_order():
    answers = examine_text(json.dumps(CASES))

    assert [answer["id"] for answer in answers] == [case["id"] for case in CASES]


# R01 has eight partners from eight countries, seven of them from less developed or transition regions.
VARIANTS = {
    "one partner too many": (
        changed("R05", partners=[*BY_ID["R05"]["partners"], BY_ID["R01"]["partners"][2]]),
        ["partnership.size"],
        [],
    ),
    "the last moment counts": (changed("R01", submitted_at="2023-03-31T15:00:00.999+02:00"), [], []),
    "one second late": (changed("R01", submitted_at="2023-03-31T15:00:01+02:00"), ["submission.on_time"], []),
    "a fixed offset is one hour wrong": (
        changed("R01", submitted_at="2023-03-31T15:00:00+01:00"),
        ["submission.on_time"],
        [],
    ),
    "winter time in March 2024": (changed("R15", submitted_at="2024-03-20T15:00:00+01:00"), [], []),
    "winter time in March 2024, late": (
        changed("R15", submitted_at="2024-03-20T14:00:01Z"),
        ["submission.on_time"],
        [],
    ),
    "summer time in June 2025": (changed("B03", submitted_at="2025-06-30T13:00:00Z"), [], []),
    "no letter of the lead": (
        with_partners("R01", {0: {"letter_of_commitment": False}}),
        ["documents.lead_letter"],
        [],
    ),
    "exactly the share, rounded down": (with_partners("R09", {4: MORE_DEVELOPED}), [], []),
    "one less than the share": (
        with_partners("R09", {4: MORE_DEVELOPED, 5: MORE_DEVELOPED}),
        ["geography.regional_balance"],
        [],
    ),
    "an IPA city leads in 2023": (
        with_partners("R01", {0: city("Kragujevac", "RS")}),
        ["lead_partner.is_city"],
        [],
    ),
    "a Ukrainian city leads in 2023": (
        with_partners("R01", {0: city("Vinnytsia", "UA")}),
        ["geography.eligible_countries"],
        [],
    ),
    "a British city with a UIA project leads": (
        with_partners("R15", {0: city("Birmingham", "GB")}),
        ["geography.eligible_countries"],
        [],
    ),
    "a withdrawn UIA project is none": (
        with_partners("R15", {0: {"name": "Munich", "seat_city": "Munich", "country": "DE"}}),
        ["lead_partner.holds_label"],
        [],
    ),
    "a Ukrainian partner in 2024": (
        with_partners("R15", {1: city("Vinnytsia", "UA")}),
        ["geography.eligible_countries"],
        [],
    ),
    "three bodies that are not cities": (
        with_partners("R01", {place: {"kind": "non-city"} for place in (1, 2, 3)}),
        ["partnership.non_city"],
        [],
    ),
    "a label found without its accents": (
        with_partners(
            "B03",
            {0: city("ŠIBENIK", "HR", seat="Sibenik", region="less developed")},
        )
        | {"other_applications": [{"call": "TN-2025", "title": "Another", "lead": ["Vilnius", "LT"]}]},
        [],
        ["geography.one_per_country"],
    ),
    "an agency found in brackets": (
        with_partners("B03", {0: city("CIM do Tâmega e Sousa", "PT", seat="")}),
        [],
        ["geography.one_per_country"],
    ),
    "the practice is another city's": (changed("B03", practice="Bee path"), ["content.practice_named"], []),
    "the practice of the lead": (changed("B03", practice="Climate neutral communities"), [], []),
    "the project of the lead": (changed("R19", practice={"title": "Aveiro STEAM City"}), [], []),
    "the same city leads under another spelling": (
        changed("R01", other_applications=[{"call": "APN-2023", "title": "Other", "lead": ["RÉTHYMNO", "GR"]}]),
        ["lead_partner.leads_once"],
        [],
    ),
    "leading in another call": (
        changed("R01", other_applications=[{"call": "TN-2025", "title": "Other", "lead": ["Rethymno", "GR"]}]),
        [],
        [],
    ),
    "a partner known in three applications": (
        changed(
            "R01",
            other_applications=[
                {"call": "APN-2023", "title": "Second", "lead": ["Turku", "FI"]},
                {"call": "APN-2023", "title": "Third", "lead": ["Turku", "FI"]},
            ],
        ),
        [],
        ["partnership.participations"],
    ),
    "one Member State and seven others": (
        changed(
            "R01",
            partners=[
                {
                    **BY_ID["R01"]["partners"][0],
                    "name": f"City {country}",
                    "seat_city": f"City {country}",
                    "country": country,
                    "role": "lead" if country == "GR" else "partner",
                }
                for country in ("GR", "AL", "BA", "ME", "MK", "RS", "NO", "CH")
            ],
        ),
        ["geography.legal_floor"],
        [],
    ),
    "the lead repeated as a partner": (again("R01", 0), ["partnership.distinct"], []),
    "a partner again without its accent, as no city, without a letter": (
        again("R01", 1, name="GUIA DE ISORA", seat_city="Guia de Isora", kind="non-city", letter_of_commitment=False),
        ["partnership.distinct"],
        [],
    ),
    "a partner of the most that are allowed, twice": (again("R05", 1), ["partnership.distinct"], []),
    "the same name with its seat elsewhere": (again("R01", 1, seat_city="Santa Cruz"), [], []),
    "a form in French": (changed("R01", language="fr"), ["submission.in_english"], []),
    "other dates than the call's": (
        changed("R01", schedule={"start": "2023-06-01", "end": "2025-11-30"}),
        ["schedule.call_dates"],
        [],
    ),
    "five partners in a transfer": (without_partner("B03", 5), ["partnership.size"], []),
    "the ceiling itself": (changed("R01", budget_total_eur="850000.00"), [], []),
}


@pytest.mark.parametrize(("case", "not_met", "warnings"), VARIANTS.values(), ids=VARIANTS)
def test_one_change_gives_one_code(case, not_met, warnings):
    assert result(examined(case)) == {
        "verdict": "ineligible" if not_met else "eligible",
        "not_met": not_met,
        "warnings": warnings,
    }


@pytest.mark.parametrize(
    "facts",
    [
        {"country": "FR", "nuts2": "ITC4"},
        {"country": "IT", "nuts2": "IT"},
        {"country": "IT", "nuts2": "itc4"},
        {"country": "AL", "nuts2": "AL01"},
        {"country": "IT", "nuts2": "ITC4", "region_category": "transition"},
    ],
)
def test_a_region_that_cannot_be_so_is_checked_by_a_person_and_changes_nothing(facts):
    case = with_partners("R01", {5: {"name": "Elsewhere", "region_category": None, **facts}})

    answer = examined(case)

    assert (result(answer), "geography.region_known" in answer["to_be_checked"]) == (expected(case), True)


@pytest.mark.parametrize(
    ("country", "nuts2"), [("IT", "ITC4"), ("HR", "HR04"), ("HR", "HR05"), ("NL", "NL35"), ("PT", "PT1A"), ("IT", "")]
)
def test_a_region_of_2016_2021_or_2024_and_none_at_all_contradict_nothing(country, nuts2):
    answer = examined(with_partners("R01", {5: {"country": country, "nuts2": nuts2, "region_category": None}}))

    assert "geography.region_known" not in answer["to_be_checked"]


def test_what_is_left_out_is_checked_by_a_person_and_changes_nothing():
    case = changed("R01")
    for field in ("submitted_at", "budget_total_eur", "other_applications", "acronym", "title"):
        del case[field]

    answer = examined(case)

    assert result(answer) == expected(case)
    assert {"submission.on_time", "budget.ceiling", "lead_partner.leads_once", "partnership.participations"} < set(
        answer["to_be_checked"]
    )


def test_an_answer_is_sorted_and_holds_every_rule_once():
    answer = examined(BY_ID["B05"])

    assert answer["to_be_checked"] == sorted(answer["to_be_checked"])
    assert [list(finding) for finding in answer["findings"]] == [["code", "outcome", "message", "source"]] * len(
        RULEBOOK
    )
    assert len({finding["code"] for finding in answer["findings"]}) == len(RULEBOOK)


@pytest.mark.parametrize("call", ["AN-2026", "GP-2024"])
def test_calls_with_unknown_terms_enforce_only_what_they_know(call):
    answer = examined(
        changed("R01", call=call, submitted_at=historic_terms(call).closes_at.isoformat(), budget_total_eur="1")
    )

    assert answer["verdict"] == "eligible"
    assert {"code": "geography.one_per_country", "outcome": "not_enforced"}.items() <= next(
        finding for finding in answer["findings"] if finding["code"] == "geography.one_per_country"
    ).items()
