"""Forms of the assessment. A sheet's form is made from the grid of the network type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # the stubs do not know SelectChoice of 3.3
    RadioField,
    SelectChoice,
    SelectField,
    TextAreaField,
)
from wtforms.validators import DataRequired, StopValidation, ValidationError

from urbact_calls.applications.field_kinds import within
from urbact_calls.assessment.models import ConsensusPoints, ConsensusSheet, CriterionPoints, IndividualSheet
from urbact_calls.assessment.operations import SHORTEST_REASONS, Scores
from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.scoring.grid import Grid
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ConflictAnswer, Role
from urbact_calls.reference.countries import programme_countries
from urbact_calls.web.forms import BaseForm, PlainDateField, VersionField, readable

REASON = message("reason", "{problem}")

LONGEST_REASONS = 1500
LONGEST_NOTE = 1000


def day_needed(message: str) -> Callable[[Any, Any], None]:
    """Asks for a date that was left empty; what cannot be read has its own message already."""

    def check(_form: Any, field: Any) -> None:
        if field.data is None and not field.errors:
            raise StopValidation(message)

    return check


def day_of(field: PlainDateField) -> date:
    """The day of a field that is valid and needed."""
    if field.data is None:
        raise ValueError(f"{field.name} was not validated")
    return field.data


class PointsField(RadioField):
    """Points of the scale, or none yet: a sheet can be kept before it is complete."""

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data not in {value for value, *_ in self.iter_choices()}:
            raise ValidationError("Choose one of the points.")


class PersonField(SelectField):
    """One of the people on a list; `number` is the account. Anything else is refused in words."""

    @property
    def number(self) -> int:
        return int(self.data)

    def pre_validate(self, form: Any) -> None:
        if not self.data or self.data not in {value for value, *_ in self.iter_choices()}:
            raise ValidationError("Choose a person of the list.")


class SheetForm(BaseForm):
    """Points and reasons for each criterion; subclasses have the fields of one grid."""

    version = VersionField()
    recommendation = TextAreaField(
        "Recommendations",
        description="What the partners should do better if the network is approved.",
        validators=[readable, within(LONGEST_REASONS)],
    )
    grid: Grid

    @classmethod
    def showing(cls, sheet: IndividualSheet | ConsensusSheet, **options: Any) -> SheetForm:
        """The form with what the sheet holds, or with what this request has typed."""
        return cls(data={**shown(sheet), "version": sheet.text_version}, **options)

    def scores(self) -> Scores:
        return Scores(
            points={code: int(self[f"{code}_points"].data) for code in self.grid.codes if self[f"{code}_points"].data},
            comments={code: self[f"{code}_comment"].data or "" for code in self.grid.codes},
            recommendation=self.recommendation.data or "",
        )

    def typed(self) -> dict[str, str]:
        """What is typed, by name of the field."""
        names = [f"{code}_{part}" for code in self.grid.codes for part in ("points", "comment")]
        return {name: self[name].data or "" for name in (*names, "recommendation")}

    def points(self, code: str) -> Any:
        return self[f"{code}_points"]

    def comment(self, code: str) -> Any:
        return self[f"{code}_comment"]


def shown(sheet: IndividualSheet | ConsensusSheet) -> dict[str, str]:
    """What a sheet holds, by name of the field."""
    rows: Sequence[CriterionPoints | ConsensusPoints] = sheet.points
    points = {f"{row.criterion}_points": "" if row.points is None else str(row.points) for row in rows}
    comments = {f"{row.criterion}_comment": row.comment for row in rows}
    return {**points, **comments, "recommendation": sheet.recommendation}


@cache
def sheet_form(grid: Grid) -> type[SheetForm]:
    """The form of a grid: for each criterion the points from 0 to the top of the scale, and the reasons."""
    fields: dict[str, Any] = {"grid": grid}
    for criterion in grid.criteria:
        fields[f"{criterion.code}_points"] = PointsField(
            criterion.title, choices=[SelectChoice(str(points)) for points in range(grid.scale_max + 1)]
        )
        fields[f"{criterion.code}_comment"] = TextAreaField(
            "Reasons, shown to the applicant",
            description=f"At least {SHORTEST_REASONS} characters.",
            validators=[readable, within(LONGEST_REASONS)],
        )
    return type("GridForm", (SheetForm,), fields)


class DeclareForm(BaseForm):
    """Whether an assessor has a conflict of interest."""

    answer = RadioField(
        "Do you have a conflict of interest?",
        choices=[
            SelectChoice(ConflictAnswer.NONE.value, "No, I have none"),
            SelectChoice(ConflictAnswer.CONFLICT.value, "Yes, or there could be the appearance of one"),
        ],
        validators=[DataRequired("Choose one of the two.")],
    )
    note = TextAreaField(
        "What is the conflict?",
        description="Needed if you have one. Only the Joint Secretariat reads it.",
        validators=[readable, within(LONGEST_NOTE)],
    )


class ReasonForm(BaseForm):
    """Why an officer does something that others have to live with, and which version of the sheet was seen."""

    version = VersionField()
    reason = TextAreaField("Reason", validators=[readable, within(LONGEST_NOTE)])

    def refusals(self) -> list[Refusal]:
        """What is wrong with the reason, for a page that has no field to show it beside."""
        return [Refusal(REASON(problem=str(problem)), field="reason") for problem in self.reason.errors]


class VersionForm(BaseForm):
    """Which version of a sheet is locked or signed."""

    version = VersionField()


class PanelForm(BaseForm):
    """Who comes on the panel of a call, in which place, from which country."""

    member = SelectField("Account")
    country = SelectField(
        "Country where the person lives or works",
        description="Shown beside applications with a lead partner of the same country.",
        choices=[],
    )

    def __init__(self, people: Sequence[tuple[int, str, Role]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member.choices = [SelectChoice("", "Choose an account")] + [
            SelectChoice(f"{user_id}:{role.value}", f"{name} ({role.label})") for user_id, name, role in people
        ]
        self.country.choices = [SelectChoice("", "Not known")] + [
            SelectChoice(country.code, country.name) for country in programme_countries().values()
        ]

    def validate_member(self, field: Any) -> None:
        if not re.fullmatch(r"[0-9]{1,9}:[a-z_]{1,30}", field.data or ""):
            raise ValidationError("Choose an account of the list.")

    @property
    def user_id(self) -> int:
        return int(str(self.member.data).partition(":")[0])

    @property
    def is_chair(self) -> bool:
        return str(self.member.data).endswith(f":{Role.PANEL_CHAIR.value}")


class AllocateForm(BaseForm):
    """Which assessor gets an application, and by when the sheet is due."""

    assessor = PersonField("Assessor")
    due_on = PlainDateField("Sheet due by", [day_needed("Say by when the sheet is due.")])

    def __init__(self, reference: str, candidates: Mapping[int, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.assessor.choices = [SelectChoice("", "Choose an assessor")] + [
            SelectChoice(str(user_id), label) for user_id, label in candidates.items()
        ]
        # A page holds one such form per application; ids must differ, names need not.
        for field in self:
            field.id = f"{reference}-{field.name}"
            field.label.field_id = field.id
