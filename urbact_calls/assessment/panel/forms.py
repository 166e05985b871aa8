"""Form with which the office adds a person to the panel of a call."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from wtforms import SelectField
from wtforms.validators import ValidationError

from urbact_calls.accounts.models import User
from urbact_calls.domain.vocabulary import Role
from urbact_calls.reference.countries import programme_countries
from urbact_calls.web.forms import BaseForm, SelectChoice


class PanelForm(BaseForm):
    """Who comes on the panel of a call, in which place, from which country."""

    member = SelectField("Account")
    country = SelectField(
        "Country where the person lives or works",
        description="Shown beside applications with a lead partner of the same country.",
        choices=[],
    )

    def __init__(self, people: Sequence[tuple[User, Role]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member.choices = [SelectChoice("", "Choose an account")] + [
            SelectChoice(f"{user.id}:{role.value}", f"{user.name} ({role.label})") for user, role in people
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
