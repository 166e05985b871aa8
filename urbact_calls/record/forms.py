"""Form of what somebody looks for in a record."""

from __future__ import annotations

from datetime import time, timedelta

from wtforms import ValidationError

from urbact_calls.domain.vocabulary import EntryKind
from urbact_calls.domain.words import instant_of
from urbact_calls.record.reads.entries import Wanted
from urbact_calls.web.forms import BaseForm, OneOf, PlainDateField, line_field, word_choices


class RecordSearchForm(BaseForm):
    """Which entries: of what kind, by whom, and from which day to which in Paris."""

    class Meta(BaseForm.Meta):
        # It changes nothing, and its address can be passed on.
        csrf = False

    kind = OneOf("Entries", choices=word_choices(EntryKind, "All"), default="")
    who = line_field("Name of a person, or part of it", 120)
    since = PlainDateField("From")
    until = PlainDateField("To")

    def validate_until(self, field: PlainDateField) -> None:
        if field.data is not None and self.since.data is not None and field.data < self.since.data:
            raise ValidationError("This day is before the other one.")

    @property
    def wanted(self) -> Wanted:
        """What is looked for; only once it is valid."""
        since, until = self.since.data, self.until.data
        return Wanted(
            kind=EntryKind.with_code(self.kind.data or ""),
            who=self.who.data or "",
            since=instant_of(since, time()) if since else None,
            until=instant_of(until + timedelta(days=1), time()) if until else None,
        )
