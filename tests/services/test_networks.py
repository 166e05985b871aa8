"""Founding a network, and what its people can change."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from tests.factories.accounts import actor_of
from tests.factories.applications import member, row
from tests.factories.calls import open_call
from tests.factories.jobs import work_off
from tests.factories.networks import approved_draft, founded_network, past_network
from urbact_calls.applications.reads.applications import for_update
from urbact_calls.database import db, transaction
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import Confidence, NetworkType
from urbact_calls.jobs import OfApplication, announce
from urbact_calls.messages.models import Delivery
from urbact_calls.networks.members import commands as members
from urbact_calls.networks.members.commands import found
from urbact_calls.networks.models import LocalGroup, Member, Network, Plan
from urbact_calls.networks.public_texts import commands as public_texts
from urbact_calls.record.models import RefusedAttempt, WorkflowEvent

pytestmark = pytest.mark.usefixtures("session")


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def announce_founding(reference, now, number):
    with transaction() as session:
        announce(
            session,
            kind="network.found",
            key=f"network.found:{reference}:{number}",
            args=OfApplication(reference=reference),
            now=now,
        )


def test_each_partner_becomes_a_member_with_local_group_and_plan(now):
    call = open_call(db.session, now)

    draft, network = founded_network(call, now)

    assert (network.slug, network.state, network.is_demonstration) == ("isola", "forming", True)
    assert [member.role for member in network.members] == ["lead"] + ["partner"] * 9
    assert network.members[0].organisation_id == draft.organisation.id
    assert all(member.local_group is not None for member in network.members)
    assert {plan.kind for member in network.members for plan in member.plans} == {"integrated_action_plan"}
    assert count(Plan) == 10
    assert [stage.code for stage in network.stages] == [stage.code for stage in KINDS[NetworkType.APN].stages]
    assert network.envelope_cents == 144_500_00
    assert row(draft.reference).state == "in_network"


def test_the_summary_is_the_title_and_the_abstract(now):
    _, network = founded_network(open_call(db.session, now), now)

    assert network.name == "ISOLA"
    assert network.summary == "Breaking Isolation (demonstration)\n\nWe write about abstract in plain words."
    assert network.theme == "Climate action and adaptation"


def test_founding_twice_gives_the_same_network(now):
    draft, network = founded_network(open_call(db.session, now), now)

    with transaction() as session:
        again = found(session, for_update(session, draft.reference), now).id

    assert again == network.id
    assert (count(Network), count(Member), count(LocalGroup)) == (1, 10, 10)


def test_the_job_run_twice_founds_one_network_and_tells_once(now):
    draft = approved_draft(open_call(db.session, now), now)

    announce_founding(draft.reference, now, 1)
    work_off(now)
    announce_founding(draft.reference, now, 2)
    work_off(now)

    assert count(Network) == 1
    assert [each.email_key for each in db.session.scalars(select(Delivery))] == ["network.founded"]
    founding = select(WorkflowEvent).where(WorkflowEvent.subject_kind == SubjectKind.NETWORK)
    assert [event.transition for event in db.session.scalars(founding)] == ["begin_network"]


def test_a_withdrawn_application_founds_nothing(now):
    draft = approved_draft(open_call(db.session, now), now)
    with transaction() as session:
        for_update(session, draft.reference).state = "withdrawn"

    announce_founding(draft.reference, now, 1)
    work_off(now)

    assert count(Network) == 0


def test_two_networks_of_one_acronym_have_two_addresses(now):
    past_network("Isola", now)

    _, second = founded_network(open_call(db.session, now), now)

    assert second.slug == "isola-apn-demo"


def test_a_stage_has_dates_as_long_as_its_length_was_published():
    stages = list(KINDS[NetworkType.APN].stages_in_time(date(2023, 6, 1), date(2025, 12, 31)))

    assert [(stage.starts_on, stage.ends_on) for stage in stages] == [
        (date(2023, 6, 1), date(2023, 12, 31)),
        (date(2024, 1, 1), None),
        (None, None),
        (None, date(2025, 12, 31)),
    ]


def test_every_stage_has_dates_when_every_length_was_published():
    kind = KINDS[NetworkType.ITN]
    assert {stage.confidence for stage in kind.stages} == {Confidence.SEEN}

    stages = list(kind.stages_in_time(date(2024, 9, 1), date(2026, 8, 31)))

    assert [stage.starts_on for stage in stages] == [date(2024, 9, 1), date(2025, 3, 1), date(2026, 3, 1)]
    assert stages[-1].ends_on == date(2026, 8, 31)


def test_without_a_first_day_no_stage_has_a_date():
    assert all(
        stage.starts_on is None and stage.ends_on is None for stage in KINDS[NetworkType.TN].stages_in_time(None, None)
    )


def test_the_lead_changes_what_the_public_reads(now):
    draft, network = founded_network(open_call(db.session, now), now)

    public_texts.describe("isola", theme="Quiet", summary="Less noise.", version=1, actor=draft.actor, now=now)

    db.session.refresh(network)
    assert (network.theme, network.summary, network.version) == ("Quiet", "Less noise.", 2)
    assert (network.themes_folded, network.summary_folded) == ("|quiet|", "less noise")


def test_a_second_lead_who_saw_the_old_text_is_told(now):
    draft, _ = founded_network(open_call(db.session, now), now)
    public_texts.describe("isola", theme="Quiet", summary="", version=1, actor=draft.actor, now=now)

    with pytest.raises(Stale):
        public_texts.describe("isola", theme="Loud", summary="", version=1, actor=draft.actor, now=now)

    assert db.session.scalars(select(Network.theme).where(Network.slug == "isola")).one() == "Quiet"


def test_a_member_does_not_change_the_text_of_the_network(now):
    _, network = founded_network(open_call(db.session, now), now)
    other = actor_of(member(network.members[3].organisation, now), network.members[3].organisation_id)

    with pytest.raises(NotFound):
        public_texts.describe("isola", theme="Mine", summary="", version=1, actor=other, now=now)


def test_the_people_of_a_member_name_their_own_contact(now):
    _, network = founded_network(open_call(db.session, now), now)
    place = network.members[3]
    actor = actor_of(member(place.organisation, now), place.organisation_id)

    public_texts.describe_local_group(
        "isola",
        place.id,
        coordinator="Hanna",
        contact="group@example.org",
        seen=place.local_group.mark,
        actor=actor,
        now=now,
    )

    db.session.refresh(place.local_group)
    assert (place.local_group.coordinator, place.local_group.contact) == ("Hanna", "group@example.org")


def test_nobody_names_the_contact_of_another_member(now):
    draft, network = founded_network(open_call(db.session, now), now)

    with pytest.raises(NotFound):
        public_texts.describe_local_group(
            "isola", network.members[3].id, coordinator="", contact="x@example.org", seen="", actor=draft.actor, now=now
        )


def test_a_network_without_a_lead_expert_does_not_start(now):
    draft, network = founded_network(open_call(db.session, now), now)

    with pytest.raises(Refused) as refused:
        members.take_transition("isola", "activate", draft.actor, now)

    assert [refusal.code for refusal in refused.value.refusals] == [
        "network.no_lead_expert",
        "network.agreements_missing",
    ]
    db.session.refresh(network)
    assert network.state == "forming"
    attempts = db.session.scalars(
        select(RefusedAttempt).where(RefusedAttempt.subject_kind == SubjectKind.NETWORK)
    ).all()
    assert [attempt.transition for attempt in attempts] == ["activate"]


def test_a_stranger_takes_no_step(now):
    founded_network(open_call(db.session, now), now)

    with pytest.raises(NotFound):
        members.take_transition("isola", "activate", Actor(user_id=99, name="Stranger"), now + timedelta(days=1))


def test_the_terms_without_an_envelope_leave_it_unknown(now):
    call = open_call(db.session, now, expertise_envelope=None)

    _, network = founded_network(call, now)

    assert network.envelope_cents is None
