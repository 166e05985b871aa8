"""What several tests of pages ask for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.factories.applications import Draft
    from tests.web_client import CleanClient


@pytest.fixture
def lead(client: CleanClient, draft: Draft, now: datetime) -> CleanClient:
    """The browser of the lead applicant of the `draft` of a module."""
    # Not at the top: tests of the web toolkit run where the rest of the program does not even import.
    from tests.factories.accounts import at, sign_in

    at(client, now)
    sign_in(client, draft.lead)
    return client
