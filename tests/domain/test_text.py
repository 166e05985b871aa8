"""Messages: each can be said and comes back from its row; one declared or said wrongly is refused with a sentence."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from importlib import import_module
from pkgutil import walk_packages
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import urbact_calls
from urbact_calls.domain.money import FULL_RATE_BP, Euro, Rate
from urbact_calls.domain.text import CATALOGUE, QUOTED, Message, Text, message, say
from urbact_calls.domain.vocabulary import ApplicationState

for module in walk_packages(urbact_calls.__path__, "urbact_calls."):
    import_module(module.name)

numbers = some.integers(-(10**12), 10**12)
words = some.text(max_size=20)
amounts = some.builds(Euro, numbers)
instants = some.datetimes(
    min_value=datetime(1990, 1, 2),  # noqa: DTZ001 -- the zone comes from the next argument
    max_value=datetime(2100, 12, 30),  # noqa: DTZ001
    timezones=some.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-5))]),
)
plain = (
    words
    | numbers
    | amounts
    | some.builds(Rate, some.integers(0, FULL_RATE_BP))
    | some.dates(date(1990, 1, 1), date(2100, 12, 31))
    | instants
)
params = some.recursive(
    plain,
    lambda inner: some.lists(inner, max_size=3).map(tuple) | inner.map(lambda each: QUOTED(words=each)),
    max_leaves=4,
)
BY_SPEC = {
    "": params,
    ",": numbers,
    "cents": amounts,
    "comma": some.lists(plain, max_size=4).map(tuple),
    "lower": some.sampled_from([state.text for state in ApplicationState]),
    "second": instants,
    "sentences": some.lists(words, max_size=3).map(tuple),
    "short": instants,
}


def specs_of(declared: Message) -> dict[str, str]:
    forms = (declared.english, declared.one or "")
    return {name: spec or "" for form in forms for _, name, spec, _ in Formatter().parse(form) if name}


@some.composite
def texts(draw: some.DrawFn, declared: Message) -> Text:
    """A text of a message with parameters that its English can say."""
    given_params = {name: draw(BY_SPEC[spec]) for name, spec in specs_of(declared).items()}
    if declared.one is not None:
        given_params["count"] = draw(some.integers(0, 3))
    return declared(**given_params)


any_text = some.sampled_from(sorted(CATALOGUE)).flatmap(lambda code: texts(CATALOGUE[code]))


def stored(text: Text) -> Text:
    return Text.from_json(json.loads(json.dumps(text.to_json())))


def test_every_message_without_parameters_can_be_said():
    said = {code: say(declared()) for code, declared in CATALOGUE.items() if not declared.names}

    assert [code for code, words in said.items() if not words or "{" in words] == []


@pytest.mark.parametrize("code", sorted(code for code, declared in CATALOGUE.items() if declared.names))
def test_every_message_with_parameters_can_be_said(code: str):
    @settings(max_examples=5)
    @given(texts(CATALOGUE[code]))
    def can_be_said(text: Text) -> None:
        assert isinstance(say(text), str)

    can_be_said()


@given(any_text)
def test_a_text_comes_back_from_its_row_and_reads_the_same(text: Text):
    kept = stored(text)

    assert (kept, hash(kept), say(kept)) == (text, hash(text), say(text))
    assert kept.to_json() == text.to_json()


def test_a_stored_text_reads_as_it_was_issued_when_its_wording_has_changed_or_gone():
    row = {"code": "rule.of_an_older_release", "params": {"limit": 3}, "english": "At most 3 were allowed."}

    assert say(Text.from_json(row)) == "At most 3 were allowed."
    assert Text.from_json(row).to_json() == row


def test_money_dates_instants_and_lists_are_written_as_on_the_pages():
    every = message(
        "test.every",
        "{amount}, {exact:cents}, {rate}, {day}, {at}, {to_the_second:second}, {brief:short}, {number:,}, {names}, "
        "{codes:comma}, {word:lower}. {sentences:sentences}",
    )
    at = datetime(2027, 3, 31, 12, 59, 7, tzinfo=UTC)

    said = every(
        amount=Euro(85_000_001),
        exact=Euro(1_200),
        rate=Rate(6_667),
        day=date(2027, 3, 1),
        at=at,
        to_the_second=at,
        brief=at,
        number=20_000,
        names=("Isola", "Pombal", "Rho"),
        codes=("IT", "PT"),
        word=ApplicationState.ELIGIBLE.text,
        sentences=("One.", "Two."),
    )

    assert str(said) == (
        "€850,000.01, €12.00, 66.67 %, 1 March 2027, 31 March 2027 at 14:59, Paris time, "
        "31 March 2027 at 14:59:07, Paris time, 31 March, 14:59, 20,000, Isola, Pombal and Rho, IT, PT, eligible. "
        "One. Two."
    )


@pytest.mark.parametrize(("count", "said"), [(0, "0 cities"), (1, "1 city"), (2, "2 cities")])
def test_one_is_said_in_its_own_form(count: int, said: str):
    cities = CATALOGUE.get("test.cities") or message("test.cities", "{count} cities", one="{count} city")

    assert str(cities(count=count)) == said


@pytest.mark.parametrize(
    ("given_params", "reason"),
    [
        ({}, "said with limit, not with nothing"),
        ({"limit": 1, "other": 2}, "said with limit, not with limit and other"),
        ({"limit": ApplicationState.DRAFT}, "limit cannot be a ApplicationState"),
        ({"limit": ("A", None)}, "limit cannot be a NoneType"),
        ({"limit": True}, "limit cannot be a bool"),
        ({"limit": 1.5}, "limit cannot be a float"),
        ({"limit": datetime(2027, 3, 31)}, "without a time zone"),  # noqa: DTZ001 -- that is what is refused
    ],
)
def test_what_a_message_does_not_name_or_cannot_say_is_refused_with_a_sentence(given_params, reason: str):
    limited = CATALOGUE.get("test.limited") or message("test.limited", "At most {limit}.")

    with pytest.raises(TypeError, match=reason):
        limited(**given_params)


def test_two_messages_cannot_share_a_code():
    with pytest.raises(ValueError, match="two messages share the code quoted"):
        message("quoted", "{words}")


@pytest.mark.parametrize("english", ["{}", "{0}", "{a.b}", "{limit:>9}", "{limit!r}", "{limit:years}"])
def test_a_parameter_that_messages_do_not_know_fails_when_it_is_declared(english: str):
    with pytest.raises(ValueError, match="is not a parameter as messages know them"):
        message("test.unknown_parameter", english)

    assert "test.unknown_parameter" not in CATALOGUE
