"""A letter of commitment, or another paper of a partner: a PDF that passes the checks of every uploaded paper."""

from __future__ import annotations

from urbact_calls import pdfs
from urbact_calls.pdfs import LARGEST_BYTES, MEDIA_TYPE, MOST_PAGES, NotAPdf, TooLarge

__all__ = ["LARGEST_BYTES", "MEDIA_TYPE", "MOST_PAGES", "NotAPdf", "TooLarge", "check", "clean_name"]

FILE_PAPER = pdfs.Paper(field="file", word="file", whole="document")
LETTER_PAPER = pdfs.Paper(field="letter", word="letter", whole="signed letter")


def check(content: bytes) -> None:
    """Raises TooLarge or NotAPdf with the reason and what to do."""
    pdfs.check(content, LETTER_PAPER)


def check_file(content: bytes) -> None:
    """As `check`, for another file that the form asks for."""
    pdfs.check(content, FILE_PAPER)


def clean_name(raw: str) -> str:
    """A file name that is safe to show."""
    return pdfs.clean_name(raw, "letter")
