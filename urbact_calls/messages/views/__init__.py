"""Blueprint of the pages about messages and jobs, and who may open them."""

from __future__ import annotations

from flask import Blueprint

from urbact_calls.domain.permissions import administrator, office

blueprint = Blueprint("messages", __name__)
works_on_jobs = office | administrator
PAGE_SIZE = 50
