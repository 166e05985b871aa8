"""Compression of answers, for a reader who takes it: a page is a quarter as long, on a slow line a quarter as late."""

from __future__ import annotations

import gzip

import brotli
from flask import Flask, Response, request

# Below it, what is saved is less than what the headers cost.
SHORTEST = 1000
KINDS = ("text/html", "text/plain", "text/calendar", "application/json", "application/xml", "application/atom+xml")
# Quick: a page is compressed while somebody waits for it. What never changes is compressed with all patience (assets).
BROTLI_QUALITY, GZIP_LEVEL = 6, 6


def register(app: Flask) -> None:
    """Compresses answers of text. Pages hold their one secret that stays, the token of forms, masked (`csrf`)."""

    @app.after_request
    def compress(response: Response) -> Response:
        if response.mimetype not in KINDS or response.direct_passthrough or response.is_streamed:
            return response
        response.vary.add("Accept-Encoding")
        content = response.get_data()
        if len(content) < SHORTEST or "Content-Encoding" in response.headers:
            return response
        wanted = request.accept_encodings.best_match(["br", "gzip", "identity"], default="identity")
        if wanted == "br":
            response.set_data(brotli.compress(content, quality=BROTLI_QUALITY))
        elif wanted == "gzip":
            response.set_data(gzip.compress(content, compresslevel=GZIP_LEVEL, mtime=0))
        else:
            return response
        response.headers["Content-Encoding"] = wanted
        return response
