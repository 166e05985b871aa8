"""Checks of an uploaded PDF: it can be read, and nothing in it acts by itself.

The content decides, never the name or the media type that the browser claims. pypdf reads the file; whatever it
cannot read is refused in words, because a paper that the Joint Secretariat cannot open helps nobody. Letters,
curricula vitae and agreements pass the same checks.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject

from urbact_calls.domain.entries import storable_line
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.text import CATALOGUE, Param, Text, message

LARGEST_BYTES = 5_000_000
MOST_PAGES = 100
MOST_OBJECTS = 20_000
MEDIA_TYPE = "application/pdf"
LONGEST_NAME = 120

SCRIPTS = message("pdf.scripts", "scripts")()
SCRIPTS_OR_ACTIONS = message("pdf.scripts_or_actions", "scripts or actions")()
OTHER_FILES = message("pdf.other_files", "other files")()
DYNAMIC_FORM = message("pdf.dynamic_form", "a dynamic form")()
MEDIA = message("pdf.media", "media")()


@dataclass(frozen=True, slots=True)
class Acting:
    """An entry of a PDF that acts by itself or carries something else; any value of `key` if `value` is None."""

    key: str
    value: str | None
    what: Text


_ACTIONS = ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/RichMediaExecute", "/GoToE")

# Actions that run or reach out, and containers for other files (ISO 32000-2, 12.6.4 and 7.11.4). Readers find a type
# under either key.
REFUSED = (
    Acting("/JS", None, SCRIPTS),
    Acting("/EmbeddedFiles", None, OTHER_FILES),
    Acting("/EF", None, OTHER_FILES),
    Acting("/XFA", None, DYNAMIC_FORM),
    *(Acting("/S", action, SCRIPTS_OR_ACTIONS) for action in _ACTIONS),
    *(Acting(key, "/EmbeddedFile", OTHER_FILES) for key in ("/Type", "/Subtype")),
    *(Acting(key, "/RichMedia", MEDIA) for key in ("/Type", "/Subtype")),
)

# Whole sentences for each kind of paper; `[word]` and `[whole]` are what a `Paper` is called.
_REASONS = {
    "too_large": "The file has {megabytes} MB; up to 5 MB are allowed. Scan the [word] in black and white, or save the "
    "PDF with a lower picture quality.",
    "empty": "The file is empty. Choose the [whole] as PDF.",
    "not_pdf": "This is not a PDF. Save or scan the [whole] as PDF, then upload it.",
    "broken": "The PDF is broken and cannot be opened. Save or scan the [word] again, then upload it.",
    "encrypted": "The PDF is protected with a password. Save it without protection, then upload it.",
    "no_page": "The PDF has no page. Save or scan the [word] again, then upload it.",
    "too_long": "The PDF has {pages:,} pages; up to {most} are allowed. Upload only the [word].",
    "too_complex": "The PDF is too complex to be checked. Scan the [whole] as PDF.",
    "active": "The PDF holds {what}. Print it to a new PDF, or scan it, then upload that.",
}

logging.getLogger("pypdf").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class CheckedPdf:
    """What a PDF is to be: the field it is uploaded in, and the words for it, as in “Scan the letter again”."""

    field: str
    word: str
    whole: str

    def __post_init__(self) -> None:
        for reason, words in _REASONS.items():
            message(f"{self.field}.{reason}", words.replace("[word]", self.word).replace("[whole]", self.whole))

    def refusal(self, reason: str, **params: Param) -> Refusal:
        return Refusal(CATALOGUE[f"{self.field}.{reason}"](**params), field=self.field)


class TooLarge(Refused):
    """The file has more bytes than an uploaded paper may have."""


class NotAPdf(Refused):
    """The file is not a PDF that can be kept."""


def check(content: bytes, paper: CheckedPdf) -> None:
    """Raises TooLarge or NotAPdf with the reason and what to do."""
    if len(content) > LARGEST_BYTES:
        raise TooLarge(paper.refusal("too_large", megabytes=f"{len(content) / 1_000_000:.1f}"))
    if not content:
        raise NotAPdf(paper.refusal("empty"))
    if not content.startswith(b"%PDF-"):
        raise NotAPdf(paper.refusal("not_pdf"))
    try:
        _read(content, paper)
    except Refused:
        raise
    except Exception as problem:
        # A file made to break readers makes pypdf raise nearly anything, RecursionError and MemoryError among it.
        # All of it means the same to the person who uploads: the file cannot be opened.
        raise NotAPdf(paper.refusal("broken")) from problem


def _read(content: bytes, paper: CheckedPdf) -> None:
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise NotAPdf(paper.refusal("encrypted"))
    _refuse_what_acts(reader, paper)
    pages = len(reader.pages)
    if pages == 0:
        raise NotAPdf(paper.refusal("no_page"))
    if pages > MOST_PAGES:
        raise NotAPdf(paper.refusal("too_long", pages=pages, most=MOST_PAGES))


def _refuse_what_acts(reader: PdfReader, paper: CheckedPdf) -> None:
    numbers = {(number, generation) for generation, rows in reader.xref.items() for number in rows}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise NotAPdf(paper.refusal("too_complex"))
    # Every object of the file, not only what the pages lead to: readers find actions by other ways too.
    objects = (reader.get_object(IndirectObject(number, generation, reader)) for number, generation in sorted(numbers))
    for each in chain(objects, [reader.trailer]):
        for part in _parts(each):
            if what := _acting(part):
                raise NotAPdf(paper.refusal("active", what=what))


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


def _acting(part: DictionaryObject) -> Text | None:
    # `part[key]` follows a reference: a reader would take the name of an action from there too.
    here = (each for each in REFUSED if each.key in part and (each.value is None or part[each.key] == each.value))
    return next((each.what for each in here), None)


def clean_name(raw: str, fallback: str) -> str:
    """A file name that is safe to show: no folders, no characters that hide or reorder text, ends in `.pdf`."""
    shown = storable_line(re.split(r"[/\\]", raw)[-1], most=10 * LONGEST_NAME)
    stem = re.sub(r"(?i)\.pdf$", "", " ".join(shown.split())).strip(" .")
    return f"{stem[: LONGEST_NAME - 4] or fallback}.pdf"
