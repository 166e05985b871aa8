"""What tests of services hold afterwards, if they ask for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def standings_hold(session: object) -> Iterator[None]:
    """After the test, the lists say of every report what its findings say."""
    from tests.factories.standings import counted, kept

    yield
    assert kept() == counted()
