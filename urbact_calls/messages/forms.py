"""Forms of the message log: what the office looks for, and why it sends a message again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired

from urbact_calls.domain.entries import storable_line
from urbact_calls.domain.vocabulary import DeliveryState
from urbact_calls.messages.models import EMAILS
from urbact_calls.messages.reads.message_log import LogSearch
from urbact_calls.web.forms import BaseForm, at_most, readable

LONGEST_REASON = 500
LONGEST_SEARCH = 254


class ResendForm(BaseForm):
    """Why a message is sent again, and how often it had been when the page was made."""

    seen = HiddenField()
    reason = TextAreaField(
        "Reason",
        [
            DataRequired("Say in a few words why it is sent again."),
            readable,
            at_most(LONGEST_REASON, "The reason"),
        ],
        description="It is kept with the message. The recipient does not read it.",
    )

    @property
    def seen_resends(self) -> int:
        """-1 for what cannot be read, which matches no count, so that nothing is sent."""
        typed = str(self.seen.data or "")
        return int(typed) if re.fullmatch(r"[0-9]{1,6}", typed) else -1


def wanted_from(typed: Mapping[str, str]) -> LogSearch:
    """What a search asks for. What nobody could have stored is left out."""
    address, about = (storable_line(typed.get(name, ""), LONGEST_SEARCH) for name in ("address", "about"))
    key, state = typed.get("key", ""), typed.get("state", "")
    return LogSearch(
        address=address,
        about=about,
        key=key if key in EMAILS else "",
        state=DeliveryState.with_code(state),
    )
