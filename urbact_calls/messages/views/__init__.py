"""Blueprint of the pages about messages and jobs, and who may open them."""

from __future__ import annotations

from flask import Blueprint, request

from urbact_calls.domain.permissions import administrator, office

blueprint = Blueprint("messages", __name__)
works_on_jobs = office | administrator
PAGE_SIZE = 50
LARGEST_ID = 2**31 - 1


def after_of_request() -> int | None:
    """The id after which a list goes on: the `after` of this request, None for any text that is no id."""
    given = request.args.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < len(str(LARGEST_ID)) else None
