"""Forms of expertise: a search, an application to join, the decision on it."""

from __future__ import annotations

from wtforms import SelectField
from wtforms.validators import Optional

from urbact_calls.domain.vocabulary import ExpertTrack
from urbact_calls.web.forms import BaseForm, PlainIntegerField, StepForm, VersionField, area_field, word_choices


class SearchForm(BaseForm):
    """What a network looks for, and how many searches of it the sender had seen."""

    seen = VersionField()
    role = SelectField("Who you look for", choices=word_choices(ExpertTrack))
    task = area_field(
        "What the expert is to do",
        2000,
        "Themes, methods, languages, and when. All validated experts can read it.",
        missing="Say what the expert is to do.",
    )


class ApplyForm(BaseForm):
    """An expert's application to one search of a network."""

    search = SelectField("What you apply for", coerce=int)
    motivation = area_field(
        "Why you",
        3000,
        "What you would do for this network. Its lead partner reads this, and your profile.",
        missing="Say why you are the right person.",
    )


class CandidateDecisionForm(StepForm):
    """How many days, or why not."""

    days = PlainIntegerField("Days", validators=[Optional()])
