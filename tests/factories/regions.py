"""An officer confirms the regions of the partners, as before every verdict."""

from __future__ import annotations

from datetime import datetime

from tests.factories.applications import row
from urbact_calls.database import db
from urbact_calls.domain.permissions import Actor
from urbact_calls.eligibility.regions.commands import confirm_regions
from urbact_calls.eligibility.reports.reads.partner_regions import partner_regions


def confirm_all_regions(reference: str, actor: Actor, now: datetime) -> None:
    """Every region that waits for an officer is confirmed in one act."""
    regions = partner_regions(db.session(), row(reference).id)
    tokens = [each.token for each in regions if not each.is_settled]
    if tokens:
        confirm_regions(reference, tokens, actor=actor, now=now)
