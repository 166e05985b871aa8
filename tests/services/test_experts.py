"""The pool of experts: own registration, validation by the office, consent."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import func, select

from tests.factories.accounts import actor_of, person
from tests.factories.applications import pdf
from tests.factories.experts import expert_actor, profile_of, said, submitted_expert, validated_expert
from urbact_calls.catalogue.reads import public_experts as catalogue
from urbact_calls.catalogue.reads.public_experts import ExpertFilters, expert_query, experts_of_query, experts_query
from urbact_calls.database import db
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.vocabulary import Expertise, ExpertProfileState, ExpertTrack, Role
from urbact_calls.experts import commands as experts
from urbact_calls.experts.commands import ProfileText
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.experts.reads import validated_roles
from urbact_calls.pdfs import NotAPdf

pytestmark = pytest.mark.usefixtures("session")
EVERY = frozenset(Expertise)


def shown() -> list[str]:
    """The slugs that the public sees."""
    db.session.rollback()
    return [expert.slug for expert in catalogue.experts(db.session(), ExpertFilters(), after=None).rows]


def officer():
    return actor_of(person(Role.PROGRAMME_OFFICER))


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

    with pytest.raises(Refused) as refused:
        experts.take_transition(profile.id, "validate_lead", officer(), now, validated=EVERY - {Expertise.EXCHANGE})

    assert codes(refused) == ["expert.kinds_lead"]


def test_one_kind_is_enough_for_an_ad_hoc_expert(now):
    profile = submitted_expert(now)

    experts.take_transition(profile.id, "validate_ad_hoc", officer(), now, validated=frozenset({Expertise.THEMATIC}))

    found = profile_of(profile.user_id)
    assert (found.validated_kinds, validated_roles(found)) == ((Expertise.THEMATIC,), {ExpertTrack.AD_HOC})


def test_nobody_is_validated_for_nothing(now):
    profile = submitted_expert(now)

    with pytest.raises(Refused) as refused:
        experts.take_transition(profile.id, "validate_ad_hoc", officer(), now)

    assert codes(refused) == ["expert.kinds_ad_hoc"]


def test_who_asked_for_ad_hoc_work_is_not_made_a_lead_expert(now):
    profile = submitted_expert(now, track=ExpertTrack.AD_HOC)

    with pytest.raises(Refused) as refused:
        experts.take_transition(profile.id, "validate_lead", officer(), now, validated=EVERY)

    assert codes(refused) == ["expert.ad_hoc_only"]


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
        experts.take_transition(profile.id, "validate_lead", somebody, now, validated=EVERY)


def test_an_officer_does_not_validate_his_own_profile(now):
    user = person(Role.PROGRAMME_OFFICER)
    profile = submitted_expert(now, user=user)

    with pytest.raises(NotFound):
        experts.take_transition(profile.id, "validate_lead", actor_of(user), now, validated=EVERY)


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
    ],
)
def test_no_public_query_reads_an_address_a_cv_or_an_application(query):
    words = str(query)

    for private in ("email", "password", "cv_", "reason", "expert_application", "submitted_at"):
        assert private not in words
