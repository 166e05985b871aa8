"""Forms of sheets, made from the grid of the network type."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from wtforms import RadioField, TextAreaField
from wtforms.fields.core import Field
from wtforms.validators import ValidationError

from urbact_calls.assessment.models import ConsensusSheet, GivenPoints, IndividualSheet
from urbact_calls.assessment.sheets.commands import SHORTEST_REASONS, Scores
from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.scoring import Grid
from urbact_calls.domain.text import message
from urbact_calls.web.edit_conflicts import edit_conflicts_of
from urbact_calls.web.forms import SelectChoice, VersionForm, readable, within

REASON = message("reason", "{problem}")

LONGEST_REASONS = 1500
LONGEST_NOTE = 1000


class PointsField(RadioField):
    """Points of the scale, or none yet: a sheet can be kept before it is complete."""

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data not in {value for value, *_ in self.iter_choices()}:
            raise ValidationError("Choose one of the points.")


class SheetForm(VersionForm):
    """Points and reasons for each criterion; subclasses have the fields of one grid."""

    recommendation: TextAreaField
    grid: Grid

    @classmethod
    def showing(cls, sheet: IndividualSheet | ConsensusSheet, **options: Any) -> SheetForm:
        """The form with what the sheet holds, or with what this request has typed."""
        data: dict[str, object] = {"version": sheet.text_version, "recommendation": sheet.recommendation}
        rows: Sequence[GivenPoints] = sheet.points
        for row in rows:
            data[f"{row.criterion}_points"] = "" if row.points is None else str(row.points)
            data[f"{row.criterion}_comment"] = row.comment
        return cls(data=data, **options)

    def scores(self) -> Scores:
        return Scores(
            points={code: int(self.points(code).data) for code in self.grid.codes if self.points(code).data},
            comments={code: self.comment(code).data or "" for code in self.grid.codes},
            recommendation=self.recommendation.data or "",
        )

    def points(self, code: str) -> Any:
        return self[f"{code}_points"]

    def comment(self, code: str) -> Any:
        return self[f"{code}_comment"]

    def edit_conflicts(self, kept: IndividualSheet | ConsensusSheet, theirs: str) -> list[dict[str, Any]]:
        """What was typed beside what is kept; saving the form again is meant to replace what is kept."""
        self.version.data = str(kept.text_version)
        stored = self.showing(kept, formdata=None)
        return edit_conflicts_of(self, stored, mine="What you typed", theirs=theirs, label=self._part)

    def _part(self, field: Field) -> str:
        """Which part of the sheet a field is."""
        code, _, part = field.short_name.partition("_")
        if not part:
            return "The text"
        return f"{self.grid.criterion(code).title}: {'points' if part == 'points' else 'reasons'}"


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
    fields["recommendation"] = TextAreaField(
        "Recommendations",
        description="What the partners should do better if the network is approved.",
        validators=[readable, within(LONGEST_REASONS)],
    )
    return type("GridForm", (SheetForm,), fields)


class ReasonForm(VersionForm):
    """Why an officer does something that others have to live with, and which version of the sheet was seen."""

    reason = TextAreaField("Reason", validators=[readable, within(LONGEST_NOTE)])

    def refusals(self) -> list[Refusal]:
        """What is wrong with the reason, for a page that has no field to show it beside."""
        return [Refusal(REASON(problem=str(problem)), field="reason") for problem in self.reason.errors]
