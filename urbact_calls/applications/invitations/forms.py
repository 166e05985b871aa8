"""Forms of invitations: whom to invite, and the account of the invited person."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import BooleanField
from wtforms.fields.core import Field
from wtforms.validators import InputRequired

from urbact_calls.accounts.forms import address_field, name_field, new_password, text_of, weaknesses_for
from urbact_calls.accounts.reads import address_of
from urbact_calls.applications.models import Partner
from urbact_calls.web.forms import BaseForm, OneOf, SelectChoice


class InviteForm(BaseForm):
    """Whom to invite, and for which partner."""

    partner = OneOf("Partner")
    email = address_field("E-mail address", "We send a link there. It works once, for two weeks.")

    def __init__(self, partners: Sequence[Partner], **options: object) -> None:
        super().__init__(**options)
        self.partner.choices = [SelectChoice(str(each.id), each.organisation.name) for each in partners]

    @property
    def address(self) -> str:
        return address_of(text_of(self.email)) or ""


class InvitedForm(BaseForm):
    """Opening an account with the address that was invited."""

    name = name_field()
    password = new_password("Password")
    notice = BooleanField(
        "I have read how my data are used", [InputRequired("Read how your data are used, then tick this box.")]
    )

    def validate_password(self, field: Field) -> None:
        weaknesses_for(field, self.name.data)
