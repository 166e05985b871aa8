"""Refusals: in words that a city officer can act on, never by a bare code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from urbact_calls.domain.subject import Subject
from urbact_calls.domain.text import Text


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason. `message` says what, by how much and what to do, `field` names the form field."""

    message: Text
    field: str | None = None

    @property
    def code(self) -> str:
        """The stable code of the reason; several wordings of one reason differ after a slash."""
        return self.message.code.partition("/")[0]


class Refused(Exception):
    """Something was asked that cannot be done now. Expected: answered with 409 or 422, not logged as a fault."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("; ".join(str(refusal.message) for refusal in refusals))
        self.refusals = refusals


class TooSoon(Refused):
    """What was asked may be asked again after so many seconds."""

    def __init__(self, refusal: Refusal, *, seconds: int) -> None:
        super().__init__(refusal)
        self.seconds = seconds


class NotFound(Exception):
    """The object does not exist, or the actor may not know that it exists."""


T = TypeVar("T")


def or_not_found(thing: T | None, what: str) -> T:
    """The thing that was looked for. Raises NotFound, which says what it was, where there is none."""
    if thing is None:
        raise NotFound(what)
    return thing


class Stale(Exception):
    """The object was changed by somebody else since the form was opened."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


class MovedOn(Stale):
    """A step was asked for by somebody who did not know what has happened since. `refusals` holds the reason,
    `subject` is what moved on."""

    def __init__(self, subject: Subject, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.subject = subject
        self.refusals = (refusal,)
