"""What is in the hands of people: one object in each state in which a page has a form that the sweep does not show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from tests.factories.accounts import actor_of, person
from tests.factories.applications import pdf, row
from tests.factories.calls import open_call, upcoming_call
from tests.factories.experts import network_of, said, validated_expert
from tests.factories.jobs import announced
from tests.factories.organisations import organisation
from tests.factories.stories import with_experts
from tests.factories.story import Story, story
from urbact_calls.accounts.models import User
from urbact_calls.applications.invitations import commands as invitations
from urbact_calls.applications.invitations import reads as invitations_reads
from urbact_calls.applications.models import PartnerInvitation
from urbact_calls.assessment import reads as assessment_queries
from urbact_calls.assessment.allocation import commands as assessment
from urbact_calls.assessment.consensus import commands as consensus
from urbact_calls.assessment.models import ConsensusSheet
from urbact_calls.assessment.panel import commands as panel
from urbact_calls.assessment.sheets import commands as sheets
from urbact_calls.calls.definition import commands as calls
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import ConflictAnswer, JobState, NetworkType, Role
from urbact_calls.experts import commands as experts
from urbact_calls.jobs import Job
from urbact_calls.messages.models import Delivery, DeliveryArgs
from urbact_calls.organisations.models import Membership

WRITER, INVITED = "writer", "invited@example.org"


@dataclass
class Hands:
    """People beside the roles of the sweep, the pages where anybody begins, and steps that can be taken now."""

    people: dict[str, User] = field(default_factory=dict)
    begins: dict[str, list[str]] = field(default_factory=dict)
    steps: list[tuple[str, str, str]] = field(default_factory=list)
    city: str = ""
    call: str = ""

    def give(self, role: str, user: User, *pages: str) -> None:
        self.people[role] = user
        self.begins[role] = ["/dashboard", *pages]

    def lead_to(self, role: str, *pages: str) -> None:
        self.begins.setdefault(role, []).extend(pages)


def in_hand(now: datetime) -> Hands:
    """Makes them all. Calls of `then` closed two hours ago."""
    hands, then = Hands(), now - timedelta(days=30, hours=2)
    _written(hands, now)
    _checked(hands, then)
    _assessed(hands, then)
    _experts(hands, now, then)
    _office(hands, now)
    _organisations(hands, now)
    return hands


def _written(hands: Hands, now: datetime) -> None:
    """A draft that is written, with somebody invited to it, and one that can be started."""
    tale = story(now, "APN-DRAFT")
    home, lead = f"/applications/{tale.reference}", tale.draft.lead
    partner = row(tale.reference).partners[2].id
    invitations.invite(tale.reference, partner_id=partner, address=INVITED, actor=tale.draft.actor, now=now)
    new = f"{home}/partners/new"
    searches = (f"{home}/partners?name={name}" for name in ("joined", "lodz", "Lozd", "***"))
    found = (*searches, f"{new}?name=lodz", f"{new}?name=Newtown&country=PL")
    hands.give(WRITER, lead, f"{home}/invitations", *found)
    free = open_call(db.session(), now, "APN-FREE")
    upcoming = upcoming_call(db.session(), now)
    hands.lead_to("anonymous", f"/calls/{upcoming.code}")
    hands.city, hands.call = tale.draft.organisation.name, free.code
    hands.steps += [(WRITER, tale.reference, "submit"), (WRITER, tale.reference, "withdraw")]


def _checked(hands: Hands, then: datetime) -> None:
    due = story(then, "APN-DUE").submit().close_call()
    ready = story(then, "APN-READY").submit().close_call().settle()
    asked = story(then, "APN-ASKED").submit().close_call().ask_clarification()
    for tale in (due, ready):
        hands.lead_to("programme_officer", f"/eligibility/{tale.reference}/", f"/applications/{tale.reference}/")
    hands.give("asked", asked.draft.lead, f"/applications/{asked.reference}/")
    hands.steps += [
        ("asked", asked.reference, "answer_clarification"),
        ("programme_officer", due.reference, "ask_clarification"),
        ("programme_officer", ready.reference, "propose_eligible"),
        ("programme_manager", ready.reference, "propose_eligible"),
    ]


def _assessed(hands: Hands, then: datetime) -> None:
    """A sheet that can be locked beside one that is, a consensus that can be signed, a ranking that can be sealed."""
    scored = story(then, "APN-SCORE").submit().close_call().settle().declare().allocate()
    for assessor in scored.assessors:
        actor = actor_of(assessor)
        assessment.declare(scored.reference, answer=ConflictAnswer.NONE, note="", actor=actor, now=scored.now)
        allocation = assessment_queries.own_allocation(db.session(), row(scored.reference).id, assessor.id)
        version = allocation.sheet.version
        sheets.save_sheet(scored.reference, scored.scores(3), version=version, actor=actor, now=scored.now)
    sheets.submit_sheet(scored.reference, version=version + 1, actor=actor, now=scored.now)
    address = "/assessment/applications"
    hands.give("scorer", scored.assessors[0], f"{address}/{scored.reference}/sheet")
    agreed = story(then, "APN-SIGN").submit().close_call().settle().declare().allocate().lock_sheets()
    _agree(agreed)
    hands.give("signer", agreed.assessors[0], f"{address}/{agreed.reference}/consensus")
    ranked = story(then, "APN-RANK").submit().close_call().settle().declare().allocate().lock_sheets().sign()
    eligible = story(then, "APN-FIT").submit().close_call().settle().declare()
    for code in (ranked.call.code, scored.call.code, eligible.call.code):
        hands.lead_to("programme_officer", f"/assessment/calls/{code}/", f"/assessment/calls/{code}/ranking")
    for member in eligible.assessors:
        panel.add_to_panel(
            eligible.call.code,
            user_id=member.id,
            is_chair=False,
            country="MT",
            actor=eligible.office[0],
            now=eligible.now,
        )


def _agree(tale: Story) -> None:
    sheet = select(ConsensusSheet).where(ConsensusSheet.application_id == row(tale.reference).id)
    version = db.session.scalars(sheet).one().text_version
    actor = actor_of(tale.assessors[1])
    consensus.save_consensus(tale.reference, tale.scores(4), version=version, actor=actor, now=tale.now)


def _experts(hands: Hands, now: datetime, then: datetime) -> None:
    """A profile that can be sent, one that is public, and a network that works."""
    candidate = person()
    actor = actor_of(candidate)
    experts.save(said(), version=0, actor=actor, now=now)
    storage = current_app.extensions["storage"]
    experts.keep_cv(content=pdf(), filename="cv.pdf", actor=actor, now=now, storage=storage)
    hands.give("candidate", candidate, "/expert-profile")
    public = db.session.get_one(User, validated_expert(now).user_id)
    hands.give("public_expert", public, "/expert-profile")
    tale = story(then, "APN-LIVE").submit().close_call().settle().declare().allocate().lock_sheets()
    tale.sign().record().announce()
    with_experts(tale)
    hands.give("network_lead", tale.draft.lead, f"/networks/{network_of(tale.reference).slug}/work")
    hands.lead_to("programme_officer", f"/networks/{network_of(tale.reference).slug}/work")


def _office(hands: Hands, now: datetime) -> None:
    """A call that is prepared, work that failed or hangs, an account with a role and one that is closed."""
    calls.create(
        code="TN-2037",
        title="Transfer Networks 2037",
        network_type=NetworkType.TN,
        copied_from=None,
        opens_at=now + timedelta(days=30),
        closes_at=now + timedelta(days=120),
        actor=Actor(None, "Somebody"),
        now=now,
    )
    hands.lead_to("programme_officer", "/office/calls/TN-2037", "/office/calls/TN-2037/terms/partners_min")
    letter = db.session.scalars(select(Delivery.id).limit(1)).one()
    for state in (JobState.DEAD, JobState.SENDING):
        key, args = f"a letter that is {state}", DeliveryArgs(delivery=letter)
        job_id = announced("mail.deliver_once", now, key=key, args=args)
        with transaction() as session:
            found = session.get_one(Job, job_id)
            found.state, found.attempts, found.owner = state, 8, "a worker that has gone"
            found.lease_until = now - timedelta(hours=1)
        hands.lead_to("programme_officer", f"/office/jobs/{job_id}")
    officer, closed = person(Role.PROGRAMME_OFFICER), person()
    with transaction() as session:
        session.get_one(User, closed.id).disabled_at = now
    hands.lead_to("administrator", f"/accounts/{officer.id}", f"/accounts/{closed.id}")


def _organisations(hands: Hands, now: datetime) -> None:
    """Somebody who asks to join an organisation, somewhere to ask, and an invitation in other hands."""
    asking = person()
    place = organisation("Town that can be joined")
    with transaction() as session:
        session.add(Membership(user_id=asking.id, organisation_id=place.id, requested_at=now))
    hands.lead_to("programme_officer", f"/organisations/{place.slug}/")
    hands.lead_to(WRITER, "/organisations/?q=joined")
    guest = db.session.scalars(select(PartnerInvitation).where(PartnerInvitation.address == INVITED)).one()
    token = invitations_reads.token_of(current_app.config["SECRET_KEY"], guest)
    hands.give("guest", person(email=INVITED), f"/invitations/{token}")
