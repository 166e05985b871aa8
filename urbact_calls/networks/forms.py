"""What people of a network can type. Shape only; who may write is decided elsewhere."""

from __future__ import annotations

from wtforms import (  # type: ignore[attr-defined]  # the stubs do not know SelectChoice of 3.3
    BooleanField,
    FileField,
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from urbact_calls.domain.vocabulary import ExpertTrack
from urbact_calls.pdfs import LARGEST_BYTES
from urbact_calls.web.forms import BaseForm, PlainIntegerField, VersionField, readable


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
    version = VersionField()


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


class RecommendationForm(PlanForm):
    """Something that a network recommends to others."""

    member_id = SelectField("Who recommends it", coerce=int)
    text = TextAreaField(
        "The recommendation",
        description="For the public, in plain English.",
        validators=[Length(max=2000), readable],
    )


class AgreementForm(BaseForm):
    """The signed agreement of one member."""

    agreement = FileField("Signed agreement", description=f"PDF, up to {LARGEST_BYTES // 1_000_000} MB.")


class SearchForm(BaseForm):
    """What a network looks for."""

    role = SelectField("Who you look for", choices=[SelectChoice(track.value, track.label) for track in ExpertTrack])
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


class StepForm(BaseForm):
    """A step as its sender saw the row, and why it is taken."""

    version = VersionField()
    reason = TextAreaField("Reason", validators=[Length(max=2000), readable])


class DecisionForm(StepForm):
    """How many days, or why not."""

    days = PlainIntegerField("Days", validators=[Optional()])
