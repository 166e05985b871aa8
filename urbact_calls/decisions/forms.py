"""Forms of the decisions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # the stubs do not know SelectChoice of 3.3
    BooleanField,
    HiddenField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Regexp

from urbact_calls.applications.field_kinds import OneOf, within
from urbact_calls.assessment.forms import day_needed
from urbact_calls.decisions.models import Meeting
from urbact_calls.decisions.services import Verdict
from urbact_calls.domain.vocabulary import DecisionOutcome
from urbact_calls.web.filters import day
from urbact_calls.web.forms import BaseForm, PlainDateField, readable

LONGEST_TEXT = 4000


class MeetingForm(BaseForm):
    """When the committee met, and what the meeting is called."""

    reference = StringField(
        "Reference of the meeting",
        description="As in its minutes, for example MC-2027-03.",
        validators=[
            DataRequired("Give the reference of the meeting."),
            Length(max=60, message="Up to 60 characters."),
            readable,
            Regexp(re.compile(r"[\w .,/()-]+\Z"), message="Letters, figures, spaces and . , / ( ) - only."),
        ],
    )
    held_on = PlainDateField("Held on", [day_needed("Say when the meeting was held.")])
    is_written_procedure = BooleanField("Written procedure")


class AnnounceForm(BaseForm):
    """Which recorded decisions the officer had before the eyes."""

    seen = HiddenField()


class DecisionForm(BaseForm):
    """What the committee decided on one application. `seen` says which record the officer had before the eyes."""

    meeting = OneOf("Meeting")
    outcome = RadioField(
        "Decision",
        choices=[SelectChoice(outcome.value, outcome.label) for outcome in DecisionOutcome],
        validators=[DataRequired("Choose what was decided.")],
    )
    reasons = TextAreaField(
        "Reasons", description="The applicant reads them.", validators=[readable, within(LONGEST_TEXT)]
    )
    conditions = TextAreaField(
        "Conditions",
        description="For “Approved with conditions”: what must be done.",
        validators=[readable, within(LONGEST_TEXT)],
    )
    conditions_due_on = PlainDateField("Conditions to be met by")
    seen = HiddenField()

    def __init__(self, meetings: Sequence[Meeting], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting.choices = [
            SelectChoice(str(each.id), f"{each.reference}, {day(each.held_on)}") for each in meetings
        ]

    @property
    def verdict(self) -> Verdict:
        return Verdict(
            outcome=DecisionOutcome(self.outcome.data),
            reasons=self.reasons.data or "",
            conditions=self.conditions.data or "",
            conditions_due_on=self.conditions_due_on.data,
        )
