"""Jobs on uploaded files: the check that took too long for whoever brought the file, and the scan."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from flask import current_app

from urbact_calls import pdfs, scanner
from urbact_calls.confined import NotNow
from urbact_calls.database import db
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import FileState
from urbact_calls.files.commands import CHECK, SCAN, pass_check_step, pass_scan_step, refuse_step
from urbact_calls.files.models import FileArgs
from urbact_calls.files.reads import file_at
from urbact_calls.jobs import Claim, Effect, NotYet, job
from urbact_calls.storage import Storage

HARMFUL = message(
    "file.harmful",
    "The scanner for harmful content refuses this file ({found}). Print it to a new PDF on another computer, or ask "
    "whoever looks after yours.",
)
# Seconds for which a worker waits for its turn, and then for the check of one file: together less than the lease.
WAITS, PATIENCE = 50.0, 50.0
LEASE = timedelta(minutes=2)


@job(CHECK, args=FileArgs, lease=LEASE, queue="slow")
def check_file(claim: Claim[FileArgs]) -> Effect | None:
    """Checks a file that was kept unchecked. Nothing to do for one that is known by now or was replaced.

    Raises NotYet when other checks took too long.
    """
    key, storage = claim.args.storage_key, _storage()
    file = file_at(db.session(), key)
    if file is None or file.state is not FileState.UNCHECKED:
        return None
    paper = pdfs.PAPERS[file.paper]
    content = _content(storage, key)
    if content is None:
        return None
    try:
        pdfs.check(content, paper, place=storage.folder, waits=WAITS, patience=PATIENCE)
    except NotNow as problem:
        raise NotYet(str(problem)) from problem
    except Refused as problem:
        return partial(refuse_step, storage_key=key, refusal=problem.refusals[0].message, now=claim.now)
    return partial(pass_check_step, storage_key=key, scanner=storage.scanner, now=claim.now)


@job(SCAN, args=FileArgs, lease=LEASE, queue="slow")
def scan_file(claim: Claim[FileArgs]) -> Effect | None:
    """Has a file scanned. Raises NotYet while the scanner is away: the file waits, unserved."""
    key, storage = claim.args.storage_key, _storage()
    file = file_at(db.session(), key)
    if file is None or file.state is not FileState.UNSCANNED:
        return None
    content = _content(storage, key)
    if content is None:
        return None
    try:
        found = scanner.found_in(content, storage.scanner) if storage.scanner else None
    except scanner.Away as problem:
        raise NotYet(str(problem)) from problem
    if found:
        return partial(refuse_step, storage_key=key, refusal=HARMFUL(found=found), now=claim.now)
    return partial(pass_scan_step, storage_key=key, now=claim.now)


def _storage() -> Storage:
    storage: Storage = current_app.extensions["storage"]
    return storage


def _content(storage: Storage, key: str) -> bytes | None:
    """The file; None if it was replaced since. No transaction stays open while others look at it."""
    db.session.rollback()
    try:
        with storage.open(key) as file:
            return file.read()
    except NotFound:
        return None
