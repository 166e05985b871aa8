"""Blueprint of the assessment, and what its pages load before anybody may see them."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint

from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.assessment import reads
from urbact_calls.calls.reads import by_code
from urbact_calls.database import db
from urbact_calls.domain.permissions import Actor, Relation
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.vocabulary import Role
from urbact_calls.web.access import Loaded

blueprint = Blueprint("assessment", __name__)


def application_of_panel(actor: Actor, reference: str) -> Loaded:
    """An application that came to the assessment, with what the actor is to it as a member of the panel."""
    application = by_reference(db.session(), reference)
    if application.eligibility_declared_at is None:
        raise NotFound(reference)
    relation = reads.relation_to(db.session(), actor, application.id)
    return Loaded(application, replace(relation, competes=application.call_id in actor.interests.calls))


def call_of_panel(actor: Actor, code: str) -> Loaded:
    """A call, and whether the actor chairs its panel; whoever competes in it is in a conflict."""
    call = by_code(db.session(), code)
    roles = frozenset({Role.PANEL_CHAIR} if reads.is_chair(db.session(), actor, call.id) else ())
    return Loaded(call, Relation(roles, is_conflicted=call.id in actor.interests.calls))
