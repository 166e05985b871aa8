"""Edit conflicts when two people saved the same section: what each wrote, and what the writer chose to keep."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from urbact_calls.domain.network_types.fields import Field, Section
from urbact_calls.domain.network_types.reading import words_of


@dataclass(frozen=True, slots=True)
class ConflictSide:
    """One version of an answer: its text, whose it is, and its parts with what differs from the other side."""

    text: str
    words: str
    parts: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class EditConflict:
    """Two versions of one answer. `keep` is the side that is proposed."""

    label: str
    mine: ConflictSide
    theirs: ConflictSide
    keep: str


def edit_conflicts_of(
    section: Section, *, mine: Mapping[str, str], theirs: Mapping[str, str], seen: Mapping[str, str]
) -> dict[str, EditConflict]:
    """The answers that differ, by field code, in form order."""
    return {
        field.code: _edit_conflict(
            field, mine.get(field.code, ""), theirs.get(field.code, ""), seen.get(f"seen-{field.code}")
        )
        for field in section.fields
        if mine.get(field.code, "") != theirs.get(field.code, "")
    }


def _edit_conflict(field: Field, mine: str, theirs: str, seen: str | None) -> EditConflict:
    untouched_by_me = seen is not None and mark(mine) == seen
    mine_words, their_words = words_of(field, mine), words_of(field, theirs)
    mine_parts, their_parts = _compare(mine_words, their_words)
    return EditConflict(
        label=field.label,
        mine=ConflictSide(mine_words, "Yours, not saved", mine_parts),
        theirs=ConflictSide(their_words, "Saved by somebody else", their_parts),
        keep=THEIRS if untouched_by_me else "mine",
    )


THEIRS = "theirs"
# Comparing takes the square of this; a text of single letters is not worth it.
MOST_WORDS = 4_000


def mark(answer: str) -> str:
    """A short mark of an answer, the same for the same text."""
    return hashlib.sha256(answer.encode()).hexdigest()[:16]


def seen_of(section: Section, answers: Mapping[str, str]) -> dict[str, str]:
    """The hidden fields that remember what the writer saw: name and mark."""
    return {f"seen-{field.code}": mark(answers.get(field.code, "")) for field in section.fields}


def resolved(
    section: Section, typed: Mapping[str, str], stored: Mapping[str, str], choices: Mapping[str, str]
) -> dict[str, str]:
    """The answers to save: the typed ones, after an edit conflict the stored ones that the writer chose to keep."""
    return {
        field.code: stored.get(field.code, "")
        if choices.get(f"keep-{field.code}") == THEIRS
        else typed.get(field.code, "")
        for field in section.fields
    }


def _compare(mine: str, theirs: str) -> tuple[tuple[tuple[str, bool], ...], tuple[tuple[str, bool], ...]]:
    """Both texts in parts, word by word, each part with whether it differs."""
    ours, others = re.findall(r"\S+\s*", mine), re.findall(r"\S+\s*", theirs)
    if len(ours) + len(others) > MOST_WORDS:
        return ((mine, True),), ((theirs, True),)
    left, right = [], []
    for kind, start, end, other_start, other_end in SequenceMatcher(None, ours, others, autojunk=False).get_opcodes():
        left.append(("".join(ours[start:end]), kind != "equal"))
        right.append(("".join(others[other_start:other_end]), kind != "equal"))
    return tuple(part for part in left if part[0]), tuple(part for part in right if part[0])
