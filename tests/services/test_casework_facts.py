"""A fact is read from the database only in the states in which a guard asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from urbact_calls.casework.queries import BEFORE_THE_COMMITTEE, IN_THE_ASSESSMENT, IN_THE_CHECK
from urbact_calls.domain.case_facts import CaseFacts
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.domain.workflow.application import APPLICATION

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
WHERE = {
    "sections_missing": {ApplicationState.DRAFT},
    "regions_unconfirmed": {ApplicationState.SUBMITTED},
    **dict.fromkeys(
        ("official_report", "open_findings", "unmet_findings", "confirmed_unmet_findings", "only_curable_open"),
        IN_THE_CHECK,
    ),
    **dict.fromkeys(
        ("clarification_used", "clarification_due", "first_declaration_by", "first_declaration_of"), IN_THE_CHECK
    ),
    **dict.fromkeys(("sheets_needed", "sheets_in", "consensus_signed"), IN_THE_ASSESSMENT),
    "announced_outcome": BEFORE_THE_COMMITTEE,
}


class Watched:
    """Facts that remember which of them were asked for."""

    def __init__(self, state: ApplicationState) -> None:
        self._facts = CaseFacts(state=state, call_is_open=True, closes_at=NOW, received_at=NOW)
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> object:
        self.asked.add(name)
        return getattr(self._facts, name)


def questions() -> Iterator[tuple[str, ApplicationState, set[str]]]:
    for transition in APPLICATION.transitions:
        for state in sorted(transition.sources):
            facts = Watched(state)
            for guard in transition.guards:
                guard(facts, SYSTEM, NOW)  # type: ignore[arg-type]  # it stands in for the facts
            yield transition.name, state, facts.asked


QUESTIONS = list(questions())


@pytest.mark.parametrize(
    ("state", "asked"),
    [(state, asked) for _, state, asked in QUESTIONS],
    ids=[f"{name}-{state.value}" for name, state, _ in QUESTIONS],
)
def test_a_guard_asks_only_for_what_is_read_in_its_state(state, asked):
    assert {fact for fact in asked if fact in WHERE and state not in WHERE[fact]} == set()


def test_every_place_that_is_declared_is_asked_for_somewhere():
    found = {(fact, state) for _, state, asked in QUESTIONS for fact in asked}

    assert {fact for fact in WHERE if not any((fact, state) in found for state in WHERE[fact])} <= {
        # Read only once the sheets are in; the guard stops before.
        "consensus_signed",
        # Read only once a first officer has proposed.
        "first_declaration_by",
    }
