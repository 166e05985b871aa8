"""The process that answers requests: brings the database up to date, then serves the site with waitress."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NoReturn

import flask_migrate
import waitress
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from waitress.server import BaseWSGIServer

from config import ROOT, Settings
from scripts.serve.intake import ByUrgency, Channel
from scripts.serve.processes import die_with, share_heaps
from urbact_calls import demonstration
from urbact_calls.database import db
from urbact_calls.demonstration import people
from urbact_calls.networks import commands as networks
from urbact_calls.schema import inability
from urbact_calls.version import version
from urbact_calls.web.arrivals import note_arrivals

# Any number will do; it only has to be the same for all sites that share one PostgreSQL.
PREPARATION_LOCK = 2_026_114
THREADS = 8
# A browser keeps up to six connections open after it has read its page. waitress hears nobody new beyond a hundred,
# which seventeen browsers have, and lets go of an idle one after two minutes: the site stood still for all others.
# Most systems give a process 1,024 open files; the database and what is being sent need some of them.
CONNECTIONS = 800
IDLE_SECONDS = 20
# How often an act of the demonstration is tried.
ATTEMPTS = 5


def prepare(app: Flask, settings: Settings) -> None:
    """Migrates the database and loads what the program cannot work without; does little when nothing is new.

    Without another interpreter: one for each of `flask db upgrade`, `reference load` and `demo load` would cost a
    second or two at every start.
    """
    with app.app_context():
        try:
            with alone():
                flask_migrate.upgrade(directory=str(ROOT / "migrations"))
                load(settings, datetime.now(UTC))
        except DBAPIError as problem:
            if sentence := inability(db.engine.url, problem):
                sys.exit(sentence)
            raise


def apart(work: Callable[[], None]) -> None:
    """Does this in a child process, which takes with it the memory that it needed; ends with it if it ends badly."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        die_with(parent)
        work()
        sys.exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit(os.waitstatus_to_exitcode(status))


def load(settings: Settings, now: datetime) -> None:
    """Brings in the reference data and the demonstration, and says meanwhile how far it is."""
    for count in networks.load_everything(now, lambda step: print(f"Reference data, {step} …", flush=True)):
        if count.added or count.changed:
            print(f"Reference data, {count}", flush=True)
    if settings.is_demo:
        for sentence in demonstration.load(now):
            print(f"Demonstration: {sentence}", flush=True)


def play_beside(app: Flask, notice_at: int | None) -> None:
    """Plays what is missing of the demonstration in a child, which ends with this process; the site answers meanwhile.

    What is there is left alone: a child that was ended half-way goes on at the next start. The supervisor reads at the
    descriptor `notice_at` until nobody holds it any more.
    """
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        die_with(parent)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if notice_at is not None:
            os.close(notice_at)
        # People who look at pages come first.
        os.nice(10)
        with app.app_context():
            status = play(app)
        os._exit(status)
    threading.Thread(target=os.waitpid, args=(child, 0), name="play", daemon=True).start()


def play(app: Flask) -> int:
    """Does every act, each again if it fails, for the database may be busy; the exit status of the child."""
    # Not at the top: only a demonstration knows the play.
    from urbact_calls.demonstration.play import acts

    for act in acts():
        for attempt in range(1, ATTEMPTS + 1):
            try:
                act.do()
                break
            except Exception:
                db.session.rollback()
                app.logger.exception("the act “%s” of the demonstration failed at attempt %s", act.name, attempt)
                time.sleep(attempt)
        else:
            return 1
        db.session.rollback()
    return 0


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Holds back other sites that start at the same moment on the same PostgreSQL; a SQLite file has one site."""
    if db.engine.dialect.name != "postgresql":
        yield
        return
    # A connection of its own, without the short patience of requests; the lock ends with it.
    engine = create_engine(db.engine.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": PREPARATION_LOCK}):
            print("Another site prepares the database; this one waits for it.", flush=True)
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": PREPARATION_LOCK})
        yield


def notice(settings: Settings) -> str:
    """What the person who started the program reads: where it answers, and who can sign in to try it."""
    lines = [f"Version {version()} answers at {settings.public_url}/"]
    if settings.is_demo:
        lines += ["", "Accounts of the demonstration:", *(f"  {person}" for person in people.PEOPLE)]
        lines += ["", f"Password of all of them: {people.PASSWORD}"]
    return "\n".join(lines)


def server_of(app: Flask, listening: socket.socket) -> BaseWSGIServer:
    """A waitress server at a bound socket, whose idle connections cannot exhaust it; who submits is let in first."""
    note_arrivals(listening)
    server = waitress.create_server(
        app,
        sockets=[listening],
        threads=THREADS,
        ident=None,
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=IDLE_SECONDS // 4,
        # The other way to wait for many connections at once knows no file above the 1,024th.
        asyncore_use_poll=True,
    )
    server.channel_class = Channel
    server.task_dispatcher.queue = ByUrgency()
    return server


def end(*_: object) -> NoReturn:
    """waitress finishes the requests in hand when it sees this exception."""
    raise SystemExit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listening", type=int, required=True, help="descriptor of the bound socket")
    parser.add_argument("--notice", type=int, help="descriptor that receives the notice when all is ready")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, end)
    share_heaps()

    from wsgi import app

    settings = Settings.from_environment()
    apart(lambda: prepare(app, settings))
    if settings.plays_demonstration:
        # Before the server has threads, which a child would not have.
        play_beside(app, arguments.notice)
    server = server_of(app, socket.socket(fileno=arguments.listening))
    # A site that was started again has nothing new to say.
    if arguments.notice is not None:
        with os.fdopen(arguments.notice, "w") as supervisor:
            supervisor.write(notice(settings))
    server.run()


if __name__ == "__main__":
    main()
