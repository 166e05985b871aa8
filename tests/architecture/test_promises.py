"""The source keeps the promises of the architecture."""

from __future__ import annotations

import pytest

from config import ROOT
from tests.architecture.promises import PROMISES, Promise


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.sentence)
def test_the_source_keeps_its_promise(promise: Promise):
    assert promise.check(ROOT) == []
