"""Form of an URBACT Local Group."""

from __future__ import annotations

from wtforms import HiddenField, StringField
from wtforms.validators import Length

from urbact_calls.web.forms import BaseForm, readable


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
    seen = HiddenField()
