"""Steps of commands on uploaded files: keep some, and what their check and their scan found.

Whoever brings a file learns at once what is wrong with it, if that takes no longer than the storage has patience;
otherwise it is kept and a worker looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from urbact_calls import pdfs
from urbact_calls.confined import NotNow
from urbact_calls.database import after_commit, transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.subject import Subject
from urbact_calls.domain.text import Text
from urbact_calls.domain.vocabulary import FileState
from urbact_calls.files.models import FileArgs, FileMessage, StoredFile
from urbact_calls.jobs import announce
from urbact_calls.pdfs import CheckedPdf
from urbact_calls.storage import Storage, Stored

CHECK, SCAN, REFUSED = "files.check", "files.scan", "mail:file.refused"

_FOLLOWING: list[str] = []


def follows_refusal(kind: str) -> None:
    """Adds a kind of job, with `FileArgs`, that a feature needs when a file is refused that it may have counted.

    A job of its own: it locks what the file is about, and whoever replaces the file locks that first.
    """
    _FOLLOWING.append(kind)


@dataclass
class Keeping:
    """What a command that keeps files works with: its session, the files, and what they are brought for, which the
    command says (`about`)."""

    session: Session
    files: list[Stored]
    about: Subject | None = None


@contextmanager
def keeping(
    contents: Sequence[bytes], paper: CheckedPdf, *, storage: Storage, actor: Actor, now: datetime
) -> Iterator[Keeping]:
    """The one transaction of a command that keeps files; they are taken away again if it fails.

    Raises TooLarge or NotAPdf for a file that cannot be kept, before anything is written, and NoRoom.
    """
    checked = [_is_checked(content, paper, storage) for content in contents]
    with storage.putting(*contents) as put, transaction() as session:
        # Rows name the files from then on: nothing that fails afterwards may take them away.
        after_commit(session, put.clear)
        keeping = Keeping(session, put)
        yield keeping
        for stored, is_checked in zip(put, checked, strict=True):
            if state := _state_of_new(is_checked, storage):
                _expect_step(keeping, stored, paper, state, actor, now)


def _is_checked(content: bytes, paper: CheckedPdf, storage: Storage) -> bool:
    """Whether it is known by now that a file can be kept; False if a worker has to find out. Raises as `keeping`."""
    try:
        pdfs.check(content, paper, place=storage.folder, waits=0, patience=storage.patience)
    except NotNow:
        return False
    return True


def _state_of_new(is_checked: bool, storage: Storage) -> FileState | None:
    """What is still to be found out about a file; None for nothing."""
    if not is_checked:
        return FileState.UNCHECKED
    return FileState.UNSCANNED if storage.scanner else None


def _expect_step(  # noqa: PLR0913 -- a file, what it is to be and where it stands
    keeping: Keeping, stored: Stored, paper: CheckedPdf, state: FileState, actor: Actor, now: datetime
) -> None:
    """Leaves to the workers what is still to be found out about a file."""
    if keeping.about is None:
        raise RuntimeError(f"a command keeps a {paper.word} without saying what it is about")
    file = StoredFile(
        storage_key=stored.key, paper=paper.field, state=state, received_at=now, uploaded_by=actor.user_id
    )
    file.about = keeping.about
    keeping.session.add(file)
    _announce(keeping.session, SCAN if state is FileState.UNSCANNED else CHECK, file, now)


def pass_check_step(session: Session, storage_key: str, *, scanner: str, now: datetime) -> None:
    """The check found nothing: the file is scanned next, where there is a scanner."""
    file = _waiting(session, storage_key, FileState.UNCHECKED)
    if file is not None and scanner:
        file.state = FileState.UNSCANNED
        _announce(session, SCAN, file, now)
    elif file is not None:
        file.state, file.settled_at = FileState.PASSED, now


def pass_scan_step(session: Session, storage_key: str, *, now: datetime) -> None:
    """The scan found nothing: whoever may read the document gets the file."""
    file = _waiting(session, storage_key, FileState.UNSCANNED)
    if file is not None:
        file.state, file.settled_at = FileState.PASSED, now


def refuse_step(session: Session, storage_key: str, *, refusal: Text, now: datetime) -> None:
    """Nobody gets the file any more, and its document is missing; whoever brought it hears why."""
    file = _waiting(session, storage_key, FileState.UNCHECKED, FileState.UNSCANNED)
    if file is None:
        return
    file.state, file.refusal, file.settled_at = FileState.REFUSED, refusal, now
    for kind in _FOLLOWING:
        _announce(session, kind, file, now)
    announce(
        session,
        kind=REFUSED,
        key=f"{REFUSED}:{storage_key}",
        args=FileMessage(storage_key=storage_key),
        now=now,
        subject=file.about,
    )


def discard_step(session: Session, storage_key: str, storage: Storage) -> None:
    """Takes a file away that nothing names any more: after the commit, for until then a row still names it."""
    session.execute(delete(StoredFile).where(StoredFile.storage_key == storage_key))
    after_commit(session, partial(storage.remove, storage_key))


def _waiting(session: Session, storage_key: str, *states: FileState) -> StoredFile | None:
    """The row, locked, if it still stands in one of these states: its document may have been replaced meanwhile."""
    query = select(StoredFile).where(StoredFile.storage_key == storage_key, StoredFile.state.in_(states))
    return session.scalar(query.with_for_update())


def _announce(session: Session, kind: str, file: StoredFile, now: datetime) -> None:
    args = FileArgs(storage_key=file.storage_key)
    announce(session, kind=kind, key=f"{kind}:{file.storage_key}", args=args, now=now, subject=file.about)
