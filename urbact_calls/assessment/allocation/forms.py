"""Forms of allocations: whom an application is given to, and the declaration of interests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from urbact_calls.assessment.sheets.forms import LONGEST_NOTE
from urbact_calls.domain.vocabulary import ConflictAnswer
from urbact_calls.web.forms import BaseForm, PlainDateField, SelectChoice, day_needed, own_ids, readable, within


class PersonField(SelectField):
    """One of the people on a list; `number` is the account. Anything else is refused in words."""

    @property
    def number(self) -> int:
        return int(self.data)

    def pre_validate(self, form: Any) -> None:
        if not self.data or self.data not in {value for value, *_ in self.iter_choices()}:
            raise ValidationError("Choose a person of the list.")


class AllocateForm(BaseForm):
    """Which assessor gets an application, and by when the sheet is due."""

    assessor = PersonField("Assessor")
    due_on = PlainDateField("Sheet due by", [day_needed("Say by when the sheet is due.")])

    def __init__(self, reference: str, candidates: Mapping[int, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reference = reference
        self.assessor.choices = [SelectChoice("", "Choose an assessor")] + [
            SelectChoice(str(user_id), label) for user_id, label in candidates.items()
        ]
        own_ids(self, reference)


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
