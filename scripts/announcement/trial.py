"""One announcement: the real program announces thousands of decisions while its workers are killed."""

from __future__ import annotations

import contextlib
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from sqlalchemy import func, select, update

from scripts.announcement.world import CODE, REASONS, World, build, outcome_of
from scripts.bench.client import Client, hidden
from scripts.postgresql import running_postgresql
from scripts.trials import say
from tests.factories.accounts import PASSWORD
from tests.services_databases import Databases, Dialect, settings_for
from tests.services_mail import MailSink, running_mail_sink
from tests.services_program import Program, kill_all, running_program
from urbact_calls.applications.models import Application
from urbact_calls.database import db
from urbact_calls.decisions.announcements import reads
from urbact_calls.decisions.announcements.models import Announcement
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.domain.workflow.application import DECISION_TRANSITIONS
from urbact_calls.factory import create_app
from urbact_calls.jobs import Job
from urbact_calls.messages.models import Delivery
from urbact_calls.networks.models import Network
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.subjects import is_about

# Of the program when nothing gets done: the longest lease, and the longest pause after a failure.
PATIENCE = 180.0
LONGEST_REQUEST = 1.0
# Of the program's log, shown when it stands still.
LAST_CHARACTERS = 6000
LOOK_EVERY = 1.0
_FIGURES = re.compile(r"<dt>(Steps taken|Letters sent)</dt><dd[^>]*>\s*([\d,]+) of ([\d,]+)")
_HELD = re.compile(r"<dt>Letters that wait for a person</dt><dd[^>]*>\s*([\d,]+)")
OVER = "All steps are taken."
# How often one process is killed, and not the worker with all of them.
ONE_OF_THEM = 0.7


@dataclass(frozen=True, slots=True)
class Size:
    """How many decisions, and how often the processes that do the jobs are killed meanwhile. `waits_for_leases` is
    whether it waits until the leases of the killed end, which takes a minute, or ends them itself."""

    decisions: int = 10_000
    kills: int = 0
    waits_for_leases: bool = True


@dataclass
class Outcome:
    """What a trial has shown: seconds of the request and until the last letter, and what is wrong, in words."""

    decisions: int
    request: float = 0.0
    preview: float = 0.0
    seconds: float = 0.0
    kills: int = 0
    looked: int = 0
    letters: int = 0
    held: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.letters / self.seconds if self.seconds else 0.0

    def figures(self) -> str:
        return (
            f"{self.decisions:,} decisions: page before {self.preview:.2f} s, request {self.request:.2f} s; "
            f"{self.letters:,} letters in {self.seconds:.0f} s, {self.per_second:.0f} a second; {self.kills} kills, "
            f"{self.held} letters wait for a person; progress looked at {self.looked} times"
        )


@dataclass
class CountingSink(MailSink):
    """Keeps of each message only its number, and when the last one came, so that it costs little itself."""

    numbers: Counter[str] = field(default_factory=Counter)
    last_at: float = 0.0

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        found = re.search(rb"^Message-ID:\s*(\S+)", content, re.MULTILINE | re.IGNORECASE)
        self.numbers[found[1].decode() if found else ""] += 1
        self.last_at = time.monotonic()
        return "250 OK"


def trial(dialect: Dialect, size: Size, seed: int, templates: Path | None = None) -> Outcome:
    """Makes a database and a world, starts the program, announces, kills and compares."""
    with contextlib.ExitStack() as until:
        # On the disk, and with the waits for it that an installation has: what is counted is how fast it is.
        folder = Path(until.enter_context(tempfile.TemporaryDirectory(prefix="ub-")))
        folder.chmod(0o755)
        (folder / "pg").mkdir()
        start = cache(lambda: until.enter_context(running_postgresql(folder / "pg")))
        url = until.enter_context(Databases(folder, start, templates).fresh(dialect, "reference"))
        app = create_app(settings_for(url, folder))
        with app.app_context():
            say(f"{dialect}, seed {seed}: making {size.decisions:,} decisions")
            world = build(size.decisions, datetime.now(UTC))
            _let_go()
            sink = cast(CountingSink, until.enter_context(running_mail_sink(CountingSink)))
            environment = {"DATABASE_URL": url, "UPLOAD_DIR": str(folder / "uploads"), "MAIL_URL": sink.url}
            program = until.enter_context(running_program(folder, environment, None))
            outcome = Outcome(size.decisions)
            _announce(world, program, sink, size, random.Random(seed), outcome)  # noqa: S311 -- a seed repeats a run
            outcome.problems += _differences(world, sink, outcome)
            _let_go()
    return outcome


def _let_go() -> None:
    db.session.remove()
    db.engine.dispose()


def _announce(
    world: World, program: Program, sink: CountingSink, size: Size, chance: random.Random, outcome: Outcome
) -> None:
    officer, applicant = Client(program.port), Client(program.port)
    with closing(officer.connection), closing(applicant.connection):
        officer.sign_in(world.officer, PASSWORD)
        applicant.sign_in(world.last_lead, PASSWORD)
        began = _ask_for_it(officer, outcome)
        _watch(world, program, officer, applicant, size, chance, outcome)
    _wait_for_networks(world, size)
    outcome.seconds = sink.last_at - began


def _ask_for_it(officer: Client, outcome: Outcome) -> float:
    """Reads the page before the announcement and announces; gives the instant at which that was asked for."""
    page = f"/decisions/calls/{CODE}/announcement"
    began = time.monotonic()
    before = officer.ask(page).body
    outcome.preview = time.monotonic() - began
    fields = {"csrf_token": hidden(before, "csrf_token"), "seen": hidden(before, "seen")}
    say("announcing")
    began = time.monotonic()
    answer = officer.ask(page, fields)
    outcome.request = time.monotonic() - began
    if answer.status != HTTPStatus.FOUND:
        raise RuntimeError(f"the announcement answered {answer.status}")
    if outcome.request > LONGEST_REQUEST:
        outcome.problems.append(f"the request took {outcome.request:.2f} s")
    return began


def _watch(  # noqa: PLR0913 -- who looks at what, and what is noted
    world: World,
    program: Program,
    officer: Client,
    applicant: Client,
    size: Size,
    chance: random.Random,
    outcome: Outcome,
) -> None:
    """Looks at the progress until all is done, and kills whenever so many letters more are sent."""
    # The first as soon as anything is done: of few letters all may have left by the next look.
    kill_at = sorted(chance.randrange(size.decisions) for _ in range(size.kills))
    kill_at[:1] = [1] * len(kill_at[:1])
    moved, seen = time.monotonic(), (0, 0)
    while True:
        least = _truth()
        page = officer.ask(f"/decisions/calls/{CODE}/announcements").body
        most = _truth()
        shown = _shown(page)
        outcome.looked += 1
        outcome.problems += _wrong(least, shown, most)
        outcome.problems += _seen_too_early(world, applicant)
        if OVER in page:
            outcome.held = int(found[1].replace(",", "")) if (found := _HELD.search(page)) else 0
            return
        if shown > seen:
            moved, seen = time.monotonic(), shown
        if time.monotonic() - moved > PATIENCE:
            raise TimeoutError(
                f"nothing was done for {PATIENCE:.0f} s after {seen}:\n{program.log.read_text()[-6000:]}"
            )
        if kill_at and sum(shown) / 2 >= kill_at[0]:
            outcome.kills += _kill(program, chance)
            kill_at.pop(0)
            say(f"{shown[0]:,} steps taken, {shown[1]:,} letters sent, {outcome.kills} kills")
        if not size.waits_for_leases:
            _end_leases_of_the_dead()
        time.sleep(LOOK_EVERY if size.waits_for_leases else LOOK_EVERY / 10)


def _wait_for_networks(world: World, size: Size) -> None:
    """Waits until the networks are founded: the progress that people see ends with the letters."""
    until = time.monotonic() + PATIENCE
    while _networks() < world.approved and time.monotonic() < until:
        if not size.waits_for_leases:
            _end_leases_of_the_dead()
        time.sleep(LOOK_EVERY)


def _networks() -> int:
    founded = db.session.scalar(select(func.count()).where(Network.application_id.is_not(None))) or 0
    db.session.rollback()
    return founded


def _kill(program: Program, chance: random.Random) -> int:
    """Kills one of the processes that do the jobs, or all of a worker, at any moment of their work."""
    pool = program.pool()
    if not pool:
        return 0
    time.sleep(chance.uniform(0, 0.05))
    if chance.random() < ONE_OF_THEM:
        kill_all([chance.choice(pool)])
    else:
        program.kill("worker")
    return 1


def _truth() -> tuple[int, int]:
    """How many steps are taken and letters sent."""
    steps = db.session.scalar(select(func.count()).where(Decision.announced_at.is_not(None))) or 0
    letters = db.session.scalar(
        select(func.count()).where(Delivery.email_key == reads.LETTER, Delivery.sent_at.is_not(None))
    )
    db.session.rollback()
    return steps, letters or 0


def _shown(page: str) -> tuple[int, int]:
    found = {name: int(done.replace(",", "")) for name, done, _ in _FIGURES.findall(page)}
    return found["Steps taken"], found["Letters sent"]


def _wrong(least: tuple[int, int], shown: tuple[int, int], most: tuple[int, int]) -> Iterator[str]:
    for what, low, here, high in zip(("steps", "letters"), least, shown, most, strict=True):
        if not low <= here <= high:
            yield f"the page said {here} {what} while there were {low} to {high}"


def _seen_too_early(world: World, applicant: Client) -> Iterator[str]:
    """Whether an applicant reads the decision although the step of the application is not taken, or does not although
    it was."""
    is_known = (
        select(Decision.announced_at.is_not(None))
        .join(Decision.application)
        .where(Application.reference == world.last_reference)
    )
    before = db.session.scalar(is_known)
    db.session.rollback()
    page = applicant.ask(f"/applications/{world.last_reference}/")
    after = db.session.scalar(is_known)
    db.session.rollback()
    if page.status != HTTPStatus.OK:
        yield f"the page of the applicant answered {page.status}"
    elif before == after and (REASONS[:40] in page.body) != after:
        yield f"the applicant {'does not read' if after else 'reads'} the decision"


def _end_leases_of_the_dead() -> None:
    """As if the minute had passed after which another worker takes what a killed one had in hand."""
    rows = db.session.execute(
        select(Job.id, Job.owner).where(Job.state.in_((JobState.RUNNING, JobState.SENDING)), Job.owner.is_not(None))
    ).all()
    db.session.rollback()
    for row in rows:
        if not Path("/proc", row.owner.split(":")[1]).exists():
            same = Job.id == row.id, Job.owner == row.owner
            db.session.execute(update(Job).where(*same).values(lease_until=datetime.now(UTC)))
            db.session.commit()


def _differences(world: World, sink: CountingSink, outcome: Outcome) -> Iterator[str]:
    """Every difference between what was announced, what is stored and what was sent."""
    session = db.session()
    announcement = session.scalars(select(Announcement)).one()
    if announcement.decisions != world.decisions:
        yield f"{announcement.decisions} of {world.decisions} decisions were announced"
    if reads.fingerprint_now(session, announcement) != announcement.fingerprint:
        yield "the decisions are not those that were announced"
    yield from _steps(world, announcement)
    yield from _letters(world, sink, outcome)
    if (networks := _networks()) != world.approved:
        yield f"{networks} networks of {world.approved} approvals"
    open_states = (JobState.READY, JobState.RUNNING, JobState.DEAD)
    if left := session.scalar(select(func.count()).where(Job.state.in_(open_states), Job.kind.like("decisions.%"))):
        yield f"{left} jobs of the announcement are left"


def _steps(world: World, announcement: Announcement) -> Iterator[str]:
    taken = select(Application.number, WorkflowEvent.transition).join(
        WorkflowEvent, is_about(WorkflowEvent, SubjectKind.APPLICATION, Application.id)
    )
    names = {transition.name for transition in DECISION_TRANSITIONS.values()}
    steps = Counter((row.number, row.transition) for row in db.session.execute(taken) if row.transition in names)
    expected = Counter(
        (number, DECISION_TRANSITIONS[outcome_of(number, world.decisions)].name)
        for number in range(1, world.decisions + 1)
    )
    if steps != expected:
        yield f"{(expected - steps).total()} steps are not taken, {(steps - expected).total()} are too many"
    same = Decision.announcement_id == announcement.id, Decision.announced_at == announcement.announced_at
    if (known := db.session.scalar(select(func.count()).where(*same))) != world.decisions:
        yield f"{known} decisions carry the instant of the announcement"


def _letters(world: World, sink: CountingSink, outcome: Outcome) -> Iterator[str]:
    rows = db.session.execute(
        select(Delivery.message_id, Delivery.address, Delivery.sent_at, Job.state)
        .join(Job, Job.id == Delivery.job_id)
        .where(Delivery.email_key == reads.LETTER)
    ).all()
    outcome.letters = sum(sink.numbers[row.message_id] for row in rows)
    if len({row.address for row in rows}) != world.decisions or len(rows) != world.decisions:
        yield f"{len(rows)} letters were written to {len({row.address for row in rows})} addresses"
    for row in rows:
        arrived = sink.numbers[row.message_id]
        if arrived > 1:
            yield f"{row.address} got {arrived} letters"
        if not arrived and row.state != JobState.SENDING:
            yield f"the letter to {row.address} did not come and waits for nobody ({row.state})"
        if row.sent_at is not None and not arrived:
            yield f"the letter to {row.address} counts as sent and did not come"
    if outcome.held != (held := sum(row.state == JobState.SENDING for row in rows)):
        yield f"the page said that {outcome.held} letters wait for a person, {held} do"
    if held > outcome.kills:
        yield f"{outcome.kills} kills left {held} letters in doubt"
