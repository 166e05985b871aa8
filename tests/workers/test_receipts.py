"""A receipt is sent beside long work: `python -m scripts.receipts` beside fewer reports."""

from __future__ import annotations

import pytest

from scripts.receipts import LARGEST_MIB, LONGEST_SECONDS, trial


@pytest.mark.slow
def test_a_receipt_does_not_wait_for_official_reports():
    found = trial("sqlite", waiting=150, receipts=1)

    assert found.reports > 0
    assert found.waited[0] < LONGEST_SECONDS
    assert max(found.largest_mib.values()) < LARGEST_MIB
