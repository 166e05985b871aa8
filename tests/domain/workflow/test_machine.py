"""A table of transitions checks itself, offers what is possible and refuses the rest in words."""

from datetime import UTC, datetime
from itertools import count

import pytest

from urbact_calls.domain.permissions import ANONYMOUS, Actor, Relation, anyone, lead_applicant, nobody
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.domain.text import message, say
from urbact_calls.domain.vocabulary import Role, Tone, Word
from urbact_calls.domain.workflow.machine import Act, Machine, Transition

NOW = datetime(2027, 3, 31, 12, 0, tzinfo=UTC)


# Two machines cannot share a name: the labels of their steps would.
NUMBER = count(1)


class Light(Word):
    RED = "red", "Red", Tone.BAD
    GREEN = "green", "Green", Tone.GOOD


DARK = message("light.dark", "It is dark.")
BUILT = Act(name="build", label="Built")


def is_dark(facts: bool, actor: Actor, now: datetime) -> Refusal | None:
    return Refusal(DARK()) if facts else None


def step(name: str, source: Light, target: Light, **more: object) -> Transition[Light, bool]:
    return Transition(
        name=name,
        label=name.title(),
        sources=frozenset({source}),
        target=target,
        **{"permission": anyone, **more},  # type: ignore[arg-type]
    )


def machine(*steps: Transition[Light, bool], ends: frozenset[Light] = frozenset({Light.GREEN})) -> Machine[Light, bool]:
    return Machine(name=f"light_{next(NUMBER)}", start=Light.RED, ends=ends, transitions=steps, begins=BUILT)


def require(light: Machine[Light, bool], name: str, *, state: Light = Light.RED, dark: bool = False, **more: object):
    return light.require(
        name,
        state=state,
        facts=dark,
        **{"actor": ANONYMOUS, "relation": Relation(), "now": NOW, **more},  # type: ignore[arg-type]
    )


def test_a_name_declared_twice_is_refused_at_import():
    with pytest.raises(ValueError, match="declared twice: go"):
        machine(step("go", Light.RED, Light.GREEN), step("go", Light.RED, Light.GREEN))


def test_a_state_that_no_way_leads_to_is_refused_at_import():
    with pytest.raises(ValueError, match="no way leads to green"):
        machine(step("stay", Light.RED, Light.RED), ends=frozenset(Light))


def test_a_step_out_of_a_state_that_nothing_leads_to_reaches_nothing():
    with pytest.raises(ValueError, match="no way leads to green"):
        machine(step("stay", Light.RED, Light.RED), step("wait", Light.GREEN, Light.GREEN), ends=frozenset(Light))


def test_a_dead_end_is_refused_at_import():
    with pytest.raises(ValueError, match="no way leads out of green"):
        machine(step("go", Light.RED, Light.GREEN), ends=frozenset())


def test_a_step_that_is_possible_is_given_back():
    go = step("go", Light.RED, Light.GREEN)

    assert require(machine(go), "go") is go


def test_a_closed_guard_refuses_in_its_own_words():
    light = machine(step("go", Light.RED, Light.GREEN, guards=(is_dark,)))

    with pytest.raises(Refused) as refused:
        require(light, "go", dark=True)

    assert refused.value.refusals == (Refusal(DARK()),)


def test_the_reason_that_closes_a_button_is_the_reason_of_the_refusal():
    light = machine(step("go", Light.RED, Light.GREEN, guards=(is_dark,)))

    (offer,) = light.offers(Light.RED, True, ANONYMOUS, Relation(), NOW)

    assert not offer.is_open
    assert offer.refusals == (Refusal(DARK()),)


def test_a_step_from_another_state_is_refused_and_names_the_state():
    light = machine(step("go", Light.RED, Light.GREEN))

    with pytest.raises(Refused, match="it is now “Green”"):
        require(light, "go", state=Light.GREEN)


def test_a_step_that_is_not_for_this_person_does_not_exist_for_them():
    light = machine(step("go", Light.RED, Light.GREEN, permission=lead_applicant))

    with pytest.raises(NotFound):
        require(light, "go")

    assert light.offers(Light.RED, False, ANONYMOUS, Relation(), NOW) == ()
    assert require(light, "go", relation=Relation(frozenset({Role.LEAD}))).name == "go"


def test_an_unknown_name_is_not_found():
    with pytest.raises(NotFound):
        require(machine(step("go", Light.RED, Light.GREEN)), "fly")


@pytest.mark.parametrize("reason", [None, "", "   "])
def test_a_reason_that_is_asked_for_must_be_given(reason: str | None):
    light = machine(step("go", Light.RED, Light.GREEN, reason_required=True))

    with pytest.raises(Refused) as refused:
        require(light, "go", reason=reason)

    assert [refusal.field for refusal in refused.value.refusals] == ["reason"]


def test_nobody_is_offered_what_nobody_may():
    light = machine(step("go", Light.RED, Light.GREEN, permission=nobody))

    assert light.offers(Light.RED, False, ANONYMOUS, Relation(), NOW) == ()


def test_the_diagram_names_every_step_that_moves():
    light = machine(step("go", Light.RED, Light.GREEN), step("stay", Light.RED, Light.RED))

    assert light.diagram().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> red",
        "    red --> green: go",
        "    green --> [*]",
    ]


def test_every_act_of_a_life_is_known_by_its_name():
    go = step("go", Light.RED, Light.GREEN)
    light = machine(go)

    assert (light.act("build"), light.act("go")) == (BUILT, go)
    with pytest.raises(KeyError):
        light.act("stop at once")


def test_an_act_is_told_in_its_own_words_or_else_by_its_label():
    light = machine(step("go", Light.RED, Light.GREEN, happened="Went"))

    assert [say(act.told) for act in light.acts] == ["Built", "Went"]
