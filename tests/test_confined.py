"""Work in a limited child: what comes of it, and what stops it."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from tests import confined_tasks, hostile_pdfs
from urbact_calls import confined, pdfs
from urbact_calls.applications.letters.commands import LETTER_PDF
from urbact_calls.confined import NotNow, Task, TooMuch

LONG = 60.0


def run(task: Task, content: bytes, place: Path, *, waits: float = LONG, patience: float = LONG) -> bytes:
    return confined.run(task, content, place=place, waits=waits, patience=patience, cpu_seconds=1)


def test_a_child_gives_back_what_it_makes(tmp_path: Path):
    assert run(confined_tasks.backwards, b"\x00abc", tmp_path) == b"cba\x00"


def test_a_child_that_asks_for_too_much_memory_is_ended(tmp_path: Path):
    assert len(run(confined_tasks.grow, b"1000000", tmp_path)) == 1_000_000
    with pytest.raises(TooMuch):
        run(confined_tasks.grow, str(confined.MOST_MEMORY_BYTES).encode(), tmp_path)


def test_a_child_that_toils_too_long_is_ended(tmp_path: Path):
    with pytest.raises(TooMuch):
        run(confined_tasks.toil, b"abc", tmp_path)


def test_nobody_waits_longer_for_a_child_than_said(tmp_path: Path):
    began = time.monotonic()

    with pytest.raises(NotNow):
        run(confined_tasks.rest, b"50", tmp_path, patience=0.5)

    assert time.monotonic() - began < 20


def test_a_fault_of_a_task_is_a_fault_here(tmp_path: Path):
    with pytest.raises(RuntimeError, match="ValueError: of our own"):
        run(confined_tasks.fail, b"of our own", tmp_path)


def test_two_children_work_at_once_and_a_third_waits_for_its_turn(tmp_path: Path):
    turns = [confined._turn(tmp_path, 0) for _ in range(confined.MOST_CHILDREN)]

    with pytest.raises(NotNow):
        run(confined_tasks.backwards, b"abc", tmp_path, waits=0.2)
    assert run(confined_tasks.backwards, b"abc", tmp_path / "elsewhere", waits=0) == b"cba"

    later = threading.Timer(0.3, turns[0].close)
    later.start()
    assert run(confined_tasks.backwards, b"abc", tmp_path) == b"cba"
    turns[1].close()


def test_a_turn_ends_with_its_child_however_it_ends(tmp_path: Path):
    for _ in range(confined.MOST_CHILDREN + 1):
        with pytest.raises(TooMuch):
            run(confined_tasks.toil, b"abc", tmp_path, waits=0)


def test_a_child_knows_no_secret_and_steps_back_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET_KEY", "a secret of the site")
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:b@c/d")

    found = json.loads(run(confined_tasks.surroundings, b"", tmp_path))

    assert {"SECRET_KEY", "DATABASE_URL"} & set(found["names"]) == set()
    assert found["niceness"] >= 5


def test_a_pdf_made_to_keep_its_reader_busy_is_too_complex(tmp_path: Path):
    content = hostile_pdfs.slow()
    assert len(content) < 20_000

    with pytest.raises(pdfs.NotAPdf, match="The PDF is too complex to be checked"):
        pdfs.check(content, LETTER_PDF, place=tmp_path, waits=LONG, patience=LONG)
