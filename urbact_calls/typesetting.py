"""Printed documents: HTML of our own templates becomes accessible, tagged PDF (PDF/UA-1, ISO 14289-1).

Nothing is fetched while a document is set, neither from the network nor from the disk: what people typed is text,
and text that came through as an address would make the server ask it. The typeface is the one of the pages, read
from `static/vendor`. A child does the work: a long text takes seconds and memory, and so may one made to take more.
"""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import current_app

from urbact_calls.confined import run
from urbact_calls.domain.glyphs import in_words

if TYPE_CHECKING:
    from weasyprint import URLFetcher

MEDIA_TYPE = "application/pdf"
LAYOUT = 4
"""Grows when the templates or styles of printed documents change, so that stored ones are made again."""

_FONTS = Path(__file__).resolve().parent.parent / "static" / "vendor" / "inter"
_ALPHABETS = ("latin", "latin-ext", "greek", "cyrillic")
# Each alphabet is a file and a family of its own: files of one family overwrite each other's letters in the PDF.
FAMILIES = ", ".join(f'"Inter {alphabet}"' for alphabet in _ALPHABETS) + ', "DejaVu Sans", sans-serif'


_TEXT = re.compile(">[^<]+")
_LONG_WORD = re.compile(r"[^\s<>&;]{20,}")


class Unfetchable(ValueError):
    """A printed document names an address; it stays out of the document."""


def typeset(template: str, *, place: Path, waits: float, patience: float, **values: Any) -> bytes:
    """The template under `templates/print/` as PDF; text in `values` is escaped by the template engine.

    `place`, `waits` and `patience` are those of `confined.run`. Raises `confined.TooMuch` and `confined.NotNow`.
    """
    # Not by `render_template`: a document must not depend on who is signed in, and a worker has no request.
    html = current_app.jinja_env.get_template(f"print/{template}").render(families=FAMILIES, **values)
    return run(to_pdf, html.encode(), place=place, waits=waits, patience=patience)


def to_pdf(html: bytes) -> bytes:
    """What a child does with a whole HTML document: tagged PDF. Title and language come from the document.

    Characters that the typeface lacks are printed in words: what is drawn does not depend on what else is installed.
    Words that are too long for their line or column go on in the next line.
    """
    # Here and not at the top: it takes a second to load, and most processes never print.
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    fetcher, fonts = _no_fetcher(), FontConfiguration()
    faces = CSS(string=_font_faces(), font_config=fonts, url_fetcher=fetcher)
    whole = _breakable(in_words(html.decode(), _covered()))
    document = HTML(string=whole, base_url=None, url_fetcher=fetcher)
    pdf = document.write_pdf(stylesheets=[faces], font_config=fonts, pdf_variant="pdf/ua-1")
    assert pdf is not None, "without a target the content is given back"  # noqa: S101 -- for the type checker
    return bytes(pdf)


def _breakable(html: str) -> str:
    """The document with a mark around each long word of its text: only those may be broken between any two letters.

    If every word might be, a table would rather break the short words of a narrow column than those of a wide one.
    """
    head, body, text = html.partition("<body")
    marked = _TEXT.sub(lambda part: _LONG_WORD.sub(r'<span class="long">\g<0></span>', part[0]), text)
    return head + body + marked


def _font_faces() -> str:
    return "\n".join(
        f'@font-face {{ font-family: "Inter {alphabet}"; src: url("font:{alphabet}"); }}' for alphabet in _ALPHABETS
    )


@cache
def _font(alphabet: str) -> bytes:
    return (_FONTS / f"inter-{alphabet}-wght-normal.woff2").read_bytes()


@cache
def _covered() -> frozenset[int]:
    """The characters that have a glyph, and those that part lines and words."""
    from fontTools.ttLib import TTFont

    faces = (TTFont(io.BytesIO(_font(alphabet)), lazy=True) for alphabet in _ALPHABETS)
    return frozenset(b"\t\n\r").union(*(face.getBestCmap() for face in faces))


def _no_fetcher() -> URLFetcher:
    """Gives the letters of the typeface and refuses every other address, `file:` and `data:` among them."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlyFonts(URLFetcher):
        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            scheme, _, alphabet = url.partition(":")
            if scheme != "font" or alphabet not in _ALPHABETS:
                raise Unfetchable("a printed document fetches nothing")
            return URLFetcherResponse(url, body=_font(alphabet), headers={"Content-Type": "font/woff2"})

    return OnlyFonts()
