"""The form that uploads a letter of commitment."""

from __future__ import annotations

from flask_wtf.file import FileField

from urbact_calls.pdfs import LARGEST_BYTES
from urbact_calls.web.forms import BaseForm


class LetterForm(BaseForm):
    """One letter of commitment."""

    letter = FileField("Letter of commitment", description=f"PDF, up to {LARGEST_BYTES // 1_000_000} MB, signed.")
