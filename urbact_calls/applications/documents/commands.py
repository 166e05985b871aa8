"""Commands on the PDF of an application: request it, keep it, delete old ones.

One document per application is enough: it belongs to a content, and as soon as the content is another one it is of no
use any more. Making it takes seconds for a long application, so a worker does it.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.documents.reads import document_content, document_rows, document_status
from urbact_calls.applications.models import Application, ApplicationDocument, DocumentArgs
from urbact_calls.applications.reads.applications import for_update, visible_to
from urbact_calls.database import after_commit, transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound
from urbact_calls.jobs import announce
from urbact_calls.storage import Storage


def request_document(reference: str, actor: Actor, now: datetime, *, storage: Storage) -> None:
    """Has the PDF of the application as it is now made, unless it is there or on its way. Raises NotFound."""
    with transaction() as session:
        application = for_update(session, reference)
        if session.scalar(visible_to(actor).where(Application.id == application.id)) is None:
            raise NotFound(f"application {reference}")
        status = document_status(session, application)
        if status.is_ready or status.is_coming:
            return
        content = document_content(session, application).sha256
        for row in document_rows(session, application):
            if row.storage_key is None or row.content_sha256 == content:
                delete_document_step(session, row, storage)
        session.flush()
        wanted = ApplicationDocument(application_id=application.id, content_sha256=content, requested_at=now)
        session.add(wanted)
        session.flush()
        wanted.job_id = announce(
            session,
            kind=KIND,
            # A number of a row can come again on SQLite, a key never.
            key=f"{KIND}:{reference}:{secrets.token_hex(8)}",
            args=DocumentArgs(document=wanted.id, reference=reference),
            now=now,
            actor_id=actor.user_id,
            subject=application.subject,
        )


def keep_document_step(  # noqa: PLR0913 -- what is kept, where and when; keyword-only after the second
    session: Session, document_id: int, *, content_sha256: str, pdf: bytes, now: datetime, storage: Storage
) -> None:
    """Stores a PDF and takes the older ones of its application away. A second time it does nothing.

    The content may have changed since it was asked for; the row then takes the content that was made.
    """
    row = session.scalar(
        select(ApplicationDocument)
        .where(ApplicationDocument.id == document_id, ApplicationDocument.storage_key.is_(None))
        .with_for_update()
    )
    if row is None:
        return
    older = select(ApplicationDocument).where(
        ApplicationDocument.application_id == row.application_id,
        ApplicationDocument.id != row.id,
        ApplicationDocument.storage_key.is_not(None),
    )
    for each in session.scalars(older).all():
        delete_document_step(session, each, storage)
    session.flush()
    stored = storage.put(pdf)
    row.content_sha256, row.storage_key, row.size, row.made_at = content_sha256, stored.key, stored.size, now


KIND = "applications.print"
KEPT_FOR = timedelta(days=7)
"""After that a PDF that nobody needed again is deleted; it can be made again at any time."""


def delete_document_step(session: Session, row: ApplicationDocument, storage: Storage) -> None:
    """Deletes a PDF that is not needed any more, with its file."""
    session.delete(row)
    if row.storage_key is not None:
        # After the commit: until then the row still names the file.
        after_commit(session, partial(storage.remove, row.storage_key))
