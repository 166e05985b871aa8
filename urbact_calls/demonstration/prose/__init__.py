"""Prose of the made-up applications: what each of them answers to the questions of the form.

Subjects and ways to say a thing are data (`subjects.toml`, `answers.toml`), towns a table (`towns.csv`). Which way an
application takes follows from its acronym alone, so that playing the demonstration again writes the same.
"""

from __future__ import annotations

import csv
import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_PLACE = files(__package__)
Ways = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What several made-up networks are about; `networks` are their acronyms and titles."""

    theme: str
    secondary: str
    objectives: str
    specific: str
    topic: str
    people: str
    place: str
    trial: str
    measure: str
    actors: str
    networks: Sequence[Sequence[str]]
    challenge: Sequence[str]
    local: Sequence[str]
    green: str
    digital: str
    gender: str


@dataclass(frozen=True, slots=True)
class Town:
    """A made-up town in a region that exists. `people` is made up as well."""

    name: str
    country: str
    nuts2: str
    latitude: float
    longitude: float
    people: int


@cache
def subjects() -> tuple[Topic, ...]:
    return tuple(Topic(**each) for each in _table("subjects.toml")["subject"])


@cache
def towns() -> tuple[Town, ...]:
    """243 towns, nine of each Member State; none has the name of a place of the gazetteer."""
    rows = csv.DictReader((_PLACE / "towns.csv").read_text(encoding="utf-8").splitlines())
    return tuple(
        Town(
            row["name"],
            row["country"],
            row["nuts2"],
            float(row["latitude"]),
            float(row["longitude"]),
            int(row["people"]),
        )
        for row in rows
    )


@cache
def ways(question: str) -> Any:
    """The ways to answer a question: paragraphs, and for each the ways to say it; or a list of sentences, or one."""
    return _table("answers.toml")[question]


@cache
def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_PLACE / name).read_text(encoding="utf-8"))


class Writer:
    """Writes the answers of one author: of an application, of a partner in it, or of somebody who judges it.

    `words` are put into what is said; `{Topic}` is `{topic}` with a capital.
    """

    def __init__(self, seed: str, **words: object) -> None:
        self._chance = random.Random(seed)  # noqa: S311 -- chooses words, keeps no secret
        texts = {name: str(word) for name, word in words.items()}
        self._words = texts | {name.capitalize(): text[:1].upper() + text[1:] for name, text in texts.items()}

    def number(self, low: int, high: int) -> int:
        return self._chance.randint(low, high)

    def one_of(self, question: str) -> str:
        """One of the sentences of a list."""
        return self.put(self._chance.choice(ways(question)))

    def some_of(self, question: str, count: int) -> list[str]:
        """Several different sentences of a list."""
        return [self.put(each) for each in self._chance.sample(list(ways(question)), count)]

    def parts(self, question: str) -> list[str]:
        """One way of each paragraph."""
        return [self.put(self._chance.choice(options)) for options in ways(question)]

    def text(self, *questions: str, most: int | None = None) -> str:
        """The paragraphs of some questions one after the other, as many as fit into a number of characters."""
        return joined([part for question in questions for part in self.parts(question)], most)

    def put(self, sentence: str) -> str:
        """A sentence with its words put in; numbers of its own are drawn for each."""
        numbers = {
            "figure": self._chance.randint(12, 480),
            "share": self._chance.randint(17, 68),
            "years": self._chance.randint(2012, 2023),
            "years2": self._chance.randint(6, 8),
        }
        return sentence.format_map({**{name: str(number) for name, number in numbers.items()}, **self._words})


def joined(paragraphs: Sequence[str], most: int | None = None) -> str:
    """Paragraphs as one text; those at the end are left out if they do not fit into `most` characters."""
    text = ""
    for paragraph in paragraphs:
        longer = f"{text}\n\n{paragraph}" if text else paragraph
        if most is not None and len(longer) > most:
            break
        text = longer
    return text
