"""One trial: the real program, PDFs that take minutes to read, all sent at once, and people who read pages."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from statistics import quantiles

from sqlalchemy import select

from scripts.bench.client import Client, hidden
from scripts.trials import say
from tests import hostile_pdfs
from tests.factories.accounts import PASSWORD
from tests.factories.applications import Draft, complete_draft, row, ten_cities
from tests.factories.calls import open_call
from tests.quick_folder import quick_folder
from tests.services_broker import running_redis
from tests.services_databases import Databases, Dialect, settings_for
from tests.services_postgresql import running_postgresql
from tests.services_program import Program, running_program
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import FileState, JobState
from urbact_calls.factory import create_app
from urbact_calls.files.commands import CHECK
from urbact_calls.files.models import StoredFile
from urbact_calls.jobs import Job

# What the trial holds the program to, in seconds.
PAGE_LIMIT, TURN_LIMIT, LIMIT = 1.0, 10.0, 60.0
# How long it watches before it gives up.
PATIENCE = 240.0
READERS = 2
PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class BombFigures:
    """What a trial has shown, in seconds: the pages of others, each bomb from its turn to its refusal, and all bombs
    from the first that was sent to the last that was refused."""

    pages: Sequence[float]
    uploads: Sequence[float]
    turns: Sequence[float]
    whole: float
    problems: Sequence[str]

    @property
    def page_p95(self) -> float:
        return quantiles(self.pages, n=20)[18] if len(self.pages) > 1 else 0.0

    def told(self) -> str:
        """All figures, in words."""
        lines = [
            f"Pages of others: {len(self.pages)}, 95 of 100 within {self.page_p95:.2f} s, the slowest "
            f"{max(self.pages, default=0.0):.2f} s",
            f"Answers to the uploads: the slowest {max(self.uploads, default=0.0):.2f} s",
            f"From its turn to its refusal: the slowest {max(self.turns, default=0.0):.1f} s",
            f"All {len(self.turns)} refused after {self.whole:.1f} s",
        ]
        return "\n".join([*lines, *self.problems])

    def missed(self) -> list[str]:
        """Which limits were not held."""
        found = [*self.problems]
        if self.page_p95 > PAGE_LIMIT:
            found.append(f"pages took {self.page_p95:.2f} s")
        if max(self.turns, default=0.0) > TURN_LIMIT:
            found.append(f"a bomb was refused {max(self.turns):.1f} s after its turn")
        if self.whole > LIMIT:
            found.append(f"all were refused after {self.whole:.1f} s")
        return found


def trial(dialect: Dialect, bombs: int, templates: Path | None = None) -> BombFigures:
    """Makes a database and a draft, starts the program, sends so many bombs at once and watches. Takes a minute."""
    with contextlib.ExitStack() as until:
        folder = until.enter_context(quick_folder("urbact-bombs"))
        start = cache(lambda: until.enter_context(running_postgresql("fsync=off")))
        url = until.enter_context(Databases(folder, start, templates).fresh(dialect, "reference"))
        broker = until.enter_context(running_redis()) if dialect == "postgresql" else None
        environment = {"DATABASE_URL": url, "UPLOAD_DIR": str(folder / "uploads")}
        if broker is not None:
            environment["REDIS_URL"] = broker.url
        app = create_app(settings_for(url, folder))
        with app.app_context():
            now = datetime.now(UTC)
            draft = complete_draft(open_call(db.session(), now), now, ten_cities(now, " of the trial"))
            partners = [partner.id for partner in row(draft.reference).partners][:bombs]
            _let_go()
            program = until.enter_context(running_program(folder, environment, broker))
            say(f"{dialect}: {len(partners)} bombs of {len(hostile_pdfs.slow())} bytes")
            figures = _watched(program, draft, partners)
            _let_go()
    return figures


@dataclass
class _Notes:
    """What the threads of a trial have seen."""

    pages: list[float] = field(default_factory=list)
    uploads: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def _watched(program: Program, draft: Draft, partners: Sequence[int]) -> BombFigures:
    notes, over = _Notes(), threading.Event()
    readers = [threading.Thread(target=_read, args=(program.port, draft, notes, over)) for _ in range(READERS)]
    senders = [_sender(program.port, draft, partner, notes) for partner in partners]
    for thread in readers:
        thread.start()
    began = time.monotonic()
    for thread in senders:
        thread.start()
    turns: dict[str, float] = {}
    refused: dict[str, float] = {}
    try:
        while len(refused) < len(partners) and not notes.problems and time.monotonic() - began < PATIENCE:
            _look(turns, refused)
            time.sleep(PAUSE)
    finally:
        over.set()
        for thread in [*senders, *readers]:
            thread.join()
    if len(refused) < len(partners):
        notes.problems.append(
            f"{len(partners) - len(refused)} bombs are not refused: {program.log.read_text()[-3000:]}"
        )
    times = [at - turns[key] for key, at in refused.items()]
    whole = max(refused.values(), default=began + PATIENCE) - began
    return BombFigures(notes.pages, notes.uploads, times, whole, notes.problems)


def _look(turns: dict[str, float], refused: dict[str, float]) -> None:
    """Notes which checks have begun and which files are refused by now."""
    at = time.monotonic()
    begun = select(Job.args).where(Job.kind == CHECK, Job.state.in_((JobState.RUNNING, JobState.DONE)))
    for args in db.session.scalars(begun):
        turns.setdefault(args["storage_key"], at)
    for key in db.session.scalars(select(StoredFile.storage_key).where(StoredFile.state == FileState.REFUSED)):
        turns.setdefault(key, at)
        refused.setdefault(key, at)
    db.session.remove()


def _read(port: int, draft: Draft, notes: _Notes, over: threading.Event) -> None:
    """Asks for pages of the public and of an applicant, one after the other."""
    pages = ["/", "/calls/", f"/applications/{draft.reference}/", f"/applications/{draft.reference}/budget"]
    with closing(Client(port, timeout=PATIENCE)) as client:
        client.sign_in(draft.lead_address, PASSWORD)
        while not over.is_set():
            for page in pages:
                began = time.monotonic()
                answer = client.ask(page)
                notes.pages.append(time.monotonic() - began)
                if answer.status != HTTPStatus.OK:
                    notes.problems.append(f"{page}: {answer.status}")
            time.sleep(PAUSE)


def _sender(port: int, draft: Draft, partner: int, notes: _Notes) -> threading.Thread:
    """A thread that uploads a bomb as the letter of a partner; it has signed in before."""
    client = Client(port, timeout=PATIENCE)
    client.sign_in(draft.lead_address, PASSWORD)
    address = f"/applications/{draft.reference}/documents"
    token = hidden(client.ask(address).body, "csrf_token")

    def send() -> None:
        began = time.monotonic()
        with closing(client):
            answer = client.send_file(
                f"{address}/{partner}", {"csrf_token": token}, f"p{partner}-letter", hostile_pdfs.slow()
            )
        notes.uploads.append(time.monotonic() - began)
        if answer.status not in (HTTPStatus.FOUND, HTTPStatus.UNSUPPORTED_MEDIA_TYPE):
            notes.problems.append(f"upload: {answer.status}")

    return threading.Thread(target=send)


def _let_go() -> None:
    db.session.remove()
    db.engine.dispose()
