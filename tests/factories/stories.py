"""Stories that together send every message and need every kind of job."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from flask import current_app
from sqlalchemy import select

from tests.factories.accounts import actor_of, person
from tests.factories.applications import complete_draft, hand_in, pdf, row, ten_cities
from tests.factories.calls import open_call, upcoming_call
from tests.factories.experts import (
    applied,
    appoint,
    choose,
    expert_actor,
    leave,
    network_of,
    officer_actor,
    open_search,
    profile_of,
    sign_agreements,
    submitted_expert,
    validate,
)
from tests.factories.jobs import work_off
from tests.factories.organisations import member, organisation
from tests.factories.story import Story, story
from tests.services_scanner import EICAR, running_scanner
from urbact_calls.accounts.commands import accounts
from urbact_calls.accounts.commands.attempts import OF_AN_ACCOUNT
from urbact_calls.applications.documents.commands import request_document
from urbact_calls.applications.drafts.commands import save_partner_section
from urbact_calls.applications.drafts.jobs import announce_changes, announce_closing_soon
from urbact_calls.applications.invitations import commands as invitations
from urbact_calls.applications.letters.commands import keep_letter
from urbact_calls.applications.partners import commands as applications
from urbact_calls.applications.submission.jobs import announce_lapsed_clarifications
from urbact_calls.assessment.sheets.jobs import announce_sheets_due
from urbact_calls.calls.subscriptions import commands as calls
from urbact_calls.calls.subscriptions.jobs import announce_openings
from urbact_calls.calls.subscriptions.models import CallSubscription
from urbact_calls.database import db
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.vocabulary import DecisionOutcome, FindingOutcome, Role
from urbact_calls.domain.words import PARIS
from urbact_calls.experts import commands as experts
from urbact_calls.experts.jobs import announce_expiring, end_validations
from urbact_calls.job_sets import start_due
from urbact_calls.networks.expertise import commands as expertise
from urbact_calls.networks.members import commands as networks
from urbact_calls.organisations import commands as organisations
from urbact_calls.storage import Storage


@dataclass(frozen=True, slots=True)
class Case:
    """Who gets a message, and who does not although little is missing: why, and the address."""

    hears: set[str]
    others: dict[str, str]
    about: str | None = None
    """The application, where others of the same kind are sent about other applications."""


def tell_all(now: datetime) -> None:
    """Tells every story once, in the database of the current app."""
    joining(now)
    waiting(now)
    reminded(now)
    slowly_checked(now)
    invited(now)
    first = story(now, "APN-DEMO")
    from_draft_to_network(first)
    with_experts(first)
    not_eligible(story(now, "APN-OUT"))
    for code, (tell, _) in TO_APPLICANTS.items():
        tell(story(now, code))
    changed(now)


def from_draft_to_network(tale: Story) -> None:
    request_document(tale.reference, tale.draft.actor, tale.now, storage=current_app.extensions["storage"])
    tale.work()
    tale.submit()
    tale.step("reopen", tale.draft.actor)
    tale.work()
    tale.submit().close_call().settle().declare().allocate()
    sheets_due(tale)
    tale.lock_sheets().sign().record().announce()


def slowly_checked(now: datetime) -> dict[str, Case]:
    """A curriculum vitae takes longer to be checked than its expert waits, and is scanned after that. Of two letters
    that the scanner would refuse one is replaced before."""
    usual: Storage = current_app.extensions["storage"]
    harmful = pdf() + b"\n%" + EICAR
    with running_scanner() as scanner:
        current_app.extensions["storage"] = replace(usual, scanner=scanner, patience=0)
        expert = submitted_expert(now, name="Sam Slow", email="slow@example.org")
        call = open_call(db.session, now, "APN-HARM")
        first, second = (complete_draft(call, now, [city]) for city in ten_cities(now, " of the scan")[:2])
        for draft, content in ((first, harmful), (second, harmful), (second, pdf())):
            keep_letter(
                draft.reference,
                row(draft.reference).partners[0].id,
                content=content,
                filename="letter.pdf",
                actor=draft.actor,
                now=now,
                storage=current_app.extensions["storage"],
            )
        work_off(now)
    current_app.extensions["storage"] = usual
    others = {"whose file was kept": expert.user.email, "whose file was replaced before": second.lead.email}
    return {"file.refused": Case({first.lead.email}, others)}


def sheets_due(tale: Story) -> None:
    """One week before, the sheets of both assessors are still open."""
    due_on = (tale.now + timedelta(days=14)).date()
    week_before = datetime.combine(due_on - timedelta(days=7), time(8), PARIS)
    start_due(announce_sheets_due, week_before)
    work_off(week_before)


def with_experts(tale: Story) -> dict[str, Case]:
    """One expert is refused, then validated, chosen, sent back, chosen again and appointed; another is not chosen. The
    network starts, and the expert leaves. A third is suspended, returns, and is reminded before the validation expires.

    Gives who hears of it, and who nearly does, by the key of the message.
    """
    slug = network_of(tale.reference).slug
    officer = tale.office[0]
    chosen = submitted_expert(tale.now, name="Eva Expert", email="eva@example.org")
    experts.take_transition(chosen.id, "refuse", officer, tale.now, reason="The CV does not show any network.")
    tale.work()
    experts.take_transition(chosen.id, "submit", expert_actor(chosen), tale.now)
    validate(profile_of(chosen.user_id), tale.now)
    other = submitted_expert(tale.now, name="Otto Other", email="otto@example.org")
    validate(other, tale.now)
    tale.work()
    asked = open_search(slug, tale.draft.actor, tale.now)
    first, _ = (applied(slug, asked, profile, tale.now) for profile in (chosen, other))
    choose(first, tale.draft.actor, tale.now, 90)
    tale.work()
    expertise.take_expert_transition(
        first, "refuse_choice", officer_actor(), tale.now, reason="Ninety days are too few for ten cities."
    )
    tale.work()
    appoint(first, tale.draft.actor, tale.now, 100)
    sign_agreements(slug, tale.now)
    networks.take_transition(slug, "activate", tale.draft.actor, tale.now)
    tale.work()
    leave(first, expert_actor(chosen), tale.now, days_used=0)
    tale.work()
    _suspended_and_expired(tale)
    eva, otto, pia, lead = "eva@example.org", "otto@example.org", "pia@example.org", tale.draft.lead.email
    stranger = {"another expert": otto}
    of_the_pool = {"another expert": eva, "who leads the network": lead}
    return {
        "expert.refused": Case({eva}, {"who was not refused": otto, "who leads the network": lead}),
        "expert.validated": Case({eva, otto, pia}, {"who leads the network": lead}),
        "expert.chosen": Case({eva}, {"who was not chosen": otto, "who leads the network": lead}),
        "expert.choice_refused": Case({eva, lead}, stranger),
        "expert.appointed": Case({eva, lead}, {"who was not chosen": otto}),
        "expert.declined": Case({otto}, {"who was appointed": eva, "who leads the network": lead}),
        "expert.left": Case({eva, lead}, stranger),
        "expert.suspended": Case({pia}, of_the_pool),
        "expert.reinstated": Case({pia}, of_the_pool),
        "expert.expiring": Case({pia}, of_the_pool),
        "expert.expired": Case({pia}, of_the_pool),
    }


def _suspended_and_expired(tale: Story) -> None:
    """A suspension with a last day ends by itself; sixty days before the end of the validation comes the reminder."""
    until = tale.now.date() + timedelta(days=100)
    third = submitted_expert(tale.now, name="Pia Paused", email="pia@example.org")
    validate(third, tale.now, until=until)
    tale.work()
    experts.take_transition(
        third.id, "suspend", officer_actor(), tale.now, reason="A complaint is looked into.", until=tale.now.date()
    )
    tale.work()
    for days in (2, 41, 101):
        later = datetime.combine(tale.now.date() + timedelta(days=days), time(9), PARIS)
        for periodic in (end_validations, announce_expiring):
            start_due(periodic, later)
        work_off(later)


def with_conditions(tale: Story) -> Story:
    tale.submit().close_call().settle().declare().allocate().lock_sheets().sign()
    return tale.record(DecisionOutcome.APPROVED_WITH_CONDITIONS).announce()


def conditions_met(tale: Story) -> None:
    with_conditions(tale).step("conditions_met", tale.office[0], "Seen in the documents of 3 June.")
    tale.work()


def conditions_missed(tale: Story) -> None:
    with_conditions(tale).step("conditions_missed", tale.office[0], "Seen in the documents of 3 June.")
    tale.work()


def clarified(tale: Story) -> None:
    tale.submit().close_call().ask_clarification()
    tale.step("answer_clarification", tale.draft.actor)
    tale.work()


def silent(tale: Story) -> None:
    """Nobody answers, and the clock takes the next step."""
    tale.submit().close_call().ask_clarification()
    tale.now += timedelta(days=60)
    start_due(announce_lapsed_clarifications, tale.now)
    tale.work()


def not_eligible(tale: Story) -> None:
    tale.submit().close_call().settle(FindingOutcome.NOT_MET)
    tale.declare("ineligible", "The letters are not signed.")


def taken_back(tale: Story) -> None:
    """Not eligible, until a complaint is upheld."""
    not_eligible(tale)
    tale.step("reinstate_eligibility", actor_of(person(Role.PROGRAMME_MANAGER)), "The complaint of 3 June is upheld.")
    tale.work()


def withdrawn(tale: Story) -> None:
    """It is handed in while many do that, and so a worker stores it."""
    hand_in(tale.draft, tale.now)
    tale.work()
    tale.step("withdraw", tale.draft.actor, "The council decided otherwise.")
    tale.work()


TO_APPLICANTS: Mapping[str, tuple[Callable[[Story], None], tuple[str, ...]]] = {
    "APN-MET": (conditions_met, ("decision.conditions_met",)),
    "APN-MISSED": (conditions_missed, ("decision.conditions_missed",)),
    "APN-ASKED": (clarified, ("clarification.asked", "clarification.answered")),
    "APN-SILENT": (silent, ("clarification.lapsed",)),
    "APN-AWAY": (withdrawn, ("application.withdrawn",)),
    "APN-BACK": (taken_back, ("application.taken_back",)),
}
"""By the code of its call: what becomes of an application, and the messages that its lead contacts, or all who work on
it, get then, and nobody else. `tests/emails/test_recipients.py` places those who must not get them around each."""


def waiting(now: datetime) -> None:
    """Somebody asks to hear when a call opens, and it opens."""
    call = upcoming_call(db.session, now, "APN-NEXT")
    code, opens_at = call.code, call.opens_at
    calls.subscribe(code, "wanda@example.org", now)
    work_off(now)
    calls.confirm_subscription(db.session.scalars(select(CallSubscription.key)).one(), now)
    start_due(announce_openings, opens_at)
    work_off(opens_at)


def reminded(now: datetime) -> None:
    """A draft is still a draft one week before its call closes."""
    call = open_call(db.session, now, "APN-SOON")
    complete_draft(call, now, ten_cities(now, " of the reminder"))
    week_before = call.closes_at - timedelta(days=7)
    start_due(announce_closing_soon, week_before)
    work_off(week_before)


def write_for(reference: str, partner_id: int, population: str, actor: Actor, now: datetime) -> None:
    """Somebody changes the population of a partner."""
    partner = next(each for each in row(reference).partners if each.id == partner_id)
    section = next(each for each in partner.sections if each.code == "organisation")
    save_partner_section(
        reference,
        partner_id,
        section.code,
        answers={**section.answers, "population": population},
        files={},
        version=section.version,
        actor=actor,
        now=now,
        storage=current_app.extensions["storage"],
    )


def next_morning(now: datetime) -> None:
    """The digest of the day is sent on the morning after."""
    morning = datetime.combine(now.astimezone(PARIS).date() + timedelta(days=1), time(7), PARIS)
    start_due(announce_changes, morning)
    work_off(morning)


def changed(now: datetime) -> None:
    """The lead applicant writes in the part of a partner, whose people hear of it the next morning."""
    call = open_call(db.session, now, "APN-CHANGED")
    started = complete_draft(call, now, ten_cities(now, " of the digest"))
    part = row(started.reference).partners[1]
    member(person(name="Petra Partner", email="petra@example.org"), part.organisation)
    write_for(started.reference, part.id, "1200", started.actor, now)
    next_morning(now)


def invited(now: datetime) -> None:
    """A lead adds a city that has a manager, and invites somebody for one that has nobody."""
    call = open_call(db.session, now, "APN-INVITE")
    started = complete_draft(call, now, ten_cities(now, " of the invitation")[:1])
    known, empty = organisation("Town with a manager"), organisation("Town with nobody")
    member(person(name="Mara Manager", email="mara@example.org"), known, is_manager=True)
    for version, town in enumerate((known, empty), start=1):
        applications.add_partner(started.reference, slug=town.slug, version=version, actor=started.actor, now=now)
    partner = next(each for each in row(started.reference).partners if each.organisation_id == empty.id)
    invitations.invite(
        started.reference, partner_id=partner.id, address="ines@example.org", actor=started.actor, now=now
    )
    work_off(now)


def type_wrong_passwords(email: str, now: datetime) -> None:
    """As many as its owner hears of."""
    for _ in range(OF_AN_ACCOUNT.free):
        with contextlib.suppress(Refused):
            accounts.sign_in(email, "a wrong password", now)


def joining(now: datetime) -> None:
    """Somebody registers, twice, forgets the password, and joins a city."""
    accounts.register("ana@example.org", "Ana Alves", now)
    known = person(name="Ben Bauer", email="ben@example.org")
    accounts.register("ben@example.org", "Somebody else", now)
    accounts.ask_for_reset("ben@example.org", now)
    type_wrong_passwords("ben@example.org", now)
    manager = person(name="Mia Manager", email="mia@example.org")
    town = organisation("Town of the stories")
    member(manager, town, is_manager=True)
    organisations.ask_to_join(town.slug, actor_of(known), now)
    work_off(now)
    organisations.accept(town.slug, known.id, actor_of(manager, town.id), now)
    work_off(now)
