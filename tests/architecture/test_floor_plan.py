"""The package stands on its floor plan."""

from __future__ import annotations

import pytest

from config import ROOT
from tests.architecture.floor_plan import OF_THE_PLAN
from tests.architecture.promises import Promise


@pytest.mark.parametrize("promise", OF_THE_PLAN, ids=lambda promise: promise.sentence)
def test_the_package_keeps_to_its_floor_plan(promise: Promise):
    assert promise.check(ROOT) == []
