"""Simulated people who work with the site over HTTP while it is disturbed, and note what it told them."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from http.client import HTTPException
from itertools import count

from scripts.bench.client import Client, HttpAnswer, hidden
from tests.factories.accounts import PASSWORD
from tests.factories.assessment import GRID

# The longest that anybody waits for an answer, and for a page while faults go on or after they have ended.
ANSWER_PATIENCE = 20.0
PAGE_PATIENCE = 180.0
STORED = "Your application is stored"
"""Stands on the receipt of a submission that was kept first."""
PAUSE = 0.15
WORDS = "The cities share one challenge and learn from each other how to meet it. " * 8
SECTIONS = {
    "challenge": "challenge",
    "eu_context": "eu_context",
    "rationale": "rationale",
    "expected_results": "results",
}
"""The sections that applicants write, each with its field."""


class Told(StrEnum):
    """What the site said about something that was sent."""

    KEPT = "acknowledged"
    REFUSED = "refused"
    NOT_TAKEN = "answered 503"
    NOT_KNOWN = "connection broken"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A text that was sent, and the version that it has if it was kept."""

    text: str
    version: int
    told: Told


@dataclass
class Notes:
    """What all people were told: texts by what they belong to, and how often each step was seen to be taken."""

    texts: dict[tuple[str, str], list[Attempt]] = field(default_factory=lambda: defaultdict(list))
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)
    told: Counter[Told] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    slowest: float = 0.0


@dataclass(eq=False)
class ChaosPerson(ABC):
    """Works until `over`, then ends what is in hand. What goes wrong in a way that is no fault is a problem."""

    port: int
    email: str
    notes: Notes
    over: threading.Event

    def __post_init__(self) -> None:
        self.client = Client(self.port, timeout=ANSWER_PATIENCE)
        self.token = ""
        self.written = count(1)
        # Of the texts whose version is known; else the page is opened to see it.
        self.versions: dict[str, int] = {}

    def run(self) -> None:
        try:
            while self.is_busy():
                self.work()
        except Exception as problem:
            self.notes.problems.append(f"{self.email}: {type(problem).__name__}: {problem}")
        finally:
            self.client.connection.close()

    def is_busy(self) -> bool:
        return not self.over.is_set()

    @abstractmethod
    def work(self) -> None:
        """Does the next thing."""

    def arrive(self, path: str) -> None:
        """Signs in and opens a page; its token serves as long as the session."""
        self.client.sign_in(self.email, PASSWORD)
        self.token = hidden(self.page(path).body, "csrf_token")

    def ask(self, path: str, fields: dict[str, str] | None = None) -> HttpAnswer | None:
        """The answer, None if the connection broke."""
        began = time.monotonic()
        try:
            answer = self.client.ask(path, fields)
        except (OSError, HTTPException):
            self.client.connection.close()
            return None
        finally:
            self.notes.slowest = max(self.notes.slowest, time.monotonic() - began)
        self.notes.statuses[answer.status] += 1
        if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.notes.problems.append(f"{path} answered 500")
        return answer

    def page(self, path: str) -> HttpAnswer:
        """A page, asked for again until it comes."""
        until = time.monotonic() + PAGE_PATIENCE
        while True:
            answer = self.ask(path)
            if answer is not None and answer.status == HTTPStatus.OK:
                return answer
            if time.monotonic() > until:
                raise TimeoutError(f"{path} did not come")
            time.sleep(PAUSE)

    def send(self, path: str, fields: dict[str, str]) -> Told:
        """Sends a form once."""
        answer = self.ask(path, {"csrf_token": self.token, **fields})
        if answer is None:
            told = Told.NOT_KNOWN
        elif answer.status == HTTPStatus.FOUND and not answer.location.startswith("/sign-in"):
            told = Told.KEPT
        elif answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            told = Told.NOT_TAKEN
            if any(text not in answer.body for text in fields.values() if " " in text):
                self.notes.problems.append(f"{path}: the page of 503 lost what was typed")
        elif answer.status == HTTPStatus.SEE_OTHER:
            told = self._wait_for_receipt(answer.location)
        elif answer.status == HTTPStatus.CONFLICT:
            told = Told.REFUSED
        else:
            raise RuntimeError(f"{path} answered {answer.status} {answer.location}")
        self.notes.told[told] += 1
        time.sleep(PAUSE)
        return told

    def _wait_for_receipt(self, path: str) -> Told:
        """What became of a submission that waited long and was kept, asked again until it is known."""
        until = time.monotonic() + PAGE_PATIENCE
        while True:
            answer = self.ask(path)
            if answer is not None and answer.status == HTTPStatus.CONFLICT:
                return Told.REFUSED
            # The receipt, or the application where a colleague has reopened it since.
            if answer is not None and (STORED in answer.body or answer.status == HTTPStatus.FOUND):
                return Told.KEPT
            if time.monotonic() > until:
                raise TimeoutError(f"{path} says for ever that it is being stored")
            time.sleep(PAUSE)

    def take(self, what: str, name: str, path: str, fields: dict[str, str]) -> None:
        """Takes a step and sends the same form again until it is known to be taken.

        A refusal after an answer that got lost says that the step was taken then; without one it is a problem.
        """
        in_doubt = False
        until = time.monotonic() + PAGE_PATIENCE
        while True:
            told = self.send(path, fields)
            if told is Told.REFUSED and not in_doubt:
                self.notes.problems.append(f"{what}: {name} was refused")
            if told in (Told.KEPT, Told.REFUSED):
                self.notes.steps[what, name] += 1
                return
            in_doubt = True
            if time.monotonic() > until:
                raise TimeoutError(f"{what}: {name} could not be taken")

    def write(self, what: tuple[str, str], path: str, name: str, more: dict[str, str]) -> None:
        """Sends a new text once, and notes what was told about it."""
        if path not in self.versions:
            self.versions[path] = int(hidden(self.page(path).body, "version"))
        version = self.versions.pop(path)
        text = f"{' '.join(what)}, text {next(self.written)}. {WORDS}".strip()
        told = self.send(path, {"version": str(version), name: text, **more})
        self.notes.texts[what].append(Attempt(text, version + 1, told))
        if told is Told.KEPT:
            self.versions[path] = version + 1


@dataclass(eq=False)
class Applicant(ChaosPerson):
    """Writes sections, submits, reopens, and begins again."""

    reference: str
    saves = 6

    def work(self) -> None:
        sections = [*SECTIONS.items()]
        for number in range(self.saves):
            code, name = sections[number % len(sections)]
            path = f"/applications/{self.reference}/sections/{code}"
            self.write((self.reference, code), path, name, {"stay": "1"})
        page = f"/applications/{self.reference}/"
        for step in ("submit", "reopen"):
            seen = hidden(self.page(page).body, "seen")
            self.take(self.reference, step, f"{page}transitions/{step}", {"seen": seen})


@dataclass(eq=False)
class Assessor(ChaosPerson):
    """Fills in sheets one after the other and locks each but the last one, which is written until the end."""

    references: list[str]
    saves = 12

    def work(self) -> None:
        reference = self.references[0]
        path = f"/assessment/applications/{reference}/sheet"
        for number in range(self.saves):
            points = {f"{code}_points": str(1 + (number + place) % 5) for place, code in enumerate(GRID.codes)}
            reasons = {f"{code}_comment": WORDS.strip() for code in GRID.codes}
            self.write((reference, self.email), path, "recommendation", {**points, **reasons})
        if len(self.references) > 1:
            self.versions.pop(path, None)
            version = hidden(self.page(path).body, "version")
            self.take(reference, f"lock {self.email}", f"{path}/transitions/submit_sheet", {"version": version})
            self.references.pop(0)


@dataclass(eq=False)
class Officer(ChaosPerson):
    """Announces the decisions of one call after the other."""

    codes: list[str]
    between = 3.0

    def is_busy(self) -> bool:
        return bool(self.codes) or super().is_busy()

    def work(self) -> None:
        self.over.wait(self.between)
        if self.codes:
            code = self.codes.pop(0)
            page = f"/decisions/calls/{code}/announcement"
            self.take(code, "announce", page, {"seen": hidden(self.page(page).body, "seen")})
