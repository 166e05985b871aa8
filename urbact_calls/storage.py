"""Uploaded documents on disk: random names, atomic writes, checksums."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from urbact_calls.domain.refusal import NotFound

_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was put away: its random key, its size in bytes and its SHA-256."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Storage:
    """A folder of uploaded documents. Names never come from outside."""

    folder: Path

    def put(self, content: bytes) -> Stored:
        """Writes the content, so that it is on disk, whole, before anybody can refer to it."""
        key = secrets.token_hex(16)
        target = self._path(key)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        waiting = target.with_suffix(".part")
        with os.fdopen(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        waiting.rename(target)
        return Stored(key, len(content), hashlib.sha256(content).hexdigest())

    @contextmanager
    def putting(self, *contents: bytes) -> Iterator[list[Stored]]:
        """Files for a change that is made within; they are taken away again if it fails."""
        stored = [self.put(content) for content in contents]
        try:
            yield stored
        except BaseException:
            for each in stored:
                self.remove(each.key)
            raise

    def open(self, key: str) -> BinaryIO:
        """The content of a stored file. Raises NotFound."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as problem:
            raise NotFound("document") from problem

    def remove(self, key: str) -> None:
        """Takes a file away; it may be gone already."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise NotFound("document")
        return self.folder / key[:2] / key
