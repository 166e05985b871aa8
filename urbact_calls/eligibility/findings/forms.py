"""Form with which an officer settles a finding."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.validators import DataRequired, Length

from urbact_calls.domain.vocabulary import FindingOutcome
from urbact_calls.web.forms import BaseForm, SelectChoice, own_ids, readable

LONGEST_NOTE = 2000


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
        validators=[
            DataRequired("Say in a few words what you have seen."),
            Length(max=LONGEST_NOTE, message=f"Up to {LONGEST_NOTE:,} characters."),
            readable,
        ],
    )
    seen = HiddenField()

    def __init__(self, code: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code
        own_ids(self, code.replace(".", "-"))
