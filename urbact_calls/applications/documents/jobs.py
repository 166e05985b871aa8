"""The job that makes the PDF of an application."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.documents.commands import KEPT_FOR, KIND, delete_document_step, keep_document_step
from urbact_calls.applications.documents.reads import document_content
from urbact_calls.applications.models import ApplicationDocument, DocumentArgs
from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.database import db
from urbact_calls.jobs import Claim, Effect, job
from urbact_calls.storage import Storage
from urbact_calls.typesetting import typeset

# Seconds for which a worker waits for a free child, and then for the document: together less than the lease.
WAITS, PATIENCE = 50.0, 50.0


@job(KIND, args=DocumentArgs, lease=timedelta(minutes=2), queue="slow")
def make_document(claim: Claim[DocumentArgs]) -> Effect | None:
    """Makes the PDF of the application as it is now. Nothing to do if it is there or was taken back."""
    document_id = claim.args.document
    row = db.session.get(ApplicationDocument, document_id)
    if row is None or row.storage_key is not None:
        return None
    content = document_content(db.session(), by_reference(db.session(), claim.args.reference))
    # Setting a long text takes seconds; no transaction stays open meanwhile.
    db.session.rollback()
    storage: Storage = current_app.extensions["storage"]
    pdf = typeset(
        "application.html",
        place=storage.folder,
        waits=WAITS,
        patience=PATIENCE,
        document=content,
        made_at=claim.now,
    )

    def keep(session: Session) -> None:
        keep_document_step(session, document_id, content_sha256=content.sha256, pdf=pdf, now=claim.now, storage=storage)

    return keep


def forget_documents(session: Session, now: datetime) -> Effect | None:
    """Deletes the PDFs that were asked for long ago, with their files."""
    old = select(ApplicationDocument).where(ApplicationDocument.requested_at < now - KEPT_FOR).limit(100)
    if session.scalar(select(old.exists())) is not True:
        return None

    def delete_them(session: Session) -> None:
        for row in session.scalars(old).all():
            delete_document_step(session, row, current_app.extensions["storage"])

    return delete_them
