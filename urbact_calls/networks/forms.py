"""What people of a network can type. Shape only; who may write is decided elsewhere."""

from __future__ import annotations

from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from urbact_calls.web.forms import BaseForm, PlainIntegerField, readable


class DescribeForm(BaseForm):
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
    version = PlainIntegerField("Version")


class LocalGroupForm(BaseForm):
    """The public contact of a Local Group."""

    coordinator = StringField(
        "Coordinator",
        description="The name as the public may read it; leave it empty if it should not be shown.",
        validators=[Length(max=120), readable],
    )
    contact = StringField(
        "How to reach the group",
        description="An e-mail address or a web page that everybody may see.",
        validators=[Length(max=200), readable],
    )
