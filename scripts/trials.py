"""Long trials: progress on standard error, the options by which a run is chosen and repeated, and its exit status."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import get_args

from scripts.postgresql import ServiceMissing
from tests.services_databases import Databases, Dialect
from tests.services_postgresql import running_postgresql


def say(text: str) -> None:
    """Progress goes to standard error, so that the figures alone can be kept."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def add_database(parser: argparse.ArgumentParser) -> None:
    """The option of a trial on both databases."""
    parser.add_argument("--database", choices=[*get_args(Dialect), "both"], default="both")


def add_seed(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)), help=f"repeats the {what} of a run")


def exit_status(options: argparse.Namespace, passes: Callable[[Dialect], bool]) -> int:
    """Makes a trial on each database that was chosen: 0 if it passes on all, 1 if not, 2 if a server is missing."""
    try:
        passed = [passes(each) for each in get_args(Dialect) if options.database in (each, "both")]
    except ServiceMissing as problem:
        say(str(problem))
        return 2
    return 0 if all(passed) else 1


@contextlib.contextmanager
def databases_in(folder: Path) -> Iterator[Databases]:
    """Databases of a trial that keeps its files in `folder`; PostgreSQL starts only if one is asked for there."""
    with contextlib.ExitStack() as services:
        yield Databases(folder, cache(lambda: services.enter_context(running_postgresql())))
