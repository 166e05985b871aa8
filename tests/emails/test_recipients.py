"""Who must not get a message: around each stand people who could, if one condition of its recipients were forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import count
from pathlib import Path

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from tests.factories import applications as make
from tests.factories import stories
from tests.factories.accounts import actor_of, person
from tests.factories.applications import complete_draft, row, ten_cities
from tests.factories.calls import open_call, upcoming_call
from tests.factories.jobs import work_off
from tests.factories.organisations import member, organisation
from tests.factories.stories import Case
from tests.factories.story import Story, story
from tests.services_databases import Databases, settings_for
from tests.web_client import app_under_test
from urbact_calls.accounts.commands import accounts
from urbact_calls.accounts.models import User
from urbact_calls.applications.drafts.jobs import announce_closing_soon
from urbact_calls.applications.invitations import commands as invitations
from urbact_calls.applications.models import Application, ApplicationAccess, PartnerInvitation
from urbact_calls.applications.partners import commands as applications
from urbact_calls.assessment.allocation import commands as allocation_commands
from urbact_calls.assessment.models import Allocation
from urbact_calls.assessment.panel import commands as assessment
from urbact_calls.assessment.sheets.jobs import announce_sheets_due
from urbact_calls.calls.models import Call
from urbact_calls.calls.subscriptions import commands as calls
from urbact_calls.calls.subscriptions.jobs import announce_openings
from urbact_calls.calls.subscriptions.models import CallSubscription
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.vocabulary import Role
from urbact_calls.domain.words import PARIS
from urbact_calls.factory import create_app
from urbact_calls.job_sets import start_due
from urbact_calls.jobs import SilentNotifier
from urbact_calls.messages import commands as messages
from urbact_calls.messages.models import EMAILS, Delivery
from urbact_calls.organisations import commands as organisations
from urbact_calls.organisations.models import Membership, Organisation

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ADMINISTRATOR = Actor(None, "Administration", frozenset({Role.ADMINISTRATOR}), frozenset())
FROM_FIRST = (
    *("application.submitted", "application.reopened", "eligibility.announced"),
    *("decision.announced", "network.founded"),
)
"""What everybody hears who works on the application that comes to a network."""
WHERE = "in TO_APPLICANTS of tests/factories/stories.py, or here if others than applicants get it"
_numbers = count(1)

pytestmark = pytest.mark.together


@dataclass(frozen=True, slots=True)
class Told:
    cases: dict[str, Case]
    sent: dict[str, list[tuple[str | None, str]]]
    """By key of the message: what it is about, and the address."""


def named(word: str, **options: object) -> User:
    return person(email=f"{word}-{next(_numbers)}@bystander.example.org", **options)  # type: ignore[arg-type]


def placed(reference: str, user: User, role: str) -> User:
    with transaction() as session:
        application = row(reference)
        session.add(ApplicationAccess(application_id=application.id, user_id=user.id, role=role, granted_at=NOW))
    return user


def around_organisation(town: Organisation) -> dict[str, str]:
    """People who nearly work for an organisation."""
    asking, gone, closed, new = (named(word) for word in ("asking", "gone", "closed", "new"))
    member(asking, town, accepted=False)
    member(gone, town)
    organisations.remove(town.slug, gone.id, actor_of(gone), NOW)
    member(closed, town)
    accounts.disable(closed.id, ADMINISTRATOR, NOW)
    unconfirmed = named("unconfirmed", confirmed=False)
    member(unconfirmed, town)
    return {
        "whose request to join is only pending": asking.email,
        "who no longer works there": gone.email,
        "whose account is closed": closed.email,
        "whose address was never confirmed": unconfirmed.email,
        "who has only an account": new.email,
    }


@dataclass(frozen=True, slots=True)
class Around:
    """An application with its lead contacts, and with all who work on it; each with those who nearly are."""

    leads: Case
    everybody: Case


def around_application(reference: str) -> Around:
    """Whoever leads an application by place or by work; whoever has another place or works for another partner."""
    partners = row(reference).partners
    lead, other = partners[0].organisation, partners[-1].organisation
    by_work = db.session.scalars(
        select(User.email).join(Membership, Membership.user_id == User.id).where(Membership.organisation_id == lead.id)
    ).one()
    by_place, editor, viewer, colleague = (named(word) for word in ("placed", "editor", "viewer", "colleague"))
    placed(reference, by_place, "lead")
    placed(reference, editor, "editor")
    placed(reference, viewer, "viewer")
    member(viewer, lead)
    if other is not lead:
        member(colleague, other, is_manager=True)
    foreign = make.draft(row(reference).call, NOW, make.city(f"Elsewhere {next(_numbers)}", NOW))
    strangers = around_organisation(lead) | {"who leads another application of the call": foreign.lead.email}
    places = {
        "who may only read it": viewer.email,
        "who writes for a partner": editor.email,
        "who works for another partner": colleague.email,
    }
    hears = {by_work, by_place.email}
    has_colleague = other is not lead
    everybody = hears | {viewer.email, editor.email} | ({colleague.email} if has_colleague else set())
    return Around(Case(hears, strangers | places, reference), Case(everybody, strangers, reference))


def lives() -> dict[str, Case]:
    """Applications on their way, each with its bystanders from the first day."""
    first = story(NOW, "APN-DEMO")
    others = {code: story(NOW, code) for code in stories.TO_APPLICANTS}
    around = {tale.call.code: around_application(tale.reference) for tale in (first, *others.values())}

    with_panel = to_the_decision(first)
    starting = network_starts(first, around["APN-DEMO"].leads, next(iter(others.values())))
    leads = around["APN-DEMO"].leads
    by_the_story = {
        # The others of the lead contacts stand around these messages too.
        key: Case(case.hears | leads.hears, case.others | leads.others)
        if EMAILS[key].recipients == "The expert and the lead contacts"
        else case
        for key, case in stories.with_experts(first).items()
    }
    to_applicants = dict.fromkeys(FROM_FIRST, around["APN-DEMO"].everybody)
    for code, (tell, keys) in stories.TO_APPLICANTS.items():
        tell(others[code])
        for key in keys:
            is_to_leads = EMAILS[key].recipients == "The lead contacts"
            to_applicants[key] = around[code].leads if is_to_leads else around[code].everybody
    return to_applicants | with_panel | starting | by_the_story


def to_the_decision(tale: Story) -> dict[str, Case]:
    tale.submit()
    tale.step("reopen", tale.draft.actor)
    tale.work()
    tale.submit().close_call().settle().declare()
    due_on = (tale.now + timedelta(days=14)).date()
    released, unasked = (
        person(Role.ASSESSOR, email=f"{word}@bystander.example.org") for word in ("released", "unasked")
    )
    code, reference, officer = tale.call.code, tale.reference, tale.office[0]
    for user in (released, unasked):
        assessment.add_to_panel(code, user_id=user.id, is_chair=False, country="MT", actor=officer, now=tale.now)
    # Taken away again before the message was written.
    allocation_commands.allocate(reference, user_id=released.id, due_on=due_on, actor=officer, now=tale.now)
    allocation = db.session.scalars(select(Allocation.id).where(Allocation.user_id == released.id)).one()
    allocation_commands.unallocate(reference, allocation_id=allocation, actor=officer, now=tale.now)
    tale.allocate()
    others = {
        "who was released again": released.email,
        "who leads the panel": tale.chair.email,
        "who is on the panel and has another task": unasked.email,
        "who is assessed": tale.draft.lead.email,
    }
    week_before = datetime.combine(due_on - timedelta(days=7), time(8), PARIS)
    first, second = tale.assessors
    messages.mute(second.id, "sheet.due", tale.now)
    start_due(announce_sheets_due, week_before)
    work_off(week_before)
    tale.lock_sheets().sign().record().announce()
    return {
        "allocation.made": Case({first.email, second.email}, others, reference),
        "sheet.due": Case({first.email}, others | {"who switched it off": second.email}, reference),
    }


def network_starts(tale: Story, around: Case, other: Story) -> dict[str, Case]:
    """Planted before the network starts: people of its members, and people around them and of another network."""
    town = row(tale.reference).partners[-1].organisation
    colleague = named("colleague")
    member(colleague, town)
    works_there = ("who may only read it", "who works for another partner")
    hears = {tale.draft.lead.email, colleague.email, *(around.others[why] for why in works_there)}
    others = around_organisation(town) | {
        "who has a place in the application and works for no member": around.others["who writes for a partner"],
        "who leads another network": other.draft.lead.email,
    }
    return {"network.active": Case(hears, others)}


def joining() -> dict[str, Case]:
    known, namesake = named("known", name="Ben Bauer"), named("namesake", name="Ben Bauer")
    accounts.register(known.email, "Somebody else", NOW)
    accounts.ask_for_reset(known.email, NOW)
    stories.type_wrong_passwords(known.email, NOW)
    stories.type_wrong_passwords("nobody@bystander.example.org", NOW)
    accounts.register("new@bystander.example.org", "Ana Alves", NOW)
    accounts.register("quick@bystander.example.org", "Quentin Quick", NOW)
    with transaction() as session:
        session.scalars(select(User).where(User.email == "quick@bystander.example.org")).one().confirmed_at = NOW

    town, elsewhere = organisation("Town of the requests"), organisation("Town elsewhere")
    manager, colleague, foreign, officer = (named(word) for word in ("manager", "worker", "foreign", "officer"))
    officer = person(Role.PROGRAMME_OFFICER)
    member(manager, town, is_manager=True)
    member(colleague, town)
    member(foreign, elsewhere, is_manager=True)
    waiting = around_organisation(town)
    organisations.ask_to_join(town.slug, actor_of(known), NOW)
    work_off(NOW)
    organisations.accept(town.slug, known.id, actor_of(manager, town.id), NOW)
    work_off(NOW)
    namesakes = {"who has the same name": namesake.email}
    return {
        "account.exists": Case({known.email}, namesakes),
        "account.reset": Case({known.email}, namesakes),
        "account.wrong_passwords": Case({known.email}, namesakes),
        "account.confirm": Case(
            {"new@bystander.example.org"}, {"who has confirmed meanwhile": "quick@bystander.example.org"}
        ),
        "membership.requested": Case(
            {manager.email},
            waiting
            | {
                "who works there and manages nothing": colleague.email,
                "who manages another organisation": foreign.email,
                "who answers where nobody manages": officer.email,
                "who asks": known.email,
            },
        ),
        "membership.accepted": Case(
            {known.email}, waiting | {"who accepted": manager.email, "who works there": colleague.email}
        ),
    }


def waiting_for_a_call() -> dict[str, Case]:
    call, other = upcoming_call(db.session, NOW, "APN-NEXT"), upcoming_call(db.session, NOW, "APN-LATER")
    code, opens_at, later = call.code, call.opens_at, other.code
    wanda, silent, gone, foreign = (f"{word}@list.example.org" for word in ("wanda", "silent", "gone", "foreign"))
    for where, address in ((code, wanda), (code, silent), (code, gone), (later, foreign)):
        calls.subscribe(where, address, NOW)
    keys = {each.address: each.key for each in db.session.scalars(select(CallSubscription))}
    for address in (wanda, gone, foreign):
        calls.confirm_subscription(keys[address], NOW)
    calls.leave(keys[gone])
    work_off(NOW)
    with transaction() as session:
        session.get_one(Call, other.id).opens_at += timedelta(days=30)
    start_due(announce_openings, opens_at)
    work_off(opens_at)
    return {
        "call.subscription": Case({wanda, silent, foreign}, {"who has left the list meanwhile": gone}),
        "call.opens": Case(
            {wanda},
            {
                "who never confirmed the address": silent,
                "who has left the list": gone,
                "who waits for another call": foreign,
            },
        ),
    }


def drafts() -> dict[str, Case]:
    call = open_call(db.session, NOW, "APN-SOON")
    started = complete_draft(call, NOW, ten_cities(NOW, " of the reminder"))
    case = around_application(started.reference).leads
    muted = placed(started.reference, named("muted"), "lead")
    messages.mute(muted.id, "call.closing_soon", NOW)
    week_before = call.closes_at - timedelta(days=7)
    start_due(announce_closing_soon, week_before)
    work_off(week_before)
    others = case.others | {"who switched it off": muted.email}
    return {"call.closing_soon": Case(case.hears, others, case.about)}


def changed() -> dict[str, Case]:
    """One of the people of a partner and the lead applicant write in the part of that partner on one day."""
    call = open_call(db.session, NOW, "APN-CHANGED")
    started = complete_draft(call, NOW, ten_cities(NOW, " of the digest"))
    everybody = around_application(started.reference)
    lead, part = row(started.reference).partners[0], row(started.reference).partners[1]
    writer, reader = named("writer"), named("reader")
    for user in (writer, reader):
        member(user, part.organisation)
    muted = named("muted")
    member(muted, part.organisation)
    messages.mute(muted.id, "application.changed", NOW)
    stories.write_for(started.reference, part.id, "1200", actor_of(writer, part.organisation_id), NOW)
    stories.write_for(started.reference, lead.id, "1300", started.actor, NOW)
    stories.next_morning(NOW)
    others = everybody.leads.others | {"who switched it off": muted.email, "who made the only change": writer.email}
    leads = everybody.leads.hears - {started.lead.email}
    return {
        "application.changed": Case(
            leads | {reader.email}, others | {"who changed his or her own part": started.lead.email}, started.reference
        )
    }


def invited() -> dict[str, Case]:
    call = open_call(db.session, NOW, "APN-INVITE")
    started = complete_draft(call, NOW, ten_cities(NOW, " of the invitation")[:1])
    known, left_out = organisation("Town with a manager"), organisation("Town that is taken out")
    towns = [known, left_out, organisation("Town of nobody"), organisation("Town of nobody else")]
    manager, colleague, elsewhere = named("manager"), named("worker"), named("manager")
    member(manager, known, is_manager=True)
    member(colleague, known)
    member(elsewhere, left_out, is_manager=True)
    others = around_organisation(known)
    for version, town in enumerate(towns, start=1):
        applications.add_partner(started.reference, slug=town.slug, version=version, actor=started.actor, now=NOW)
    places = {each.organisation_id: each.id for each in row(started.reference).partners}
    applications.remove_partner(
        started.reference,
        places[left_out.id],
        version=len(towns) + 1,
        actor=started.actor,
        now=NOW,
        storage=current_app.extensions["storage"],
    )
    for town, address in zip(towns[2:], ("ines@example.org", "taken-back@example.org"), strict=True):
        invitations.invite(started.reference, partner_id=places[town.id], address=address, actor=started.actor, now=NOW)
    taken_back = select(PartnerInvitation.id).where(PartnerInvitation.address == "taken-back@example.org")
    invitations.revoke(started.reference, db.session.scalars(taken_back).one(), actor=started.actor, now=NOW)
    work_off(NOW)
    return {
        "partner.invited": Case(
            {manager.email},
            others
            | {
                "who works there and manages nothing": colleague.email,
                "who manages a partner that was taken out meanwhile": elsewhere.email,
                "who leads the application": started.lead.email,
            },
        ),
        "person.invited": Case(
            {"ines@example.org"},
            {"whose invitation was taken back": "taken-back@example.org", "who manages a partner": manager.email},
        ),
    }


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def told(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("recipients")
    with (
        databases.fresh(request.param) as url,
        app_under_test(settings_for(url, folder), SilentNotifier()) as app,
        app.app_context(),
    ):
        cases = joining() | waiting_for_a_call() | drafts() | changed() | invited()
        cases |= stories.slowly_checked(NOW) | lives()
        sent: dict[str, list[tuple[str | None, str]]] = defaultdict(list)
        references = {
            Subject(SubjectKind.APPLICATION, each.id): each.reference
            for each in db.session.scalars(select(Application))
        }
        for each in db.session.scalars(select(Allocation)):
            references[Subject(SubjectKind.ALLOCATION, each.id)] = each.application.reference
        for delivery in db.session.scalars(select(Delivery)):
            about = None if delivery.about is None else references.get(delivery.about)
            sent[delivery.email_key].append((about, delivery.address))
        yield Told(cases, sent)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder: Path = tmp_path_factory.mktemp("register")
    return create_app(settings_for(f"sqlite:///{folder / 'never.sqlite'}", folder))


GOLDEN = sorted(path.stem for path in Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("key", GOLDEN)
def test_a_message_goes_to_its_recipients_and_to_nobody_who_nearly_is_one(told: Told, key: str):
    assert key in told.cases, f"say who must not get {key}, {WHERE}"
    case = told.cases[key]
    got = {address for about, address in told.sent[key] if case.about in (None, about)}

    assert case.others != {}, f"nobody stands there who could get {key}"
    assert {why: address for why, address in case.others.items() if address in got} == {}
    assert got == case.hears


def test_every_message_says_who_must_not_get_it(app: Flask, told: Told):
    missing = sorted(set(EMAILS) - set(told.cases))

    assert missing == [], f"say who must not get {', '.join(missing)}, {WHERE}"
