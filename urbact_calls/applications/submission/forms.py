"""The form of a transition: its reason, and how many events the page showed."""

from __future__ import annotations

from urbact_calls.web.forms import BaseForm, VersionField, area_field

LONGEST_REASON = 2_000


class TransitionForm(BaseForm):
    """The reason, where the workflow asks for one. `seen` is how many events the page showed."""

    seen = VersionField()
    reason = area_field("Reason", LONGEST_REASON, "It is kept with the application and shown to those concerned.")
