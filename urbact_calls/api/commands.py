"""Commands of the API: start a draft from a dossier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from urbact_calls.applications.dossiers import commands as dossiers
from urbact_calls.applications.drafts import commands as drafts
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.domain.text import message
from urbact_calls.exchange.dossier_reader import Exchanged
from urbact_calls.exchange.strict_json import ExchangeFault

NOT_OPEN = message("call.not_open/interface", "{call} is no call that takes applications now.")


@dataclass(frozen=True, slots=True)
class Started:
    """A draft that was started, and in sentences what of the dossier it could not take."""

    reference: str
    not_kept: tuple[str, ...]


def start_from_dossier(exchanged: Exchanged, actor: Actor, now: datetime) -> Started:
    """Starts a draft in an open call and fills it from a dossier.

    Raises Refused when the call takes no applications or the actor does not work for the lead partner, ExchangeFault
    for what a form would not take.
    """
    try:
        with transaction() as session:
            return _start(session, exchanged, actor, now)
    except ExchangeFault as fault:
        raise ExchangeFault(fault.what, fault.where, exchanged.id) from fault


def _start(session: Session, exchanged: Exchanged, actor: Actor, now: datetime) -> Started:
    dossiers.check(exchanged.dossier, exchanged.terms)
    lead = dossiers.lead_organisation(session, exchanged.dossier, actor, now)
    if lead.is_new:
        # As on the pages: whoever enters an organisation works for it.
        actor = replace(actor, organisation_ids=actor.organisation_ids | {lead.organisation.id})
    try:
        application = drafts.start_step(session, exchanged.dossier.call, lead.organisation.id, actor, now)
    except NotFound as problem:
        raise Refused(Refusal(NOT_OPEN(call=exchanged.dossier.call), "call")) from problem
    not_kept = dossiers.fill(session, application, exchanged.dossier, lead.organisation, actor=actor, now=now)
    return Started(application.reference, not_kept)
