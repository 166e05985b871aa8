"""One closing trial: a server as it is shipped, many who submit in the last second, and then the comparison."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import shlex
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http import HTTPStatus
from pathlib import Path
from typing import Literal, get_args

from flask import Flask
from sqlalchemy import func, select

from config import ROOT
from scripts.closing.people import Told, browsers, rush
from scripts.closing.processor import ProcessorUse, processor_use
from scripts.closing.world import build, close_at, soon
from scripts.trials import say
from tests.services_broker import running_redis
from tests.services_databases import Databases, settings_for
from tests.services_mail import MailSink, running_mail_sink
from tests.services_program import running_program
from tests.services_servers import GUIDE, running_server
from urbact_calls.applications.models import Application
from urbact_calls.applications.submission.models import Submission
from urbact_calls.database import db
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ApplicationState, JobState
from urbact_calls.factory import create_app
from urbact_calls.jobs import Job
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.subjects import is_about

Kind = Literal["shipped", "gunicorn", "front"]
KINDS = get_args(Kind)
# How long after the hour the one submits who is to be refused: the last second counts whole.
LATE = 1.2
# The workers need some time for that many receipts; what makes no progress for so long is a fault.
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Size:
    """How many submit in the last second, how many applications the call has, and how many seconds before the hour
    everything is ready: connections are opened in the last four."""

    submissions: int = 500
    call_of: int = 2_500
    notice: float = 8.0


@dataclass(frozen=True, slots=True)
class ClosingOutcome:
    """What a trial has shown: how long each waited, in seconds, and every difference in words."""

    answered_after: list[float]
    receipt_after: list[float]
    stored_after: list[float]
    """Since the hour of closing; those before it count as zero."""
    kept: int
    processor: Mapping[str, float]
    """Seconds of the processor by part, from a second before the hour until the last was stored."""
    problems: list[str]

    @property
    def rate(self) -> float:
        """Submissions stored a second, from the hour of closing until the last was stored."""
        return len(self.stored_after) / max(*self.stored_after, 0.001)

    def figures(self) -> str:
        count = len(self.answered_after)
        each = ", ".join(f"{part} {1000 * used / count:.1f}" for part, used in sorted(self.processor.items()))
        lines = [
            f"{count} submissions, the last stored after {max(self.stored_after):.1f} s: {self.rate:.0f} a second",
            f"milliseconds of the processor for each until then: {each}",
            f"longest wait for an answer {max(self.answered_after):.1f} s",
            f"longest wait for the receipt {max(self.receipt_after):.1f} s",
            f"{self.kept} were first told that theirs is being stored",
        ]
        return "\n".join([*lines, *self.problems])


def trial(kind: Kind, databases: Databases, folder: Path, size: Size) -> ClosingOutcome:
    """Makes a database and a call, starts the server, lets the call close, and compares. SQLite for what is shipped,
    else PostgreSQL with the commands of the guide for operators."""
    with contextlib.ExitStack() as until:
        # With the reference data, which the shipped program would load at its start.
        url = until.enter_context(databases.fresh("sqlite" if kind == "shipped" else "postgresql", "reference"))
        secret, sink = secrets.token_urlsafe(48), until.enter_context(running_mail_sink())
        environment = {
            "DATABASE_URL": url,
            "UPLOAD_DIR": str(folder / "uploads"),
            "SECRET_KEY": secret,
            "MAIL_URL": sink.url,
        }
        app = create_app(settings_for(url, folder, secret_key=secret))
        with app.app_context():
            say(f"{kind}: making a call of {size.call_of} applications")
            drafts = build(size.submissions + 1, size.call_of - size.submissions - 1, datetime.now(UTC))
            _let_go()
            port = until.enter_context(_served(kind, folder, environment))
            closing = soon(datetime.now(UTC), size.notice)
            close_at(closing)
            _let_go()
            say(f"{size.submissions} submit before {closing:%H:%M:%S}")
            people = browsers(app, port, drafts)
            # In a thread of its own: a browser that a test before has opened keeps a loop in this one.
            with processor_use() as use, ThreadPoolExecutor(1) as thread:
                *told, late = thread.submit(asyncio.run, rush(people[:-1], closing, people[-1], LATE)).result()
            say("everybody has an answer; the workers send the receipts")
            _wait_for_receipts(sink, {each.draft.email for each in told})
            outcome = _compare(app, told, late, closing, sink, use)
            _let_go()
    return outcome


@contextlib.contextmanager
def _served(kind: Kind, folder: Path, environment: Mapping[str, str]) -> Iterator[int]:
    """The port of a site with its workers."""
    if kind == "shipped":
        with running_program(folder, environment, None) as program:
            yield program.port
        return
    with contextlib.ExitStack() as until:
        broker = until.enter_context(running_redis())
        instance = folder / "instance"
        instance.mkdir()
        environment = {**environment, "REDIS_URL": broker.url, "PATH": "/usr/bin:/bin", "APP_ENV": "test"}
        environment["INSTANCE_DIR"] = str(instance)
        server = until.enter_context(running_server(kind, environment, instance))
        log = until.enter_context((folder / "workers.log").open("wb"))
        for words in workers(folder):
            process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=log, stderr=log)
            until.callback(process.wait, 30)
            until.callback(process.terminate)
        yield server.port


def workers(folder: Path) -> list[list[str]]:
    """The commands of the guide for operators that start workers and clock; what they keep is in `folder`."""
    celery = str(Path(sys.executable).with_name("celery"))
    found = re.findall(r"^\.venv/bin/celery (--app .+)$", GUIDE.read_text(), re.MULTILINE)
    return [[celery, *shlex.split(line.replace("/var/lib/urbact", str(folder)))] for line in found]


def _let_go() -> None:
    db.session.remove()
    db.engine.dispose()


def _wait_for_receipts(sink: MailSink, addresses: set[str]) -> None:
    seen, until = 0, time.monotonic() + PATIENCE
    while (there := len(addresses & {*_receipts(sink)})) < len(addresses) and time.monotonic() < until:
        if there > seen:
            seen, until = there, time.monotonic() + PATIENCE
        time.sleep(0.5)
    say(f"{there} receipts were sent")


def _receipts(sink: MailSink) -> dict[str, list[str]]:
    """The texts of the receipts that were sent, by address."""
    found = defaultdict[str, list[str]](list)
    for each in [*sink.messages]:
        if str(each["Subject"]).startswith("Submitted:"):
            found[str(each["To"]).rpartition("<")[2].rstrip(">")].append(_text_of(each))
    return found


def _text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return part.get_content() if part else ""


def _compare(  # noqa: PLR0913 -- all that a trial leaves behind
    app: Flask, told: list[Told], late: Told, closing: datetime, sink: MailSink, use: ProcessorUse
) -> ClosingOutcome:
    """What people were told, against what is stored and what was sent."""
    references = [each.draft.reference for each in told]
    found = select(Application.reference, Application.state, Submission)
    found = found.join(Submission, Submission.application_id == Application.id)
    stored = Counter[str]()
    submissions: dict[str, Submission] = {}
    for reference, state, submission in db.session.execute(found.where(Application.reference.in_(references))):
        stored[reference] += state is ApplicationState.SUBMITTED
        submissions[reference] = submission
    receipts = _receipts(sink)
    problems = [*_answers(told, submissions, stored, closing), *_twice(references), *_late(late)]
    for each in told:
        own, kept = receipts.get(each.draft.email, []), submissions.get(each.draft.reference)
        if kept and not (len(own) == 1 and kept.fingerprint in own[0] and each.draft.reference in own[0]):
            problems.append(f"{each.draft.reference}: {len(own)} receipts by mail, or one that says something else")
    dead = db.session.scalar(select(func.count()).where(Job.state == JobState.DEAD))
    if dead:
        problems.append(f"{dead} jobs are dead")
    hour = closing.timestamp()
    stored_at = [each.committed_at.timestamp() for each in submissions.values()]
    return ClosingOutcome(
        answered_after=[each.first_after for each in told],
        receipt_after=[each.last_after for each in told],
        stored_after=[max(0.0, each - hour) for each in stored_at],
        kept=sum(each.was_kept for each in told),
        processor=use.between(hour - 1, max(stored_at, default=hour)),
        problems=problems,
    )


def _answers(
    told: list[Told], submissions: Mapping[str, Submission], stored: Counter[str], closing: datetime
) -> Iterator[str]:
    for each in told:
        reference, submission = each.draft.reference, submissions.get(each.draft.reference)
        if each.problem:
            yield f"{reference}: {each.problem}"
        elif each.last is None or each.last.status != HTTPStatus.OK:
            yield f"{reference}: answered {each.last and each.last.status}: {_words(each)}"
        elif submission and submission.fingerprint[:4] not in each.last.text:
            yield f"{reference}: the page shows no receipt"
        if stored[reference] != 1 or submission is None:
            yield f"{reference}: {stored[reference]} submissions are stored"
        elif not closing - timedelta(seconds=1) <= submission.received_at < closing:
            yield f"{reference}: sent before the hour, stored as received on {submission.received_at}"


def _words(told: Told) -> str:
    text = re.sub(r"<[^>]+>|\s+", " ", told.last.text.partition("<main")[2] if told.last else "")
    return re.sub(r" +", " ", text)[:300]


def _twice(references: list[str]) -> Iterator[str]:
    of = is_about(WorkflowEvent, SubjectKind.APPLICATION, Application.id)
    taken = select(Application.reference).join(WorkflowEvent, of).where(WorkflowEvent.transition == "submit")
    events = Counter(db.session.scalars(taken.where(Application.reference.in_(references))))
    yield from (f"{each} was submitted {number} times" for each, number in events.items() if number > 1)


def _late(late: Told) -> Iterator[str]:
    state = db.session.scalar(select(Application.state).where(Application.reference == late.draft.reference))
    if late.first is None or late.first.status != HTTPStatus.CONFLICT or "The call closed on" not in late.first.text:
        yield f"who came late was answered {late.first and late.first.status}: {late.problem}"
    if state is not ApplicationState.DRAFT:
        yield f"who came late has an application that is {state}"
