"""Long trials: progress on standard error, and the options by which a run is chosen and repeated."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import get_args

from tests.services_databases import Dialect


def say(text: str) -> None:
    """Progress goes to standard error, so that the figures alone can be kept."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def add_choices(parser: argparse.ArgumentParser, what: str) -> None:
    """The options of a trial on both databases: `--database`, of which `dialects_of` reads, and `--seed`."""
    parser.add_argument("--database", choices=[*get_args(Dialect), "both"], default="both")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)), help=f"repeats the {what} of a run")


def dialects_of(options: argparse.Namespace) -> list[Dialect]:
    """The databases that were chosen."""
    return [each for each in get_args(Dialect) if options.database in (each, "both")]
