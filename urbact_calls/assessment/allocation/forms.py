"""Forms of allocations: who is on the panel, whom an application is given to, and the declaration of interests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from urbact_calls.assessment.sheets.forms import LONGEST_NOTE
from urbact_calls.domain.vocabulary import ConflictAnswer, Role
from urbact_calls.reference.countries import programme_countries
from urbact_calls.web.forms import BaseForm, PlainDateField, SelectChoice, needed, own_ids, readable, within


class PanelForm(BaseForm):
    """Who comes on the panel of a call, in which place, from which country."""

    member = SelectField("Account")
    country = SelectField(
        "Country where the person lives or works",
        description="Shown beside applications with a lead partner of the same country.",
        choices=[],
    )

    def __init__(self, people: Sequence[Row[int, str, Role]], *args: Any, **kwargs: Any) -> None:
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
    due_on = PlainDateField("Sheet due by", [needed("Say by when the sheet is due.")])

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
