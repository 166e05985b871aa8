"""Forms of decisions: a meeting of the committee, what it decided on an application, and the announcement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp

from urbact_calls.decisions.meetings.models import Meeting
from urbact_calls.decisions.outcomes.commands import CommitteeDecision
from urbact_calls.domain.vocabulary import DecisionOutcome
from urbact_calls.domain.words import day
from urbact_calls.web.forms import BaseForm, OneOf, PlainDateField, SelectChoice, needed, readable, within

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
    held_on = PlainDateField("Held on", [needed("Say when the meeting was held.")])
    is_written_procedure = BooleanField("Written procedure")


class AnnounceForm(BaseForm):
    """The announcement; `seen` is the fingerprint of the decisions that the officer saw."""

    seen = HiddenField()


class DecisionForm(BaseForm):
    """What the committee decided on one application. `seen` is the version of the record that the officer saw."""

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
    def verdict(self) -> CommitteeDecision:
        return CommitteeDecision(
            outcome=DecisionOutcome(self.outcome.data),
            reasons=self.reasons.data or "",
            conditions=self.conditions.data or "",
            conditions_due_on=self.conditions_due_on.data,
        )
