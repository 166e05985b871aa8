"""Runs the tests of the core on mutants, each in a process of its own that is forked from one with all libraries read.

Not mutmut 3: it neither samples with a seed nor leaves wording alone, and it changes functions only, while the
workflows are tables of a module. Not cosmic-ray: it writes each change into the source and starts an interpreter for
it, so two processes need two copies of the project. Here a module is compiled from its changed syntax tree, in memory.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.machinery
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import CodeType, ModuleType

from config import ROOT
from scripts.mutation.mutants import Mutant, mutants, mutated

CORE = ROOT / "urbact_calls" / "domain"
PARTS = ("money", "budget", "scoring", "workflow", "eligibility")
# These only make sentences.
WORDING = frozenset({"english.py", "wording.py"})
TESTS = ("tests/domain", "tests/exchange/test_cases.py", "tests/exchange/test_reading.py")
PATIENCE_SECONDS = 90.0
PASSED, NO_SUCH_TESTS = 0, (4, 5)


class TrialError(Exception):
    """The trial itself cannot be run."""


@dataclass
class Outcome:
    """What became of each mutant."""

    killed: list[Mutant] = field(default_factory=list)
    survived: list[Mutant] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def share(self) -> float:
        """The part that a test noticed, in percent."""
        return 100 * len(self.killed) / max(1, len(self.killed) + len(self.survived))


def all_mutants() -> list[Mutant]:
    """Every mutant of the parts of the core that are tried."""
    paths = [path for part in PARTS for path in (*CORE.glob(f"{part}.py"), *sorted((CORE / part).rglob("*.py")))]
    return [mutant for path in paths if path.name not in WORDING for mutant in mutants(path)]


def sample(count: int, seed: int) -> list[Mutant]:
    """So many of them, the same ones for the same seed and source."""
    every = all_mutants()
    chance = random.Random(seed)  # noqa: S311 -- chooses, keeps no secret
    return sorted(chance.sample(every, min(count, len(every))), key=lambda each: (each.path, each.place, each.change))


def tests_of(mutant: Mutant | None) -> list[str]:
    """The tests to run, those of the same part first: the first that fails ends the run."""
    part = (
        "" if mutant is None else mutant.path.removeprefix("urbact_calls/domain/").partition("/")[0].removesuffix(".py")
    )
    own = [name for name in (f"tests/domain/test_{part}.py", f"tests/domain/{part}") if (ROOT / name).exists()]
    return [*own, *TESTS]


def trial(chosen: Sequence[Mutant], processes: int) -> Outcome:
    """Runs the tests on each mutant. Raises TrialError if they fail on the source as it is."""
    _warm_up()
    began = time.monotonic()
    if (status := _wait_for(_begin(None))) != PASSED:
        raise TrialError(f"The tests do not pass without any mutant: pytest ended with {status}.")
    outcome, waiting = Outcome(), list(reversed(chosen))
    running: dict[int, Mutant] = {}
    while waiting or running:
        while waiting and len(running) < processes:
            mutant = waiting.pop()
            running[_begin(mutant)] = mutant
        pid, status = _next_end()
        mutant = running.pop(pid)
        if status in NO_SUCH_TESTS:
            raise TrialError(f"pytest found no tests for {mutant}.")
        (outcome.survived if status == PASSED else outcome.killed).append(mutant)
    outcome.survived.sort(key=lambda each: (each.path, each.line))
    outcome.seconds = time.monotonic() - began
    return outcome


def _warm_up() -> None:
    """Reads the libraries that the tests need, but nothing of the program: each process reads that with its change."""
    import hypothesis.strategies  # noqa: F401
    import pytest  # noqa: F401

    if read := [name for name in sys.modules if name.startswith("urbact_calls")]:
        raise TrialError(f"{read[0]} was read before it was changed.")
    sys.dont_write_bytecode = True


def _begin(mutant: Mutant | None) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        status = 3
        try:
            status = _tests_end_with(mutant)
        finally:
            os._exit(status)
    return pid


def _tests_end_with(mutant: Mutant | None) -> int:
    import hypothesis
    import pytest

    signal.alarm(int(PATIENCE_SECONDS))  # A mutant that never ends is noticed, too.
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    if mutant is not None:
        sys.meta_path.insert(0, _Changed(mutant))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    hypothesis.settings.register_profile("mutation", derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile("mutation")
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "pytest_timeout", "-p", "_hypothesis_pytestplugin"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    with contextlib.chdir(ROOT):
        return int(pytest.main([*options, *tests_of(mutant)]))


class _Changed(MetaPathFinder):
    """Finds one module as its mutant; all others are found as always."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = mutant.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _FromTree(fullname, spec.origin, mutated(self.mutant))
        return spec


class _FromTree(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, tree: ast.Module) -> None:
        super().__init__(fullname, path)
        self.tree = tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.tree, self.path, "exec", dont_inherit=True)


def _wait_for(pid: int) -> int:
    return _status(os.waitpid(pid, 0)[1])


def _next_end() -> tuple[int, int]:
    pid, status = os.wait()
    return pid, _status(status)


def _status(status: int) -> int:
    """The exit status, or the negative number of the signal that ended the process."""
    return os.waitstatus_to_exitcode(status)


def by_module(outcome: Outcome) -> Iterator[str]:
    """A line for each module: how many of its mutants were killed."""
    every = [*outcome.killed, *outcome.survived]
    for path in sorted({each.path for each in every}):
        killed, tried = (sum(each.path == path for each in some) for some in (outcome.killed, every))
        yield f"{killed:4} of {tried:4}  {Path(path).relative_to('urbact_calls/domain')}"
