"""Checks of an uploaded PDF: it can be read, and nothing in it acts by itself.

The content decides, never the name or the media type that the browser claims. pypdf reads the file; whatever it
cannot read is refused in words, because a paper that the Joint Secretariat cannot open helps nobody. Letters,
curricula vitae and agreements pass the same checks. A file that its office tool protected against changes opens for
everybody, and is read like any other.
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from urbact_calls.confined import TooMuch, run
from urbact_calls.domain.entries import storable_line
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.text import CATALOGUE, Param, Text, message

# Only the child that looks at a PDF needs the library, which takes 10 MiB of whoever imports it.
if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdf.generic import DictionaryObject, PdfObject

LARGEST_BYTES = 5_000_000
MOST_PAGES = 100
MOST_OBJECTS = 20_000
MEDIA_TYPE = "application/pdf"
LONGEST_NAME = 120
LONGEST_START = 1024
# An honest file of the largest size takes less than a second.
MOST_CPU_SECONDS = 3
# How files begin that other programs open, whatever stands further on.
_OTHER_KINDS = (
    b"MZ",
    b"PK",
    b"\x7fELF",
    b"#!",
    b"<",
    b"GIF8",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"Rar!",
    b"7z",
    b"{\\rtf",
    b"\xd0\xcf",
)

SCRIPTS = message("pdf.scripts", "scripts")()
SCRIPTS_OR_ACTIONS = message("pdf.scripts_or_actions", "scripts or actions")()
OTHER_FILES = message("pdf.other_files", "other files")()
DYNAMIC_FORM = message("pdf.dynamic_form", "a dynamic form")()
MEDIA = message("pdf.media", "media")()
MACHINES = message("pdf.machines", "links to files or machines inside a network")()


@dataclass(frozen=True, slots=True)
class Acting:
    """An entry of a PDF that acts by itself, carries something else or leads to a machine: `key` with any value if
    `value` is None, with this name, or with a text that the pattern finds."""

    key: str
    value: str | re.Pattern[str] | None
    what: Text


_ACTIONS = ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/RichMediaExecute", "/GoToE")
_MOVING = ("/RichMedia", "/Movie", "/3D")
# A share or a file of a machine, or a site that only a machine inside a network answers for. Reading such a text is
# enough for some readers to sign in there. What leads to a public site or to a mailbox is a link like any other.
A_MACHINE = re.compile(
    r"\s*(?:\\\\|//|(?!https?:|mailto:|tel:)[a-z][a-z0-9+.-]*:"
    r"|https?:/*(?:[^/?#]*@)?(?:\[|[0-9.]+(?=[:/?#]|$)|[^./?#:]+(?=[:/?#]|$)))",
    re.IGNORECASE,
)

# The one table of what is refused: actions that run or reach out, containers for other files, media, and links to
# machines (ISO 32000-2, 12.6.4, 7.11 and 13). Readers find a type under either key.
REFUSED = (
    Acting("/JS", None, SCRIPTS),
    Acting("/EmbeddedFiles", None, OTHER_FILES),
    Acting("/EF", None, OTHER_FILES),
    Acting("/XFA", None, DYNAMIC_FORM),
    *(Acting("/S", action, SCRIPTS_OR_ACTIONS) for action in _ACTIONS),
    *(Acting(key, "/EmbeddedFile", OTHER_FILES) for key in ("/Type", "/Subtype")),
    *(Acting(key, kind, MEDIA) for kind in _MOVING for key in ("/Type", "/Subtype")),
    *(Acting(key, A_MACHINE, MACHINES) for key in ("/URI", "/F", "/UF", "/DOS", "/Mac", "/Unix")),
)

# Whole sentences for each kind of paper; `[word]` and `[whole]` are what a `Paper` is called.
_REASONS = {
    "too_large": "The file has {megabytes} MB; up to 5 MB are allowed. Scan the [word] in black and white, or save the "
    "PDF with a lower picture quality.",
    "empty": "The file is empty. Choose the [whole] as PDF.",
    "not_pdf": "This is not a PDF. Save or scan the [whole] as PDF, then upload it.",
    "broken": "The PDF is broken and cannot be opened. Save or scan the [word] again, then upload it.",
    "encrypted": "The PDF is protected: it opens with a password or a certificate only. Save it without protection, "
    "then upload it.",
    "no_page": "The PDF has no page. Save or scan the [word] again, then upload it.",
    "too_long": "The PDF has {pages:,} pages; up to {most} are allowed. Upload only the [word].",
    "too_complex": "The PDF is too complex to be checked. Scan the [whole] as PDF.",
    "active": "The PDF holds {what}. Print it to a new PDF, or scan it, then upload that.",
}

logging.getLogger("pypdf").setLevel(logging.CRITICAL)
logger = logging.getLogger(__name__)


PAPERS: dict[str, CheckedPdf] = {}
"""What a PDF can be, by the field it is uploaded in: what was kept unchecked is refused in the same words."""


@dataclass(frozen=True, slots=True)
class CheckedPdf:
    """What a PDF is to be: the field it is uploaded in, the words for it, as in “Scan the letter again”, and the
    endpoint of the page where it is brought."""

    field: str
    word: str
    whole: str
    page: str

    def __post_init__(self) -> None:
        for reason, words in _REASONS.items():
            message(f"{self.field}.{reason}", words.replace("[word]", self.word).replace("[whole]", self.whole))
        PAPERS[self.field] = self

    def refusal(self, reason: str, **params: Param) -> Refusal:
        return Refusal(CATALOGUE[f"{self.field}.{reason}"](**params), field=self.field)


class TooLarge(Refused):
    """The file has more bytes than an uploaded paper may have."""


class NotAPdf(Refused):
    """The file is not a PDF that can be kept."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a PDF is not kept: one of the reasons of each paper, with its numbers. `what` is the code of a text."""

    reason: str
    pages: int | None = None
    what: str | None = None

    def of(self, paper: CheckedPdf) -> NotAPdf:
        params: dict[str, Param] = {}
        if self.pages is not None:
            params |= {"pages": self.pages, "most": MOST_PAGES}
        if self.what is not None:
            params |= {"what": CATALOGUE[self.what]()}
        return NotAPdf(paper.refusal(self.reason, **params))


def require_size(size: int, paper: CheckedPdf) -> None:
    """Raises TooLarge or NotAPdf for a file of so many bytes."""
    if size > LARGEST_BYTES:
        raise TooLarge(paper.refusal("too_large", megabytes=f"{ceil(size / 100_000) / 10:.1f}"))
    if not size:
        raise NotAPdf(paper.refusal("empty"))


def check(content: bytes, paper: CheckedPdf, *, place: Path, waits: float, patience: float) -> None:
    """Raises TooLarge or NotAPdf with the reason and what to do, and `confined.NotNow` if that is not known in time.

    A child reads the file: `place`, `waits` and `patience` are those of `confined.run`.
    """
    require_size(len(content), paper)
    # What is no PDF at all is told without a child.
    if _start_of(content) is None:
        raise Fault("not_pdf").of(paper)
    try:
        found = run(look, content, place=place, waits=waits, patience=patience, cpu_seconds=MOST_CPU_SECONDS)
    except TooMuch as problem:
        raise Fault("too_complex").of(paper) from problem
    if found:
        raise Fault(**json.loads(found)).of(paper)


def look(content: bytes) -> bytes:
    """What a child does with a PDF: its fault as JSON, nothing if it can be kept."""
    fault = fault_in(content)
    return json.dumps(asdict(fault)).encode() if fault else b""


def fault_in(content: bytes) -> Fault | None:
    """Why a file that came from outside is not kept, None if it can be. Raises MemoryError."""
    start = _start_of(content)
    if start is None:
        return Fault("not_pdf")
    try:
        return _fault_of_pdf(content[start:])
    except MemoryError:
        raise
    except Exception:
        # A file made to break readers makes pypdf raise nearly anything. All of it means the same to the person who
        # uploads: the file cannot be opened.
        logger.debug("unreadable PDF", exc_info=True)
    if start == 0:
        return Fault("broken")
    try:
        # Some programs count places from the first byte, others from the header.
        return _fault_of_pdf(content)
    except MemoryError:
        raise
    except Exception:
        logger.debug("unreadable PDF", exc_info=True)
        return Fault("broken")


def _start_of(content: bytes) -> int | None:
    """Where the header stands. Readers look for it in the first bytes (ISO 32000-1, Annex H.3, note 13): mail gates and
    scanners put line ends, marks or commands of a printer before it. A file of another kind is not made a PDF by it."""
    start = content.find(b"%PDF-", 0, LONGEST_START + len(b"%PDF-"))
    return None if start < 0 or content.startswith(_OTHER_KINDS) else start


def _fault_of_pdf(content: bytes) -> Fault | None:
    from pypdf.generic import IndirectObject

    reader = _opened(content)
    if reader is None:
        return Fault("encrypted")
    numbers = {(number, generation) for generation, rows in reader.xref.items() for number in rows}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        return Fault("too_complex")
    # Every object of the file, not only what the pages lead to: readers find actions by other ways too.
    objects = (reader.get_object(IndirectObject(number, generation, reader)) for number, generation in sorted(numbers))
    for each in chain(objects, [reader.trailer]):
        for part in _parts(each):
            if what := _acting(part):
                return Fault("active", what=what.code)
    pages = len(reader.pages)
    if pages == 0:
        return Fault("no_page")
    return Fault("too_long", pages=pages) if pages > MOST_PAGES else None


def _opened(content: bytes) -> PdfReader | None:
    """The file as everybody can open it, None if it needs a password or a certificate."""
    from pypdf import PasswordType, PdfReader

    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
    except NotImplementedError:
        # Protected by certificates, or in a way of some product.
        return None
    # Office tools protect against changes with an empty password for whoever reads.
    is_locked = reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED
    return None if is_locked else reader


def _parts(value: PdfObject | None) -> Iterator[DictionaryObject]:
    """The dictionaries inside one object, without following references to others."""
    from pypdf.generic import ArrayObject, DictionaryObject

    waiting: list[PdfObject | None] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, DictionaryObject):
            yield each
            waiting += [each.raw_get(key) for key in each]
        elif isinstance(each, ArrayObject):
            waiting += list(each)


def _acting(part: DictionaryObject) -> Text | None:
    return next((each.what for each in REFUSED if each.key in part and _is_found(each.value, part, each.key)), None)


def _is_found(wanted: str | re.Pattern[str] | None, part: DictionaryObject, key: str) -> bool:
    if wanted is None:
        return True
    # `part[key]` follows a reference: a reader would take the name of an action from there too.
    value = part[key]
    if isinstance(wanted, str):
        return bool(value == wanted)
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return isinstance(text, str) and wanted.match(text) is not None


def clean_name(raw: str, fallback: str) -> str:
    """A file name that is safe to show: no folders, no characters that hide or reorder text, ends in `.pdf`."""
    shown = storable_line(re.split(r"[/\\]", raw)[-1], most=10 * LONGEST_NAME)
    stem = re.sub(r"(?i)\.pdf$", "", " ".join(shown.split())).strip(" .")
    return f"{stem[: LONGEST_NAME - 4] or fallback}.pdf"
