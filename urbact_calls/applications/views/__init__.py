"""Pages of those who write applications."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import (
    is_private,
    opened_by,
    partners_to_write_for,
    public_state,
    require_letters_writable,
    require_writable,
    time_left,
)
from urbact_calls.applications.views.summary import PartnerProfile, Summary, summary_of
from urbact_calls.database import db
from urbact_calls.domain.permissions import Actor, applicant, auditor, lead_applicant, office, partner_editor
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.vocabulary import PartnerRole, Word
from urbact_calls.web.access import Loaded, current_actor

blueprint = Blueprint("applications", __name__)

may_read = applicant | office | auditor
may_write = lead_applicant | partner_editor


def application_of(actor: Actor, reference: str) -> Loaded:
    """The application with what the actor is to it. A draft does not exist for anybody but its applicants."""
    application, relation = opened_by(db.session(), actor, reference)
    if is_private(application) and not applicant(actor, relation):
        raise NotFound(f"application {reference}")
    return Loaded(application, relation)


def shown_state(application: Application) -> Word:
    """What this reader is told: applicants the public state, the programme the real one."""
    if applicant(current_actor(), g.relation):
        return public_state(application, g.received_at)
    return application.state


def is_writable(application: Application, *, letters: bool = False) -> bool:
    """Whether this reader may change the application now."""
    if not may_write(current_actor(), g.relation):
        return False
    check = require_letters_writable if letters else require_writable
    try:
        check(application, g.received_at)
    except Refused:
        return False
    return True


def own_part(summary: Summary, application: Application) -> PartnerProfile | None:
    """The profile that this reader is to fill in: of somebody who writes for one partner and does not lead."""
    own = partners_to_write_for(current_actor(), g.relation, summary.partners)
    if not is_writable(application) or len(own) != 1 or own[0].role == PartnerRole.LEAD:
        return None
    return summary.profile(own[0].id)


def page(template: str, application: Application, *, summary: Summary | None = None, **values: object) -> str:
    """A page of an application, with what its head and its list of parts need."""
    summary = summary or summary_of(db.session(), application, g.received_at)
    return render_template(
        template,
        application=application,
        summary=summary,
        state=shown_state(application),
        time_left=time_left(application.call.closes_at, g.received_at),
        **values,
    )
