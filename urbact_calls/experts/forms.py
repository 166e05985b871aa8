"""Forms of expert profiles, for the expert and for the office. When a profile is complete is decided in the domain."""

from __future__ import annotations

from functools import partial
from typing import Any

from wtforms import FileField, RadioField, SelectField, TextAreaField
from wtforms.fields.core import Field
from wtforms.validators import NumberRange, Optional

from urbact_calls.domain.expert_days import DaysWithin
from urbact_calls.domain.languages import LANGUAGES
from urbact_calls.domain.themes import THEME_LABELS
from urbact_calls.domain.vocabulary import Expertise, ExpertTrack, LanguageLevel
from urbact_calls.experts.commands import ProfileText
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.pdfs import LARGEST_BYTES
from urbact_calls.web.forms import (
    BaseForm,
    PlainDateField,
    PlainIntegerField,
    VersionField,
    VersionForm,
    area_field,
    boxes_field,
    choices_of,
    country_choices,
    word_choices,
)

MOST_LANGUAGES = 5
LONGEST_SKILLS, LONGEST_SUMMARY = 4000, 2000


def _summary() -> TextAreaField:
    return area_field(
        "In your own words",
        LONGEST_SUMMARY,
        "For your public page, if you allow it. You can change this text at any time.",
    )


class ProfileForm(BaseForm):
    """What an expert says about himself or herself. An unfinished profile can be saved."""

    track = SelectField(
        "What you want to be",
        choices=word_choices(ExpertTrack, "Choose"),
        description="A lead expert goes with one network to its end and may do ad hoc work too.",
    )
    kinds = boxes_field(
        "Kinds of expertise",
        word_choices(Expertise),
        "A lead expert needs all three, an ad hoc expert at least one.",
    )
    themes = boxes_field("Themes", choices_of(THEME_LABELS.items()), "What you know well enough to advise a city.")
    country = SelectField("Country where you live", choices=partial(country_choices, "Choose a country"))
    years = PlainIntegerField(
        "Years of experience",
        validators=[Optional(), NumberRange(min=0, max=70, message="Type a number of years from 0 to 70.")],
    )
    skills = area_field(
        "Skills",
        LONGEST_SKILLS,
        "What you have done for cities, and what you can do for a network. The public can read it.",
    )
    summary = _summary()
    version = VersionField()
    # A language that is named twice, or without its level, says which one is meant only beside the others.
    tied = (frozenset(f"{part}_{number}" for part in ("language", "level") for number in range(1, MOST_LANGUAGES + 1)),)

    @classmethod
    def of(cls, profile: ExpertProfile | None, *, posted: bool = True) -> ProfileForm:
        """The form with what is stored, and with what was posted over it if it was this form that was."""
        source: dict[str, Any] = {} if posted else {"formdata": None}
        if profile is None:
            return cls(version=0, **source)
        for number, (language, level) in enumerate(profile.languages, 1):
            source |= {f"language_{number}": language, f"level_{number}": level}
        return cls(obj=profile, **source)

    @property
    def language_rows(self) -> list[tuple[Field, Field]]:
        """The pairs of fields for a language and its level."""
        return [(self[f"language_{n}"], self[f"level_{n}"]) for n in range(1, MOST_LANGUAGES + 1)]

    def validate(self, extra_validators: Any = None) -> bool:
        is_readable = bool(super().validate(extra_validators))
        # Both are asked: whoever corrects the form hears of everything at once.
        return self._languages_make_sense() and is_readable

    def _languages_make_sense(self) -> bool:
        seen: set[str] = set()
        for language, level in self.language_rows:
            if language.data and not level.data:
                level.errors = [*level.errors, "Choose the level of this language."]
            elif level.data and not language.data:
                language.errors = [*language.errors, "Choose the language of this level."]
            elif language.data in seen:
                language.errors = [*language.errors, "This language is named twice."]
            seen |= {language.data} if language.data else set()
        return not any(field.errors for row in self.language_rows for field in row)

    @property
    def text(self) -> ProfileText:
        return ProfileText(
            track=ExpertTrack(self.track.data) if self.track.data else None,
            kinds=tuple(kind for kind in Expertise if kind.value in (self.kinds.data or ())),
            themes=tuple(code for code in THEME_LABELS if code in (self.themes.data or ())),
            languages=tuple((one.data, LanguageLevel(level.data)) for one, level in self.language_rows if one.data),
            country=self.country.data or None,
            years=self.years.data,
            skills=self.skills.data or None,
            summary=self.summary.data or None,
        )


_LANGUAGES = choices_of(sorted(LANGUAGES.items(), key=lambda language: language[1]), "None")
_LEVELS = word_choices(LanguageLevel, "Level")
for _number in range(1, MOST_LANGUAGES + 1):
    setattr(ProfileForm, f"language_{_number}", SelectField(f"Language {_number}", choices=_LANGUAGES, default=""))
    setattr(ProfileForm, f"level_{_number}", SelectField(f"Level of language {_number}", choices=_LEVELS, default=""))


class CvForm(BaseForm):
    """The curriculum vitae."""

    cv = FileField("Curriculum vitae", description=f"PDF, up to {LARGEST_BYTES // 1_000_000} MB, in English.")


class SummaryForm(BaseForm):
    """The text of the public page."""

    summary = _summary()


class ValidationForm(VersionForm):
    """Until when a validation or a suspension holds, and why."""

    until = PlainDateField("Last day", [Optional()])
    reason = area_field("Reason", 2000)


class ReadingForm(BaseForm):
    """What a reader finds of one kind of expertise."""

    PROVEN = "proven"
    answer = RadioField(
        "Does the profile prove it?", choices=choices_of([(PROVEN, "Yes, proven"), ("not_proven", "No")])
    )
    reason = area_field("Where it stands, or what is missing", 2000, missing="Say it in a sentence.")


MOST_PERIODS = 6


class AvailabilityForm(VersionForm):
    """The periods in which an expert is available."""

    @property
    def rows(self) -> list[tuple[Field, Field, Field]]:
        return [(self[f"starts_on_{n}"], self[f"ends_on_{n}"], self[f"days_{n}"]) for n in range(1, MOST_PERIODS + 1)]

    @property
    def rows_shown(self) -> int:
        """How many rows stand open: those that are filled in or refused, and one more; two at least."""
        used = [n for n, row in enumerate(self.rows, 1) if any(f.data is not None or f.errors for f in row)]
        return max(2, max(used, default=0) + 1)

    @classmethod
    def of(cls, profile: ExpertProfile, *, posted: bool = True) -> AvailabilityForm:
        """The form with what is stated, and with what was posted over it."""
        stated: dict[str, Any] = {"version": profile.version}
        for number, period in enumerate(profile.availability, 1):
            for name in ("starts_on", "ends_on", "days"):
                stated[f"{name}_{number}"] = getattr(period, name)
        return cls(**stated) if posted else cls(formdata=None, **stated)

    def validate(self, extra_validators: Any = None) -> bool:
        is_readable = bool(super().validate(extra_validators))
        return self._rows_are_whole() and is_readable

    def _rows_are_whole(self) -> bool:
        for row in self.rows:
            if any(field.data is not None or field.errors for field in row):
                for field in row:
                    if field.data is None and not field.errors:
                        field.errors = ["Give the first day, the last day and the days."]
        return not any(field.errors for row in self.rows for field in row)

    @property
    def periods(self) -> dict[int, DaysWithin]:
        """The periods that are filled in, by the number of their row."""
        return {
            number: DaysWithin(starts_on.data, ends_on.data, days.data)
            for number, (starts_on, ends_on, days) in enumerate(self.rows, 1)
            if starts_on.data is not None
        }


for _number in range(1, MOST_PERIODS + 1):
    setattr(AvailabilityForm, f"starts_on_{_number}", PlainDateField(f"Period {_number}, from", [Optional()]))
    setattr(AvailabilityForm, f"ends_on_{_number}", PlainDateField(f"Period {_number}, until", [Optional()]))
    setattr(AvailabilityForm, f"days_{_number}", PlainIntegerField(f"Period {_number}, days", [Optional()]))
