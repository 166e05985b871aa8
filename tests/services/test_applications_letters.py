"""Which files are letters: the content decides, and nothing that acts by itself is kept."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NullObject, TextStringObject

from tests.factories.applications import pdf
from urbact_calls.applications import letters
from urbact_calls.applications.letters import NotAPdf, TooLarge


def written(change: Callable[[PdfWriter], object]) -> bytes:
    """A PDF of one page with something done to it."""
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    change(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def launching(writer: PdfWriter) -> None:
    action = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("calc.exe")})
    writer.root_object[NameObject("/OpenAction")] = action


def opening_script(writer: PdfWriter) -> None:
    script = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")})
    writer.root_object[NameObject("/OpenAction")] = script


def scripted_link(writer: PdfWriter) -> None:
    """A script in the annotation of a page, in a dictionary inside an array, and nowhere in the catalogue."""
    link = writer.add_annotation(0, Link(rect=(0, 0, 10, 10), url="https://example.org"))
    script = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")})
    link[NameObject("/A")] = DictionaryObject({NameObject("/Next"): ArrayObject([NullObject(), script])})


def code_of(content: bytes) -> str:
    with pytest.raises((NotAPdf, TooLarge)) as problem:
        letters.check(content)
    return problem.value.refusals[0].code


def test_a_plain_letter_is_kept():
    letters.check(pdf(3))


def test_a_letter_of_exactly_five_megabytes_is_kept_and_one_byte_more_is_too_large():
    whole = pdf()
    fill = b"\n%" + b"x" * (letters.LARGEST_BYTES - len(whole) - 2)

    letters.check(whole + fill)
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
        (written(opening_script), "letter.active"),
        (written(lambda writer: writer.add_attachment("macro.xlsm", b"PK")), "letter.active"),
        (written(launching), "letter.active"),
        (written(scripted_link), "letter.active"),
        (pdf(letters.MOST_PAGES + 1), "letter.too_long"),
    ],
)
def test_what_is_not_a_letter_is_refused_with_its_reason(content: bytes, code: str):
    assert code_of(content) == code


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
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("", "letter.pdf"),
        (".pdf", "letter.pdf"),
        ("\x00", "letter.pdf"),
        ("Επιστολή δέσμευσης.pdf", "Επιστολή δέσμευσης.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_shown_without_what_could_mislead(raw: str, shown: str):
    assert letters.clean_name(raw) == shown
