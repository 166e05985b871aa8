"""Two readers of each kind of expertise, and a third where they differ."""

from __future__ import annotations

import pytest

from urbact_calls.domain.expertise_readings import ReaderAnswer, proven_in, state_of, unread_in, why_not_read
from urbact_calls.domain.vocabulary import Expertise, ReadingState

METHODS, THEMATIC = Expertise.METHODS, Expertise.THEMATIC


def read(*answers: bool, kind: Expertise = METHODS) -> list[ReaderAnswer]:
    return [ReaderAnswer(kind, reader, answer) for reader, answer in enumerate(answers, 1)]


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ((), ReadingState.UNREAD),
        ((True,), ReadingState.READ_ONCE),
        ((False,), ReadingState.READ_ONCE),
        ((True, True), ReadingState.PROVEN),
        ((False, False), ReadingState.NOT_PROVEN),
        ((True, False), ReadingState.DIFFERING),
        ((True, False, True), ReadingState.PROVEN),
        ((False, True, False), ReadingState.NOT_PROVEN),
    ],
)
def test_two_who_agree_decide_a_kind(answers: tuple[bool, ...], state: ReadingState):
    assert state_of([*read(*answers), *read(True, kind=THEMATIC)], METHODS) is state


def test_what_is_proven_and_what_lacks_a_reader_are_told_by_kind():
    readings = [*read(True, True), *read(True, False, kind=THEMATIC)]

    assert proven_in(readings) == {METHODS}
    assert unread_in(readings, Expertise) == (Expertise.EXCHANGE, THEMATIC)


@pytest.mark.parametrize(
    ("kind", "readings", "reader", "codes"),
    [
        (METHODS, read(True), 2, []),
        (METHODS, read(True, False), 3, []),
        (METHODS, read(True), 1, ["expert.read_already"]),
        (METHODS, read(True, False), 2, ["expert.read_already"]),
        (METHODS, read(True, True), 3, ["expert.decided_already"]),
        (THEMATIC, read(True), 2, ["expert.not_claimed"]),
    ],
)
def test_what_stops_a_reader_is_said(kind: Expertise, readings: list[ReaderAnswer], reader: int, codes: list[str]):
    assert [each.code for each in why_not_read(kind, (METHODS,), readings, reader)] == codes
