"""Answers of every kind as text: when they count, how they are read, and what others than the applicants may have."""

import json
from dataclasses import replace

import pytest

from tests.factories.applications import answer_to
from urbact_calls.applications.drafts.forms import SHAPES
from urbact_calls.domain.network_types import KINDS, kind_of
from urbact_calls.domain.network_types import answers as network_types
from urbact_calls.domain.network_types import reading as reading_module
from urbact_calls.domain.network_types.fields import (
    Choice,
    Field,
    FieldKind,
    FileAnswer,
    Section,
    file_of,
    rows_of,
    table_text,
    without_private,
)
from urbact_calls.domain.network_types.reading import reading
from urbact_calls.domain.network_types.work_plan import work_plan_of
from urbact_calls.domain.vocabulary import NetworkType, PartnerRole
from urbact_calls.exchange.dossier_reader import renewed
from urbact_calls.reference.known_calls import historic_terms

APN = KINDS[NetworkType.APN]
MEETINGS = APN.section("methodology").field("meetings")
PACKAGES = APN.section("work_plan").field("work_packages")
CONTACTS = APN.partner_sections[0].field("contacts")


def test_every_type_asks_at_least_what_the_programme_asks():
    """Fields that people answer, each column of a table counted: of the network, and of each partner."""
    asked = {
        kind.type: sum(len(field.columns) or 1 for s in (*kind.sections, *kind.partner_sections) for field in s.fields)
        for kind in KINDS.values()
    }

    assert set(asked) == set(NetworkType)
    assert min(asked.values()) >= 25
    assert {kind.type for kind in KINDS.values() if sum(len(s.fields) for s in kind.sections) < 25} == set()


def test_every_kind_of_question_is_asked_read_and_judged():
    assert set(SHAPES) == set(reading_module._WORDS) == set(network_types._FAULTS) == set(FieldKind)


def test_rows_come_back_as_they_were_and_empty_ones_are_left_out():
    rows = [{"date": "May", "place": "Łódź", "aim": "Start"}, {"date": "", "place": "  "}, {"date": "June"}]

    assert rows_of(MEETINGS, table_text(MEETINGS, rows)) == (rows[0], {"date": "June"})
    assert table_text(MEETINGS, [{}, {"date": ""}]) == ""


def test_a_row_with_a_name_keeps_its_place():
    text = table_text(PACKAGES, [{}, {"objective": "Learn"}, {}, {}])

    assert rows_of(PACKAGES, text) == ({}, {"objective": "Learn"}, {}, {})
    assert (
        "WP2 Transnational exchange and learning. Objective: Learn"
        in reading(APN.section("work_plan"), {"work_packages": text})[0].text
    )


@pytest.mark.parametrize("typed", ["Plain text from before", "{", "[1, 2]", '"x"', "null", "[" * 100_000])
def test_text_that_is_no_table_stands_in_its_first_column(typed):
    assert rows_of(MEETINGS, typed) == ({"date": typed},)


def test_what_a_row_says_beyond_its_columns_is_not_read():
    assert rows_of(MEETINGS, json.dumps([{"date": "May", "state": "approved", "place": 5}])) == ({"date": "May"},)


def test_a_table_is_filled_when_every_row_has_its_mandatory_columns():
    whole = {"date": "May", "place": "Agen", "aim": "Start"}

    assert MEETINGS.is_filled(table_text(MEETINGS, [whole]))
    assert not MEETINGS.is_filled(table_text(MEETINGS, [whole, {"date": "June"}]))
    assert not MEETINGS.is_filled("")
    assert not PACKAGES.is_filled(table_text(PACKAGES, [{"objective": "Learn"}]))


def test_a_file_is_named_and_anything_else_is_no_file():
    stored = FileAnswer(name="plan.pdf", size=12, sha256="0" * 64)

    assert file_of(stored.text) == stored
    assert [file_of(text) for text in ("", "x", "[]", '{"name": "a"}')] == [None] * 4


def test_contacts_lose_their_addresses_for_others():
    row = {"name": "Ada", "function": "Mayor", "email": "ada@example.org", "telephone": "+33 1"}
    text = table_text(CONTACTS, [row] * 4)
    section = APN.partner_sections[0]

    assert "ada@example.org" not in without_private(CONTACTS, text)
    shown = next(each for each in reading(section, {"contacts": text}) if each.code == "contacts")
    full = next(each for each in reading(section, {"contacts": text}, with_private=True) if each.code == "contacts")
    assert (shown.columns, shown.rows[0]) == (("Name", "Function"), ("Legal representative", ("Ada", "Mayor")))
    assert "ada@example.org" not in shown.text
    assert full.rows[0][1] == ("Ada", "Mayor", "ada@example.org", "+33 1")


def test_answers_are_read_in_words():
    section = Section(
        code="x",
        label="X",
        fields=tuple(each for s in APN.sections for each in s.fields if each.code in ("theme", "accuracy", "team")),
    )
    answers = {field.code: answer_to(field) for field in section.fields}

    words = {each.code: each.text for each in reading(section, answers)}

    assert words["theme"] == "Climate action and adaptation"
    assert words["accuracy"] == "Yes"
    assert words["team"].startswith("Person 1. Role: Coordinator; Name or function: We write")
    assert [each.text for each in reading(section, {})] == ["", "", ""]


@pytest.mark.parametrize("kind", KINDS.values())
def test_a_partner_is_asked_for_what_its_role_produces(kind):
    for role, plan in kind.plans.items():
        labels = [field.label for section in kind.sections_of(role) for field in section.fields]
        assert f"{plan.label}: what is intended, and how it is to be funded" in labels
    assert set(kind.plans) == set(PartnerRole)


def test_a_network_is_asked_for_no_file():
    with pytest.raises(ValueError, match="files belong to a partner"):
        replace(
            APN, sections=(Section(code="x", label="X", fields=(Field(code="f", label="F", kind=FieldKind.FILE),)),)
        )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": FieldKind.TABLE}, "has columns"),
        ({"kind": FieldKind.TEXT, "limit": 9, "columns": (MEETINGS.columns[0],)}, "has columns"),
        ({"kind": FieldKind.TABLE, "columns": (MEETINGS,)}, "holds one plain answer"),
        ({"kind": FieldKind.REFERENCE, "limit": 9}, "names a register"),
        ({"kind": FieldKind.CHOICE}, "has choices"),
        ({"kind": FieldKind.LINE, "limit": 9, "choices": (Choice("a", "A"),)}, "has choices"),
        ({"kind": FieldKind.LINE}, "has a limit of its characters"),
        ({"kind": FieldKind.TICK, "limit": 9}, "has a limit of its characters"),
        ({"kind": FieldKind.TEXT, "limit": 9, "is_name": True}, "is a name"),
        ({"kind": FieldKind.NUMBER, "decimals": 3}, "could also mean thousands"),
    ],
)
def test_a_question_has_what_its_kind_needs_and_nothing_else(wrong, said):
    with pytest.raises(ValueError, match=f"^f: .*{said}$"):
        Field(code="f", label="F", **wrong)


def test_the_limits_of_a_call_are_those_of_its_form():
    from dataclasses import replace

    terms = replace(historic_terms("APN-2023"), text_limits={"challenge.challenge": 10, "situation.context": 7})
    kind = kind_of(terms)

    assert kind.section("challenge").fields[0].limit == 10
    assert kind.partner_sections[1].field("context").limit == 7
    assert kind.section("identity").field("title").limit == 150
    assert kind_of(replace(terms, text_limits={})) == APN
    assert kind_of(historic_terms("APN-2023")).limits == APN.limits


def test_work_packages_that_were_texts_become_rows():
    old = {"management": "Steering group", "local_level": "Local Groups", "communication": "A film"}

    new = renewed("work_plan", old)

    assert rows_of(PACKAGES, new["work_packages"]) == (
        {"activities": "Steering group"},
        {},
        {"activities": "Local Groups"},
        {},
    )
    assert new["communication"] == "A film"
    assert set(new) == {"work_packages", "communication"}
    assert renewed("identity", {"title": "x"}) == {"title": "x"}


def test_a_timetable_is_drawn_from_the_work_packages():
    text = table_text(
        PACKAGES, [{"start": "1", "end": "31"}, {"start": "3", "end": "40"}, {"start": "9", "end": "2"}, {"start": "x"}]
    )

    drawn = work_plan_of(APN.section("work_plan"), {"work_packages": text}, APN)

    assert [(bar.label, bar.before, bar.months, bar.after) for bar in drawn.bars] == [
        ("WP1 Network management", 0, 31, 9),
        ("WP2 Transnational exchange and learning", 2, 38, 0),
    ]
    assert drawn.months == sum(months for _, months in drawn.stages) == 40
    assert work_plan_of(APN.section("work_plan"), {}, APN) is None
    assert work_plan_of(APN.section("identity"), {"title": "x"}, APN) is None
