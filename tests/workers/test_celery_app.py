"""Celery only notifies: one task per kind of job, nothing kept in the broker that the table does not know."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from celery import Celery
from celery.signals import celeryd_after_setup
from flask import Flask
from sqlalchemy import event

from config import ROOT
from tests.factories.jobs import announced, kind, row
from tests.services_broker import Broker
from urbact_calls import jobs
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import SilentNotifier
from workers import celery_app, notify
from workers.celery_app import QUEUES, announce_due, make_celery
from workers.clock import ANNOUNCE_TASK, BEAT, NOTIFY_TASK, Clock, make_clock
from workers.notify import BrokerNotifier
from workers.schedule import PERIODIC


@pytest.fixture
def celery(app: Flask) -> Celery:
    return make_celery(app)


def own_tasks(celery: Celery) -> set[str]:
    return {name for name in celery.tasks if not name.startswith("celery.")}


def test_there_is_one_task_for_each_kind_of_job_and_the_notifications(celery: Celery):
    assert own_tasks(celery) == {*jobs.JOB_KINDS, NOTIFY_TASK, ANNOUNCE_TASK}


def test_a_worker_listens_to_every_queue_that_a_kind_names(celery: Celery):
    named = {route["queue"] for route in celery.conf.task_routes.values()}
    named |= {entry["options"]["queue"] for entry in BEAT.values()}

    assert named <= {queue.name for queue in celery.conf.task_queues} == set(QUEUES)


def test_a_worker_of_one_queue_hears_the_clock_as_well(celery: Celery):
    celery.amqp.queues.select(["slow"])

    celeryd_after_setup.send(sender="slow@host", instance=SimpleNamespace(app=celery), conf=celery.conf)

    assert sorted(celery.amqp.queues.consume_from) == ["clock", "slow"]


def test_an_attempt_ends_before_its_lease_does(celery: Celery):
    longest = {name: celery.tasks[name].time_limit for name in jobs.JOB_KINDS}

    late = [name for name, limit in longest.items() if limit >= jobs.JOB_KINDS[name].lease.total_seconds()]
    assert late == []


def test_the_clock_rings_only_for_tasks_that_exist(celery: Celery):
    assert {entry["task"] for entry in BEAT.values()} <= own_tasks(celery)


def test_nothing_is_pickled_and_no_result_is_kept(celery: Celery):
    conf = celery.conf

    assert (conf.task_serializer, conf.accept_content, conf.result_backend) == ("json", ["json"], None)
    assert all(celery.tasks[name].ignore_result for name in own_tasks(celery))


def test_a_task_takes_all_that_is_due_of_its_kind(app: Flask, monkeypatch):
    """Twice notified, once done."""
    done: list[int] = []
    name = kind(monkeypatch, "test.work", lambda claim: done.append(claim.job_id))
    celery = make_celery(app)
    with app.app_context():
        job_ids = [announced(name, datetime.now(UTC), key=f"job {number}") for number in range(3)]

    celery.tasks[name].run()
    celery.tasks[name].run()

    with app.app_context():
        assert (done, {row(job_id).state for job_id in job_ids}) == (job_ids, {JobState.DONE})


def test_a_heap_of_one_kind_leaves_the_others_their_turn(app: Flask, notifier: SilentNotifier, monkeypatch):
    """What is left of it is notified anew, behind whatever waits."""
    monkeypatch.setattr(celery_app, "TURN_SECONDS", 0.0)
    done: list[int] = []
    name = kind(monkeypatch, "test.work", lambda claim: done.append(claim.job_id))
    celery = make_celery(app)
    with app.app_context():
        job_ids = [announced(name, datetime.now(UTC), key=f"job {number}") for number in range(3)]
    notifier.notified.clear()

    celery.tasks[name].run()

    assert (done, notifier.notified) == (job_ids[:1], [name])


def test_after_what_goes_first_the_others_wait_for_a_while_and_the_clock_tells_of_them_again(app: Flask, monkeypatch):
    done: list[str] = []
    first = kind(monkeypatch, "test.first", lambda claim: done.append("first"), goes_first=True)
    other = kind(monkeypatch, "test.other", lambda claim: done.append("other"))
    celery = make_celery(app)
    with app.app_context():
        announced(first, datetime.now(UTC), key="first")
        announced(other, datetime.now(UTC), key="other")

    celery.tasks[other].run()
    assert done == ["first"]

    monkeypatch.setattr(celery_app.Precedence, "holds", lambda self: False)
    celery.tasks[other].run()
    assert done == ["first", "other"]


def test_the_clock_notifies_of_what_is_due(app: Flask, celery: Celery, notifier: SilentNotifier, monkeypatch):
    name = kind(monkeypatch, "test.work")
    now = datetime.now(UTC)
    with app.app_context():
        announced(name, now - timedelta(seconds=5), key="due")
        announced(name, now, key="later", due_at=now + timedelta(hours=1))
    notifier.notified.clear()

    celery.tasks[NOTIFY_TASK].run()

    assert notifier.notified == [name]


def test_what_the_clock_starts_may_be_started_every_few_seconds(app: Flask, celery: Celery, session):
    """With nothing to do it writes nothing."""
    assert PERIODIC
    # Perhaps the digest of yesterday.
    celery.tasks[ANNOUNCE_TASK].run()
    written: list[str] = []

    def remember(connection, cursor, statement, *rest):
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
            written.append(statement)

    event.listen(db.engine, "before_cursor_execute", remember)
    for name in (NOTIFY_TASK, ANNOUNCE_TASK):
        celery.tasks[name].run()

    assert written == []


def queued(server: Broker, queue: str) -> list[dict]:
    with server.connect() as connection:
        return [json.loads(message) for message in connection.lrange(queue, 0, -1)]


def test_a_ring_is_one_message_that_names_the_kind(valkey_server: Broker):
    BrokerNotifier(valkey_server.url)("eligibility.examine", "slow")

    [message] = queued(valkey_server, "slow")
    assert message["headers"]["task"] == "eligibility.examine"
    assert message["headers"]["argsrepr"].strip("[](),") == ""
    assert message["headers"]["expires"] is not None
    assert message["content-type"] == "application/json"


def shortest(url: str, messages: int) -> float:
    """How long a new notifier holds its caller; of three tries, as what other tests do is not there each time."""

    def took() -> float:
        notifier = BrokerNotifier(url)
        began = time.monotonic()
        for number in range(messages):
            notifier(f"test.{number}", "fast")
        return time.monotonic() - began

    return min(took() for _ in range(3))


def test_without_a_broker_a_ring_costs_nearly_nothing(tmp_path):
    assert shortest(f"redis+socket://{tmp_path / 'nobody.sock'}?virtual_host=0", messages=5) < 1.0


def test_a_broker_that_hangs_holds_the_caller_for_a_moment_only(valkey_server: Broker):
    os.kill(valkey_server.process.pid, signal.SIGSTOP)

    took = shortest(valkey_server.url, messages=1)

    os.kill(valkey_server.process.pid, signal.SIGCONT)
    assert took < 2.5


def test_a_broker_that_was_started_again_hears_the_next_notification(valkey_server: Broker):
    notifier = BrokerNotifier(valkey_server.url)
    notifier("test.before", "fast")
    valkey_server.kill()
    notifier("test.during", "fast")
    valkey_server.start()

    notifier("test.after", "fast")

    heard = {message["headers"]["task"] for message in queued(valkey_server, "fast")}
    assert "test.after" in heard


def test_the_ring_of_the_site_reaches_the_queue_of_its_kind(app: Flask, settings, valkey_server: Broker, monkeypatch):
    app.extensions["notifier"] = BrokerNotifier(replace(settings, redis_url=valkey_server.url).redis_url)
    name = kind(monkeypatch, "test.slow", queue="slow")

    with app.app_context():
        announced(name, datetime.now(UTC))

    assert [message["headers"]["task"] for message in queued(valkey_server, "slow")] == [name]


def test_a_kind_that_waits_in_the_queue_is_not_sent_again_until_a_worker_takes_it(valkey_server: Broker):
    notifier = BrokerNotifier(valkey_server.url)

    for _ in range(3):
        notifier("mail.deliver", "fast")
        notifier("mail.deliver_once", "fast")
    waiting = [message["headers"]["task"] for message in queued(valkey_server, "fast")]
    notifier.taken("mail.deliver")
    notifier("mail.deliver", "fast")
    notifier("mail.deliver_once", "fast")

    assert waiting == ["mail.deliver_once", "mail.deliver"]
    assert len(queued(valkey_server, "fast")) == 3


def test_a_message_that_was_lost_with_its_worker_is_sent_again_soon(valkey_server: Broker, monkeypatch):
    monkeypatch.setattr(notify, "JOINED_SECONDS", 1)
    notifier = BrokerNotifier(valkey_server.url)
    notifier("mail.deliver", "fast")
    with valkey_server.connect() as connection:
        connection.delete("fast")

    until = time.monotonic() + 10
    while not queued(valkey_server, "fast") and time.monotonic() < until:
        time.sleep(0.1)
        notifier("mail.deliver", "fast")

    assert len(queued(valkey_server, "fast")) == 1


def test_a_worker_that_takes_a_kind_hears_of_it_again(app: Flask, settings, valkey_server: Broker, monkeypatch):
    """What is committed while it works must not wait until the mark in the broker ends by itself."""
    app.extensions["notifier"] = BrokerNotifier(replace(settings, redis_url=valkey_server.url).redis_url)
    name = kind(monkeypatch, "test.work")
    celery = make_celery(app)
    with app.app_context():
        announced(name, datetime.now(UTC), key="first")
    celery.tasks[name].run()
    with app.app_context():
        announced(name, datetime.now(UTC), key="second")

    assert len(queued(valkey_server, "fast")) == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_a_date_starts_is_announced_by_one_worker_at_a_time(app: Flask, monkeypatch):
    """By a lock of PostgreSQL. On SQLite each may look; the second finds written what the first has written."""
    looked: list[str] = []

    def periodic(session, now):
        looked.append("once")
        if len(looked) == 1:
            with app.app_context():
                announce_due(now)

    monkeypatch.setattr(celery_app, "PERIODIC", (periodic,))
    with app.app_context():
        announce_due(datetime.now(UTC))
        announce_due(datetime.now(UTC))

    assert looked == ["once", "once"]


def test_the_clock_is_a_process_without_the_site():
    """It would be as large as a site, only to send two short messages."""
    code = "import sys, workers.beat; print(sorted({'flask', 'sqlalchemy', 'urbact_calls'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "APP_ENV": "test"}, capture_output=True, text=True
    )

    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_clock_says_once_that_the_broker_is_away_and_once_that_it_is_back(
    redis_url: str, caplog: pytest.LogCaptureFixture
):
    celery = make_clock(redis_url)
    celery.conf.broker_transport_options = {"max_retries": 0, "socket_connect_timeout": 0.2}
    clock = Clock(celery)
    (entry,) = [each for each in clock.schedule.values() if each.task == NOTIFY_TASK]

    with celery.connection_for_write("redis://127.0.0.1:1/0") as away, caplog.at_level("WARNING"):
        producer = celery.amqp.Producer(away, auto_declare=False)
        for _ in range(3):
            clock.apply_entry(entry, producer=producer)
    with celery.connection_for_write(redis_url) as back, caplog.at_level("WARNING"):
        producer = celery.amqp.Producer(back, auto_declare=False)
        for _ in range(2):
            clock.apply_entry(entry, producer=producer)
    clock.close()

    assert [record.getMessage() for record in caplog.records] == [
        "the broker does not take the notifications of the clock: OperationalError",
        "the broker takes the notifications of the clock again",
    ]
    assert not [record for record in caplog.records if record.exc_info]
