"""Forms of what the public reads of a network: its description, a Local Group, a plan, a recommendation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from urbact_calls.networks.models import LocalGroup, Member, Network, Plan, Recommendation
from urbact_calls.networks.public_texts.commands import PublicText
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

    @classmethod
    def of(cls, network: Network, **options: Any) -> Self:
        stored = {"theme": network.theme, "summary": network.summary, "version": str(network.version)}
        return cls(data=stored, **options)


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

    @classmethod
    def of(cls, member: Member, **options: Any) -> Self:
        group = member.local_group or LocalGroup()
        return cls(obj=group, seen=group.mark, **options)


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

    @classmethod
    def of(cls, row: Plan | Recommendation | None, **options: Any) -> Self:
        if row is None:
            return cls(**options)
        return cls(obj=row, seen=row.mark, is_public=row.published_on is not None, **options)

    @property
    def writing(self) -> PublicText:
        return PublicText(
            title=self.title.data or "",
            url=self.url.data or "",
            is_public=self.is_public.data,
            seen=self.seen.data or "",
        )


class RecommendationForm(PlanForm):
    """Something that a network recommends to others."""

    member_id = SelectField("Who recommends it", coerce=int)
    text = TextAreaField(
        "The recommendation",
        description="For the public, in plain English.",
        validators=[Length(max=2000), readable],
    )

    @property
    def writing(self) -> PublicText:
        return replace(super().writing, text=self.text.data or "")
