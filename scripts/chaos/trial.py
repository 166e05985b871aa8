"""One chaos trial: the real program, people who work with it, faults meanwhile, and then the comparison."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import func, select, update

from scripts.chaos.comparison import compare
from scripts.chaos.faults import Faults
from scripts.chaos.people import Applicant, Assessor, ChaosPerson, Notes, Officer
from scripts.chaos.world import DECIDED, World, build
from scripts.trials import say
from tests.quick_folder import quick_folder
from tests.services_broker import running_redis
from tests.services_databases import Databases, Dialect, settings_for
from tests.services_mail import MailSink, running_mail_sink
from tests.services_postgresql import running_postgresql
from tests.services_program import Program, running_program
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.factory import create_app
from urbact_calls.jobs import JOB_KINDS, Job

# The longest lease, the pause of the supervisor, and the longest pause after a failure.
PATIENCE = 180.0
# What a living worker has in hand is done in less.
WORK_IN_HAND = 4.0
# Characters of the program's log that are shown when it does not come back.
LAST_LINES = 6000


class SlowSink(MailSink):
    """Thinks about each message for a moment, as real mail servers do, so that a kill can fall into it."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd
        await asyncio.sleep(0.05)
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(0.05)
        return answer


@dataclass(frozen=True, slots=True)
class Size:
    """How many faults, which kinds (all if none), applicants, applications with two sheets each, and decisions;
    whether it waits for the end of the leases of killed workers, which takes a minute, or ends them itself."""

    faults: int = 200
    kinds: tuple[str, ...] = ()
    applicants: int = 3
    sheets: int = 6
    decisions: int = 16
    waits_for_leases: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial has shown. `recovery` is how long it took after the last fault until nothing was left to do."""

    faults: Counter[str]
    in_hand: Counter[str]
    notes: Notes
    counts: dict[str, int]
    problems: list[str]
    seconds: float
    recovery: float

    def figures(self) -> str:
        """All figures, a line for each group."""
        told = {each.value: number for each, number in self.notes.told.items()}
        groups = {
            "Faults": dict(self.faults.most_common()),
            "Killed with a job in hand": dict(self.in_hand),
            "Answers to what was sent": told,
            "Stored": self.counts,
        }
        lines = [f"{name}: {', '.join(f'{n} {what}' for what, n in group.items())}" for name, group in groups.items()]
        times = f"{self.seconds:.0f} s of faults, everything done {self.recovery:.0f} s after the last one"
        return "\n".join([*lines, f"Time: {times}; slowest answer {self.notes.slowest:.1f} s", *self.problems])


def trial(dialect: Dialect, size: Size, seed: int, templates: Path | None = None) -> Outcome:
    """Makes a database and a world, starts the program, disturbs it and compares. Takes some minutes."""
    with contextlib.ExitStack() as until:
        folder = until.enter_context(quick_folder("urbact-chaos"))
        # What it has committed it has written, so that it may be stopped at once; only a power cut could lose it.
        start = cache(lambda: until.enter_context(running_postgresql("fsync=off")))
        url = until.enter_context(Databases(folder, start, templates).fresh(dialect, "reference"))
        environment = {"DATABASE_URL": url, "UPLOAD_DIR": str(folder / "uploads")}
        cluster, broker = None, None
        if dialect == "postgresql":
            cluster, broker = start(), until.enter_context(running_redis())
            environment["REDIS_URL"] = broker.url
        app = create_app(settings_for(url, folder))
        with app.app_context():
            say(f"{dialect}, seed {seed}: making the applications")
            world = build(size.applicants, size.sheets, size.decisions, datetime.now(UTC))
            _let_go()
            sink = until.enter_context(running_mail_sink(SlowSink))
            environment["MAIL_URL"] = sink.url
            program = until.enter_context(running_program(folder, environment, broker))
            notes, faults = Notes(), Faults(program, cluster, seed)
            say("people work, faults begin")
            began = time.monotonic()
            _disturbed(world, program, notes, faults, size)
            ended = time.monotonic()
            say("the last fault is made")
            if not size.waits_for_leases:
                _end_leases()
            _wait_until_done(program)
            recovery = time.monotonic() - ended
            counts, problems = compare(world, notes, sink)
            if problems:
                # Each fault that the program wrote down, with the lines that follow.
                say("\n".join(each[:LAST_LINES] for each in program.log.read_text().split("fault at ")[1:]))
            _let_go()
    return Outcome(faults.made, faults.in_hand, notes, counts, problems, ended - began, recovery)


def _let_go() -> None:
    db.session.remove()
    db.engine.dispose()


def _disturbed(world: World, program: Program, notes: Notes, faults: Faults, size: Size) -> None:
    """People work while the faults are made, and end what they have in hand."""
    over = threading.Event()
    people = [threading.Thread(target=person.run) for person in _people(world, program.port, notes, over)]
    for person in people:
        person.start()
    try:
        faults.make(size.faults, size.kinds)
    except TimeoutError:
        say(f"the supervisor: {program.process and program.process.poll()}\n{program.log.read_text()[-LAST_LINES:]}")
        raise
    finally:
        over.set()
        for person in people:
            person.join()


def _people(world: World, port: int, notes: Notes, over: threading.Event) -> list[ChaosPerson]:
    pages: dict[ChaosPerson, str] = {}
    for draft in world.drafts:
        applicant = Applicant(port, draft.lead_address, notes, over, draft.reference)
        pages[applicant] = f"/applications/{draft.reference}/sections/challenge"
    for address, references in world.sheets.items():
        assessor = Assessor(port, address, notes, over, [*references])
        pages[assessor] = f"/assessment/applications/{references[0]}/sheet"
    pages[Officer(port, world.officer, notes, over, [*DECIDED])] = f"/decisions/calls/{DECIDED[0]}/"
    for person, page in pages.items():
        person.arrive(page)
    return [*pages]


def _wait_until_done(program: Program) -> None:
    """Until the site is ready and each job is done or waits for a person; nobody helps.

    Raises TimeoutError when nothing gets done for some minutes: how much is left depends on the machine.
    """
    least = _left()
    until = time.monotonic() + PATIENCE
    while (left := _left()) or program.status("/readyz") != HTTPStatus.OK:
        if left < least:
            least, until = left, time.monotonic() + PATIENCE
        if time.monotonic() > until:
            raise TimeoutError(f"after {PATIENCE:.0f} s {left} jobs are left, ready: {program.status('/readyz')}")
        time.sleep(0.25)


def _end_leases() -> None:
    """As if the minute had passed after which another worker takes what a killed one had in hand."""
    in_hand = Job.state.in_((JobState.RUNNING, JobState.SENDING))
    rows = db.session.execute(select(Job.id, Job.attempts, Job.kind, Job.lease_until).where(in_hand)).all()
    db.session.rollback()
    for row in rows:
        taken = (row.lease_until or datetime.now(UTC)) - JOB_KINDS[row.kind].lease
        time.sleep(max(0.0, WORK_IN_HAND - (datetime.now(UTC) - taken).total_seconds()))
        same = (Job.id == row.id, Job.attempts == row.attempts, in_hand)
        db.session.execute(update(Job).where(*same).values(lease_until=datetime.now(UTC)))
        db.session.commit()
    db.session.remove()


def _left() -> int:
    # A letter that is being sent at this moment is neither sent nor parked yet.
    waits = Job.state.in_((JobState.READY, JobState.RUNNING))
    leaves = (Job.state == JobState.SENDING) & (Job.lease_until > datetime.now(UTC))
    count = db.session.scalar(select(func.count()).where(waits | leaves)) or 0
    db.session.remove()
    return count
