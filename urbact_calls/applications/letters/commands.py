"""Commands on letters of commitment: keep an uploaded letter."""

from __future__ import annotations

from datetime import datetime

from urbact_calls import pdfs
from urbact_calls.applications.drafts.commands import keep_document_step, locked_for, partner_to_write_for
from urbact_calls.applications.models import LETTER
from urbact_calls.applications.reads.applications import may_write, require_letters_writable
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.record.commands import field_changed
from urbact_calls.storage import Storage

LETTER_PDF = pdfs.CheckedPdf(field="letter", word="letter", whole="signed letter")


def keep_letter(  # noqa: PLR0913 -- keyword-only after the second
    reference: str, partner_id: int, *, content: bytes, filename: str, actor: Actor, now: datetime, storage: Storage
) -> None:
    """Keeps a partner's letter of commitment in place of the one before.

    Raises TooLarge or NotAPdf for a file that cannot be kept, Refused when nothing can be changed any
    more. Nothing of a refused file stays.
    """
    pdfs.check(content, LETTER_PDF)
    with storage.putting(content) as (stored,), transaction() as session:
        application = locked_for(session, reference, actor, may_write)
        require_letters_writable(application, now)
        partner = partner_to_write_for(session, application, partner_id, actor)
        was = partner.letter.sha256 if partner.letter else None
        _, replaced = keep_document_step(
            session, partner, LETTER, stored=stored, filename=filename, actor=actor, now=now
        )
        field = f"letters.{partner.organisation.slug}"
        field_changed(session, application.subject, field, was, stored.sha256, actor, now)
    for key in replaced:
        storage.remove(key)
