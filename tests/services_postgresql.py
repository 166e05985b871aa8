"""The PostgreSQL cluster of one run of the tests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from scripts import postgresql
from scripts.postgresql import PostgreSQL, ServiceMissing
from tests.quick_folder import quick_folder

__all__ = ["HASTY", "PostgreSQL", "ServiceMissing", "running_postgresql"]

# The tests can lose their data at a power cut; in exchange a commit costs no wait for the disk.
# Nothing lives long enough to need a vacuum that comes by itself.
HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


@contextlib.contextmanager
def running_postgresql(*settings: str) -> Iterator[PostgreSQL]:
    """A cluster in a quick folder, in haste unless settings are given. Raises ServiceMissing where PostgreSQL is not
    installed or does not start."""
    with quick_folder("urbact-pg") as folder, postgresql.running_postgresql(folder, *(settings or HASTY)) as server:
        yield server
