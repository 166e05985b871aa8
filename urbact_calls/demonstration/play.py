"""Play of the demonstration: three calls that are over, with all that people did in them, by the commands of the site.

Each act is done at an instant of its own, in the past. What is there already is left alone, so that whoever plays again
goes on where the last one stopped, and a second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from urbact_calls.demonstration.played_applications import (
    CALLS,
    DECIDED,
    IN_CHECK,
    PlayedApplication,
    played,
)
from urbact_calls.demonstration.played_assessment import assess, seat_panel
from urbact_calls.demonstration.played_checks import check, close
from urbact_calls.demonstration.played_decisions import decide
from urbact_calls.demonstration.played_writing import apply, make_towns_and_people, open_call


@dataclass(frozen=True, slots=True)
class PlayedAct:
    """A piece of the play: some seconds of work. `name` is shown while it is done."""

    name: str
    do: Callable[[], None]


def acts(applications: Sequence[PlayedApplication] | None = None) -> tuple[PlayedAct, ...]:
    """All pieces, in their order; of some of the applications only if they are given."""
    applications = played() if applications is None else applications
    made = [PlayedAct("towns and people", make_towns_and_people)]
    for call in CALLS:
        of_call = [each for each in applications if each.call is call]
        made.append(PlayedAct(f"{call.code}: the call", _with(open_call, call)))
        made += [PlayedAct(f"{call.code}: application {each.acronym}", _with(apply, each)) for each in of_call]
        made.append(PlayedAct(f"{call.code}: closing and official checks", _with(close, call)))
        made += [PlayedAct(f"{call.code}: eligibility of {each.acronym}", _with(check, each)) for each in of_call]
        if call is not IN_CHECK:
            made.append(PlayedAct(f"{call.code}: panel", _with(seat_panel, call)))
            made += [PlayedAct(f"{call.code}: assessment of {each.acronym}", _with(assess, each)) for each in of_call]
    made.append(PlayedAct(f"{DECIDED.code}: decisions", decide))
    return tuple(made)


def _with(do: Callable[..., None], *args: object) -> Callable[[], None]:
    return lambda: do(*args)
