"""Form of a meeting of the committee."""

from __future__ import annotations

import re

from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length, Regexp

from urbact_calls.web.forms import BaseForm, PlainDateField, day_needed, readable


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
