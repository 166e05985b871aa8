"""Reading is strict: the first fault ends it, names what is wrong and where, and never breaks a line."""

import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.dossier_writer import write
from tests.exchange.programme_cases import BY_ID, CASES
from urbact_calls.exchange.dossier_reader import read
from urbact_calls.exchange.examination import examine_text
from urbact_calls.exchange.strict_json import ExchangeFault, one_line

MISSING = object()
R01 = BY_ID["R01"]


def changed(path, value):
    """R01 with one value changed, added, or taken away (`MISSING`)."""
    case = deepcopy(R01)
    *steps, last = path
    place = case
    for step in steps:
        place = place[step]
    if value is MISSING:
        del place[last]
    else:
        place[last] = value
    return json.dumps(case)


def fault_of(text):
    with pytest.raises(ExchangeFault) as caught:
        examine_text(text)
    return str(caught.value)


FAULTS = [
    (("colour",), "red", 'unknown field "colour", colour'),
    (("partners", 2, "colour"), "red", 'unknown field "colour", partners[2].colour'),
    (("call",), "APN-2099", 'unknown call "APN-2099", call'),
    (("call",), MISSING, 'field "call" is missing, the whole dossier'),
    (("format",), "urbact-dossier/2", 'unknown format "urbact-dossier/2", urbact-dossier/1 is known, format'),
    (("id",), 7, "wrong type: text expected, a number found, id"),
    (("partners",), MISSING, 'field "partners" is missing, the whole dossier'),
    (("partners",), {}, "wrong type: a list expected, an object found, partners"),
    (("partners",), [], "exactly one lead partner is expected, 0 found, partners"),
    (("partners", 0), "Rethymno", "wrong type: an object expected, text found, partners[0]"),
    (("partners", 0, "role"), "partner", "exactly one lead partner is expected, 0 found, partners"),
    (("partners", 1, "role"), "lead", "exactly one lead partner is expected, 2 found, partners"),
    (("partners", 1, "role"), "boss", '"boss" is none of lead, partner, partners[1].role'),
    (("partners", 1, "kind"), "town", '"town" is none of city, non-city, partners[1].kind'),
    (("partners", 1, "name"), " ", "empty text, partners[1].name"),
    (("partners", 1, "name"), MISSING, 'field "name" is missing, partners[1]'),
    (("partners", 1, "nuts2"), None, "wrong type: text expected, null found, partners[1].nuts2"),
    (("partners", 1, "region_category"), "poor", '"poor" is none of less developed, transition, more developed, '),
    (("partners", 1, "letter_of_commitment"), 1, "wrong type: true or false expected, a number found, "),
    (("partners", 1, "letter_of_commitment"), None, "wrong type: true or false expected, null found, "),
    (("partners", 1, "country"), "EL", '"EL" is not an ISO 3166 country of two letters, partners[1].country'),
    (("partners", 1, "country"), "UK", '"UK" is not an ISO 3166 country of two letters, partners[1].country'),
    (("partners", 1, "country"), "gr", '"gr" is not an ISO 3166 country of two letters, partners[1].country'),
    (("partners", 1, "country"), "GRC", '"GRC" is not an ISO 3166 country of two letters, partners[1].country'),
    (("budget_total_eur",), 700000, "wrong type: text expected, a number found, budget_total_eur"),
    (("budget_total_eur",), "700,000", "'700,000' is not an amount such as 850000.00, budget_total_eur"),
    (("budget_total_eur",), "-1.00", "'-1.00' is not an amount such as 850000.00, budget_total_eur"),
    (("submitted_at",), "2023-03-31T15:00:00", '"2023-03-31T15:00:00" has no offset from UTC, submitted_at'),
    (("submitted_at",), "2023-03-31", '"2023-03-31" is not an ISO 8601 instant, submitted_at'),
    (("submitted_at",), "31 March 2023", '"31 March 2023" is not an ISO 8601 instant, submitted_at'),
    (("submitted_at",), "0001-01-01T00:00:00+14:00", '"0001-01-01T00:00:00+14:00" is not an ISO 8601 instant, '),
    (("submitted_at",), 1680260400, "wrong type: text expected, a number found, submitted_at"),
    (("submitted_at",), None, "wrong type: text expected, null found, submitted_at"),
    (("other_applications",), {}, "wrong type: a list expected, an object found, other_applications"),
    (("other_applications",), [{"call": "APN-2023", "title": "T"}], 'field "lead" is missing, other_applications[0]'),
    (
        ("other_applications",),
        [{"call": "APN-2023", "title": "T", "lead": ["Cesena"]}],
        "a name and a country are expected, other_applications[0].lead",
    ),
    (
        ("other_applications",),
        [{"call": "APN-2023", "title": "T", "lead": ["Cesena", "XX"]}],
        '"XX" is not an ISO 3166 country of two letters, other_applications[0].lead[1]',
    ),
    (
        ("other_applications",),
        [{"call": "APN-23", "title": "T", "lead": ["Cesena", "IT"]}],
        'unknown call "APN-23", other_applications[0].call',
    ),
    (("practice",), 7, "wrong type: text expected, a number found, practice"),
    (("practice",), {"title": "Bee path", "colour": "red"}, 'unknown field "colour", practice.colour'),
    (("sections",), [], "wrong type: an object expected, a list found, sections"),
    (("sections",), {"colour": "red"}, 'unknown field "colour", sections.colour'),
    (("sections",), {"identity": {"colour": "red"}}, 'unknown field "colour", sections.identity.colour'),
    (("sections",), {"challenge": 7}, "wrong type: an object expected, a number found, sections.challenge"),
    (("declarations",), {"no_colour": True}, 'unknown field "no_colour", declarations.no_colour'),
    (
        ("declarations",),
        {"no_exclusion": "yes"},
        "wrong type: true or false expected, text found, declarations.no_exclusion",
    ),
    (("language",), "english", '"english" is not an ISO 639 language such as en, language'),
    (("budget",), {"lines": [], "colour": 1}, 'unknown field "colour", budget.colour'),
    (
        ("budget",),
        {"lines": [{"partner": True, "category": "STAFF", "amount_cents": 1}]},
        "wrong type: a whole number expected, true or false found, budget.lines[0].partner",
    ),
    (
        ("budget",),
        {"lines": [{"partner": 9, "category": "STAFF", "amount_cents": 1}]},
        "a number from 1 to 8 is expected, budget.lines[0].partner",
    ),
    (
        ("budget",),
        {"lines": [{"partner": 1, "category": "STAFF", "amount_cents": 1.0}]},
        "wrong type: a whole number expected, a number found, budget.lines[0].amount_cents",
    ),
    (
        ("budget",),
        {"lines": [{"partner": 1, "category": "STAFF", "amount_cents": -1}]},
        "a number from 0 to 999999999999999 is expected, budget.lines[0].amount_cents",
    ),
    (
        ("budget",),
        {"lines": [{"partner": 1, "category": "STAFF", "amount_cents": 1}] * 2},
        "a partner has two lines for one category, budget.lines",
    ),
    (("schedule",), {"start": "2023-06-01"}, 'field "end" is missing, schedule'),
    (("schedule",), {"start": "2023-6-1", "end": "2025-12-31"}, '"2023-6-1" is not a day such as 2023-06-01, '),
    (("schedule",), {"start": "2023-06-01", "end": "2023-02-30"}, '"2023-02-30" is not a day such as 2023-06-01, '),
    (("schedule",), {"start": "2023-06-01", "end": "2023-05-31"}, "the end lies before the start, schedule"),
    (("title",), "\ud800", "text holds a character that cannot be stored, title"),
    (("title",), "a\0b", "text holds a character that cannot be stored, title"),
    (("title",), float("nan"), "NaN is not a number, title"),
    (("budget",), {"lines": [{"partner": float("inf")}]}, "Infinity is not a number, budget.lines[0].partner"),
]


@pytest.mark.parametrize(("path", "value", "said"), FAULTS)
def test_a_fault_is_named_with_its_place(path, value, said):
    name = "#1" if path == ("id",) else "R01"

    assert fault_of(changed(path, value)).startswith(f"dossier {name}: {said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "dossier -: not JSON (Expecting value), line 1 column 1"),
        ("{", "dossier -: not JSON"),
        ("7", "dossier #1: wrong type: an object expected, a number found, the whole dossier"),
        ("null", "dossier #1: wrong type: an object expected, null found, the whole dossier"),
        ("NaN", "dossier #1: NaN is not a number, the whole dossier"),
        ('[{"id": "A"}]', 'dossier A: field "format" is missing, the whole dossier'),
        ("[[]]", "dossier #1: wrong type: an object expected, a list found, the whole dossier"),
        ('{"id": "A", "id": "B"}', 'dossier B: field "id" stands twice, the whole dossier'),
        ('{"id": "A", "partners": [{"name": "x", "name": "y"}]}', 'dossier A: field "name" stands twice, partners[0]'),
        ("9" * 5000, "dossier -: not readable (a number with too many digits), the file"),
        ("[" * 100_000, "dossier -: not readable (nested too deeply), the file"),
    ],
)
def test_text_that_is_not_dossiers_is_refused(text, said):
    assert fault_of(text).startswith(said)


def escaped(value):
    """JSON in which each letter is written as an escape."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{escaped(key)}:{escaped(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(escaped, value)) + "]"
    return (
        '"' + "".join(f"\\u{ord(letter):04X}" for letter in value) + '"'
        if isinstance(value, str)
        else json.dumps(value)
    )


@pytest.mark.parametrize(
    "odd",
    [
        json.dumps(R01, indent="\t").replace("\n", "\r\n"),
        f"\n\r\t {json.dumps(R01)} \n\n",
        json.dumps(dict(reversed(R01.items()))),
        json.dumps(R01, ensure_ascii=False),
        json.dumps(R01).replace("/", "\\/"),
        escaped(R01),
        f"[{json.dumps(R01)}]",
    ],
    ids=[
        "indented",
        "blanks around",
        "fields in another order",
        "no escapes",
        "slashes escaped",
        "all escaped",
        "a list",
    ],
)
def test_odd_and_legal_json_is_read_as_any_other(odd):
    assert examine_text(odd) == examine_text(json.dumps(R01))


@pytest.mark.parametrize(
    ("title", "read_as"),
    [('"\\ud83c\\udfd9"', "🏙"), ('"\\u0053\\u030c"', "Š"), ('"\\b"', None), ('"\\ud83c"', None), ('""', "")],
)
def test_escapes_in_a_text_are_read_as_the_letters_they_stand_for(title, read_as):
    text = changed(("title",), "TITLE").replace('"TITLE"', title)

    if read_as is None:
        assert "title" in fault_of(text)
    else:
        assert read(text)[0].dossier.title == read_as


@pytest.mark.parametrize(("cents", "read_as"), [("-0", 0), ("0", 0), ("999999999999999", 999_999_999_999_999)])
def test_a_whole_number_may_be_written_in_any_way_of_one(cents, read_as):
    text = changed(("budget",), {"lines": [{"partner": 1, "category": "STAFF", "amount_cents": 7}]})

    [exchanged] = read(text.replace('"amount_cents": 7', f'"amount_cents": {cents}'))

    assert exchanged.dossier.budget.lines[0].amount.cents == read_as


def test_the_second_of_two_dossiers_is_named_by_its_place():
    second = {key: value for key, value in R01.items() if key != "id"} | {"colour": "red"}

    assert fault_of(json.dumps([R01, second])) == 'dossier #2: unknown field "colour", colour'


def test_a_fault_is_one_line_whatever_stands_in_the_file():
    said = fault_of(json.dumps({**R01, "id": "A\nB", "col\u2028our\x1b[2J": 1}))

    assert said == r'dossier A\nB: unknown field "col\u2028our\x1b[2J", col\u2028our\x1b[2J'
    assert one_line("\ud800\u202e") == r"\ud800\u202e"


def test_dossiers_without_a_name_are_answered_by_their_place():
    unnamed = {key: value for key, value in R01.items() if key != "id"}

    assert [answer["id"] for answer in examine_text(json.dumps([R01, unnamed]))] == ["R01", "#2"]
    assert examine_text("[]") == []


def test_any_iso_country_can_stand_in_a_dossier():
    [exchanged] = read(changed(("partners", 1, "country"), "AQ"))

    assert exchanged.dossier.partners[1].country == "AQ"


def test_names_are_read_in_one_unicode_form():
    [composed] = read(changed(("partners", 1, "name"), "\u0141o\u0301d\u017a"))
    [decomposed] = read(changed(("partners", 1, "name"), "\u0141\u00f3dz\u0301"))

    assert composed.dossier == decomposed.dossier


FULL = {
    **{key: value for key, value in R01.items() if key not in ("origin", "expected")},
    "practice": ["Bee path", "Food for cities"],
    "sections": {"challenge": {"challenge": "Water"}, "identity": {"theme": "food"}},
    "declarations": {"accuracy": True, "no_exclusion": False},
    "language": "en",
    "budget": {
        "lines": [{"partner": 1, "category": "STAFF", "amount_cents": 100}],
        "financing": [{"partner": 1, "fund": "ERDF", "fund_cents": 80, "own_cents": 20}],
    },
    "schedule": {"start": "2023-06-01", "end": "2025-12-31"},
    "submitted_at": "2023-03-31T09:30:00+00:00",
}


@pytest.mark.parametrize("case", [*CASES, FULL], ids=lambda case: f"{case['id']}-{len(case)}")
def test_what_is_written_is_read_back(case):
    [exchanged] = read(json.dumps(case))

    [again] = read(json.dumps(write(exchanged.dossier, name=exchanged.id)))

    assert again == exchanged


def test_a_dossier_is_written_as_it_was_read():
    [exchanged] = read(json.dumps(FULL))

    assert write(exchanged.dossier, name="R01") == FULL


def test_a_section_with_one_question_may_be_written_as_its_text():
    [exchanged] = read(changed(("sections",), {"challenge": "Water"}))

    assert exchanged.dossier.sections == {"challenge": {"challenge": "Water"}}
    assert exchanged.dossier.sections_missing[0] == "Project identity"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=12,
)


@given(field=st.sampled_from(sorted(FULL)), value=JSON)
def test_any_value_in_any_field_is_answered_or_refused_in_one_line(field, value):
    said = "one answer"
    try:
        [_] = examine_text(json.dumps({**FULL, field: value}))
    except ExchangeFault as fault:
        said = str(fault)

    assert said.isprintable()


def test_a_dossier_with_work_packages_as_texts_is_still_read():
    texts = {"management": "Steering group", "communication": "A film"}
    text = json.dumps(BY_ID["R01"] | {"sections": {"work_plan": texts}})

    answers = read(text)[0].dossier.sections["work_plan"]

    assert json.loads(answers["work_packages"]) == [{"activities": "Steering group"}, {}, {}, {}]
    assert answers["communication"] == "A film"
