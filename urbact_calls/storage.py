"""Uploaded documents on disk: random names, atomic writes, checksums."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.domain.text import message

NO_ROOM = message(
    "storage.no_room",
    "The file could not be stored: the disk of this site is full or cannot be written. Nothing was changed. Send it "
    "again later; if that does not help, tell the Joint Secretariat.",
)
logger = logging.getLogger(__name__)

_KEY = re.compile(r"[0-9a-f]{32}")


class NoRoom(Refused):
    """Nothing can be written where uploaded documents are kept."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was put away: its random key, its size in bytes and its SHA-256."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Storage:
    """A folder of uploaded documents. Names never come from outside.

    `scanner` is the address of the scanner that looks at each of them, empty where there is none; `patience` how many
    seconds the check of a file may hold whoever brings it, before a worker looks.
    """

    folder: Path
    scanner: str = ""
    patience: float = 60.0

    def put(self, content: bytes) -> Stored:
        """Writes the content, so that it is on disk, whole, before anybody can refer to it. Raises NoRoom."""
        key = secrets.token_hex(16)
        target = self._path(key)
        waiting = target.with_suffix(".part")
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            waiting.rename(target)
        except OSError as problem:
            # Nothing half-written stays; where nothing can be written, nothing was.
            with contextlib.suppress(OSError):
                waiting.unlink(missing_ok=True)
            logger.error("a file could not be stored: %s", problem.strerror)
            raise NoRoom(Refusal(NO_ROOM())) from problem
        return Stored(key, len(content), hashlib.sha256(content).hexdigest())

    @contextmanager
    def putting(self, *contents: bytes) -> Iterator[list[Stored]]:
        """Files for a change that is made within: those that still stand in the list are taken away if it fails."""
        stored: list[Stored] = []
        try:
            for content in contents:
                stored.append(self.put(content))
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
