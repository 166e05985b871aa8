"""Blueprint of the assessment, and what its pages load before anybody may see them."""

from __future__ import annotations

from flask import Blueprint

from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.assessment import reads
from urbact_calls.calls.reads import by_code
from urbact_calls.database import db
from urbact_calls.domain.permissions import STRANGER, Actor, Relation
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.vocabulary import Role
from urbact_calls.web.access import Loaded

blueprint = Blueprint("assessment", __name__)


def application_of_panel(actor: Actor, reference: str) -> Loaded:
    """An application that came to the assessment, with what the actor is to it as a member of the panel."""
    application = by_reference(db.session(), reference)
    if application.eligibility_declared_at is None:
        raise NotFound(reference)
    return Loaded(application, reads.relation_to(db.session(), actor, application.id))


def call_of_panel(actor: Actor, code: str) -> Loaded:
    """A call, and whether the actor chairs its panel."""
    call = by_code(db.session(), code)
    chairs = reads.is_chair(db.session(), actor, call.id)
    return Loaded(call, Relation(roles=frozenset({Role.PANEL_CHAIR})) if chairs else STRANGER)
