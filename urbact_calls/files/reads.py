"""Reads of uploaded files: how far one is, and whether it counts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import FileState
from urbact_calls.files.models import StoredFile

UNCHECKED = message(
    "file.unchecked",
    "This file is not yet checked, so nobody can open it. It takes a minute at most: try again then.",
)
UNSCANNED = message(
    "file.unscanned", "This file is not yet scanned for harmful content, so nobody can open it. Try again later."
)


def file_at(session: Session, storage_key: str) -> StoredFile | None:
    """How far the file of this key is; None for one that was checked when it came."""
    return session.scalar(select(StoredFile).where(StoredFile.storage_key == storage_key))


def require_served(session: Session, storage_key: str) -> None:
    """Raises Refused with the reason for a file that nobody gets, or not yet."""
    file = file_at(session, storage_key)
    if file is None or file.is_served:
        return
    waiting = UNSCANNED() if file.state is FileState.UNSCANNED else UNCHECKED()
    raise Refused(Refusal(file.refusal or waiting))


def counts(file: StoredFile | None) -> bool:
    """Whether a document with this file is there: one that waits for its check is, one that was refused is missing."""
    return file is None or not file.is_refused
