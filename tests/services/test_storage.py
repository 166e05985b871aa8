"""A disk that is full or cannot be written: refused in words, and nothing half-written stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.full_disk import full_disk
from urbact_calls.storage import NoRoom, Storage


@pytest.fixture
def full() -> Iterator[None]:
    with full_disk(4_000):
        yield


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_on_a_full_disk_a_file_is_refused_in_words_and_nothing_stays(tmp_path: Path, full: None):
    storage = Storage(tmp_path / "files")

    with pytest.raises(NoRoom, match="the disk of this site is full or cannot be written"):
        storage.put(b"x" * 10_000)

    assert files(tmp_path) == []


def test_of_several_files_none_stays_where_one_has_no_room(tmp_path: Path, full: None):
    storage = Storage(tmp_path / "files")

    with pytest.raises(NoRoom), storage.putting(b"a", b"x" * 10_000):
        pytest.fail("what needs the files has begun")

    assert files(tmp_path) == []


def test_where_no_folder_can_be_made_a_file_is_refused_in_words(tmp_path: Path):
    (tmp_path / "files").write_text("no folder")

    with pytest.raises(NoRoom):
        Storage(tmp_path / "files").put(b"abc")


def test_after_room_was_made_a_file_is_kept(tmp_path: Path):
    storage = Storage(tmp_path / "files")

    with storage.open(storage.put(b"x" * 10_000).key) as file:
        assert file.read() == b"x" * 10_000
