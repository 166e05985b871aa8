"""Uploads: the PDF of a form is handed to the command that keeps it, or it is said why not."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, g
from werkzeug.datastructures import FileStorage
from wtforms import FileField

from urbact_calls.domain.refusal import Refused
from urbact_calls.pdfs import NotAPdf, TooLarge
from urbact_calls.web.access import current_actor


def why_not_kept(field: FileField, whole: str, keep: Callable[..., None]) -> tuple[str, int] | None:
    """Hands the file of a field to `keep`; says why it cannot be kept, with the status of that answer, else None.

    `keep` takes content, filename, actor, now and storage, and raises Refused. `whole` is what the file is to be.
    """
    file = field.data
    if not isinstance(file, FileStorage) or not file.filename:
        return f"Choose the {whole} as PDF, then send it.", 422
    try:
        keep(
            content=file.stream.read(),
            filename=file.filename,
            actor=current_actor(),
            now=g.received_at,
            storage=current_app.extensions["storage"],
        )
    except Refused as problem:
        return str(problem), {TooLarge: 413, NotAPdf: 415}.get(type(problem), 409)
    return None
