"""Steps that only programs take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from urbact_calls.applications import from_dossier
from urbact_calls.casework import operations as casework
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.exchange import Exchanged, ExchangeFault


@dataclass(frozen=True, slots=True)
class Started:
    """A draft that was started, and in sentences what of the dossier it could not take."""

    reference: str
    not_kept: tuple[str, ...]


def start_from_dossier(session: Session, exchanged: Exchanged, actor: Actor, now: datetime) -> Started:
    """A draft filled from a dossier; the lead partner must be an organisation of the actor."""
    try:
        return _start(session, exchanged, actor, now)
    except ExchangeFault as fault:
        raise ExchangeFault(fault.what, fault.where, exchanged.id) from fault


def _start(session: Session, exchanged: Exchanged, actor: Actor, now: datetime) -> Started:
    from_dossier.check(exchanged.dossier, exchanged.terms)
    lead = from_dossier.lead_organisation(session, exchanged.dossier, actor, now)
    if lead.is_new:
        # As on the pages: whoever enters an organisation works for it.
        actor = replace(actor, organisation_ids=actor.organisation_ids | {lead.organisation.id})
    try:
        application = casework.start(session, exchanged.dossier.call, lead.organisation.id, actor, now)
    except NotFound as problem:
        words = f"{exchanged.dossier.call} is no call that takes applications now."
        raise Refused(Refusal("call.not_open", words, "call")) from problem
    not_kept = from_dossier.fill(session, application, exchanged.dossier, lead.organisation, actor=actor, now=now)
    return Started(application.reference, not_kept)
