"""Pages of letters of commitment: which are here, upload, download."""

from __future__ import annotations

from functools import partial

from flask import g
from flask.typing import ResponseReturnValue

from urbact_calls.applications.letters.commands import keep_letter
from urbact_calls.applications.letters.forms import LetterForm
from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import letter_of, may_write, require_letters_writable
from urbact_calls.applications.views import application_of, blueprint, is_writable, may_read, page, summary_of
from urbact_calls.database import db
from urbact_calls.domain.words import second
from urbact_calls.files.views import download, limit_uploads, takes_file, why_not_kept
from urbact_calls.pdfs import LARGEST_BYTES
from urbact_calls.web.access import requires
from urbact_calls.web.form_answers import done


@blueprint.get("/applications/<reference>/documents")
@requires(may_read, of=application_of)
def documents(application: Application) -> ResponseReturnValue:
    """The letters of all partners: which are here, which are missing."""
    return _page(application)


@blueprint.post("/applications/<reference>/documents/<int:partner_id>")
@takes_file
@requires(may_write, of=application_of)
@limit_uploads
def upload_letter(application: Application, partner_id: int) -> ResponseReturnValue:
    """Keeps a letter; or says beside its field why not."""
    field, reference = LetterForm(prefix=f"p{partner_id}-").letter, application.reference
    if refused := why_not_kept(field, "signed letter", partial(keep_letter, reference, partner_id)):
        problem, status = refused
        return _page(application, partner_id, problem), status
    return done(f"Letter saved {second(g.received_at)}.", "applications.documents", reference=reference)


@blueprint.get("/applications/<reference>/documents/<int:partner_id>")
@requires(may_read, of=application_of)
def letter(application: Application, partner_id: int) -> ResponseReturnValue:
    """A letter as it was uploaded, to be saved and not shown by the browser."""
    document = letter_of(db.session(), application, partner_id)
    return download(document.storage_key, filename=document.filename, media_type=document.media_type)


def _page(application: Application, partner_id: int | None = None, error: str = "") -> str:
    summary = summary_of(application)
    may_change = is_writable(application, require_letters_writable)
    own_ids = {partner.id for partner in summary.own_partners if may_change}
    rows = []
    for partner in summary.partners:
        form = LetterForm(formdata=None, prefix=f"p{partner.id}-")
        form.letter.label.text = f"Letter of {partner.organisation.name}"
        if partner.id == partner_id and error:
            form.letter.errors = [error]
        rows.append((partner, partner.letter_document, form))
    return page(
        "applications/documents.html",
        application,
        summary=summary,
        rows=rows,
        own_ids=own_ids,
        problem=next((form for _, _, form in rows if form.errors), None),
        largest_bytes=LARGEST_BYTES,
    )
