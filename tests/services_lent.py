"""One database of PostgreSQL that one test after the other is lent.

To make a database anew and to connect to it takes more time of the processor than a whole test on SQLite. Here the rows
that a test wrote are taken away and the files of their tables are empty again. Where a test did more than write rows,
the database is thrown away.
"""

from __future__ import annotations

import itertools
import time

import psycopg
from sqlalchemy import make_url

from scripts.postgresql import PostgreSQL

APPLICATION_NAME = "the app that the tests share"
"""By which its connections are known: they may stay open from one test to the next."""
# What the catalogue is written into grows with each test.
MOST_LOANS = 200
_PREFIX = "lent_"
_numbers = itertools.count(1)

# Everybody else, and whoever is in the middle of something.
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND (application_name <> %s OR state <> 'idle')
"""
# Changes with every table, column, index, constraint, trigger, function, setting and statistic.
_MARK = """
SELECT (SELECT sum(hashint8(oid::bigint)::bigint + hashint8(xmin::text::bigint)) FROM pg_class WHERE oid >= 16384),
    (SELECT sum(hashint8(xmin::text::bigint)) FROM pg_attribute WHERE attrelid >= 16384),
    (SELECT sum(hashint8(xmin::text::bigint)) FROM pg_constraint), (SELECT max(oid::bigint) FROM pg_proc),
    (SELECT count(*) FROM pg_statistic), (SELECT count(*) FROM pg_db_role_setting),
    (SELECT string_agg(version_num, ' ') FROM alembic_version)
"""
_RESTART = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL
"""
_TABLES = """
SELECT quote_ident(relname) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version' ORDER BY relname
"""


def is_lent(url: str) -> bool:
    """Whether connections to this database may stay open."""
    return (make_url(url).database or "").startswith(_PREFIX)


class LentDatabase:
    """A copy of a template whose tables are empty."""

    def __init__(self, server: PostgreSQL, template: str) -> None:
        self._server = server
        self.name = f"{_PREFIX}{next(_numbers)}"
        self.url = server.create(self.name, template)
        self._loans = 0
        self._kept = psycopg.connect(host=str(server.folder), user="postgres", dbname=self.name, autocommit=True)
        self._kept.execute("SET session_replication_role = replica")
        self._kept.execute("SET lock_timeout = '2s'")
        tables = [name for (name,) in self._kept.execute(_TABLES)]
        # Each is a table of ours, as the catalogue names it.
        self._full = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables)  # noqa: S608
        assert self._with_rows() == [], "only a database without rows can be emptied"
        self._as_made = self._mark()

    def is_as_made(self) -> bool:
        """Empties it; whether the next test can have it. A new one is made after many."""
        self._loans += 1
        try:
            while self._kept.execute(_END_OTHERS, (APPLICATION_NAME,)).rowcount:
                time.sleep(0.002)
            if self._loans == MOST_LOANS or self._mark() != self._as_made:
                return False
            if written := self._with_rows():
                self._kept.execute("; ".join(f"DELETE FROM {name}" for name in written))  # noqa: S608
                # With their indexes, so that the files are empty: the next rows stand as in a new table.
                self._kept.execute(f"VACUUM (INDEX_CLEANUP ON) {', '.join(written)}")
            self._kept.execute(_RESTART)
        except psycopg.Error:
            # A test may stop the server, or hold what somebody else waits for.
            return False
        return True

    def close(self) -> None:
        self._kept.close()

    def drop(self) -> None:
        self.close()
        self._server.drop(self.name)

    def _with_rows(self) -> list[str]:
        return [name for (name,) in self._kept.execute(self._full)]

    def _mark(self) -> tuple[object, ...] | None:
        return self._kept.execute(_MARK).fetchone()
