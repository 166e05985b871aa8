"""The pool of experts: own registration, validation by the office, consent."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import current_app
from sqlalchemy import func, select

from tests.factories.accounts import actor_of, person
from tests.factories.applications import pdf
from tests.factories.experts import expert_actor, profile_of, read_by_two, said, submitted_expert, validated_expert
from tests.factories.jobs import work_off
from urbact_calls.catalogue.reads import public_experts as catalogue
from urbact_calls.catalogue.reads.public_experts import (
    ExpertFilters,
    expert_query,
    experts_of_query,
    experts_query,
    former_experts_of_query,
)
from urbact_calls.catalogue.reads.public_searches import SearchFilters, searches_query
from urbact_calls.database import db
from urbact_calls.domain.expert_days import DaysWithin
from urbact_calls.domain.expertise_readings import state_of
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.vocabulary import Expertise, ExpertProfileState, ExpertTrack, ReadingState, Role
from urbact_calls.experts import commands as experts
from urbact_calls.experts.commands import ProfileText
from urbact_calls.experts.jobs import announce_expiring, end_validations
from urbact_calls.experts.models import ExpertiseReading, ExpertProfile
from urbact_calls.experts.reads import answers_of, kinds_for, roles_on, validated_roles
from urbact_calls.job_sets import start_due
from urbact_calls.messages.models import Delivery
from urbact_calls.pdfs import NotAPdf

pytestmark = pytest.mark.usefixtures("session")
EVERY = frozenset(Expertise)


def shown() -> list[str]:
    """The slugs that the public sees."""
    db.session.rollback()
    return [expert.slug for expert in catalogue.experts(db.session(), ExpertFilters(), after=None).rows]


def officer():
    return actor_of(person(Role.PROGRAMME_OFFICER))


def read(profile, kind, reader, now, *, is_proven: bool = True, reason: str = "See page two of the CV.") -> None:
    experts.read_expertise(profile.id, kind, is_proven=is_proven, reason=reason, actor=reader, now=now)


def state_of_kind(profile, kind) -> ReadingState:
    db.session.rollback()
    return state_of(answers_of(db.session(), profile_of(profile.user_id)), kind)


def later(now, days: int):
    return now + timedelta(days=days)


def codes(problem: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in problem.value.refusals]


def test_the_first_saving_makes_the_profile_and_the_role(now):
    user = person(name="Łucja Nowak")

    experts.save(ProfileText(skills="A start."), version=0, actor=actor_of(user), now=now)

    profile = profile_of(user.id)
    assert (profile.slug, profile.state, profile.skills) == ("lucja-nowak", "draft", "A start.")
    assert [grant.role for grant in profile.user.grants] == ["expert"]


def test_namesakes_get_addresses_of_their_own(now):
    first, second = (submitted_expert(now, name="Jan Novák") for _ in range(2))

    assert first.slug == "jan-novak"
    assert second.slug == f"jan-novak-{second.user_id}"


def test_a_profile_saved_elsewhere_is_not_overwritten_unseen(now):
    actor = actor_of(person())
    experts.save(said(), version=0, actor=actor, now=now)

    with pytest.raises(Stale):
        experts.save(ProfileText(skills="Other."), version=1, actor=actor, now=now)

    stored = profile_of(actor.user_id)
    assert (stored.skills, stored.summary) == ("Twelve networks in ten years.", "I listen first.")


def test_two_first_savings_at_once_make_one_profile(app, now):
    actor, problems = actor_of(person()), []

    def save() -> None:
        with app.app_context():
            try:
                experts.save(said(), version=0, actor=actor, now=now)
            except Stale as problem:
                problems.append(problem)

    threads = [threading.Thread(target=save) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert len(problems) == 1
    assert db.session.scalar(select(func.count(ExpertProfile.id))) == 1


def test_an_unfinished_profile_names_what_is_missing(now):
    actor = actor_of(person())
    experts.save(ProfileText(years=3), version=0, actor=actor, now=now)

    with pytest.raises(Refused) as refused:
        experts.take_transition(profile_of(actor.user_id).id, "submit", actor, now)

    assert str(refused.value) == (
        "Still missing: what you want to be, kinds of expertise, themes, languages, skills, curriculum vitae."
    )


def test_after_submission_nothing_changes_but_the_public_text(now):
    profile = submitted_expert(now)
    actor = expert_actor(profile)

    with pytest.raises(Refused):
        experts.save(said(), version=profile.version, actor=actor, now=now)
    with pytest.raises(Refused):
        experts.keep_cv(
            content=pdf(), filename="b.pdf", actor=actor, now=now, storage=current_app.extensions["storage"]
        )
    experts.write_summary("New words.", actor=actor, now=now)

    assert profile_of(profile.user_id).summary == "New words."


def test_an_expert_takes_a_profile_back_and_submits_it_again(now):
    profile = submitted_expert(now)
    actor = expert_actor(profile)

    experts.take_transition(profile.id, "take_back", actor, now)
    experts.save(said(skills="Better words."), version=profile_of(profile.user_id).version, actor=actor, now=now)
    experts.take_transition(profile.id, "submit", actor, now + timedelta(hours=1))

    assert profile_of(profile.user_id).submitted_at == now + timedelta(hours=1)


def test_a_lead_expert_needs_all_three_kinds(now):
    profile = submitted_expert(now)
    officer = read_by_two(profile, now, EVERY - {Expertise.EXCHANGE})

    with pytest.raises(Refused) as refused:
        experts.take_transition(profile.id, "validate_lead", officer, now)

    assert codes(refused) == ["expert.kinds_lead"]


def test_one_kind_is_enough_for_an_ad_hoc_expert(now):
    profile = submitted_expert(now)
    officer = read_by_two(profile, now, {Expertise.THEMATIC})

    experts.take_transition(profile.id, "validate_ad_hoc", officer, now)

    found = profile_of(profile.user_id)
    assert (found.validated_kinds, validated_roles(found)) == ((Expertise.THEMATIC,), {ExpertTrack.AD_HOC})


def test_nobody_is_validated_for_nothing(now):
    profile = submitted_expert(now)
    officer = read_by_two(profile, now, ())

    with pytest.raises(Refused) as refused:
        experts.take_transition(profile.id, "validate_ad_hoc", officer, now)

    assert codes(refused) == ["expert.kinds_ad_hoc"]


def test_who_asked_for_ad_hoc_work_is_not_made_a_lead_expert(now):
    profile = submitted_expert(now, track=ExpertTrack.AD_HOC)
    officer = read_by_two(profile, now)

    with pytest.raises(Refused) as refused:
        experts.take_transition(profile.id, "validate_lead", officer, now)

    assert codes(refused) == ["expert.ad_hoc_only"]


def test_nobody_is_validated_before_two_have_read_each_kind(now):
    profile = submitted_expert(now)
    for reader in (officer(), officer()):
        read(profile, Expertise.METHODS, reader, now)

    with pytest.raises(Refused) as refused:
        experts.take_transition(profile.id, "validate_ad_hoc", officer(), now)

    assert str(refused.value) == (
        "Not decided yet by two readers who agree: Design and delivery of transnational exchange and learning and "
        "Thematic knowledge."
    )


def test_two_readers_who_differ_are_decided_by_a_third(now):
    profile = submitted_expert(now)
    for answer in (True, False):
        read(profile, Expertise.METHODS, officer(), now, is_proven=answer)
    assert state_of_kind(profile, Expertise.METHODS) is ReadingState.DIFFERING

    read(profile, Expertise.METHODS, officer(), now, is_proven=False)

    assert state_of_kind(profile, Expertise.METHODS) is ReadingState.NOT_PROVEN
    with pytest.raises(Refused) as refused:
        read(profile, Expertise.METHODS, officer(), now)
    assert codes(refused) == ["expert.decided_already"]


def test_nobody_reads_a_kind_twice_or_without_a_word(now):
    profile, reader = submitted_expert(now), officer()
    read(profile, Expertise.METHODS, reader, now)

    with pytest.raises(Refused) as refused:
        read(profile, Expertise.METHODS, reader, now, reason="")

    assert codes(refused) == ["expert.read_already", "expert.no_reason"]


@pytest.mark.parametrize("role", [None, Role.EXPERT, Role.ASSESSOR, Role.AUDITOR, Role.COMMITTEE])
def test_only_the_office_reads(now, role):
    profile = submitted_expert(now)

    with pytest.raises(NotFound):
        read(profile, Expertise.METHODS, actor_of(person(*([role] if role else []))), now)


def test_an_officer_does_not_read_his_own_profile(now):
    user = person(Role.PROGRAMME_OFFICER)
    profile = submitted_expert(now, user=user)

    with pytest.raises(NotFound):
        read(profile, Expertise.METHODS, actor_of(user), now)


def test_readers_see_what_others_found_once_two_agree(now):
    profile = submitted_expert(now)
    first, second, third = officer(), officer(), officer()

    def shown_to(actor) -> int:
        db.session.rollback()
        kinds = kinds_for(db.session(), profile_of(profile.user_id), actor)
        return next(len(each.shown) for each in kinds if each.kind is Expertise.METHODS)

    read(profile, Expertise.METHODS, first, now)
    assert (shown_to(first), shown_to(second), shown_to(third)) == (1, 0, 0)
    read(profile, Expertise.METHODS, second, now)
    assert (shown_to(first), shown_to(second), shown_to(third)) == (2, 2, 2)
    assert shown_to(expert_actor(profile)) == 0


def test_two_readings_at_the_same_instant_leave_no_third_one(app, now):
    profile, readers, refused = submitted_expert(now), [officer() for _ in range(4)], []
    start = threading.Barrier(len(readers))

    def work(reader) -> None:
        with app.app_context():
            start.wait()
            try:
                read(profile, Expertise.METHODS, reader, now)
            except Refused as problem:
                refused.extend(each.code for each in problem.refusals)

    profile = profile_of(profile.user_id)
    db.session.expunge(profile)
    threads = [threading.Thread(target=work, args=(each,)) for each in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert refused == ["expert.decided_already"] * 2
    assert db.session.scalar(select(func.count(ExpertiseReading.id))) == 2


def test_a_profile_that_is_submitted_again_is_read_anew(now):
    profile = submitted_expert(now)
    read_by_two(profile, now)
    experts.take_transition(profile.id, "take_back", expert_actor(profile), now)
    experts.take_transition(profile.id, "submit", expert_actor(profile), now)

    with pytest.raises(Refused) as refused:
        experts.take_transition(profile.id, "validate_lead", officer(), now)

    assert codes(refused) == ["expert.unread", "expert.kinds_lead"]


def test_a_draft_cannot_be_read(now):
    actor = actor_of(person())
    experts.save(said(), version=0, actor=actor, now=now)

    with pytest.raises(NotFound):
        read(profile_of(actor.user_id), Expertise.METHODS, officer(), now)


def test_a_refusal_needs_a_reason(now):
    profile = submitted_expert(now)

    with pytest.raises(Refused) as refused:
        experts.take_transition(profile.id, "refuse", officer(), now)

    assert codes(refused) == ["workflow.reason"]


@pytest.mark.parametrize("role", [None, Role.EXPERT, Role.ASSESSOR, Role.AUDITOR, Role.COMMITTEE, Role.ADMINISTRATOR])
def test_only_the_office_validates(now, role):
    profile = submitted_expert(now)
    somebody = actor_of(person(*([role] if role else [])))

    with pytest.raises(NotFound):
        experts.take_transition(profile.id, "validate_lead", somebody, now)


def test_an_officer_does_not_validate_his_own_profile(now):
    user = person(Role.PROGRAMME_OFFICER)
    profile = submitted_expert(now, user=user)

    with pytest.raises(NotFound):
        experts.take_transition(profile.id, "validate_lead", actor_of(user), now)


def test_a_draft_is_not_there_for_the_office(now):
    actor = actor_of(person())
    experts.save(said(), version=0, actor=actor, now=now)

    with pytest.raises(NotFound):
        experts.take_transition(profile_of(actor.user_id).id, "refuse", officer(), now, reason="No.")


def test_a_file_that_is_no_pdf_is_not_kept(now):
    actor, storage = actor_of(person()), current_app.extensions["storage"]
    experts.save(said(), version=0, actor=actor, now=now)

    with pytest.raises(NotAPdf) as refused:
        experts.keep_cv(content=b"hello", filename="cv.pdf", actor=actor, now=now, storage=storage)

    assert codes(refused) == ["cv.not_pdf"]
    assert list(storage.folder.rglob("*.*")) == []


def test_only_validated_experts_who_consent_are_public(now):
    submitted_expert(now, name="Waiting Expert")
    validated_expert(now, name="Quiet Expert", public=False)
    public = validated_expert(now, name="Public Expert")

    assert shown() == ["public-expert"]

    experts.withdraw_consent(actor=expert_actor(public), now=now)
    assert shown() == []
    with pytest.raises(NotFound):
        catalogue.expert(db.session(), "public-expert")


def test_a_validation_that_is_taken_back_ends_the_public_page(now):
    profile = validated_expert(now, name="Former Expert")

    experts.take_transition(profile.id, "refuse", officer(), now, reason="The references were false.")

    assert shown() == []
    assert profile_of(profile.user_id).state is ExpertProfileState.REFUSED


def test_a_validation_expires_on_the_day_after_its_last_one(now):
    profile = validated_expert(now, name="Last Day", until=later(now, 30).date())

    start_due(end_validations, later(now, 30))
    assert shown() == ["last-day"]
    start_due(end_validations, later(now, 31))

    found = profile_of(profile.user_id)
    assert (found.state, shown()) == (ExpertProfileState.EXPIRED, [])
    assert roles_on(found, later(now, 31)) == frozenset()


def test_nobody_counts_as_validated_after_the_last_day_even_before_the_clock_has_seen_it(now):
    profile = validated_expert(now, until=later(now, 30).date())

    found = profile_of(profile.user_id)
    assert roles_on(found, later(now, 30)) == {ExpertTrack.LEAD, ExpertTrack.AD_HOC}
    assert roles_on(found, later(now, 31)) == frozenset()


def test_without_a_last_day_a_validation_does_not_expire(now):
    profile = validated_expert(now)

    start_due(end_validations, later(now, 3650))

    assert profile_of(profile.user_id).state is ExpertProfileState.VALIDATED_LEAD


def test_an_expired_profile_can_be_submitted_again(now):
    profile = validated_expert(now, until=now.date())
    start_due(end_validations, later(now, 1))

    experts.take_transition(profile.id, "submit", expert_actor(profile), later(now, 2))

    assert profile_of(profile.user_id).state is ExpertProfileState.SUBMITTED


def test_an_expert_is_reminded_once_sixty_days_before_the_last_day(now):
    profile = validated_expert(now, until=later(now, 100).date())
    for days in (39, 41, 42):
        start_due(announce_expiring, later(now, days))
        work_off(later(now, days))

    told = select(Delivery.user_id).where(Delivery.email_key == "expert.expiring")
    assert db.session.scalars(told).all() == [profile.user_id]


def test_the_office_moves_the_last_day(now):
    profile = validated_expert(now, until=later(now, 30).date())

    experts.change_validity(
        profile.id, later(now, 400).date(), version=profile_of(profile.user_id).version, actor=officer(), now=now
    )

    start_due(end_validations, later(now, 31))
    found = profile_of(profile.user_id)
    assert (found.state, found.valid_until) == (ExpertProfileState.VALIDATED_LEAD, later(now, 400).date())


def test_a_last_day_that_has_passed_is_refused_and_so_is_one_without_a_validation(now):
    valid, waiting = validated_expert(now), submitted_expert(now)
    cases = [(valid, later(now, -1).date(), "expert.day_has_passed"), (waiting, None, "expert.not_valid")]

    for profile, until, code in cases:
        version = profile_of(profile.user_id).version
        with pytest.raises(Refused) as refused:
            experts.change_validity(profile.id, until, version=version, actor=officer(), now=now)
        assert codes(refused) == [code]


def test_a_suspended_expert_vanishes_and_returns_by_an_officer(now):
    profile = validated_expert(now, name="Paused Expert")

    experts.take_transition(profile.id, "suspend", officer(), now, reason="A complaint.")
    found = profile_of(profile.user_id)
    assert (found.state, found.reason, shown()) == (ExpertProfileState.SUSPENDED, "A complaint.", [])
    experts.take_transition(profile.id, "reinstate_lead", officer(), now)

    found = profile_of(profile.user_id)
    assert (found.state, found.reason, shown()) == (ExpertProfileState.VALIDATED_LEAD, None, ["paused-expert"])


@pytest.mark.parametrize("track", list(ExpertTrack))
def test_a_suspension_with_a_last_day_ends_by_itself_as_it_was(now, track):
    profile = validated_expert(now, track=track)
    before = profile_of(profile.user_id).state
    experts.take_transition(profile.id, "suspend", officer(), now, reason="A complaint.", until=later(now, 10).date())

    start_due(end_validations, later(now, 10))
    assert profile_of(profile.user_id).state is ExpertProfileState.SUSPENDED
    start_due(end_validations, later(now, 11))

    assert profile_of(profile.user_id).state is before


def test_a_suspension_needs_a_reason(now):
    profile = validated_expert(now)

    with pytest.raises(Refused) as refused:
        experts.take_transition(profile.id, "suspend", officer(), now)

    assert codes(refused) == ["workflow.reason"]


def test_availability_replaces_what_was_stated_before(now):
    profile = validated_expert(now)
    actor = expert_actor(profile)
    march, june = (DaysWithin(date(2027, month, 1), date(2027, month, 30), 9) for month in (3, 6))
    periods = {2: june, 1: march}

    experts.state_availability(periods, version=profile_of(profile.user_id).version, actor=actor, now=now)

    found = profile_of(profile.user_id)
    assert [each.within for each in found.availability] == [march, june]
    experts.state_availability({}, version=found.version, actor=actor, now=now)
    assert profile_of(profile.user_id).availability == []


def test_availability_that_cannot_be_is_refused_beside_its_row(now):
    profile = validated_expert(now)
    periods = {3: DaysWithin(date(2027, 6, 1), date(2027, 6, 2), 5)}

    with pytest.raises(Refused) as refused:
        experts.state_availability(
            periods, version=profile_of(profile.user_id).version, actor=expert_actor(profile), now=now
        )

    assert [each.field for each in refused.value.refusals] == ["days_3"]


def test_an_account_that_is_closed_is_not_shown(now):
    profile = validated_expert(now)
    with db.session.begin_nested():
        profile.user.disabled_at = now
    db.session.commit()

    assert shown() == []


def test_experts_are_found_by_theme_and_by_role(now):
    validated_expert(now, name="A Lead")
    validated_expert(now, name="B Ad Hoc", track=ExpertTrack.AD_HOC)

    def found(theme: str, track: ExpertTrack | None) -> list[str]:
        return [
            each.slug
            for each in catalogue.experts(db.session(), ExpertFilters(theme=theme, track=track), after=None).rows
        ]

    assert found("mobility", None) == ["a-lead", "b-ad-hoc"]
    assert found("food", None) == []
    assert found("mobility", ExpertTrack.LEAD) == ["a-lead"]
    assert found("", ExpertTrack.AD_HOC) == ["a-lead", "b-ad-hoc"]


@pytest.mark.parametrize(
    "query",
    [
        experts_query(ExpertFilters("food", ExpertTrack.LEAD, "en", Expertise.METHODS)),
        expert_query("x"),
        experts_of_query("x"),
        former_experts_of_query("x"),
        searches_query(SearchFilters("food", ExpertTrack.LEAD, "en"), datetime.now(UTC)),
    ],
)
def test_no_public_query_reads_an_address_a_cv_or_an_application(query):
    words = str(query)

    for private in ("email", "password", "cv_", "reason", "expert_application.", "submitted_at", "motivation"):
        assert private not in words
