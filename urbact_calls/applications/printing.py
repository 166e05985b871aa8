"""The application as a stored PDF: asked for, looked up, replaced, forgotten.

One paper per application is enough: it belongs to a content, and as soon as the content is another one the paper is
of no use any more. Making it takes seconds for a long application, so a worker does it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, PrintArgs, PrintedDocument
from urbact_calls.applications.printed import printed
from urbact_calls.applications.queries import for_update, visible_to
from urbact_calls.database import after_commit, transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import Job, announce

KIND = "applications.print"
KEPT_FOR = timedelta(days=7)
"""After that a paper that nobody needed again is deleted; it can be made again at any time."""


@dataclass(frozen=True, slots=True)
class Paper:
    """How far the PDF of the application as it is now is: `document` when it can be read, `job_state` while not."""

    document: PrintedDocument | None
    job_state: JobState | None

    @property
    def is_ready(self) -> bool:
        return self.document is not None

    @property
    def is_coming(self) -> bool:
        return self.job_state in (JobState.READY, JobState.RUNNING)

    @property
    def has_failed(self) -> bool:
        return self.job_state is not None and not self.is_coming


def paper_of(session: Session, application: Application) -> Paper:
    """The paper of the application as it is now, or how far it is."""
    sha256 = printed(session, application).sha256
    rows = _rows(session, application)
    ready = next((row for row in rows if row.storage_key and row.content_sha256 == sha256), None)
    if ready is not None:
        return Paper(ready, None)
    waiting = next((row for row in rows if row.storage_key is None), None)
    if waiting is None:
        return Paper(None, None)
    state = session.scalar(select(Job.state).where(Job.id == waiting.job_id)) if waiting.job_id else None
    return Paper(None, state or JobState.DEAD)


def ask_for_paper(reference: str, actor: Actor, now: datetime) -> None:
    """Has the PDF of the application as it is now made, unless it is there or on its way. Raises NotFound."""
    with transaction() as session:
        application = for_update(session, reference)
        if session.scalar(visible_to(actor).where(Application.id == application.id)) is None:
            raise NotFound(f"application {reference}")
        paper = paper_of(session, application)
        if paper.is_ready or paper.is_coming:
            return
        content = printed(session, application).sha256
        for row in _rows(session, application):
            if row.storage_key is None or row.content_sha256 == content:
                _delete(session, row)
        session.flush()
        wanted = PrintedDocument(application_id=application.id, content_sha256=content, requested_at=now)
        session.add(wanted)
        session.flush()
        wanted.job_id = announce(
            session,
            kind=KIND,
            # A number of a row can come again on SQLite, a key never.
            key=f"{KIND}:{reference}:{secrets.token_hex(8)}",
            args=PrintArgs(document=wanted.id, reference=reference),
            now=now,
            actor_id=actor.user_id,
            subject=application.subject,
        )


def keep_paper(session: Session, document_id: int, content_sha256: str, pdf: bytes, now: datetime) -> None:
    """Stores a paper and takes the older ones of its application away. A second time it does nothing.

    The content may have changed since it was asked for; the row then takes the content that was printed.
    """
    row = session.scalar(
        select(PrintedDocument)
        .where(PrintedDocument.id == document_id, PrintedDocument.storage_key.is_(None))
        .with_for_update()
    )
    if row is None:
        return
    older = select(PrintedDocument).where(
        PrintedDocument.application_id == row.application_id,
        PrintedDocument.id != row.id,
        PrintedDocument.storage_key.is_not(None),
    )
    for each in session.scalars(older).all():
        _delete(session, each)
    session.flush()
    stored = current_app.extensions["storage"].put(pdf)
    row.content_sha256, row.storage_key, row.size, row.made_at = content_sha256, stored.key, stored.size, now


def forget_papers(session: Session, now: datetime) -> None:
    """Deletes the papers that were asked for long ago, with their files."""
    old = select(PrintedDocument).where(PrintedDocument.requested_at < now - KEPT_FOR).limit(100)
    for row in session.scalars(old).all():
        _delete(session, row)


def _rows(session: Session, application: Application) -> Sequence[PrintedDocument]:
    return session.scalars(
        select(PrintedDocument)
        .where(PrintedDocument.application_id == application.id)
        .order_by(PrintedDocument.id.desc())
    ).all()


def _delete(session: Session, row: PrintedDocument) -> None:
    key, storage = row.storage_key, current_app.extensions["storage"]
    session.delete(row)
    if key is not None:
        # After the commit: until then the row still names the file.
        after_commit(session, lambda: storage.remove(key))
