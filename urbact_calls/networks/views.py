"""Blueprint of the pages of networks, and the loader of a network."""

from __future__ import annotations

from flask import Blueprint

from urbact_calls.database import db
from urbact_calls.domain.permissions import Actor
from urbact_calls.networks import reads
from urbact_calls.web.access import Loaded

blueprint = Blueprint("networks", __name__)


def network_at(actor: Actor, slug: str) -> Loaded:
    network = reads.founded(db.session(), slug)
    return Loaded(network, reads.relation_to(actor, network))
