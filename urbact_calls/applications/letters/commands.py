"""Commands on letters of commitment: keep an uploaded letter."""

from __future__ import annotations

from datetime import datetime

from urbact_calls import pdfs
from urbact_calls.applications.drafts.commands import keep_document_step, locked_for, partner_to_write_for
from urbact_calls.applications.models import LETTER
from urbact_calls.applications.reads.applications import may_write, require_letters_writable
from urbact_calls.domain.permissions import Actor
from urbact_calls.files.commands import keeping
from urbact_calls.record.commands import field_changed
from urbact_calls.storage import Storage

LETTER_PDF = pdfs.CheckedPdf(field="letter", word="letter", whole="signed letter", page="applications.documents")


def keep_letter(  # noqa: PLR0913 -- keyword-only after the second
    reference: str, partner_id: int, *, content: bytes, filename: str, actor: Actor, now: datetime, storage: Storage
) -> None:
    """Keeps a partner's letter of commitment in place of the one before.

    Raises TooLarge or NotAPdf for a file that cannot be kept, Refused when nothing can be changed any
    more. Nothing of a refused file stays.
    """
    with keeping([content], LETTER_PDF, storage=storage, actor=actor, now=now) as put:
        session, (stored,) = put.session, put.files
        application = locked_for(session, reference, actor, may_write)
        put.about = application.subject
        require_letters_writable(application, now)
        partner = partner_to_write_for(session, application, partner_id, actor)
        was = partner.letter_document.sha256 if partner.letter_document else None
        keep_document_step(
            session, partner, LETTER, stored=stored, filename=filename, actor=actor, now=now, storage=storage
        )
        field = f"letters.{partner.organisation.slug}"
        field_changed(session, application.subject, field, was, stored.sha256, actor, now)
