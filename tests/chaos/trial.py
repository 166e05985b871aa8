"""One trial: the real program, forty submissions, announced decisions, faults meanwhile, and then the count."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import func, select

from config import embedded_broker_url
from tests.chaos.faults import Faults
from tests.chaos.world import DECIDED, World, build
from tests.services_broker import running_redis
from tests.services_databases import Databases, Dialect, settings_for
from tests.services_mail import MailSink, free_port
from tests.services_program import Program, running_program
from urbact_calls.applications.models import Application, Submission
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import JobState, ReportKind
from urbact_calls.eligibility.models import Report
from urbact_calls.factory import create_app
from urbact_calls.jobs import Job
from urbact_calls.networks.models import Network
from urbact_calls.notifications.models import Delivery
from workers.doorbell import Doorbell

# Between two acts of people.
PAUSE = 0.6
# The longest lease, the pause of the supervisor, and the longest pause after a failure.
PATIENCE = 150.0


class SlowSink(MailSink):
    """Thinks about each message for a moment, as real mail servers do, so that a kill can fall into it."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd
        await asyncio.sleep(0.05)
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(0.05)
        return answer


@contextlib.contextmanager
def slow_sink() -> Iterator[SlowSink]:
    sink = SlowSink(port=free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


@dataclass
class Outcome:
    """What was counted at the end."""

    seconds: float
    faults: Counter[str]
    reports: Counter[str]
    receipts: dict[str, list[str]]
    letters: dict[str, list[str]]
    parked: set[str]
    states: Counter[str]
    tried_again: int
    networks: int
    submitted: int

    def figures(self) -> str:
        sent = sum(map(len, self.receipts.values()))
        return (
            f"{self.submitted} submissions, {sum(self.reports.values())} reports; "
            f"{len(self.receipts)} recipients of a receipt, {sent} messages; "
            f"{sum(map(len, self.letters.values()))} letters sent, {len(self.parked)} wait for a person; "
            f"{self.networks} networks; {self.tried_again} jobs taken more than once; "
            f"{', '.join(f'{count} × {what}' for what, count in sorted(self.faults.items()))}; {self.seconds:.0f} s"
        )


def run(program: Program, sink: MailSink, folder: Path, *, submissions: int, decisions: int, seed: int) -> Outcome:
    """Works on a running program while faults are made; comes back when nothing is left to do."""
    app = create_app(settings_for(program.database_url, folder), ring=Doorbell(broker_url(program)))
    with app.app_context():
        world = build(submissions, decisions, datetime.now(UTC))
        db.session.remove()
        began = time.monotonic()
        faults = Faults(program, seed)
        faults.start()
        try:
            act(world)
        finally:
            faults.stop()
        wait_until_done()
        outcome = count(world, sink, faults.made, time.monotonic() - began)
    close(app)
    return outcome


@contextlib.contextmanager
def trial_program(dialect: Dialect, databases: Databases, folder: Path) -> Iterator[tuple[Program, MailSink]]:
    """The real program with a real mail server: SQLite with the bundled Valkey, or PostgreSQL with Redis."""
    with contextlib.ExitStack() as services:
        sink = services.enter_context(slow_sink())
        environment, broker = {"MAIL_URL": sink.url}, None
        if dialect == "postgresql":
            broker = services.enter_context(running_redis())
            url = services.enter_context(databases.fresh("postgresql"))
            environment |= {"DATABASE_URL": url, "REDIS_URL": broker.url}
        yield services.enter_context(running_program(folder, environment, broker)), sink


def broker_url(program: Program) -> str:
    if program.broker is not None:
        return program.broker.url
    return embedded_broker_url(Path(program.environment["INSTANCE_DIR"]))


def act(world: World) -> None:
    """People submit one after the other; meanwhile the decisions of other calls are announced, one call at a time."""
    between = max(1, len(world.drafts) // len(DECIDED))
    for number, draft in enumerate(world.drafts):
        world.submit(draft, datetime.now(UTC))
        if number % between == between // 2 and number // between < len(DECIDED):
            world.announce(DECIDED[number // between], datetime.now(UTC))
        db.session.remove()
        time.sleep(PAUSE)


def wait_until_done() -> None:
    """Until each job is done or waits for a person. Fails when that takes too long."""
    until = time.monotonic() + PATIENCE
    open_states = (JobState.READY, JobState.RUNNING)
    while left := db.session.execute(select(Job.key, Job.attempts).where(Job.state.in_(open_states))).all():
        db.session.remove()
        assert time.monotonic() < until, f"{len(left)} still to do, among them {left[:5]}"
        time.sleep(0.25)
    # A letter that is being sent at this moment is neither sent nor parked yet.
    while db.session.scalar(
        select(func.count()).where(Job.state == JobState.SENDING, Job.lease_until > datetime.now(UTC))
    ):
        db.session.remove()
        assert time.monotonic() < until, "a letter is still being sent"
        time.sleep(0.25)


def count(world: World, sink: MailSink, faults: Counter[str], seconds: float) -> Outcome:
    references = {draft.reference for draft in world.drafts}
    reports = db.session.execute(
        select(Application.reference)
        .join(Submission, Submission.application_id == Application.id)
        .join(Report, Report.submission_id == Submission.id)
        .where(Report.kind == ReportKind.PROVISIONAL)
    ).scalars()
    receipts: dict[str, list[str]] = {world.addresses[draft.reference]: [] for draft in world.drafts}
    letters: dict[str, list[str]] = {world.addresses[draft.reference]: [] for draft in world.decided}
    kinds = dict(db.session.execute(select(Delivery.message_id, Delivery.email_key)).all())
    for message in sink.messages:
        kind, address = kinds[str(message["Message-ID"])], str(message["To"])
        if kind == "application.submitted":
            receipts[address].append(str(message["Message-ID"]))
        elif kind == "decision.announced":
            letters[address].append(str(message["Message-ID"]))
    parked = db.session.scalars(
        select(Delivery.address).where(
            Delivery.id.in_(
                [args["delivery"] for args in db.session.scalars(select(Job.args).where(Job.state == JobState.SENDING))]
            )
        )
    )
    return Outcome(
        seconds=seconds,
        faults=faults,
        reports=Counter(reference for reference in reports if reference in references),
        receipts=receipts,
        letters=letters,
        parked=set(parked),
        states=Counter(db.session.scalars(select(Job.state))),
        tried_again=db.session.scalar(select(func.count()).where(Job.attempts > 1)) or 0,
        networks=db.session.scalar(select(func.count()).where(Network.application_id.is_not(None))) or 0,
        submitted=len(references),
    )


def close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
