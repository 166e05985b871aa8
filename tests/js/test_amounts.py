"""Amounts are read, shown and shared alike on the server and by the script of the budget: both read `amounts.json`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from urbact_calls.domain.entries import cents_of
from urbact_calls.domain.money import share_of
from urbact_calls.domain.words import euro

HERE = Path(__file__).parent
AMOUNTS = json.loads((HERE / "amounts.json").read_text())


@pytest.mark.parametrize(("typed", "cents"), AMOUNTS["read"].items())
def test_the_server_reads_an_amount_as_the_script_does(typed: str, cents: int):
    assert (cents_of(typed) or 0) == cents


@pytest.mark.parametrize("typed", AMOUNTS["refused"])
def test_the_server_refuses_what_the_script_cannot_read(typed: str):
    with pytest.raises(ValueError, match="amount"):
        cents_of(typed)


@pytest.mark.parametrize(("cents", "shown"), AMOUNTS["shown"].items())
def test_the_server_shows_an_amount_as_the_script_does(cents: str, shown: str):
    assert euro(int(cents)) == shown


@pytest.mark.parametrize(("cents", "rate", "part"), AMOUNTS["shares"])
def test_the_server_rounds_a_share_as_the_script_does(cents: int, rate: int, part: int):
    assert share_of(cents, rate) == part


def test_the_scripts_of_the_pages_pass_their_own_tests():
    done = subprocess.run(
        ["node", "--test", *sorted(map(str, HERE.glob("*.test.mjs")))], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
