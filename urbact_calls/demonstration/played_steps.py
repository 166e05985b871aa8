"""Steps of applications that the play takes, by what they do: their names stand in the workflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.domain.workflow.application import APPLICATION


def _step(
    source: ApplicationState, target: ApplicationState, is_so: Callable[[Any], object] = lambda each: True
) -> str:
    """The name of the one transition between two states that is meant. Raises ValueError for none or several."""
    between = [each for each in APPLICATION.transitions if source in each.sources and each.target is target]
    [name] = [each.name for each in between if is_so(each)]
    return name


def _proposal(verdict: ApplicationState) -> str:
    return _step(ApplicationState.SUBMITTED, ApplicationState.SUBMITTED, lambda each: each.proposes == verdict.value)


_SUBMITTED = ApplicationState.SUBMITTED
SUBMIT = _step(ApplicationState.DRAFT, _SUBMITTED)
WITHDRAW = _step(_SUBMITTED, ApplicationState.WITHDRAWN)
ASK = _step(_SUBMITTED, ApplicationState.CLARIFICATION)
ANSWER = _step(ApplicationState.CLARIFICATION, _SUBMITTED, lambda each: each.freezes)
DECLARE = {target: _step(_SUBMITTED, target) for target in (ApplicationState.ELIGIBLE, ApplicationState.INELIGIBLE)}
PROPOSE = {target: _proposal(target) for target in DECLARE}
"""By the state that is proposed."""
