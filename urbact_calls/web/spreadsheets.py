"""CSV files for spreadsheets, with no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from typing import IO

from flask import Response, send_file

MEMORY = 1_000_000
_RUN = ("=", "+", "-", "@")


def harmless(cell: str) -> str:
    """A cell that a spreadsheet shows as it is: one that begins like a formula gets an apostrophe before it.

    Also where blanks, tabs or line ends come first, and for the wide forms of the signs, which programs read as the
    narrow ones (OWASP, CSV Injection).
    """
    begins = unicodedata.normalize("NFKC", cell).lstrip()
    return f"'{cell}" if begins.startswith(_RUN) or cell[:1] in ("\t", "\r", "\n") else cell


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A CSV file to keep, as RFC 4180 wants it, in UTF-8 with the mark by which spreadsheets know that."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=MEMORY)  # noqa: SIM115 -- closed with the answer
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    text.detach()
    file.seek(0)
    return send_file(file, mimetype="text/csv", as_attachment=True, download_name=f"{name}.csv", max_age=0)
