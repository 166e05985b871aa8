"""Form of the plan of a member."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import Length

from urbact_calls.web.forms import BaseForm, readable


class PlanForm(BaseForm):
    """What is known of the plan of a member."""

    title = StringField("Title", validators=[Length(max=200), readable])
    url = StringField(
        "Link",
        description="Where the whole document can be read. The address begins with https://.",
        validators=[Length(max=300), readable],
    )
    is_public = BooleanField("The public may read it")
    seen = HiddenField()
