"""Forms of a network and its members: its text, and the agreement of a member."""

from __future__ import annotations

from wtforms import FileField, StringField, TextAreaField
from wtforms.validators import Length

from urbact_calls.pdfs import LARGEST_BYTES
from urbact_calls.web.forms import BaseForm, VersionForm, readable


class DescribeForm(VersionForm):
    """What the public reads about a network."""

    theme = StringField(
        "Theme",
        description="One or a few words, for example: night-time economy.",
        validators=[Length(max=200), readable],
    )
    summary = TextAreaField(
        "Summary",
        description="For the public, in plain English. The first paragraph stands at the top of the page.",
        validators=[Length(max=2000), readable],
    )


class AgreementForm(BaseForm):
    """The signed agreement of one member."""

    agreement = FileField("Signed agreement", description=f"PDF, up to {LARGEST_BYTES // 1_000_000} MB.")


class StepForm(VersionForm):
    """A step as its sender saw the row, and why it is taken."""

    reason = TextAreaField("Reason", validators=[Length(max=2000), readable])
