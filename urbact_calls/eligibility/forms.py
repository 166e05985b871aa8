"""Forms of the check: an officer settles a finding, and corrects the region of a partner."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from urbact_calls.domain.vocabulary import FindingOutcome
from urbact_calls.reference.gazetteer import regions_of
from urbact_calls.web.forms import BaseForm, SelectChoice, own_ids, readable

_NOTE = Length(max=2000, message="Up to 2,000 characters.")


class SettleForm(BaseForm):
    """Met or not met, and what was seen. `seen` is the version of the settlement that the officer saw."""

    outcome = RadioField(
        "What you found",
        choices=[SelectChoice(word.value, word.label) for word in (FindingOutcome.MET, FindingOutcome.NOT_MET)],
        validators=[DataRequired("Choose met or not met.")],
    )
    note = TextAreaField(
        "Note",
        description="What you have seen, and where. If the rule is not met, the applicant reads it.",
        validators=[DataRequired("Say in a few words what you have seen."), _NOTE, readable],
    )
    seen = HiddenField()

    def __init__(self, code: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code
        own_ids(self, code.replace(".", "-"))


class CorrectRegionForm(BaseForm):
    """Another region for one partner, and why. `seen` is the region that the officer saw."""

    nuts2 = SelectField("Region (NUTS 2)", validators=[DataRequired("Choose the region.")])
    reason = TextAreaField(
        "Reason",
        description="Where you have seen it. It stays on record.",
        validators=[DataRequired("Say why."), _NOTE, readable],
    )
    seen = HiddenField()

    def __init__(self, partner_id: int, country: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partner_id = partner_id
        known = [SelectChoice(each.nuts2, f"{each.name} ({each.nuts2})") for each in regions_of(country)]
        self.nuts2.choices = [SelectChoice("", "Choose the region"), *known]
        own_ids(self, f"region-{partner_id}")
