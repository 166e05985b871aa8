"""The whole way of one application by commands and workers alone, from draft to network."""

from __future__ import annotations

import pytest

from tests.factories.applications import row
from tests.factories.story import story

pytestmark = pytest.mark.usefixtures("session", "standings_hold")


def test_an_application_goes_from_draft_to_network(now):
    tale = story(now)
    states = [row(tale.reference).state]

    for stage in (tale.submit, tale.close_call, tale.settle, tale.declare, tale.allocate, tale.lock_sheets, tale.sign):
        stage()
        states.append(row(tale.reference).state)
    tale.record()
    states.append(row(tale.reference).state)
    tale.announce()
    states.append(row(tale.reference).state)

    assert list(dict.fromkeys(states)) == ["draft", "submitted", "eligible", "assessed", "in_network"]
