"""Form of a recommendation."""

from __future__ import annotations

from wtforms import SelectField, TextAreaField
from wtforms.validators import Length

from urbact_calls.networks.plans.forms import PlanForm
from urbact_calls.web.forms import readable


class RecommendationForm(PlanForm):
    """Something that a network recommends to others."""

    member_id = SelectField("Who recommends it", coerce=int)
    text = TextAreaField(
        "The recommendation",
        description="For the public, in plain English.",
        validators=[Length(max=2000), readable],
    )
