"""The process that answers requests: brings the database up to date, then serves the site with waitress."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NoReturn

import flask_migrate
import waitress
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from config import ROOT, Settings
from urbact_calls import demonstration
from urbact_calls.database import db
from urbact_calls.networks import reference_loading

# Any number will do; it only has to be the same for all sites that share one PostgreSQL.
PREPARATION_LOCK = 2_026_114
THREADS = 8


def prepare(app: Flask, settings: Settings) -> None:
    """Migrates the database and loads what the program cannot work without; does little when nothing is new.

    In this process: an interpreter for each of `flask db upgrade`, `reference load` and `demo load` would cost a
    second or two at every start.
    """
    with app.app_context(), alone():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        now = datetime.now(UTC)
        for count in reference_loading.load_everything(now):
            if count.added or count.changed:
                print(f"Reference data, {count}", flush=True)
        if settings.is_demo:
            for sentence in demonstration.load(now):
                print(f"Demonstration: {sentence}", flush=True)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Holds back other sites that start at the same moment on the same PostgreSQL; a SQLite file has one site."""
    if db.engine.dialect.name != "postgresql":
        yield
        return
    # A connection of its own, without the short patience of requests; the lock ends with it.
    engine = create_engine(db.engine.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": PREPARATION_LOCK})
        yield


def notice(settings: Settings) -> str:
    """What the person who started the program reads: where it answers, and who can sign in to try it."""
    lines = [f"The site answers at {settings.public_url}/"]
    if settings.is_demo:
        lines += ["", "Accounts of the demonstration:", *(f"  {account}" for account in demonstration.accounts())]
        lines += ["", f"Password of all of them: {demonstration.PASSWORD}"]
    return "\n".join(lines)


def end(*_: object) -> NoReturn:
    """waitress finishes the requests in hand when it sees this exception."""
    raise SystemExit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listening", type=int, required=True, help="descriptor of the bound socket")
    parser.add_argument("--notice", type=int, help="descriptor that receives the notice when all is ready")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, end)

    from wsgi import app

    settings = Settings.from_environment()
    prepare(app, settings)
    server = waitress.create_server(
        app, sockets=[socket.socket(fileno=arguments.listening)], threads=THREADS, ident=None
    )
    # A site that was started again has nothing new to say.
    if arguments.notice is not None:
        with os.fdopen(arguments.notice, "w") as supervisor:
            supervisor.write(notice(settings))
    server.run()


if __name__ == "__main__":
    main()
