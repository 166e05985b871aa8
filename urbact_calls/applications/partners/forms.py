"""Forms of partners: one from the list, or a new organisation with its seat."""

from __future__ import annotations

from wtforms import HiddenField

from urbact_calls.organisations.forms import OrganisationForm
from urbact_calls.web.forms import VersionForm


class PartnershipForm(VersionForm):
    """One act on the partnership that the reader saw: the organisation to add, or whether a partner may write."""

    organisation = HiddenField()
    may_edit = HiddenField()


class NewPartnerForm(OrganisationForm, VersionForm):
    """An organisation that comes into the partnership that its writer saw."""
