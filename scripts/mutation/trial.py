"""Runs the tests of the core on mutants, each in a process of its own that is forked from one with all libraries read.

Not mutmut 3: it neither samples with a seed nor leaves wording alone, and it changes functions only, while the
workflows are tables of a module. Not cosmic-ray: it writes each change into the source and starts an interpreter for
it, so two processes need two copies of the project. Here a module is compiled from its changed syntax tree, in memory.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

from config import ROOT
from scripts.mutation.mutants import Mutant, mutants, mutated

CORE = ROOT / "urbact_calls" / "domain"
PARTS = ("money", "budget", "scoring", "workflow", "eligibility")
# These only make sentences.
WORDING = frozenset({"english.py", "wording.py"})
TESTS = ("tests/domain", "tests/exchange/test_cases.py", "tests/exchange/test_reading.py")
TESTS_OF_WORDING = "tests/domain/test_text.py"
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


def runs_of(mutant: Mutant | None) -> list[list[str]]:
    """What pytest is asked for, those tests of the core first that are about the same part; then all others."""
    part = Path(mutant.path).parts[2].removesuffix(".py") if mutant else ""
    own = [name for name in (f"tests/domain/test_{part}.py", f"tests/domain/{part}") if (ROOT / name).exists()]
    others = [*TESTS, *(f"--ignore={name}" for name in (*own, TESTS_OF_WORDING))]
    return [own, others] if own else [others]


def trial(chosen: Sequence[Mutant], processes: int) -> Outcome:
    """Runs the tests on each mutant. Raises TrialError if they fail on the source as it is."""
    _warm_up()
    began = time.monotonic()
    _begin(None)
    if (status := _next_end()[1]) != PASSED:
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

    # A mutant that never ends is noticed, too. Seconds of the processor: load on the machine is no answer of a test.
    signal.setitimer(signal.ITIMER_PROF, PATIENCE_SECONDS)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    if mutant is not None:
        _read_changed(mutant)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    hypothesis.settings.register_profile("mutation", derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile("mutation")
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "pytest_timeout", "-p", "_hypothesis_pytestplugin"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    with contextlib.chdir(ROOT):
        # The first test that fails ends it: most mutants are noticed before the other tests are even read.
        ends = (int(pytest.main([*options, *names])) for names in runs_of(mutant))
        return next((end for end in ends if end != PASSED), PASSED)


def _read_changed(mutant: Mutant) -> None:
    """Makes the import of one module give its mutant; all others are read as always."""
    changed, as_always = (
        mutant.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__"),
        SourceFileLoader.get_code,
    )

    def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
        if name != changed:
            return as_always(loader, name)
        return compile(mutated(mutant), loader.path, "exec", dont_inherit=True)

    SourceFileLoader.get_code = get_code  # type: ignore[assignment, method-assign]


def _next_end() -> tuple[int, int]:
    """The process that ends next, and its exit status, or the negative number of the signal that ended it."""
    pid, status = os.wait()
    return pid, os.waitstatus_to_exitcode(status)


def by_module(outcome: Outcome) -> Iterator[str]:
    """A line for each module: how many of its mutants were killed."""
    every = [*outcome.killed, *outcome.survived]
    for path in sorted({each.path for each in every}):
        killed, tried = (sum(each.path == path for each in some) for some in (outcome.killed, every))
        yield f"{killed:4} of {tried:4}  {Path(path).relative_to('urbact_calls/domain')}"
