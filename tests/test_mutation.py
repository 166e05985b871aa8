"""Mutation testing changes what the core does and never what it says."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT
from scripts.mutation import mutants as mutation
from scripts.mutation.trial import all_mutants, sample

SOURCE = '''"""Words of a module."""
from urbact_calls.domain.vocabulary import ConsensusSheetState as S


def examine(facts: int | None, most: int = 3) -> object:
    """Words of a function."""
    if facts is None or facts > most:
        return not_met(f"{facts - 1} are too many", fix=f"Take {most + 1}.")
    return Step(S.OPEN, guards=(first, second), label="Go on", announces="mail:gone_on", note="x" + "y")


def told(number: int) -> str:
    return "one city" if number == 1 else f"{number} cities"
'''


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[mutation.Mutant]:
    module = tmp_path / "module.py"
    module.write_text(SOURCE)
    (tmp_path / "urbact_calls" / "domain").mkdir(parents=True)
    (tmp_path / "urbact_calls" / "domain" / "vocabulary.py").write_text(
        (ROOT / "urbact_calls" / "domain" / "vocabulary.py").read_text()
    )
    monkeypatch.setattr(mutation, "ROOT", tmp_path)
    return mutation.mutants(module)


def test_operators_numbers_states_members_and_codes_are_changed(changes: list[mutation.Mutant]):
    found = [(each.before, each.after) for each in changes]

    assert ("facts > most", "facts >= most") in found
    assert ("facts is None or facts > most", "facts is None and facts > most") in found
    assert ("3", "4") in found
    assert ("S.OPEN", "S.SIGNED") in found
    assert ("(first, second)", "(second,)") in found
    assert ("'mail:gone_on'", "'mail:gone_on_mutated'") in found


def test_wording_and_annotations_are_not_changed(changes: list[mutation.Mutant]):
    lines = SOURCE.splitlines()

    assert {lines[each.line - 1].strip().partition(" ")[0] for each in changes} == {"def", "if", "return"}
    assert not [each for each in changes if each.before in ("facts - 1", "most + 1", "int | None", "'x' + 'y'")]
    assert not [each for each in changes if each.line > SOURCE[: SOURCE.index("def told")].count("\n")]


def test_a_mutant_differs_from_the_source_in_the_one_change_that_it_names(changes: list[mutation.Mutant]):
    whole = ast.unparse(ast.parse(SOURCE))

    for each in changes:
        changed = ast.unparse(mutation.mutated(each))
        before, after = (set(re.findall(r"[^\n]+", text)) for text in (whole, changed))
        assert len(before - after) in (1, 2), each
        assert changed != whole


def test_the_same_seed_takes_the_same_mutants_from_every_part():
    first = sample(600, 4712)

    assert first == sample(600, 4712) != sample(600, 4713)
    assert len(set(first)) == 600
    assert {Path(each.path).parts[2].removesuffix(".py") for each in all_mutants()} == {
        *("money", "budget", "scoring", "workflow", "eligibility")
    }


def test_the_tests_of_the_core_notice_most_of_a_few_mutants():
    """`python -m scripts.mutation` takes 600."""
    command = [sys.executable, "-m", "scripts.mutation", "--samples", "8", "--seed", "4712"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    counts = re.search(r"8 mutants, seed 4712: (\d) killed, (\d) survived", done.stdout)
    assert counts is not None, done.stdout + done.stderr
    assert int(counts[1]) + int(counts[2]) == 8
    assert int(counts[1]) >= 5, done.stdout
    assert done.returncode == (0 if int(counts[1]) >= 0.85 * 8 else 1)
