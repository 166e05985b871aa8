"""Form of the signed agreement of a member."""

from __future__ import annotations

from wtforms import FileField

from urbact_calls.pdfs import LARGEST_BYTES
from urbact_calls.web.forms import BaseForm


class AgreementForm(BaseForm):
    """The signed agreement of one member."""

    agreement = FileField("Signed agreement", description=f"PDF, up to {LARGEST_BYTES // 1_000_000} MB.")
