"""Forms of officers: who handles an application, and an internal note."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from urbact_calls.accounts.models import User
from urbact_calls.applications.officers.commands import LONGEST_NOTE
from urbact_calls.web.forms import BaseForm, SelectChoice, readable


class HandlerForm(BaseForm):
    """Somebody of the office, or nobody."""

    handler = SelectField("Who handles it", validate_choice=True)

    def __init__(self, people: Sequence[User], current: int | None) -> None:
        super().__init__(data={"handler": str(current or "")})
        self.handler.choices = [
            SelectChoice("", "Nobody"),
            *(SelectChoice(str(person.id), person.name) for person in people),
        ]

    @property
    def user_id(self) -> int | None:
        """The account that was chosen; None for nobody."""
        return int(self.handler.data) if self.handler.data else None


class NoteForm(BaseForm):
    """A note for colleagues."""

    text = TextAreaField(
        "New note",
        description="Only officers of the Joint Secretariat read it. It cannot be changed afterwards.",
        validators=[
            DataRequired("Write the note."),
            Length(max=LONGEST_NOTE, message=f"Up to {LONGEST_NOTE:,} characters."),
            readable,
        ],
    )
