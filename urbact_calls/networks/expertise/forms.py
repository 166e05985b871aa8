"""Forms of expertise: a search, an application to join, the decision on it."""

from __future__ import annotations

from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from urbact_calls.domain.vocabulary import ExpertTrack
from urbact_calls.web.forms import BaseForm, PlainIntegerField, StepForm, readable, word_choices


class SearchForm(BaseForm):
    """What a network looks for."""

    role = SelectField("Who you look for", choices=word_choices(ExpertTrack))
    task = TextAreaField(
        "What the expert is to do",
        description="Themes, methods, languages, and when. All validated experts can read it.",
        validators=[InputRequired("Say what the expert is to do."), Length(max=2000), readable],
    )


class ApplyForm(BaseForm):
    """An expert's application to one search of a network."""

    search = SelectField("What you apply for", coerce=int)
    motivation = TextAreaField(
        "Why you",
        description="What you would do for this network. Its lead partner reads this, and your profile.",
        validators=[InputRequired("Say why you are the right person."), Length(max=3000), readable],
    )


class CandidateDecisionForm(StepForm):
    """How many days, or why not."""

    days = PlainIntegerField("Days", validators=[Optional()])
