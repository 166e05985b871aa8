"""The form on the page of an upcoming call that asks for an address."""

from __future__ import annotations

from wtforms import EmailField
from wtforms.fields.core import Field
from wtforms.validators import InputRequired, ValidationError

from urbact_calls.accounts.reads import address_of
from urbact_calls.web.forms import BaseForm, readable


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
