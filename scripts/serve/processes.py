"""A child process that is started again when it dies, and that cannot outlive the supervisor."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from config import ROOT

PR_SET_PDEATHSIG = 1  # linux/prctl.h
# Loaded once, before any fork: between fork and exec nothing may take a lock.
_LIBC = ctypes.CDLL(None, use_errno=True)

M_ARENA_MAX = -8  # malloc.h of the GNU C library
ARENAS = 2

LONGEST_PAUSE = 30.0
# A process that worked for this long was healthy: its next death is a new story with a short pause.
HEALTHY_AFTER = 60.0


def die_with(parent: int) -> None:
    """Asks the kernel to kill this process when `parent`, which has forked it, dies, even by SIGKILL."""
    if _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    # The parent may have died between the fork and the line above; the kernel would never say so.
    if os.getppid() != parent:
        os._exit(1)


def share_heaps() -> None:
    """Has the threads that this process starts share two heaps.

    The GNU C library gives each thread one of its own, up to eight for each core, and each keeps as much as the largest
    page that its thread ever made has needed: of eight threads, 100 MiB that nobody uses.
    """
    # Other libraries have one heap for all, and no such setting.
    mallopt = getattr(_LIBC, "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)


def _nothing() -> None:
    """What most processes need before their start."""


@dataclass(slots=True, kw_only=True)
class Child:
    """One process of the program, in a process group of its own: Ctrl-C reaches it only through the supervisor."""

    name: str
    command: list[str]
    pass_fds: tuple[int, ...] = ()
    prepare: Callable[[], None] = _nothing
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started_at: float = field(default=0.0, repr=False)
    start_again_at: float = field(default=0.0, repr=False)
    is_wanted_anew: bool = field(default=False, repr=False)

    def start(self) -> None:
        self.prepare()
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            pass_fds=self.pass_fds,
            start_new_session=True,
            preexec_fn=partial(die_with, os.getpid()),  # safe: the supervisor has one thread
        )

    def has_died(self) -> int | None:
        """The exit status of a process that ended by itself, once; plans its next start."""
        if self.process is None or self.process.poll() is None:
            return None
        status = self.process.returncode
        self._sweep_group()
        self.process = None

        if self.is_wanted_anew:
            self.deaths, self.start_again_at, self.is_wanted_anew = 0, 0.0, False
            return None
        if time.monotonic() - self.started_at > HEALTHY_AFTER:
            self.deaths = 0
        self.postpone()
        return status

    def postpone(self) -> None:
        """Counts a death, or a start that failed, and plans the next start."""
        self.deaths += 1
        self.start_again_at = time.monotonic() + self.pause

    @property
    def pause(self) -> float:
        """Seconds to wait before the next start; doubles with every death in a row."""
        return float(min(2.0 ** (self.deaths - 1), LONGEST_PAUSE))

    def is_due(self) -> bool:
        return self.process is None and time.monotonic() >= self.start_again_at

    def works_for(self, seconds: float) -> bool:
        """Whether it lives and was started so long ago."""
        return self.process is not None and time.monotonic() - self.started_at > seconds

    def ask_to_end_and_start(self) -> None:
        """Has it started again: as soon as it has ended, or at once if it had died."""
        self.is_wanted_anew = self.process is not None
        self.deaths, self.start_again_at = 0, 0.0
        self.ask_to_end()

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def end_now(self) -> None:
        """Leaves nothing behind: kills what did not end when asked, and what it had started."""
        if self.process is None:
            return
        self._sweep_group()
        self.process.wait()
        self.process = None

    def _sweep_group(self) -> None:
        # The pool of a worker that was killed lives on in its group; it must not work beside its successor.
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
