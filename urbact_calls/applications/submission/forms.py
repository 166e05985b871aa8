"""The form of a transition: its reason, and how many events the page showed."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import Length

from urbact_calls.web.forms import BaseForm, VersionField, readable

LONGEST_REASON = 2_000


class TransitionForm(BaseForm):
    """The reason, where the workflow asks for one. `seen` is how many events the page showed."""

    seen = VersionField()

    reason = TextAreaField(
        "Reason",
        [readable, Length(max=LONGEST_REASON, message=f"Up to {LONGEST_REASON:,} characters.")],
        description="It is kept with the application and shown to those concerned.",
    )
