"""The form on the page of an upcoming call that asks for an address."""

from __future__ import annotations

from urbact_calls.accounts.forms import address_field
from urbact_calls.web.forms import BaseForm


class SubscribeForm(BaseForm):
    """An address that wants to hear when a call opens."""

    email = address_field(
        "E-mail address",
        "We send a link there first. It is used for this call only, and you can leave at any time.",
    )
