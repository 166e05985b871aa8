"""Form with which an officer corrects the region of a partner."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from urbact_calls.eligibility.findings.forms import LONGEST_NOTE
from urbact_calls.reference.gazetteer import regions_of
from urbact_calls.web.forms import BaseForm, SelectChoice, own_ids, readable


class CorrectRegionForm(BaseForm):
    """Another region for one partner, and why. `seen` is the region that the officer saw."""

    nuts2 = SelectField("Region (NUTS 2)", validators=[DataRequired("Choose the region.")])
    reason = TextAreaField(
        "Reason",
        description="Where you have seen it. It stays on record.",
        validators=[
            DataRequired("Say why."),
            Length(max=LONGEST_NOTE, message=f"Up to {LONGEST_NOTE:,} characters."),
            readable,
        ],
    )
    seen = HiddenField()

    def __init__(self, partner_id: int, country: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partner_id = partner_id
        known = [SelectChoice(each.nuts2, f"{each.name} ({each.nuts2})") for each in regions_of(country)]
        self.nuts2.choices = [SelectChoice("", "Choose the region"), *known]
        own_ids(self, f"region-{partner_id}")
