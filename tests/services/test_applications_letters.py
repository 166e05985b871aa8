"""Which files are letters: the content decides, and nothing that acts by itself is kept."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NullObject, TextStringObject

from tests.factories.applications import pdf
from tests.office_pdfs import KINDS
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
    ("/Type", "/Movie"): ("/Type", "/Page"),
    ("/Subtype", "/Movie"): ("/Subtype", "/Widget"),
    ("/Type", "/3D"): ("/Type", "/Font"),
    ("/Subtype", "/3D"): ("/Subtype", "/Text"),
    **{(key, pdfs.A_MACHINE): (key, "https://example.org/a") for key in ("/URI", "/F", "/UF", "/DOS", "/Mac", "/Unix")},
}
"""Beside each entry that is refused, one like it that does no harm."""

A_SHARE = "\\\\server\\share"


def entry(key: str, value: str | re.Pattern[str] | None) -> DictionaryObject:
    if isinstance(value, re.Pattern):
        return DictionaryObject({NameObject(key): TextStringObject(A_SHARE)})
    is_name = value is not None and value.startswith("/")
    return DictionaryObject({NameObject(key): NameObject(value) if is_name else TextStringObject(value or "x")})


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


def reason_of(content: bytes) -> str | None:
    """Why a file is not kept, found here and not in a child."""
    fault = pdfs.fault_in(content)
    return fault.reason if fault else None


def check(content: bytes, place: Path) -> None:
    pdfs.check(content, LETTER_PDF, place=place, waits=60, patience=60)


def test_a_plain_letter_is_kept(tmp_path: Path):
    check(pdf(3), tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pdf_of_any_kind_that_opens_is_kept(kind: str):
    assert reason_of(KINDS[kind]()) is None


def test_a_letter_of_exactly_five_megabytes_is_kept_and_one_byte_more_is_too_large(tmp_path: Path):
    whole = pdf()
    fill = b"\n%" + b"x" * (pdfs.LARGEST_BYTES - len(whole) - 2)

    check(whole + fill, tmp_path)
    with pytest.raises(TooLarge, match=r"5\.1 MB; up to 5 MB"):
        check(whole + fill + b"x", tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"GIF89a", "This is not a PDF"),
        (pdf()[:200], "The PDF is broken"),
        (pdf(pdfs.MOST_PAGES + 1), "The PDF has 101 pages; up to 100 are allowed"),
    ],
)
def test_what_a_child_finds_is_said_in_the_words_of_the_paper(content: bytes, words: str, tmp_path: Path):
    with pytest.raises(NotAPdf, match=words):
        check(content, tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"%", "not_pdf"),
        (b"%PDF-", "broken"),
        (b"%PDF-1.7\n%%EOF", "broken"),
        (b"MZ" + pdf(), "not_pdf"),
        (b"PK\x03\x04" + pdf(), "not_pdf"),
        (b"<html>" + pdf(), "not_pdf"),
        (pdf()[:200], "broken"),
        (b"%PDF-1.7\n" + b"[" * 100_000, "broken"),
        (b"%PDF-1.7\ntrailer<</Root 1 0 R>>\n1 0 obj\n" + b"<</A" * 5_000 + b"\nstartxref\n0\n%%EOF", "broken"),
        (written(lambda writer: writer.encrypt("secret")), "encrypted"),
        (written(lambda writer: writer.add_attachment("macro.xlsm", b"PK")), "active"),
        (pdf(pdfs.MOST_PAGES + 1), "too_long"),
    ],
)
def test_what_is_not_a_letter_is_refused_with_its_reason(content: bytes, reason: str):
    assert reason_of(content) == reason


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("key", "value"), ENTRIES)
def test_what_acts_by_itself_is_refused_wherever_it_stands(place: Callable, key: str, value: str | None):
    assert reason_of(written(lambda writer: place(writer, entry(key, value)))) == "active"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("key", "value"), NEIGHBOURS.values())
def test_what_does_no_harm_is_kept(place: Callable, key: str, value: str | None):
    assert reason_of(written(lambda writer: place(writer, entry(key, value)))) is None


def test_every_refused_entry_has_a_harmless_neighbour():
    missing = set(ENTRIES) ^ set(NEIGHBOURS)

    assert missing == set(), "put beside each entry of pdfs.REFUSED one like it that does no harm (NEIGHBOURS)"


PROTECTIONS = ["RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256"]


@pytest.mark.parametrize("algorithm", PROTECTIONS)
def test_a_pdf_that_is_protected_against_changes_and_opens_is_read(algorithm: str):
    protected = written(lambda writer: writer.encrypt("", "owner", algorithm=algorithm))

    assert reason_of(protected) is None


@pytest.mark.parametrize("algorithm", PROTECTIONS)
def test_what_acts_is_found_behind_a_protection_too(algorithm: str):
    def protect(writer: PdfWriter) -> None:
        in_the_catalogue(writer, entry("/S", "/JavaScript"))
        writer.encrypt("", "owner", algorithm=algorithm)

    assert reason_of(written(protect)) == "active"


@pytest.mark.parametrize("algorithm", PROTECTIONS)
def test_a_pdf_that_opens_with_a_password_only_is_told_as_protected(algorithm: str):
    protected = written(lambda writer: writer.encrypt("secret", "owner", algorithm=algorithm))

    assert reason_of(protected) == "encrypted"


def test_a_pdf_that_opens_with_a_certificate_only_is_told_as_protected():
    protected = written(lambda writer: writer.encrypt("secret")).replace(b"/Filter /Standard", b"/Filter /Adobe.PubSec")

    assert reason_of(protected) == "encrypted"


BEFORE_THE_HEADER = [b"\n", b"\r\n\r\n", b" " * 100, b"\xef\xbb\xbf", b"\0" * 12, b"\x1b%-12345X@PJL\r\n", b"x" * 1024]


@pytest.mark.parametrize("before", BEFORE_THE_HEADER)
def test_a_pdf_with_bytes_before_its_header_is_read(before: bytes):
    assert reason_of(before + pdf()) is None


@pytest.mark.parametrize("before", BEFORE_THE_HEADER)
def test_a_pdf_that_counts_the_bytes_before_its_header_is_read(before: bytes):
    whole = pdf()
    shifted = re.sub(rb"(?m)^(\d{10})(?= \d{5} n)", lambda place: b"%010d" % (int(place[1]) + len(before)), whole)
    start = re.search(rb"startxref\n(\d+)", shifted)
    assert start is not None
    shifted = shifted[: start.start(1)] + str(int(start[1]) + len(before)).encode() + shifted[start.end(1) :]

    assert reason_of(before + shifted) is None


def test_what_acts_is_found_behind_bytes_before_the_header_too():
    acting = written(lambda writer: in_the_catalogue(writer, entry("/S", "/JavaScript")))

    assert reason_of(b"\r\n" + acting) == "active"


def test_a_header_further_down_is_none():
    assert reason_of(b"x" * 1025 + pdf()) == "not_pdf"


@pytest.mark.parametrize(
    "address",
    [
        A_SHARE,
        "//server/share",
        "file:///etc/passwd",
        "smb://server/share",
        "javascript:alert(1)",
        "C:\\letters\\a.pdf",
        " FILE:///a",
        "http://localhost/a",
        "http://intranet",
        "https://192.168.0.1/a",
        "http://user@10.0.0.1:8080",
        "http://[::1]/",
        "http://2130706433/",
    ],
)
def test_a_link_to_a_machine_is_refused(address: str):
    assert reason_of(written(lambda writer: linked(writer, address))) == "active"


@pytest.mark.parametrize(
    "address",
    ["https://example.org", "http://www.urbact.eu/a?b=c:d", "mailto:office@example.org", "tel:+33", "annex.pdf"],
)
def test_a_link_to_a_public_site_is_kept(address: str):
    assert reason_of(written(lambda writer: linked(writer, address))) is None


def linked(writer: PdfWriter, address: str) -> None:
    writer.add_annotation(0, Link(rect=(0, 0, 10, 10), url=address))


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
