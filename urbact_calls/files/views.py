"""Uploads and downloads for the pages of all features: the PDF of a form is handed to the command that keeps it, or it
is said why not; a file is a download, never a page of this site."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, current_app, g, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage, ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms import FileField

from urbact_calls.database import db
from urbact_calls.domain.refusal import Refused
from urbact_calls.files.reads import require_served
from urbact_calls.pdfs import LARGEST_BYTES, NotAPdf, TooLarge
from urbact_calls.storage import NoRoom
from urbact_calls.web.access import current_actor
from urbact_calls.web.limits import limiter
from urbact_calls.web.problems import problem_page

blueprint = Blueprint("files", __name__)
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
_TAKING_FILES: set[str] = set()


def takes_file(view: View) -> View:
    """Marks a view that hands its file to `why_not_kept` before it does anything: a request that is too large to be
    read is answered with its page."""
    _TAKING_FILES.add(f"{view.__module__}.{view.__name__}")
    return view


def _brings_no_file() -> bool:
    return not any(file.filename for file in request.files.values())


limit_uploads = limiter.shared_limit(
    "60 per 10 minutes",
    scope="uploads",
    # Per account: a town hall stands behind one address.
    key_func=lambda: f"account {current_actor().user_id}",
    exempt_when=_brings_no_file,
)
"""How many files one account may send: enough for every letter and every part of a large partnership at once. Stands
under `@requires` of each view that takes files."""


@blueprint.app_errorhandler(RequestEntityTooLarge)
def request_too_large(problem: RequestEntityTooLarge) -> ResponseReturnValue:
    """A request that is too large was not read at all: nothing of its form is known but the address."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or f"{view.__module__}.{view.__name__}" not in _TAKING_FILES:
        return problem_page(413, megabytes=f"{(request.content_length or 0) / 1_000_000:.1f}")
    g.is_too_large = True
    # As if nothing had been sent: whoever asks again for the form would be refused again.
    vars(request).update(form=ImmutableMultiDict(), files=ImmutableMultiDict())
    try:
        return current_app.ensure_sync(view)(**request.view_args or {})
    except Exception as refused:
        # Who may not see the page is told so as anybody else; what is no refusal is raised again there.
        return current_app.handle_user_exception(refused)


STATUSES: dict[type[Refused], int] = {TooLarge: 413, NotAPdf: 415, NoRoom: 503}
"""The statuses with which files are refused; everything else that is refused has 409."""
SMALLER = "Scan it in black and white, or save the PDF with a lower picture quality."


def why_not_kept(field: FileField, whole: str, keep: Callable[..., None]) -> tuple[str, int] | None:
    """Hands the file of a field to `keep`; says why it cannot be kept, with the status of that answer, else None.

    `keep` takes content, filename, actor, now and storage, and raises Refused. `whole` is what the file is to be.
    """
    if g.get("is_too_large"):
        size = (
            f"The file has {request.content_length / 1_000_000:.1f} MB" if request.content_length else "It is too large"
        )
        return f"{size}; up to {LARGEST_BYTES // 1_000_000} MB are allowed. {SMALLER}", 413
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
        return str(problem), STATUSES.get(type(problem), 409)
    return None


def download(storage_key: str, *, filename: str, media_type: str) -> Response:
    """The stored file under the name that it had when it came. Raises NotFound if it is not on disk, Refused while it
    is not checked, not scanned, or refused."""
    require_served(db.session(), storage_key)
    # As an attachment: a file that somebody uploaded must not run in the name of this site.
    file = current_app.extensions["storage"].open(storage_key)
    response = send_file(file, mimetype=media_type, as_attachment=True, download_name=filename, etag=False, max_age=0)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
