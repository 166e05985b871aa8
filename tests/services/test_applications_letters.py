"""Which files are letters: the content decides, and nothing that acts by itself is kept."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NullObject, TextStringObject

from tests.factories.applications import pdf
from urbact_calls import pdfs
from urbact_calls.applications.letters.commands import LETTER_PDF
from urbact_calls.pdfs import NotAPdf, TooLarge


def written(change: Callable[[PdfWriter], object]) -> bytes:
    """A PDF of one page with something done to it."""
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    change(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


NEIGHBOURS = {
    ("/JS", None): ("/JT", None),
    ("/EmbeddedFiles", None): ("/Dests", None),
    ("/EF", None): ("/UF", None),
    ("/XFA", None): ("/Fields", None),
    ("/S", "/JavaScript"): ("/S", "/URI"),
    ("/S", "/Launch"): ("/S", "/Named"),
    ("/S", "/SubmitForm"): ("/S", "/ResetForm"),
    ("/S", "/ImportData"): ("/S", "/Hide"),
    ("/S", "/Rendition"): ("/S", "/Trans"),
    ("/S", "/RichMediaExecute"): ("/S", "/SetOCGState"),
    ("/S", "/GoToE"): ("/S", "/GoTo"),
    ("/Type", "/EmbeddedFile"): ("/Type", "/Filespec"),
    ("/Subtype", "/EmbeddedFile"): ("/Subtype", "/FileAttachments"),
    ("/Type", "/RichMedia"): ("/Type", "/Annot"),
    ("/Subtype", "/RichMedia"): ("/Subtype", "/Link"),
}
"""Beside each entry that is refused, one like it that does no harm."""


def entry(key: str, value: str | None) -> DictionaryObject:
    return DictionaryObject({NameObject(key): NameObject(value) if value else TextStringObject("x")})


def in_the_catalogue(writer: PdfWriter, found: DictionaryObject) -> None:
    writer.root_object[NameObject("/OpenAction")] = found


def in_the_annotation_of_a_page(writer: PdfWriter, found: DictionaryObject) -> None:
    link = writer.add_annotation(0, Link(rect=(0, 0, 10, 10), url="https://example.org"))
    link[NameObject("/A")] = DictionaryObject({NameObject("/Next"): ArrayObject([NullObject(), found])})


def where_no_page_leads(writer: PdfWriter, found: DictionaryObject) -> None:
    writer._add_object(found)


def with_its_value_elsewhere(writer: PdfWriter, found: DictionaryObject) -> None:
    [(key, value)] = found.items()
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject({key: writer._add_object(value)})


PLACES = [in_the_catalogue, in_the_annotation_of_a_page, where_no_page_leads, with_its_value_elsewhere]
ENTRIES = [(each.key, each.value) for each in pdfs.REFUSED]


def code_of(content: bytes) -> str:
    with pytest.raises((NotAPdf, TooLarge)) as problem:
        pdfs.check(content, LETTER_PDF)
    return problem.value.refusals[0].code


def test_a_plain_letter_is_kept():
    pdfs.check(pdf(3), LETTER_PDF)


def test_a_letter_of_exactly_five_megabytes_is_kept_and_one_byte_more_is_too_large():
    whole = pdf()
    fill = b"\n%" + b"x" * (pdfs.LARGEST_BYTES - len(whole) - 2)

    pdfs.check(whole + fill, LETTER_PDF)
    assert code_of(whole + fill + b"x") == "letter.too_large"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "letter.empty"),
        (b"%", "letter.not_pdf"),
        (b"%PDF-", "letter.broken"),
        (b"%PDF-1.7\n%%EOF", "letter.broken"),
        (b"MZ" + pdf(), "letter.not_pdf"),
        (b"PK\x03\x04" + pdf(), "letter.not_pdf"),
        (b"<html>" + pdf(), "letter.not_pdf"),
        (pdf()[:200], "letter.broken"),
        (b"%PDF-1.7\n" + b"[" * 100_000, "letter.broken"),
        (b"%PDF-1.7\ntrailer<</Root 1 0 R>>\n1 0 obj\n" + b"<</A" * 5_000 + b"\nstartxref\n0\n%%EOF", "letter.broken"),
        (written(lambda writer: writer.encrypt("secret")), "letter.encrypted"),
        (written(lambda writer: writer.encrypt("", "owner")), "letter.encrypted"),
        (written(lambda writer: writer.add_attachment("macro.xlsm", b"PK")), "letter.active"),
        (pdf(pdfs.MOST_PAGES + 1), "letter.too_long"),
    ],
)
def test_what_is_not_a_letter_is_refused_with_its_reason(content: bytes, code: str):
    assert code_of(content) == code


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("key", "value"), ENTRIES)
def test_what_acts_by_itself_is_refused_wherever_it_stands(place: Callable, key: str, value: str | None):
    assert code_of(written(lambda writer: place(writer, entry(key, value)))) == "letter.active"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("key", "value"), NEIGHBOURS.values())
def test_what_does_no_harm_is_kept(place: Callable, key: str, value: str | None):
    pdfs.check(written(lambda writer: place(writer, entry(key, value))), LETTER_PDF)


def test_every_refused_entry_has_a_harmless_neighbour():
    missing = set(ENTRIES) ^ set(NEIGHBOURS)

    assert missing == set(), "put beside each entry of pdfs.REFUSED one like it that does no harm (NEIGHBOURS)"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("letter.pdf", "letter.pdf"),
        ("Letter.PDF", "Letter.pdf"),
        ("letter", "letter.pdf"),
        ("letter.pdf.exe", "letter.pdf.exe.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\brief.pdf", "brief.pdf"),
        ("a\u202efdp.exe", "afdp.exe.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie: x.pdf"),
        ("Plan 🏳️‍🌈 \U0001f6dc.pdf", "Plan 🏳️‍🌈 \U0001f6dc.pdf"),
        ("Zu\u0308rich\u200b.pdf", "Zürich.pdf"),
        ("", "letter.pdf"),
        (".pdf", "letter.pdf"),
        ("\x00", "letter.pdf"),
        ("Επιστολή δέσμευσης.pdf", "Επιστολή δέσμευσης.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_shown_without_what_could_mislead(raw: str, shown: str):
    assert pdfs.clean_name(raw, "letter") == shown
