"""How the program says no: in words a city officer can act on, never by a bare code."""

from __future__ import annotations

from dataclasses import dataclass

from urbact_calls.domain.subject import Subject


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason. `code` is stable, `message` says what, by how much and what to do, `field` names the form field."""

    code: str
    message: str
    field: str | None = None


class Refused(Exception):
    """Something was asked that cannot be done now. Expected: answered with 409 or 422, not logged as a fault."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("; ".join(refusal.message for refusal in refusals))
        self.refusals = refusals


class NotFound(Exception):
    """The object does not exist, or the actor may not know that it exists."""


class Stale(Exception):
    """The object was changed by somebody else since the form was opened. `current` is what it is now."""

    def __init__(self, message: str, *, current: object = None) -> None:
        super().__init__(message)
        self.current = current


class MovedOn(Stale):
    """A step was asked for by somebody who did not know what has happened since. `refusals` is the reason in words,
    `subject` is what moved on."""

    def __init__(self, subject: Subject, *refusals: Refusal) -> None:
        super().__init__("; ".join(refusal.message for refusal in refusals), current=subject)
        self.subject = subject
        self.refusals = refusals
