"""The e-mail about an uploaded file that was refused after whoever brought it had gone on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import User
from urbact_calls.files.commands import REFUSED
from urbact_calls.files.models import FileMessage
from urbact_calls.files.reads import file_at
from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Recipient
from urbact_calls.pdfs import PAPERS
from urbact_calls.subjects import POLICIES


def _who_brought_it(session: Session, args: FileMessage) -> Sequence[Recipient]:
    """Nobody, if another file took the place of this one while the message waited."""
    file = file_at(session, args.storage_key)
    user = session.get(User, file.uploaded_by) if file and file.uploaded_by else None
    return [user.recipient] if user else []


def _file(session: Session, args: FileMessage, _recipient: Recipient) -> dict[str, Any]:
    file = file_at(session, args.storage_key)
    if file is None:
        raise LookupError(f"{REFUSED} is written for a file that was replaced")
    about, paper = file.about, PAPERS[file.paper]
    named = POLICIES[about.kind].names(session, [about.id])[about.id]
    asked = {name for rule in current_app.url_map.iter_rules(paper.page) for name in rule.arguments}
    where = {name: value for name, value in named.arguments.items() if name in asked}
    return {"file": file, "paper": paper, "label": named.label, "where": where}


register(
    Email(
        key=REFUSED.removeprefix("mail:"),
        name="An uploaded file was refused",
        args=FileMessage,
        to=_who_brought_it,
        context=_file,
        recipients="Whoever brought the file",
        moment="When the check or the scan refuses a file after it was kept, and no other has taken its place",
        limit="Once for each file",
    )
)
