"""Heavy work, and work on foreign files, in a child process: at most 300 MB, 10 s of the processor, and two at once.

What a file made to break its reader does, it does to a process that holds nothing: no connection, no secret in its
environment, and no page that anybody waits for. The child yields to everything else on the machine.
"""

from __future__ import annotations

import errno
import hashlib
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

MOST_MEMORY_BYTES = 300_000_000
MOST_CPU_SECONDS = 10
MOST_CHILDREN = 2

_ROOT = Path(__file__).resolve().parent.parent
_NICENESS = 5
_OUT_OF_MEMORY = 70
# How long one waits before looking again whether a child may be started.
_PAUSE_SECONDS = 0.05

Task = Callable[[bytes], bytes]
"""What a child does: a function of a module, which is given bytes and gives bytes back."""


class TooMuch(Exception):
    """The work needs more memory or more time of the processor than a child may have."""


class NotNow(Exception):
    """Others are at work, or the machine is slow: nothing is known about this work yet."""


def run(
    task: Task, content: bytes, *, place: Path, waits: float, patience: float, cpu_seconds: int = MOST_CPU_SECONDS
) -> bytes:
    """What the task makes of the content, in a child of its own.

    Those who name the same `place` share the children. `waits` is how many seconds a free one is waited for, `patience`
    how many the work may then take. Raises TooMuch, and NotNow when the seconds are over.
    """
    with _turn(place, waits) as turn:
        command = [sys.executable, "-m", __name__, task.__module__, task.__name__, str(cpu_seconds)]
        # The child holds its turn itself: if we are killed, it is over when the child has ended.
        with subprocess.Popen(  # noqa: S603 -- this module and a function of ours
            command,
            cwd=_ROOT,
            env={
                "PATH": os.defpath,
                "LANG": "C.UTF-8",
                "HOME": str(Path.home()),
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
            pass_fds=[turn.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as child:
            try:
                result, said = child.communicate(content, timeout=patience)
            except subprocess.TimeoutExpired as problem:
                raise NotNow(f"{task.__name__} took longer than {patience:g} s") from problem
            finally:
                child.kill()
    if child.returncode < 0 or child.returncode == _OUT_OF_MEMORY:
        raise TooMuch(f"{task.__name__} was ended with status {child.returncode}")
    if child.returncode:
        raise RuntimeError(f"{task.__name__} failed: {said.decode(errors='replace')[-2000:]}")
    return result


def _turn(place: Path, waits: float) -> socket.socket:
    """What no more than `MOST_CHILDREN` can have at the same time, until it is closed everywhere. Raises NotNow."""
    until = time.monotonic() + waits
    mark = hashlib.sha256(os.fsencode(place)).hexdigest()[:32]
    while True:
        for number in range(MOST_CHILDREN):
            if turn := _bound(f"\0urbact-{os.getuid()}-{mark}-{number}"):
                return turn
        if time.monotonic() >= until:
            raise NotNow("all children are at work")
        time.sleep(_PAUSE_SECONDS)


def _bound(name: str) -> socket.socket | None:
    """A socket of this name, None if somebody has it. Only the system keeps the name: it needs no disk, and is free as
    soon as its last holder has ended."""
    turn = socket.socket(socket.AF_UNIX)
    try:
        turn.bind(name)
    except OSError as problem:
        turn.close()
        if problem.errno != errno.EADDRINUSE:
            raise
        return None
    return turn


def _work(module: str, name: str, cpu_seconds: int) -> None:
    """What the child does: limits itself before it reads anything foreign."""
    # What it asks for to work with. Libraries are mapped too, but those pages belong to whoever maps them.
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not behind those who step back as far as we do.
    os.nice(max(0, _NICENESS - os.nice(0)))
    task: Task = getattr(import_module(module), name)
    sys.stdout.buffer.write(task(sys.stdin.buffer.read()))


if __name__ == "__main__":
    try:
        _work(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    except MemoryError:
        sys.exit(_OUT_OF_MEMORY)
