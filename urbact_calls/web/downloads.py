"""Downloads of uploaded documents: always as a file to keep, never as a page of this site."""

from __future__ import annotations

from flask import Response, current_app, send_file


def download(storage_key: str, *, filename: str, media_type: str) -> Response:
    """The stored file under the name that it had when it came. Raises NotFound if it is not on disk."""
    # As an attachment: a file that somebody uploaded must not run in the name of this site.
    file = current_app.extensions["storage"].open(storage_key)
    response = send_file(file, mimetype=media_type, as_attachment=True, download_name=filename, etag=False, max_age=0)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
