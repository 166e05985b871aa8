"""Forms of what the public reads of a network: its description, a Local Group, a plan, a recommendation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from wtforms import BooleanField, HiddenField, SelectField

from urbact_calls.domain.themes import THEME_LABELS
from urbact_calls.networks.models import LocalGroup, Member, Network, Plan, Recommendation
from urbact_calls.networks.public_texts.commands import PublicText
from urbact_calls.web.forms import BaseForm, SelectChoice, VersionForm, area_field, line_field, name_line


class DescribeForm(VersionForm):
    """What the public reads about a network."""

    theme = SelectField("Theme", description="The public finds the network by it.")
    summary = area_field(
        "Summary", 2000, "For the public, in plain English. The first paragraph stands at the top of the page."
    )

    @classmethod
    def of(cls, network: Network, **options: Any) -> Self:
        stored = {"theme": network.theme or "", "summary": network.summary, "version": str(network.version)}
        form = cls(data=stored, **options)
        # What a source said in words of its own stays, until another theme is chosen.
        named = dict.fromkeys(["", network.theme or "", *THEME_LABELS.values()])
        form.theme.choices = [SelectChoice(theme, theme or "Not given") for theme in named]
        return form


class LocalGroupForm(BaseForm):
    """The public contact of a Local Group."""

    coordinator = name_line(
        "Coordinator", 120, "The name as the public may read it; leave it empty if it should not be shown."
    )
    contact = line_field("How to reach the group", 200, "An e-mail address or a web page that everybody may see.")
    seen = HiddenField()

    @classmethod
    def of(cls, member: Member, **options: Any) -> Self:
        group = member.local_group or LocalGroup()
        return cls(obj=group, seen=group.mark, **options)


class PlanForm(BaseForm):
    """What is known of the plan of a member."""

    title = line_field("Title", 200)
    url = line_field("Link", 300, "Where the whole document can be read. The address begins with https://.")
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
    text = area_field("The recommendation", 2000, "For the public, in plain English.")

    @property
    def writing(self) -> PublicText:
        return replace(super().writing, text=self.text.data or "")
