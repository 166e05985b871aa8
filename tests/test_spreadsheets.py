"""CSV files for spreadsheets run nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from urbact_calls.web.spreadsheets import harmless

PROGRAM = Path(__file__).parents[1] / "urbact_calls"


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n@x", "  =1", "＝1", "＋1", "－1", "＠x", "\ttext", "\xa0=1"],
)
def test_a_cell_that_begins_like_a_formula_gets_an_apostrophe(cell: str):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Agen", "a=b", "1-1", "Île-de-France", "'=1", "12,000"])
def test_other_cells_stay_as_they_are(cell: str):
    assert harmless(cell) == cell


def test_no_other_module_writes_tables_for_spreadsheets():
    ways = re.compile(r"csv\.(writer|DictWriter)|text/csv|spreadsheetml|openpyxl|xlsxwriter")
    writers = {path.name for path in PROGRAM.rglob("*.py") if ways.search(path.read_text(encoding="utf-8"))}

    assert writers == {"spreadsheets.py"}
