"""The button that confirms a subscription."""

from __future__ import annotations

from urbact_calls.web.forms import BaseForm


class SubscriptionButtonForm(BaseForm):
    """A button, and nothing else."""
