"""Forms of expertise: a search, an application to join, the decision on it."""

from __future__ import annotations

from wtforms import SelectField
from wtforms.validators import Optional

from urbact_calls.domain.expert_match import SearchNeeds
from urbact_calls.domain.languages import LANGUAGES
from urbact_calls.domain.themes import THEME_LABELS
from urbact_calls.domain.vocabulary import ExpertTrack
from urbact_calls.networks.expertise.commands import EndOfWork
from urbact_calls.networks.expertise.reads import DaysAsked
from urbact_calls.web.forms import (
    BaseForm,
    OneOf,
    PlainDateField,
    PlainIntegerField,
    StepForm,
    VersionField,
    area_field,
    boxes_field,
    choices_of,
    needed,
    word_choices,
)


class SearchForm(BaseForm):
    """What a network looks for, and how many searches of it the sender had seen."""

    seen = VersionField()
    role = OneOf("Who you look for", choices=word_choices(ExpertTrack))
    task = area_field(
        "What the expert is to do",
        2000,
        "Methods, events, deliverables. Everybody can read it.",
        missing="Say what the expert is to do.",
    )
    themes = boxes_field("Themes", choices_of(THEME_LABELS.items()), "What the expert should know. None means: any.")
    languages = boxes_field(
        "Languages",
        choices_of(sorted(LANGUAGES.items(), key=lambda language: language[1])),
        "In which the expert should work. None means: any.",
    )
    days = PlainIntegerField("Days", [needed("Say how many days you look for.")])
    starts_on = PlainDateField("From", [needed("Say from when the expert is to work.")])
    ends_on = PlainDateField("Until", [needed("Say until when.")])
    apply_by = PlainDateField(
        "Last day for applications", [Optional()], description="Empty: until you close the search or choose somebody."
    )

    @property
    def needs(self) -> SearchNeeds:
        return SearchNeeds(
            role=ExpertTrack(self.role.data),
            task=self.task.data or "",
            themes=tuple(code for code in THEME_LABELS if code in (self.themes.data or ())),
            languages=tuple(code for code in LANGUAGES if code in (self.languages.data or ())),
            days=self.days.data,
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            apply_by=self.apply_by.data,
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
    """For how many days and when an expert is chosen; when one leaves and how many days were worked; or why not."""

    days = PlainIntegerField("Days", [Optional()])
    starts_on = PlainDateField("From", [Optional()])
    ends_on = PlainDateField("Until", [Optional()])
    ended_on = PlainDateField("Last day in the network", [Optional()])
    days_used = PlainIntegerField("Days worked so far", [Optional()])

    @property
    def asked(self) -> DaysAsked:
        return DaysAsked(self.days.data, self.starts_on.data, self.ends_on.data)

    @property
    def end(self) -> EndOfWork:
        return EndOfWork(self.ended_on.data, self.days_used.data)
