"""Every state and every step of an application has its words; no page makes up its own."""

from __future__ import annotations

import pytest

from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import PublicState
from urbact_calls.domain.workflow.application import APPLICATION
from urbact_calls.domain.workflow.status import STAGES, STATUSES, Counted

every_state = pytest.mark.parametrize("state", list(PublicState))


def test_every_state_has_a_status():
    assert set(STATUSES) == set(PublicState)


def test_every_act_has_its_words_for_when_it_has_happened_and_the_next_is_told_apart():
    words = [say(act.told) for act in APPLICATION.acts]

    assert len(set(words)) == len(words)
    assert APPLICATION.names(lambda act: act.internal) == {"propose_eligible", "propose_ineligible"}


@every_state
def test_a_state_says_what_happens_next_and_when_or_that_the_date_is_not_known(state: PublicState):
    status = STATUSES[state]

    assert str(status.next).endswith(".")
    assert 0 <= status.stage < len(STAGES)
    assert status.is_over or status.on is not None or "is not known" in str(status.next)


def test_only_what_was_handed_in_and_still_stands_counts():
    not_counting = {state for state in PublicState if STATUSES[state].counted is not Counted.COUNTS}

    assert not_counting == {PublicState.DRAFT, PublicState.LAPSED, PublicState.WITHDRAWN}


def test_what_was_handed_in_and_still_stands_has_a_line_of_its_own_for_each_state():
    lines = {state: str(status.line) for state, status in STATUSES.items() if status.counted is Counted.COUNTS}

    assert all(line.endswith(".") for line in lines.values())
    assert len(set(lines.values())) == len(lines)
    assert [state for state, line in lines.items() if "It counts" in line] == [PublicState.SUBMITTED]


def test_what_was_not_handed_in_or_does_not_stand_has_no_such_line():
    assert {STATUSES[state].line for state in (PublicState.DRAFT, PublicState.LAPSED, PublicState.WITHDRAWN)} == {None}


def test_each_state_stands_at_its_stage_of_the_way():
    stages = {at: {state.value for state in PublicState if STATUSES[state].stage == at} for at in range(len(STAGES))}

    assert stages == {
        0: {"draft", "lapsed", "withdrawn"},
        1: {"submitted"},
        2: {"eligibility_check", "clarification", "ineligible"},
        3: {"assessment"},
        4: {
            *("decision_pending", "postponed", "reserve", "not_approved", "approved", "approved_with_conditions"),
        },
        5: {"in_network"},
    }


def test_a_life_that_is_over_is_said_to_be():
    over = {state.value for state in PublicState if STATUSES[state].is_over}

    assert over == {"lapsed", "ineligible", "not_approved", "withdrawn"}
