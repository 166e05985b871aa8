"""The forms about a call as a whole; those of its terms are in `term_forms`."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # the stubs do not know SelectChoice of 3.3
    EmailField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.fields.core import Field
from wtforms.validators import InputRequired, Length, ValidationError

from urbact_calls.accounts.addresses import address_of
from urbact_calls.calls.term_forms import LONGEST_SOURCE, ManyField, VersionedForm
from urbact_calls.calls.term_values import LONGEST_TITLE, TermFault, typed_instant
from urbact_calls.domain.network_types import KINDS
from urbact_calls.web.forms import BaseForm, PlainDateField, readable

_CODE = re.compile(r"[A-Z]{2,4}[-_ ]?[A-Z0-9]{2,12}", re.IGNORECASE)


class PublishForm(VersionedForm):
    """A button, and the version that it publishes."""


class ConfirmTermsForm(VersionedForm):
    """The terms that one source confirms."""

    names = ManyField("Terms that this source confirms", choices=[])
    source = StringField(
        "Source",
        [readable, Length(max=LONGEST_SOURCE, message=f"The source can have at most {LONGEST_SOURCE} characters.")],
        description="The document or page in which you read all of the ticked values.",
    )


class NewCallForm(BaseForm):
    """A call to be made."""

    code = StringField(
        "Code", [InputRequired("Type a code."), readable], description="Type and year, for example TN-2027."
    )
    title = StringField(
        "Title",
        [
            InputRequired("Type a title."),
            readable,
            Length(max=LONGEST_TITLE, message=f"The title can have at most {LONGEST_TITLE} characters."),
        ],
    )
    network_type = RadioField("Type of network", choices=[SelectChoice(kind.value, kind.label) for kind in KINDS])
    copied_from = SelectField(
        "Terms to start with",
        choices=[],
        description="They are a proposal: each must be confirmed before the call can be published.",
    )
    opens_day = PlainDateField("Opens, day")
    opens_hour = StringField("Opens, hour", [readable], description="Paris time, for example 09:00.")
    closes_day = PlainDateField("Closes, day")
    closes_hour = StringField("Closes, hour", [readable], description="Paris time, for example 15:00.")
    opens_at: datetime
    closes_at: datetime

    def validate_code(self, field: Field) -> None:
        text = str(field.data or "")
        if _CODE.fullmatch(text) is None or "-" not in text.replace("_", "-").replace(" ", "-"):
            raise ValidationError("Type a code of letters, a hyphen, and letters or digits, for example TN-2027.")
        if text.upper().endswith("DEMO"):
            raise ValidationError("Codes that end in DEMO belong to the demonstration.")

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = super().validate(extra_validators)
        for name in ("opens", "closes"):
            day, hour = self[f"{name}_day"], self[f"{name}_hour"]
            if day.errors or hour.errors:
                continue
            try:
                setattr(self, f"{name}_at", typed_instant(day.data, hour.data or "", "hour"))
            except TermFault as fault:
                field = hour if fault.field == "hour" else day
                field.errors = [*field.errors, str(fault)]
                is_valid = False
        return is_valid


class SubscribeForm(BaseForm):
    """An address that wants to hear when a call opens."""

    email = EmailField(
        "E-mail address",
        [InputRequired("Type your e-mail address."), readable],
        description="We send a link there first. It is used for this call only, and you can leave at any time.",
    )

    def validate_email(self, field: Field) -> None:
        if address_of(str(field.data or "")) is None:
            raise ValidationError("Type an e-mail address, for example name@city.example.")


class ButtonForm(BaseForm):
    """A button, and nothing else."""
