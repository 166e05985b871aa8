"""What people type is read alike everywhere: by the forms, by dossiers, and by the scripts of the pages. All read the
examples of `entries.json`."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.exchange.programme_cases import BY_ID
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.entries import (
    UnreadableEntry,
    cents_of,
    read_number,
    read_text,
    require_one_alphabet,
    tidy,
)
from urbact_calls.domain.money import Euro, Rate, rate_between, share_of
from urbact_calls.domain.network_types.answers import answer_fault, stored_text
from urbact_calls.domain.network_types.fields import Field, FieldKind
from urbact_calls.domain.words import euro
from urbact_calls.domain.words import share as percent
from urbact_calls.exchange.dossier_reader import read
from urbact_calls.exchange.strict_json import ExchangeFault
from urbact_calls.reference.tables import TableRow, Whole, rows_in

HERE = Path(__file__).parent
ENTRIES = json.loads((HERE / "entries.json").read_text())
AMOUNT, WHOLE, NUMBER = (
    Field("asked", "Asked", FieldKind.MONEY),
    Field("asked", "Asked", FieldKind.NUMBER, highest=10**9),
    Field("asked", "Asked", FieldKind.NUMBER, highest=10**9, decimals=2),
)


class Counted(TableRow):
    """A row of a table of the reference data."""

    inhabitants: Whole | None = None


def in_table(cell: str, column: str = "name") -> dict[str, str]:
    """The row of a CSV table with one cell."""
    written = io.StringIO()
    csv.writer(written).writerows([[column], [cell]])
    [row] = rows_in(written.getvalue())
    return row


def titled(title: str) -> str:
    """A dossier with this title."""
    return json.dumps(BY_ID["R01"] | {"title": title})


@pytest.mark.parametrize(("typed", "stored"), ENTRIES["texts"])
def test_a_text_is_cleaned_by_forms_and_in_dossiers(typed: str, stored: str):
    [exchanged] = read(titled(typed))

    assert (read_text(typed), exchanged.dossier.title) == (stored, stored)


@pytest.mark.parametrize(("typed", "stored"), [each for each in ENTRIES["texts"] if each[0]])
def test_a_text_is_cleaned_in_tables_of_the_reference_data(typed: str, stored: str):
    assert in_table(typed) == {"name": stored}


@pytest.mark.parametrize(("typed", "place"), ENTRIES["refused_texts"].items())
def test_a_table_says_where_a_character_stands_that_cannot_be_stored(typed: str, place: str):
    with pytest.raises(UnreadableEntry, match=rf"{place}\b"):
        in_table(typed)


@pytest.mark.parametrize(("typed", "number"), [each for each in ENTRIES["whole_numbers"].items() if each[0]])
def test_a_whole_number_is_read_in_tables_of_the_reference_data(typed: str, number: str):
    assert Counted.model_validate(in_table(typed, "inhabitants")).inhabitants == int(number)


@pytest.mark.parametrize("typed", ENTRIES["refused_whole_numbers"])
def test_what_is_no_whole_number_is_refused_in_tables_of_the_reference_data(typed: str):
    with pytest.raises(ValidationError, match="number"):
        Counted.model_validate(in_table(typed, "inhabitants"))


@pytest.mark.parametrize(("typed", "stored"), ENTRIES["lines"])
def test_a_line_is_cleaned_into_one_line(typed: str, stored: str):
    assert read_text(typed, is_line=True) == stored


@pytest.mark.parametrize(("typed", "place"), ENTRIES["refused_texts"].items())
def test_what_cannot_be_stored_is_refused_with_its_place(typed: str, place: str):
    with pytest.raises(UnreadableEntry, match=rf"{place}\b"):
        read_text(typed)


@pytest.mark.parametrize("typed", ENTRIES["refused_texts"])
def test_a_dossier_says_where_a_character_stands_that_cannot_be_stored(typed: str):
    with pytest.raises(ExchangeFault) as fault:
        read(titled(typed))

    assert fault.value.where == "title"


@given(st.text())
def test_a_text_that_was_read_is_read_as_it_is(typed: str):
    read_once = tidy(typed)

    assert tidy(read_once) == read_once
    assert tidy(tidy(typed, is_line=True), is_line=True) == tidy(typed, is_line=True)


@given(st.characters(min_codepoint=0x80, categories=("Cn", "L", "M", "N", "P", "S")))
def test_a_letter_or_sign_of_any_version_of_unicode_is_stored(character: str):
    refused = {*range(0xFDD0, 0xFDF0), 0xFFFD} | {plane << 16 | end for plane in range(17) for end in (0xFFFE, 0xFFFF)}
    if ord(character) not in refused:
        read_text(f"a{character}b")


@pytest.mark.parametrize("name", ENTRIES["names"])
def test_a_name_with_whole_words_of_one_alphabet_is_taken(name: str):
    require_one_alphabet(name)


@pytest.mark.parametrize(("name", "script"), ENTRIES["refused_names"].items())
def test_a_name_with_two_alphabets_in_a_word_is_refused(name: str, script: str):
    with pytest.raises(UnreadableEntry, match=script):
        require_one_alphabet(name)


@pytest.mark.parametrize(("one", "other"), ENTRIES["same_names"])
def test_names_that_look_alike_fold_to_one(one: str, other: str):
    assert fold(one) == fold(other) != ""


@pytest.mark.parametrize(("one", "other"), ENTRIES["other_names"])
def test_names_of_whole_alphabets_and_signs_of_one_alphabet_stay_different(one: str, other: str):
    assert fold(one) != fold(other)


@pytest.mark.parametrize(("typed", "number"), ENTRIES["whole_numbers"].items())
def test_a_whole_number_is_read_by_forms_and_in_dossiers(typed: str, number: str | None):
    found = read_number(typed)

    assert (None if found is None else f"{found:f}") == number
    assert (answer_fault(WHOLE, typed), stored_text(WHOLE, typed)) == (None, number or "")


@pytest.mark.parametrize("typed", ENTRIES["refused_whole_numbers"])
def test_what_is_no_whole_number_is_refused(typed: str):
    with pytest.raises(UnreadableEntry, match="number"):
        read_number(typed)
    assert answer_fault(WHOLE, typed)


@pytest.mark.parametrize(("typed", "number"), ENTRIES["numbers"].items())
def test_a_number_with_a_point_is_read_by_forms_and_in_dossiers(typed: str, number: str | None):
    assert (answer_fault(NUMBER, typed), stored_text(NUMBER, typed)) == (None, number or "")


@pytest.mark.parametrize("typed", ENTRIES["refused_numbers"])
def test_what_is_no_number_is_refused(typed: str):
    assert answer_fault(NUMBER, typed)


@pytest.mark.parametrize(("typed", "cents"), ENTRIES["amounts"].items())
def test_an_amount_is_read_by_forms_and_in_dossiers(typed: str, cents: int):
    stored = stored_text(AMOUNT, typed)

    assert (cents_of(typed) or 0) == cents
    assert (answer_fault(AMOUNT, typed), stored or "0.00") == (None, Euro(cents).plain)


@pytest.mark.parametrize("typed", ENTRIES["refused_amounts"])
def test_what_is_no_amount_is_refused(typed: str):
    with pytest.raises(UnreadableEntry, match="amount"):
        cents_of(typed)
    assert answer_fault(AMOUNT, typed)


@pytest.mark.parametrize(("typed", "readings"), ENTRIES["ambiguous"].items())
def test_an_amount_that_could_mean_two_things_is_refused_with_both(typed: str, readings: list[str]):
    said = f"could mean two things: {readings[0]} or {readings[1]}\\. Type one"
    with pytest.raises(UnreadableEntry, match=said):
        cents_of(typed)
    with pytest.raises(UnreadableEntry, match=said):
        read_number(typed, decimals=2)


@pytest.mark.parametrize("written", ["850000", "850000.01", "0.5", "12.00"])
def test_an_amount_of_the_exchange_format_is_read_as_a_typed_one(written: str):
    assert Euro.parse(written).cents == cents_of(written)


@pytest.mark.parametrize(("cents", "shown"), ENTRIES["shown"].items())
def test_the_server_shows_an_amount_as_the_script_does(cents: str, shown: str):
    assert euro(int(cents)) == shown


@pytest.mark.parametrize(("cents", "rate", "part"), ENTRIES["shares"])
def test_the_server_rounds_a_share_as_the_script_does(cents: int, rate: int, part: int):
    assert share_of(cents, rate) == part


@pytest.mark.parametrize(("part", "whole", "rate"), ENTRIES["rates"])
def test_the_server_rounds_a_rate_as_the_script_does(part: int, whole: int, rate: int | None):
    assert rate_between(Euro(part), Euro(whole)) == (None if rate is None else Rate(rate))


@pytest.mark.parametrize(("rate", "shown"), ENTRIES["percents"].items())
def test_the_server_shows_a_rate_as_the_script_does(rate: str, shown: str):
    assert percent(int(rate)) == shown


def test_no_reader_asks_the_tables_of_the_interpreter():
    asked = ("unicodedata.normalize", "unicodedata.category", ".isprintable(", ".isalpha(", ".isalnum(")
    readers = (
        "characters.py",
        "entries.py",
        "serialization.py",
        "eligibility/city_names.py",
        "network_types/answers.py",
    )
    domain = HERE.parents[1] / "urbact_calls" / "domain"

    assert [(name, word) for name in readers for word in asked if word in (domain / name).read_text()] == []


def test_the_scripts_of_the_pages_pass_their_own_tests():
    done = subprocess.run(
        ["node", "--test", *sorted(map(str, HERE.glob("*.test.mjs")))], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("typed", ["\n" * 100_000, "a" + " " * 100_000 + "b", "\u200b" * 100_000, "☂\ufe0f" * 50_000])
def test_a_long_text_is_read_in_a_moment(typed: str):
    started = time.process_time()

    tidy(typed, is_line=True)
    tidy(typed)

    assert time.process_time() - started < 1
