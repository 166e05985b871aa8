"""The program as a whole: it starts fast, heals itself, ends without a trace and keeps what it knew.

A start takes seconds of the processor, so each promise is tried where it could break. Who watches and ends the parts
does not know the database; what is started beside them on SQLite is the bundled broker. On both, the trial of
`tests/chaos` kills every part.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from config import embedded_socket
from tests.services_program import Part, Program, command_line, descendants

PARTS: tuple[Part, ...] = ("broker", "site", "worker", "beat")
SECOND_START = 5.0


def processes_of(program: Program) -> list[int]:
    assert program.process is not None
    return [program.process.pid, *descendants(program.process.pid)]


def alive(pids: list[int]) -> list[str]:
    return [line for pid in pids if (line := command_line(pid))]


def restart(program: Program) -> float:
    """Seconds until the program is ready again."""
    program.stop()
    began = time.monotonic()
    program.start()
    return time.monotonic() - began


def wait_until(condition, seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("live_server", "number"),
    [("sqlite", signal.SIGINT), ("postgresql", signal.SIGTERM)],
    indirect=["live_server"],
    ids=["sqlite-SIGINT", "postgresql-SIGTERM"],
)
def test_a_signal_ends_the_program_and_leaves_nothing(live_server: Program, number):
    wait_until(lambda: len(live_server.pids("worker")) == 3)
    pids = processes_of(live_server)

    live_server.process.send_signal(number)
    status = live_server.process.wait(timeout=20)

    assert status == 0
    assert alive(pids) == []
    assert not embedded_socket(Path(live_server.environment["INSTANCE_DIR"])).exists()


@pytest.mark.slow
@pytest.mark.parametrize("live_server", ["sqlite"], indirect=True)
def test_nothing_survives_a_supervisor_that_is_killed(live_server: Program):
    wait_until(lambda: len(live_server.pids("worker")) == 3)
    pids = processes_of(live_server)

    live_server.process.kill()
    live_server.process.wait()

    wait_until(lambda: alive(pids) == [])


@pytest.mark.slow
def test_the_second_start_is_fast_and_keeps_the_data(live_server: Program):
    secret = Path(live_server.environment["INSTANCE_DIR"], "secret_key").read_text()
    created = ["user", "create", "first@example.org", "--name", "First", "--role", "administrator"]
    live_server.flask(*created, typed="seven herons on the harbour wall\n")

    # A second and third try: other tests run at the same time and take their share of the machine.
    assert any(restart(live_server) < SECOND_START for _ in range(3))

    assert Path(live_server.environment["INSTANCE_DIR"], "secret_key").read_text() == secret
    engine = create_engine(live_server.database_url)
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT email FROM user_account")).all() == ["first@example.org"]
    engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("live_server", ["sqlite"], indirect=True)
def test_a_part_that_dies_is_started_again(live_server: Program):
    """The broker with the messages that it had."""
    with live_server.broker_connection() as broker:
        broker.set("a message", "kept")

    for part in PARTS:
        wait_until(lambda part=part: live_server.pids(part) != [])
        before = set(live_server.pids(part))

        live_server.kill(part)

        wait_until(lambda part=part, before=before: set(live_server.pids(part)) - before != set())
    wait_until(lambda: live_server.status("/healthz") == 200)
    wait_until(live_server.broker_answers)
    with live_server.broker_connection() as broker:
        assert broker.get("a message") == b"kept"


def test_a_port_in_use_is_named(tmp_path):
    program = Program(tmp_path, {}, None)
    with socket.socket() as other:
        other.bind(("127.0.0.1", program.port))
        other.listen()

        with pytest.raises(AssertionError, match=f"{program.port} .*set PORT to a free port"):
            program.start()


def test_the_instance_is_private(tmp_path):
    """The secret and the data are readable by their owner only, however careless the umask."""
    program = Program(tmp_path, {}, None)
    previous = os.umask(0)
    try:
        program.start()
        program.stop()
    finally:
        os.umask(previous)

    instance = tmp_path / "instance"
    assert instance.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in instance.rglob("*") if path.stat().st_mode & 0o077] == []
