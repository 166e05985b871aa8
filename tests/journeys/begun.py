"""Applications that are on their way already, so that a part of the story can be told by itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, select

from tests.factories.applications import complete_draft, written_draft
from tests.factories.organisations import organisation
from tests.factories.story import Story
from tests.journeys.plots import Plot
from urbact_calls.accounts.commands.passwords import hashed
from urbact_calls.accounts.models import User
from urbact_calls.accounts.reads import by_email
from urbact_calls.applications.models import Application
from urbact_calls.applications.officers import commands as officers
from urbact_calls.assessment.ranking.commands import seal_ranking
from urbact_calls.calls.definition.commands import change_terms_step, close_demonstration
from urbact_calls.calls.reads import by_code
from urbact_calls.database import db, transaction
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.network_types.fields import FieldKind
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.vocabulary import PartnerRole
from urbact_calls.eligibility.closing_lists.commands import STILL_STORING
from urbact_calls.organisations.models import Organisation


@dataclass
class Begun(Story):
    """The application of a plot, in its words, among the people of the demonstration."""

    plot: Plot

    @property
    def reasons(self) -> str:
        return self.plot.reasons

    @property
    def note(self) -> str:
        return self.plot.note

    @property
    def remark(self) -> str:
        return self.plot.remark

    def close_call(self) -> Begun:
        close_demonstration(self.call.code, SYSTEM, self.now)
        self.now += STILL_STORING + timedelta(seconds=2)
        self.check_officially()
        return self

    def seat_panel(self) -> None:
        """The demonstration has a panel."""

    def eligible(self) -> Begun:
        self.submit().close_call().settle().declare()
        return self

    def assessed(self) -> Begun:
        """From the draft to the signed consensus sheet, with what the office writes on the way."""
        self.eligible()
        officers.note(self.reference, self.plot.internal, self.office[0], self.now)
        self.allocate().lock_sheets().sign()
        return self

    def ranked(self) -> Begun:
        self.assessed()
        seal_ranking(self.call.code, self.office[0], self.now)
        return self

    def in_network(self) -> Begun:
        self.assessed().record().announce()
        return self


def begun(plot: Plot, *, has_partners: bool = True) -> Begun:
    """A draft that can be submitted, or one whose lead partner is still alone, in a database with the demonstration."""
    now = datetime.now(UTC) - 2 * STILL_STORING
    city = plot.city
    lead_city = organisation(city.name, country=city.country, nuts2=city.region, now=now)
    partners = [db.session.scalars(_city(name)).one() for name in plot.partners]
    call = by_code(db.session(), plot.call)
    with transaction() as session:
        # Also just after midnight, when it opens, something has begun there.
        change_terms_step(session, call, replace(call.terms, opens_at=now - timedelta(days=1)), SYSTEM, now)
    draft = complete_draft(call, now, [lead_city, *partners]) if has_partners else written_draft(call, now, lead_city)
    with transaction() as session:
        lead = session.get_one(User, draft.lead.id)
        lead.name, lead.email, lead.password_hash = plot.lead.name, plot.lead.email, hashed(plot.lead.password)
        application = session.scalars(select(Application).where(Application.reference == draft.reference)).one()
        application.title, application.acronym = plot.answers["title"], plot.answers["acronym"]
        _write_in_words_of(plot, application)
    officer, colleague, first, second, chair = (
        _account(name) for name in ("officer1", "officer2", "assessor1", "assessor2", "chair")
    )
    return Begun(call, draft, (officer, colleague), (first, second), chair, now, plot)


def _city(name: str) -> Select[tuple[Organisation]]:
    return select(Organisation).where(Organisation.name.contains(name)).order_by(Organisation.id).limit(1)


def _account(name: str) -> User:
    user = by_email(db.session(), f"{name}@example.org")
    assert user is not None
    return user


def _write_in_words_of(plot: Plot, application: Application) -> None:
    """Puts the words of the plot into every text, and what it says by name where it is asked."""
    sections = KINDS[application.call.type].sections
    for saved in application.sections:
        fields = next(each for each in sections if each.code == saved.code).fields
        texts = {each.code: plot.text[: each.limit] for each in fields if each.kind is FieldKind.TEXT}
        named = {code: text for code, text in plot.answers.items() if code in saved.answers}
        saved.answers = {**saved.answers, **texts, **named}
    lead = next(each for each in application.partners if each.role == PartnerRole.LEAD)
    for part in lead.sections:
        if "contacts" in part.answers:
            first, *others = json.loads(part.answers["contacts"])
            part.answers = {**part.answers, "contacts": json.dumps([{**first, "email": plot.contact}, *others])}
