"""A fact is read from the database only in the states in which a guard asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.services_databases import settings_for
from urbact_calls import subjects
from urbact_calls.applications.submission.reads import facts
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.domain.workflow.application import APPLICATION, CaseFacts
from urbact_calls.factory import create_app
from urbact_calls.workflow import lives

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def features(tmp_path_factory: pytest.TempPathFactory) -> None:
    """All features, which register lives and policies and contribute facts. The app never opens its database."""
    folder = tmp_path_factory.mktemp("facts")
    create_app(settings_for(f"sqlite:///{folder / 'never.sqlite'}", folder))


def where() -> dict[str, Collection[ApplicationState]]:
    """The states in which each fact is read from the database."""
    checked = (
        "clarifications_asked",
        "cure_rounds",
        "clarification_due",
        "first_declaration_by",
        "first_declaration_of",
    )
    return {
        "sections_missing": {ApplicationState.DRAFT},
        **dict.fromkeys(checked, facts.IN_THE_CHECK),
        **{name: each.states for each in facts.CONTRIBUTIONS for name in each.names},
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
            watched = Watched(state)
            for guard in transition.guards:
                guard(watched, SYSTEM, NOW)  # type: ignore[arg-type]  # it stands in for the facts
            yield transition.name, state, watched.asked


QUESTIONS = list(questions())


@pytest.mark.parametrize(
    ("state", "asked"),
    [(state, asked) for _, state, asked in QUESTIONS],
    ids=[f"{name}-{state.value}" for name, state, _ in QUESTIONS],
)
def test_a_guard_asks_only_for_what_is_read_in_its_state(state, asked):
    places = where()

    assert {fact for fact in asked if fact in places and state not in places[fact]} == set()


def test_every_place_that_is_declared_is_asked_for_somewhere():
    found = {(fact, state) for _, state, asked in QUESTIONS for fact in asked}

    assert {fact for fact, states in where().items() if not any((fact, state) in found for state in states)} <= {
        # Read only once the sheets are in; the guard stops before.
        "consensus_signed",
        # Read only once a first officer has proposed.
        "first_declaration_by",
    }


def test_a_fact_that_nobody_contributes_fails_at_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(facts, "CONTRIBUTIONS", [each for each in facts.CONTRIBUTIONS if "sheets_in" not in each.names])

    with pytest.raises(ValueError, match=r"differ in: consensus_signed, sheets_in, sheets_needed"):
        facts.check()


def test_a_fact_that_two_features_contribute_fails_at_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(facts, "CONTRIBUTIONS", [*facts.CONTRIBUTIONS, facts.CONTRIBUTIONS[0]])

    with pytest.raises(ValueError, match="two features contribute to CaseFacts"):
        facts.check()


def test_a_kind_of_subject_that_nobody_registers_fails_at_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(subjects.POLICIES, SubjectKind.DECISION)

    with pytest.raises(ValueError, match="no feature registers the kind of subject decision"):
        subjects.check()


def test_a_word_of_a_transition_without_an_effect_fails_at_start(monkeypatch: pytest.MonkeyPatch):
    life = lives.LIVES[SubjectKind.APPLICATION]
    monkeypatch.delitem(lives.LIVES, SubjectKind.APPLICATION)

    with pytest.raises(ValueError, match="application: effects and transitions do not name the same: submission"):
        lives.register(replace(life, effects={}))
