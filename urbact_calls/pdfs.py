"""What an uploaded PDF must be to be kept: one that can be read, and nothing that acts by itself.

The content decides, never the name or the media type that the browser claims. pypdf reads the file; whatever it
cannot read is refused in words, because a paper that the Joint Secretariat cannot open helps nobody. Letters,
curricula vitae and agreements pass the same checks.
"""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject

from urbact_calls.domain.refusal import Refusal, Refused

LARGEST_BYTES = 5_000_000
MOST_PAGES = 100
MOST_OBJECTS = 20_000
MEDIA_TYPE = "application/pdf"
LONGEST_NAME = 120

# Actions that run or reach out, and containers for other files (ISO 32000-2, 12.6.4 and 7.11.4).
_ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/RichMediaExecute", "/GoToE"}
_KEYS = {"/JS": "scripts", "/EmbeddedFiles": "other files", "/EF": "other files", "/XFA": "a dynamic form"}
_TYPES = {"/EmbeddedFile": "other files", "/RichMedia": "media"}

logging.getLogger("pypdf").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Paper:
    """What a PDF is to be: the field it is uploaded in, and the words for it, as in “Scan the letter again”."""

    field: str
    word: str
    whole: str


class TooLarge(Refused):
    """The file has more bytes than an uploaded paper may have."""


class NotAPdf(Refused):
    """The file is not a PDF that can be kept."""


def check(content: bytes, paper: Paper) -> None:
    """Raises TooLarge or NotAPdf with the reason and what to do."""
    if len(content) > LARGEST_BYTES:
        raise TooLarge(
            _refusal(
                paper,
                "too_large",
                f"The file has {len(content) / 1_000_000:.1f} MB; up to 5 MB are allowed. Scan the {paper.word} in "
                "black and white, or save the PDF with a lower picture quality.",
            )
        )
    if not content:
        raise NotAPdf(_refusal(paper, "empty", f"The file is empty. Choose the {paper.whole} as PDF."))
    if not content.startswith(b"%PDF-"):
        raise NotAPdf(
            _refusal(paper, "not_pdf", f"This is not a PDF. Save or scan the {paper.whole} as PDF, then upload it.")
        )
    try:
        _read(content, paper)
    except Refused:
        raise
    except Exception as problem:
        # A file made to break readers makes pypdf raise nearly anything, RecursionError and MemoryError among it.
        # All of it means the same to the person who uploads: the file cannot be opened.
        raise NotAPdf(
            _refusal(
                paper,
                "broken",
                f"The PDF is broken and cannot be opened. Save or scan the {paper.word} again, then upload it.",
            )
        ) from problem


def _read(content: bytes, paper: Paper) -> None:
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise NotAPdf(
            _refusal(
                paper, "encrypted", "The PDF is protected with a password. Save it without protection, then upload it."
            )
        )
    _refuse_what_acts(reader, paper)
    pages = len(reader.pages)
    if pages == 0:
        raise NotAPdf(
            _refusal(paper, "no_page", f"The PDF has no page. Save or scan the {paper.word} again, then upload it.")
        )
    if pages > MOST_PAGES:
        said = f"The PDF has {pages:,} pages; up to {MOST_PAGES} are allowed. Upload only the {paper.word}."
        raise NotAPdf(_refusal(paper, "too_long", said))


def _refuse_what_acts(reader: PdfReader, paper: Paper) -> None:
    numbers = {(number, generation) for generation, rows in reader.xref.items() for number in rows}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise NotAPdf(
            _refusal(paper, "too_complex", f"The PDF is too complex to be checked. Scan the {paper.whole} as PDF.")
        )
    # Every object of the file, not only what the pages lead to: readers find actions by other ways too.
    for number, generation in sorted(numbers):
        for part in _parts(reader.get_object(IndirectObject(number, generation, reader))):
            what = _acting(part)
            if what:
                raise NotAPdf(
                    _refusal(
                        paper, "active", f"The PDF holds {what}. Print it to a new PDF, or scan it, then upload that."
                    )
                )
    for part in _parts(reader.trailer):
        if _acting(part):
            raise NotAPdf(_refusal(paper, "active", "The PDF holds scripts. Print it to a new PDF, then upload that."))


def _parts(value: PdfObject | None) -> Iterator[DictionaryObject]:
    """The dictionaries inside one object, without following references to others."""
    waiting: list[PdfObject | None] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, DictionaryObject):
            yield each
            waiting += [each.raw_get(key) for key in each]
        elif isinstance(each, ArrayObject):
            waiting += list(each)


def _acting(part: DictionaryObject) -> str | None:
    for key, what in _KEYS.items():
        if key in part:
            return what
    action = part.raw_get("/S") if "/S" in part else None
    if isinstance(action, str) and action in _ACTIONS:
        return "scripts or actions"
    for key in ("/Type", "/Subtype"):
        kind = part.raw_get(key) if key in part else None
        if isinstance(kind, str) and kind in _TYPES:
            return _TYPES[kind]
    return None


def clean_name(raw: str, fallback: str) -> str:
    """A file name that is safe to show: no folders, no characters that hide or reorder text, ends in `.pdf`."""
    last = re.split(r"[/\\]", raw)[-1]
    shown = "".join(
        character
        for character in unicodedata.normalize("NFC", last)
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    stem = re.sub(r"(?i)\.pdf$", "", " ".join(shown.split())).strip(" .")
    return f"{stem[: LONGEST_NAME - 4] or fallback}.pdf"


def _refusal(paper: Paper, code: str, message: str) -> Refusal:
    return Refusal(f"{paper.field}.{code}", message, field=paper.field)
