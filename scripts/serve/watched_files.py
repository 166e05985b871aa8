"""The files of the program that a process reads only when it starts: a change of one asks for a new start."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("urbact_calls", "workers", "scripts", "migrations", "templates", "static")
LONGEST_LIST = 3


class WatchedFiles:
    """Remembers when each file of the program was changed last. `root` is the folder of the program.

    It looks itself, once a second, instead of asking the kernel: some thousand files take some milliseconds, and no
    package is needed that only developers use.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known = self._times()

    def changes(self) -> list[str]:
        """The first few files that were changed, added or removed since it was asked last."""
        now = self._times()
        changed = sorted(path for path in {*now, *self._known} if now.get(path) != self._known.get(path))
        self._known = now
        rest = len(changed) - LONGEST_LIST
        return changed[:LONGEST_LIST] + ([f"{rest} more"] if rest > 0 else [])

    def _times(self) -> dict[str, int]:
        times = {}
        for folder in (self._root, *(self._root / name for name in FOLDERS)):
            for entry in _files(folder, is_deep=folder != self._root):
                # An editor may have put another file in its place since the folder was read.
                with contextlib.suppress(FileNotFoundError):
                    times[entry.path.removeprefix(f"{self._root}/")] = entry.stat().st_mtime_ns
        return times


def _files(folder: Path | str, *, is_deep: bool) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if is_deep and entry.name != "__pycache__":
                    yield from _files(entry.path, is_deep=True)
            # What an editor writes beside a file while it saves begins or ends with other signs.
            elif entry.name.endswith((".py", ".html", ".txt", ".css", ".js", ".csv", ".json", ".yaml", ".svg")):
                yield entry
