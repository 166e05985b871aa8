"""Experts of a network: searches, applications, appointments within the envelope, the start of the network."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from tests.factories.accounts import actor_of, person
from tests.factories.applications import member, ten_cities
from tests.factories.calls import open_call
from tests.factories.experts import (
    applied,
    appoint,
    choose,
    expert_actor,
    leave,
    needs_of,
    officer_actor,
    open_search,
    profile_of,
    sign_agreements,
    validated_expert,
)
from tests.factories.jobs import work_off
from tests.factories.networks import founded_network
from tests.kept_worlds import Kept
from urbact_calls.assessment.models import PanelMember
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.expert_days import DaysWithin
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.terms import Provenance
from urbact_calls.domain.vocabulary import Confidence, ExpertTrack, NetworkState, Role
from urbact_calls.domain.words import day
from urbact_calls.experts import commands as pool
from urbact_calls.messages.models import Delivery
from urbact_calls.networks import reads as networks
from urbact_calls.networks.expertise import commands as expertise
from urbact_calls.networks.expertise import reads as expertise_reads
from urbact_calls.networks.members import commands as members
from urbact_calls.networks.models import Appointment, ExpertApplication, ExpertSearch, Network

pytestmark = pytest.mark.usefixtures("session")
SLUG = "isola"
AD_HOC = ExpertTrack.AD_HOC


@pytest.fixture
def lead(kept: Kept, now):
    """The lead applicant of a founded network."""
    draft, _ = kept(founded_network, kept(open_call, db.session, now), now)
    return draft.actor


def state_of(application_id: int) -> str:
    db.session.rollback()
    return db.session.scalars(select(ExpertApplication.state).where(ExpertApplication.id == application_id)).one()


def codes(problem: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in problem.value.refusals]


def test_an_appointment_costs_days_times_the_fee_of_the_call(lead, now):
    application_id = applied(SLUG, open_search(SLUG, lead, now), validated_expert(now), now)

    appoint(application_id, lead, now, 100)

    found = db.session.scalars(select(Appointment)).one()
    assert (found.days, found.daily_fee_cents, found.amount_cents) == (100, 850_00, 85_000_00)
    envelope = expertise_reads.envelope_of(db.session(), networks.founded(db.session(), SLUG))
    assert envelope.left_cents == 59_500_00


def test_an_appointment_ends_the_search_and_the_others_are_told(lead, now):
    search_id = open_search(SLUG, lead, now)
    first, second, third = (validated_expert(now) for _ in range(3))
    chosen, other, away = (applied(SLUG, search_id, profile, now) for profile in (first, second, third))
    expertise.take_expert_transition(away, "withdraw", expert_actor(third), now)

    appoint(chosen, lead, now)
    work_off(now)

    assert [state_of(each) for each in (chosen, other, away)] == ["appointed", "declined", "withdrawn"]
    assert db.session.get_one(ExpertSearch, search_id).closed_at == now
    told = db.session.execute(
        select(Delivery.email_key, Delivery.user_id).where(
            Delivery.email_key.in_(["expert.appointed", "expert.declined"])
        )
    ).all()
    assert sorted(map(tuple, told)) == sorted(
        [
            ("expert.appointed", first.user_id),
            ("expert.appointed", lead.user_id),
            ("expert.declined", second.user_id),
        ]
    )


def test_a_network_has_one_lead_expert(lead, now):
    appoint(applied(SLUG, open_search(SLUG, lead, now), validated_expert(now), now), lead, now)

    with pytest.raises(Refused) as refused:
        open_search(SLUG, lead, now)

    assert codes(refused) == ["experts.lead_taken"]
    open_search(SLUG, lead, now, AD_HOC)


def test_there_is_one_search_for_a_lead_expert_at_a_time(lead, now):
    open_search(SLUG, lead, now)

    with pytest.raises(Refused) as refused:
        open_search(SLUG, lead, now)

    assert codes(refused) == ["experts.searching"]


def test_only_the_lead_partner_searches_and_closes(lead, now):
    search_id = open_search(SLUG, lead, now)
    place = networks.founded(db.session(), SLUG).members[2].organisation
    of_a_member = actor_of(member(place, now), place.id)

    for stranger in (of_a_member, actor_of(person(Role.PROGRAMME_OFFICER)), actor_of(person())):
        with pytest.raises(NotFound):
            open_search(SLUG, stranger, now)
        with pytest.raises(NotFound):
            expertise.close_expert_search(SLUG, search_id, stranger, now)


def test_closing_a_search_declines_those_who_wait(lead, now):
    search_id = open_search(SLUG, lead, now)
    application_id = applied(SLUG, search_id, validated_expert(now), now)

    for _ in range(2):
        expertise.close_expert_search(SLUG, search_id, lead, now)

    assert state_of(application_id) == "declined"


def test_who_is_not_validated_for_the_role_cannot_apply(lead, now):
    search_id = open_search(SLUG, lead, now)
    ad_hoc = validated_expert(now, track=AD_HOC)

    with pytest.raises(Refused) as refused:
        applied(SLUG, search_id, ad_hoc, now)

    assert codes(refused) == ["experts.not_validated"]
    applied(SLUG, open_search(SLUG, lead, now, AD_HOC), ad_hoc, now)


def test_a_lead_expert_may_do_ad_hoc_work(lead, now):
    application_id = applied(SLUG, open_search(SLUG, lead, now, AD_HOC), validated_expert(now), now)

    assert state_of(application_id) == "submitted"


def test_somebody_without_a_profile_cannot_apply(lead, now):
    search_id = open_search(SLUG, lead, now)

    with pytest.raises(Refused) as refused:
        expertise.apply_to_join(SLUG, search_id, motivation="Me.", actor=actor_of(person(Role.EXPERT)), now=now)

    assert codes(refused) == ["experts.not_validated"]


def test_members_of_the_panel_cannot_join_the_networks_of_its_call(lead, now):
    search_id, profile = open_search(SLUG, lead, now), validated_expert(now)
    put_on_panel(profile.user_id, now)

    with pytest.raises(Refused) as refused:
        applied(SLUG, search_id, profile, now)

    assert codes(refused) == ["experts.on_panel"]


def test_people_of_a_member_cannot_be_its_experts(lead, now):
    search_id, profile = open_search(SLUG, lead, now), validated_expert(now)
    employ(profile.user_id, networks.founded(db.session(), SLUG).members[3].organisation_id, now)

    with pytest.raises(Refused) as refused:
        applied(SLUG, search_id, profile, now)

    assert codes(refused) == ["experts.own_network"]


@pytest.mark.parametrize("change", ["panel", "validation"])
def test_what_changed_since_the_application_stops_the_appointment(lead, now, change):
    profile = validated_expert(now)
    application_id = applied(SLUG, open_search(SLUG, lead, now), profile, now)
    if change == "panel":
        put_on_panel(profile.user_id, now)
    else:
        pool.take_transition(
            profile.id, "refuse", actor_of(person(Role.PROGRAMME_OFFICER)), now, reason="False references."
        )

    with pytest.raises(Refused) as refused:
        choose(application_id, lead, now)

    assert codes(refused) == [{"panel": "experts.on_panel", "validation": "experts.not_validated"}[change]]


def test_nobody_applies_twice_but_whoever_withdrew_may_come_back(lead, now):
    search_id, profile = open_search(SLUG, lead, now), validated_expert(now)
    first = applied(SLUG, search_id, profile, now)
    with pytest.raises(Refused) as refused:
        applied(SLUG, search_id, profile, now)
    assert codes(refused) == ["experts.applied"]

    expertise.take_expert_transition(first, "withdraw", expert_actor(profile), now)

    assert state_of(applied(SLUG, search_id, profile, now)) == "submitted"


def test_a_closed_search_takes_no_application(lead, now):
    search_id = open_search(SLUG, lead, now)
    expertise.close_expert_search(SLUG, search_id, lead, now)

    with pytest.raises(Refused) as refused:
        applied(SLUG, search_id, validated_expert(now), now)

    assert codes(refused) == ["experts.search_closed"]


def test_the_last_cent_of_the_envelope_fits_and_one_more_day_does_not(lead, now):
    """144,500 euros are 170 days of 850 euros."""
    for days in (169, 1):
        application_id = applied(SLUG, open_search(SLUG, lead, now, AD_HOC), validated_expert(now), now)
        appoint(application_id, lead, now, days)
    last = applied(SLUG, open_search(SLUG, lead, now, AD_HOC), validated_expert(now), now)

    with pytest.raises(Refused) as refused:
        choose(last, lead, now, 1)

    assert [str(each.message) for each in refused.value.refusals] == [
        "The appointment exceeds the expertise envelope by €850.00: €0.00 is left.",
        "The appointment exceeds the days of experts that the call pays by 1. Left: 0 of 170.",
    ]
    assert state_of(last) == "submitted"


@pytest.mark.parametrize(
    ("days", "code"),
    [(None, "experts.days"), (0, "experts.days"), (-1, "experts.days"), (1001, "experts.days_taken")],
)
def test_an_appointment_is_for_some_days(lead, now, days, code):
    application_id = applied(SLUG, open_search(SLUG, lead, now), validated_expert(now), now)
    with transaction() as session:
        session.execute(update(Network).values(envelope_cents=10**12))
        call = session.scalars(select(Call)).one()
        call.terms = replace(call.terms, expert_days_max=None)

    with pytest.raises(Refused) as refused:
        choose(application_id, lead, now, days)

    assert codes(refused) == [code]
    assert state_of(application_id) == "submitted"


def test_two_appointments_at_the_same_instant_stay_within_the_envelope(app, lead, now):
    asked = [applied(SLUG, open_search(SLUG, lead, now, AD_HOC), validated_expert(now), now) for _ in range(4)]
    start, refused = threading.Barrier(len(asked)), []

    def work(application_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                choose(application_id, lead, now, 100)
            except Refused as problem:
                refused.extend(each.code for each in problem.refusals)

    threads = [threading.Thread(target=work, args=(each,)) for each in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert refused == ["experts.envelope_exceeded", "experts.days_exceeded"] * 3
    assert [each.amount_cents for each in db.session.scalars(select(Appointment))] == [85_000_00]


@pytest.mark.parametrize(
    ("term", "label"), [("expertise_envelope", "Expertise envelope"), ("expert_daily_fee", "Daily fee of experts")]
)
def test_an_unknown_term_blocks_appointing_and_is_named(lead, now, term, label):
    application_id = applied(SLUG, open_search(SLUG, lead, now), validated_expert(now), now)
    leave_open(term)

    with pytest.raises(Refused) as refused:
        choose(application_id, lead, now)

    assert codes(refused) == ["experts.envelope_unknown"]
    assert f"“{label}”" in str(refused.value)


def test_the_expert_withdraws_and_the_lead_partner_declines_with_a_reason(lead, now):
    search_id, profile, other = open_search(SLUG, lead, now), validated_expert(now), validated_expert(now)
    own, second = applied(SLUG, search_id, profile, now), applied(SLUG, search_id, other, now)

    with pytest.raises(NotFound):
        expertise.take_expert_transition(own, "withdraw", lead, now)
    with pytest.raises(NotFound):
        expertise.take_expert_transition(own, "decline", expert_actor(profile), now, reason="No.")
    with pytest.raises(Refused) as refused:
        expertise.take_expert_transition(second, "decline", lead, now)
    expertise.take_expert_transition(own, "withdraw", expert_actor(profile), now)
    expertise.take_expert_transition(second, "decline", lead, now, reason="Another profile.")

    assert codes(refused) == ["workflow.reason"]
    assert (state_of(own), state_of(second)) == ("withdrawn", "declined")
    with pytest.raises(Refused):
        choose(own, lead, now)


def test_the_network_starts_with_a_lead_expert_and_all_agreements(lead, now):
    with pytest.raises(Refused) as refused:
        members.take_transition(SLUG, "activate", lead, now)
    assert codes(refused) == ["network.no_lead_expert", "network.agreements_missing"]
    appoint(applied(SLUG, open_search(SLUG, lead, now), validated_expert(now), now), lead, now)
    sign_agreements(SLUG, now)
    place = networks.founded(db.session(), SLUG).members[2].organisation
    colleague = member(place, now)

    members.take_transition(SLUG, "activate", lead, now + timedelta(days=1))
    work_off(now + timedelta(days=1))

    network = networks.founded(db.session(), SLUG)
    assert (network.state, network.activated_at) == (NetworkState.ACTIVE, now + timedelta(days=1))
    told = db.session.scalars(select(Delivery.user_id).where(Delivery.email_key == "network.active")).all()
    assert {lead.user_id, colleague.id} <= set(told)
    assert len(told) == len(set(told))


def test_the_end_of_a_network_ends_its_searches_and_those_who_wait_are_told(lead, now):
    appoint(applied(SLUG, open_search(SLUG, lead, now), validated_expert(now), now), lead, now)
    search_id = open_search(SLUG, lead, now, AD_HOC)
    waiting = validated_expert(now)
    application_id = applied(SLUG, search_id, waiting, now)
    sign_agreements(SLUG, now)
    members.take_transition(SLUG, "activate", lead, now)
    with transaction():
        networks.founded(db.session(), SLUG).ends_on = now.date()
    after = now + timedelta(days=2)

    members.take_transition(SLUG, "complete", actor_of(person(Role.PROGRAMME_OFFICER)), after)
    work_off(after)

    assert state_of(application_id) == "declined"
    assert db.session.get_one(ExpertSearch, search_id).closed_at == after
    declined = select(Delivery.text).where(Delivery.email_key == "expert.declined", Delivery.user_id == waiting.user_id)
    assert "> The network has come to its end." in db.session.scalars(declined).one()


def test_an_ad_hoc_expert_is_no_lead_expert(lead, now):
    appoint(applied(SLUG, open_search(SLUG, lead, now, AD_HOC), validated_expert(now), now), lead, now)

    facts = networks.facts_of(db.session(), networks.founded(db.session(), SLUG), now)

    assert facts.has_lead_expert is False


def put_on_panel(user_id: int, now) -> None:
    with transaction() as session:
        call_id = session.scalars(select(Call.id)).one()
        session.add(PanelMember(call_id=call_id, user_id=user_id, invited_at=now))


def employ(user_id: int, organisation_id: int, now) -> None:
    from urbact_calls.organisations.models import Membership

    with transaction() as session:
        session.add(Membership(user_id=user_id, organisation_id=organisation_id, requested_at=now, accepted_at=now))


def leave_open(term: str) -> None:
    """The call does not know the term any more, as an imported call would not."""
    with transaction() as session:
        call = session.scalars(select(Call)).one()
        provenance = {**call.terms.provenance, term: Provenance(Confidence.UNKNOWN)}
        call.terms = replace(call.terms, **{term: None}, provenance=provenance)
        session.execute(update(Network).values(envelope_cents=None))


@pytest.fixture
def chosen(lead, now):
    """The application of an expert whom the lead partner has chosen for a hundred days, and the expert."""
    profile = validated_expert(now)
    application_id = applied(SLUG, open_search(SLUG, lead, now), profile, now)
    choose(application_id, lead, now, 100)
    return application_id, profile


def take(application_id: int, name: str, actor, now, reason: str | None = "For a reason.") -> None:
    expertise.take_expert_transition(application_id, name, actor, now, reason=reason)


def left(now):
    return expertise_reads.envelope_of(db.session(), networks.founded(db.session(), SLUG)).left_days


def has_lead() -> bool:
    db.session.rollback()
    return networks.has_lead_expert(db.session(), networks.founded(db.session(), SLUG).id)


def search_of(application_id: int) -> ExpertSearch:
    db.session.rollback()
    return db.session.get_one(ExpertApplication, application_id).search


def test_a_choice_takes_its_days_at_once_and_counts_when_it_is_validated(lead, now, chosen):
    application_id, _ = chosen

    assert (state_of(application_id), left(now), has_lead()) == ("chosen", 70, False)
    take(application_id, "validate_choice", officer_actor(), now)

    assert (state_of(application_id), left(now), has_lead()) == ("appointed", 70, True)


def test_the_lead_partner_and_officers_with_a_part_do_not_validate_a_choice(lead, now, chosen):
    application_id, profile = chosen
    of_a_member = networks.founded(db.session(), SLUG).members[3].organisation
    colleague = actor_of(member(of_a_member, now), of_a_member.id)
    with_a_part = replace(colleague, roles=colleague.roles | {Role.PROGRAMME_OFFICER})

    for somebody in (lead, with_a_part, expert_actor(profile), actor_of(person(Role.AUDITOR))):
        with pytest.raises(NotFound):
            take(application_id, "validate_choice", somebody, now)


def test_who_chose_does_not_validate_even_after_changing_to_the_office(lead, now, chosen):
    application_id, _ = chosen
    moved = replace(officer_actor(), user_id=lead.user_id)

    with pytest.raises(Refused) as refused:
        take(application_id, "validate_choice", moved, now)

    assert codes(refused) == ["experts.own_choice"]


def test_a_refused_choice_gives_the_days_back_and_opens_the_search_again(lead, now, chosen):
    application_id, profile = chosen
    with pytest.raises(Refused) as refused:
        applied(SLUG, search_of(application_id).id, validated_expert(now), now)
    assert codes(refused) == ["experts.search_closed"]

    take(application_id, "refuse_choice", officer_actor(), now, "The days are too many.")
    work_off(now)

    found = search_of(application_id).candidates[0]
    assert (found.state, found.reason, left(now)) == ("submitted", "The days are too many.", 170)
    told = db.session.scalars(select(Delivery.user_id).where(Delivery.email_key == "expert.choice_refused")).all()
    assert sorted(told) == sorted([profile.user_id, lead.user_id])
    other = applied(SLUG, search_of(application_id).id, validated_expert(now), now)
    appoint(other, lead, now, 90)
    assert (state_of(other), state_of(application_id)) == ("appointed", "declined")


@pytest.mark.parametrize(("step", "state"), [("take_choice_back", "submitted"), ("decline", "declined")])
def test_the_lead_partner_takes_a_choice_back(lead, now, chosen, step, state):
    application_id, _ = chosen

    take(application_id, step, lead, now)

    assert (state_of(application_id), left(now)) == (state, 170)
    assert search_of(application_id).takes_applications(now.date())


def test_a_chosen_expert_who_withdraws_opens_the_search_again(lead, now, chosen):
    application_id, profile = chosen

    take(application_id, "withdraw", expert_actor(profile), now)

    assert (state_of(application_id), left(now)) == ("withdrawn", 170)
    assert search_of(application_id).takes_applications(now.date())


def test_one_expert_at_a_time_is_chosen_for_a_search(lead, now):
    search_id = open_search(SLUG, lead, now)
    first, second = (applied(SLUG, search_id, validated_expert(now), now) for _ in range(2))
    choose(first, lead, now)

    with pytest.raises(Refused) as refused:
        choose(second, lead, now)

    assert codes(refused) == ["experts.other_chosen"]


def test_a_search_is_not_closed_while_a_choice_waits(lead, now, chosen):
    with pytest.raises(Refused) as refused:
        expertise.close_expert_search(SLUG, search_of(chosen[0]).id, lead, now)

    assert codes(refused) == ["experts.choice_waits"]


@pytest.mark.parametrize("step", ["suspend", "expire"])
def test_an_expert_who_is_not_validated_any_more_is_not_appointed(lead, now, step):
    until = now.date() if step == "expire" else None
    profile = validated_expert(now, until=until)
    waiting = applied(SLUG, open_search(SLUG, lead, now), profile, now)
    chosen = applied(SLUG, open_search(SLUG, lead, now, AD_HOC), profile, now)
    choose(chosen, lead, now)
    later = now + timedelta(days=1)
    if step == "suspend":
        pool.take_transition(profile.id, "suspend", officer_actor(), now, reason="A complaint.")

    for act in (
        lambda: choose(waiting, lead, later),
        lambda: take(chosen, "validate_choice", officer_actor(), later),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert codes(refused) == ["experts.not_validated"]


def test_an_appointment_runs_on_when_the_expert_is_suspended(lead, now):
    profile = validated_expert(now)
    application_id = applied(SLUG, open_search(SLUG, lead, now), profile, now)
    appoint(application_id, lead, now)

    pool.take_transition(profile.id, "suspend", officer_actor(), now, reason="A complaint.")

    assert (state_of(application_id), has_lead()) == ("appointed", True)


def test_nobody_applies_after_the_last_day_for_applications(lead, now):
    search_id = open_search(SLUG, lead, now, apply_by=now.date())
    profile, other = validated_expert(now), validated_expert(now)
    applied(SLUG, search_id, profile, now)

    with pytest.raises(Refused) as refused:
        applied(SLUG, search_id, other, now + timedelta(days=1))

    assert codes(refused) == ["experts.search_closed"]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"days": 0}, ["days"]),
        ({"days": 1001}, ["days"]),
        ({"days": None}, ["days"]),
        ({"ends_on": None}, ["ends_on"]),
        ({"days": 3, "starts_on": date(2027, 4, 2), "ends_on": date(2027, 4, 1)}, ["ends_on"]),
        ({"days": 3, "starts_on": date(2027, 4, 1), "ends_on": date(2027, 4, 2)}, ["days"]),
        ({"apply_by": date(2020, 1, 1)}, ["apply_by"]),
    ],
)
def test_needs_that_cannot_be_are_refused_beside_their_field(lead, now, changes, fields):
    with pytest.raises(Refused) as refused:
        expertise.open_expert_search(SLUG, needs_of(now, **changes), actor=lead, now=now)

    assert [each.field for each in refused.value.refusals] == fields


def test_what_an_expert_states_bounds_the_days_of_all_networks_together(lead, now):
    profile = validated_expert(now)
    state_days(profile, now, 30)
    first, second = (applied(SLUG, open_search(SLUG, lead, now, AD_HOC), profile, now) for _ in range(2))
    appoint(first, lead, now, 20)

    with pytest.raises(Refused) as refused:
        choose(second, lead, now, 11)
    choose(second, lead, now, 10)

    assert codes(refused) == ["experts.days_taken"]
    assert "the expert has 10 days free" in str(refused.value)


def test_two_choices_of_one_expert_at_the_same_instant_stay_within_what_he_or_she_states(app, lead, now):
    """Four searches of two networks, of different calls: the lock of one network does not keep the other out."""
    profile = validated_expert(now)
    state_days(profile, now, 30)
    other, network = founded_network(open_call(db.session, now, "APN-OTHER"), now, ten_cities(now, " of the other"))
    places = [(SLUG, lead), (network.slug, other.actor)]
    asked = [
        (applied(slug, open_search(slug, leader, now, AD_HOC), profile, now), leader)
        for slug, leader in places
        for _ in range(2)
    ]
    start, refused = threading.Barrier(len(asked)), []

    def work(application_id: int, leader) -> None:
        with app.app_context():
            start.wait()
            try:
                choose(application_id, leader, now, 20)
            except Refused as problem:
                refused.extend(each.code for each in problem.refusals)

    threads = [threading.Thread(target=work, args=each) for each in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert refused == ["experts.days_taken"] * 3
    assert [each.days for each in db.session.scalars(select(Appointment))] == [20]


def test_a_lead_expert_who_leaves_keeps_the_days_worked_and_the_search_opens_with_the_others(lead, now, chosen):
    application_id, profile = chosen
    take(application_id, "validate_choice", officer_actor(), now)
    later = now + timedelta(days=100)

    leave(application_id, expert_actor(profile), later, days_used=30)

    assert (state_of(application_id), has_lead(), left(now)) == ("ended", False, 140)
    search = networks_search(now)
    wanted = needs_of(now, days=70, starts_on=later.date() + timedelta(days=1))
    assert (search.needs, search.is_replacement, search.is_open) == (wanted, True, True)
    booked = db.session.scalars(select(Appointment)).one()
    assert (booked.days, booked.days_used, booked.ended_on) == (100, 30, later.date())
    other = applied(SLUG, search.id, validated_expert(now), later)
    appoint(other, lead, later, 70)
    assert (has_lead(), left(now)) == (True, 70)


def test_the_days_that_were_not_worked_are_free_for_other_networks(lead, now):
    profile = validated_expert(now)
    state_days(profile, now, 30)
    first, second = (applied(SLUG, open_search(SLUG, lead, now, AD_HOC), profile, now) for _ in range(2))
    appoint(first, lead, now, 30)

    leave(first, officer_actor(), now, days_used=0)

    choose(second, lead, now, 30)
    assert state_of(second) == "chosen"


def test_an_ad_hoc_expert_who_leaves_opens_no_search(lead, now):
    application_id = applied(SLUG, open_search(SLUG, lead, now, AD_HOC), validated_expert(now), now)
    appoint(application_id, lead, now)

    leave(application_id, lead, now, days_used=0)

    assert db.session.scalars(select(ExpertSearch.closed_at)).all() == [now]


@pytest.mark.parametrize(
    ("ended_on", "days_used", "fields"),
    [
        (None, 1, ["ended_on"]),
        (1, 1, ["ended_on"]),
        (-1, 1, ["ended_on"]),
        (0, None, ["days_used"]),
        (0, -1, ["days_used"]),
        (0, 101, ["days_used"]),
    ],
)
def test_the_end_of_an_appointment_must_be_possible(lead, now, chosen, ended_on, days_used, fields):
    application_id, _ = chosen
    take(application_id, "validate_choice", officer_actor(), now)
    day = None if ended_on is None else now.date() + timedelta(days=ended_on)

    with pytest.raises(Refused) as refused:
        expertise.take_expert_transition(
            application_id, "leave", lead, now, reason="Ill.", end=expertise.EndOfWork(day, days_used)
        )

    assert [each.field for each in refused.value.refusals] == fields
    assert state_of(application_id) == "appointed"


def test_strangers_end_no_appointment(lead, now, chosen):
    application_id, _ = chosen
    take(application_id, "validate_choice", officer_actor(), now)

    for somebody in (actor_of(person()), expert_actor(validated_expert(now)), actor_of(person(Role.AUDITOR))):
        with pytest.raises(NotFound):
            leave(application_id, somebody, now)


def test_how_an_expert_matches_is_said_to_both_in_words(lead, now):
    profile = validated_expert(now)
    search_id = open_search(SLUG, lead, now, themes=("mobility", "food"), languages=("en", "fr"), days=40)
    state_days(profile, now, 50)

    found = db.session.get_one(ExpertSearch, search_id)
    (match,) = expertise_reads.matches_of(db.session(), [found], profile_of(profile.user_id), now)

    start, end = found.starts_on, found.ends_on
    assert [str(each) for each in match.fits] == [
        "validated as lead expert",
        "theme Mobility",
        "language English (C2 or first language)",
        f"40 days from {day(start)} to {day(end)}",
    ]
    assert [str(each) for each in match.lacks] == ["theme Food", "language French"]


def test_it_is_said_that_an_expert_leads_another_network(lead, now):
    profile = validated_expert(now)
    own = applied(SLUG, open_search(SLUG, lead, now), profile, now)
    other, network = founded_network(open_call(db.session, now, "APN-OTHER"), now, ten_cities(now, " of the other"))
    elsewhere = applied(network.slug, open_search(network.slug, other.actor, now), profile, now)

    def says_so() -> bool:
        db.session.rollback()
        return expertise_reads.leads_elsewhere(db.session(), expertise_reads.candidate(db.session(), own))

    assert says_so() is False
    appoint(elsewhere, other.actor, now)
    assert says_so() is True
    leave(elsewhere, other.actor, now)
    assert says_so() is False


def networks_search(now) -> ExpertSearch:
    """The newest search."""
    db.session.rollback()
    return db.session.scalars(select(ExpertSearch).order_by(ExpertSearch.id.desc())).first()


def state_days(profile, now, days: int) -> None:
    """The expert states so many days within the next two years."""
    period = DaysWithin(now.date(), now.date() + timedelta(days=729), days)
    pool.state_availability(
        {1: period}, version=profile_of(profile.user_id).version, actor=expert_actor(profile), now=now
    )
