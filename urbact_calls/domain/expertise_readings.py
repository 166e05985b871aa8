"""Readings of a kind of expertise that a profile claims: two people read it by themselves, a third where they differ.

No public page says who reads an application to the pool: that two read each kind, and that two who agree decide, is our
own rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import Expertise, ReadingState

READERS = 2


@dataclass(frozen=True, slots=True)
class ReaderAnswer:
    """What one reader found: whether the profile proves a kind of expertise. The id is None of a closed account."""

    kind: Expertise
    reader_id: int | None
    is_proven: bool


DECIDED = (ReadingState.PROVEN, ReadingState.NOT_PROVEN)


def state_of(readings: Iterable[ReaderAnswer], kind: Expertise) -> ReadingState:
    """Where the reading of one kind stands: two who agree decide."""
    answers = [each.is_proven for each in readings if each.kind is kind]
    if answers.count(True) >= READERS:
        return ReadingState.PROVEN
    if answers.count(False) >= READERS:
        return ReadingState.NOT_PROVEN
    return (ReadingState.UNREAD, ReadingState.READ_ONCE, ReadingState.DIFFERING)[len(answers)]


def proven_in(readings: Sequence[ReaderAnswer]) -> frozenset[Expertise]:
    """The kinds of expertise that two readers found proven."""
    return frozenset(kind for kind in Expertise if state_of(readings, kind) is ReadingState.PROVEN)


def unread_in(readings: Sequence[ReaderAnswer], claimed: Iterable[Expertise]) -> tuple[Expertise, ...]:
    """The kinds that are claimed and still lack a reader."""
    return tuple(kind for kind in claimed if state_of(readings, kind) not in DECIDED)


NOT_CLAIMED = message("expert.not_claimed", "This profile does not claim this kind of expertise.")
READ_ALREADY = message("expert.read_already", "You have read this kind of expertise already.")
DECIDED_ALREADY = message("expert.decided_already", "Two readers agree on this kind of expertise already.")


def why_not_read(
    kind: Expertise, claimed: Iterable[Expertise], readings: Sequence[ReaderAnswer], reader_id: int
) -> Iterator[Refusal]:
    """Everything that stops somebody from reading a kind of expertise."""
    if kind not in claimed:
        yield Refusal(NOT_CLAIMED())
    if any(each.kind is kind and each.reader_id == reader_id for each in readings):
        yield Refusal(READ_ALREADY())
    elif state_of(readings, kind) in DECIDED:
        yield Refusal(DECIDED_ALREADY())
