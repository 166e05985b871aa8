"""The import contracts of `pyproject.toml`, and how they are checked."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from config import ROOT


def contracts(root: Path = ROOT) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    return found


def broken_contracts(root: Path = ROOT) -> tuple[list[str], str]:
    """The names of the contracts that the source under `root` breaks, and all that the check says."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"], cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False
    )
    names = [contract["name"] for contract in contracts(root)]
    assert done.returncode in (0, 1), done.stdout + done.stderr
    broken = [name for name in names if f"{name} BROKEN" in done.stdout]
    # A check that says nothing at all, or stops half-way, must not count as kept.
    if not all(f"{name} KEPT" in done.stdout or name in broken for name in names):
        return ["The contracts can be read"], done.stdout + done.stderr
    return broken, done.stdout
