"""Pages of experts, of the office, and what the public never sees."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, null, select, update

from scripts.bench.client import hidden
from tests.corpus import ALLOWED_STATUSES, RAW_BODIES, structures
from tests.factories.accounts import person, sign_in
from tests.factories.applications import member, pdf
from tests.factories.calls import open_call
from tests.factories.experts import (
    TASK,
    applied,
    appoint,
    choose,
    expert_actor,
    leave,
    officer_actor,
    open_search,
    profile_of,
    read_by_two,
    sign_agreements,
    submitted_expert,
    validated_expert,
)
from tests.factories.networks import founded_network
from tests.query_count import statements
from urbact_calls.accounts.models import User
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import ExpertTrack, Role
from urbact_calls.domain.words import day
from urbact_calls.experts import commands as pool
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.networks.expertise import commands as expertise
from urbact_calls.networks.models import ExpertSearch, Network

pytestmark = pytest.mark.usefixtures("session")

FORM = {
    "version": "0",
    "track": "lead",
    "kinds": ["exchange", "thematic", "methods"],
    "themes": ["mobility"],
    "country": "PL",
    "years": "12",
    "language_1": "en",
    "level_1": "C2",
    "skills": "I have helped many cities.",
    "summary": "I listen first.",
}
NEEDS = {
    "role": "lead",
    "task": TASK,
    "themes": ["mobility"],
    "languages": ["en"],
    "days": "100",
    "starts_on": "2026-06-01",
    "ends_on": "2028-05-31",
}
SECRET = "Nightjar: skills that nobody may read"


def user_of(profile):
    return db.session.get_one(User, profile.user_id)


def version_in(client, address):
    """The version in the forms of a page."""
    return max(re.findall(r'name="version"[^>]* value="([0-9]+)"', client.get(address).text))


@pytest.fixture
def founded(now):
    return founded_network(open_call(db.session, now), now)


def test_from_registration_to_the_public_page(client, now):
    user, officer = person(name="Łucja Nowak"), person(Role.PROGRAMME_OFFICER)
    sign_in(client, user)

    assert client.post("/expert-profile", data=FORM).location == "/expert-profile"
    answer = client.post("/expert-profile/cv", data={"cv": (io.BytesIO(pdf()), "../my cv.pdf")})
    assert answer.location == "/expert-profile"
    client.post("/expert-profile/transitions/submit", data={"version": version_in(client, "/expert-profile")})
    client.post("/expert-profile/consent")
    assert "Waiting for the Joint Secretariat" in client.get("/expert-profile").text
    assert client.get("/experts/lucja-nowak").status_code == 404
    number = profile_of(user.id).id

    sign_in(client, officer)
    assert "Łucja Nowak" in client.get("/office/experts/").text
    page = client.get(f"/office/experts/{number}")
    assert "English, C2 or first language" in page.text
    assert (
        client.get(f"/office/experts/{number}/cv", buffered=True).headers["Content-Disposition"].endswith('"my cv.pdf"')
    )
    read_by_two(profile_of(user.id), now)
    seen = {"version": version_in(client, f"/office/experts/{number}"), "until": "2029-12-31"}
    answer = client.post(f"/office/experts/{number}/transitions/validate_lead", data=seen)
    assert answer.location == f"/office/experts/{number}"

    client.delete_cookie("urbact")
    shown = client.get("/experts/lucja-nowak").text
    assert "I have helped many cities." in shown
    assert "Łucja Nowak" in client.get("/experts/?theme=mobility&track=lead").text
    assert "Łucja Nowak" in client.get("/experts/?theme=urban-rural-links").text
    for private in (user.email, "my cv"):
        assert private not in shown

    sign_in(client, user)
    client.post("/expert-profile/consent/withdrawal")
    assert client.get("/experts/lucja-nowak").status_code == 404


def test_a_step_of_an_expert_that_comes_late_is_refused(client, now):
    profile = submitted_expert(now)
    sign_in(client, user_of(profile))
    before = version_in(client, "/expert-profile")

    back = client.post("/expert-profile/transitions/take_back", data={"version": before})
    late = client.post("/expert-profile/transitions/submit", data={"version": before})

    assert (back.status_code, late.status_code) == (302, 409)
    assert profile_of(profile.user_id).state == "draft"


def test_the_office_decides_on_what_it_has_read(client, now):
    profile = submitted_expert(now)
    sign_in(client, person(Role.PROGRAMME_OFFICER))
    address = f"/office/experts/{profile.id}"
    version = version_in(client, address)
    written = {"version": "1", "reason": "The references do not answer."}

    late = client.post(f"{address}/transitions/refuse", data=written)
    taken = client.post(f"{address}/transitions/refuse", data={**written, "version": version})

    assert (late.status_code, taken.status_code) == (409, 302)
    assert "It is now “" in late.text
    assert "The references do not answer." in late.text
    assert f'href="{address}"' in late.text


def test_experts_who_were_made_up_are_listed_apart(client, now):
    validated_expert(now, name="Real Raven", public=True)
    made_up = validated_expert(now, name="Made Up Magpie", public=True)
    with transaction() as session:
        session.get_one(ExpertProfile, made_up.id).is_demonstration = True

    real, apart = client.get("/experts/").text, client.get("/experts/?demonstration=1").text

    assert ("Real Raven" in real, "Made Up Magpie" in real) == (True, False)
    assert ("Real Raven" in apart, "Made Up Magpie" in apart) == (False, True)
    assert 'href="/experts/?demonstration=1"' in real
    assert "None of these people exists." in apart


def test_an_unconsented_or_refused_expert_appears_nowhere_in_public(client, now):
    validated_expert(now, name="Quiet Nightjar", public=False, skills=SECRET)
    submitted_expert(now, name="Waiting Nightjar", skills=SECRET)

    for address in ("/experts/", "/experts/?theme=mobility", "/experts/quiet-nightjar", "/experts/waiting-nightjar"):
        page = client.get(address).text
        assert "Nightjar" not in page


def test_a_cv_is_for_its_owner_and_the_office(client, now):
    profile = validated_expert(now)
    address = f"/office/experts/{profile.id}/cv"

    assert client.get(address).status_code == 302
    for role in (Role.EXPERT, Role.ASSESSOR, Role.COMMITTEE, Role.AUDITOR, Role.ADMINISTRATOR):
        sign_in(client, person(role))
        assert client.get(address).status_code == 404
        assert client.get("/expert-profile/cv").status_code == 404
    sign_in(client, user_of(profile))
    assert client.get("/expert-profile/cv", buffered=True).data == pdf()
    assert client.get(address).status_code == 404


def test_what_was_typed_comes_back_with_a_message(client):
    sign_in(client, person())

    answer = client.post("/expert-profile", data={**FORM, "level_1": "", "years": "a lot", "skills": "Kept."})

    assert answer.status_code == 422
    for words in ("Choose the level of this language.", "Type a whole number in digits.", "Kept."):
        assert words in answer.text


def test_what_is_right_in_a_profile_is_kept_although_something_else_is_not(client):
    user = person()
    sign_in(client, user)
    client.post("/expert-profile", data=FORM)

    answer = client.post(
        "/expert-profile", data={**FORM, "version": "2", "years": "a lot", "skills": "Kept.", "country": "SI"}
    )

    assert answer.status_code == 422
    assert "Your other answers are saved." in answer.text
    profile = profile_of(user.id)
    assert (profile.skills, profile.country, profile.years) == ("Kept.", "SI", 12)
    assert 'name="version" type="hidden" value="3"' in answer.text


def test_languages_and_their_levels_stand_or_fall_together(client):
    user = person()
    sign_in(client, user)
    client.post("/expert-profile", data={**FORM, "language_2": "pl", "level_2": "B1"})

    changed = {"language_1": "pl", "level_1": "A1", "language_2": "pl", "level_2": "A2", "skills": "Kept."}
    answer = client.post("/expert-profile", data={**FORM, "version": "2", **changed})

    assert answer.status_code == 422
    profile = profile_of(user.id)
    assert profile.skills == "Kept."
    assert dict(profile.languages) == {"en": "C2", "pl": "B1"}


def test_what_was_typed_into_a_profile_that_was_submitted_meanwhile_comes_back(client, now):
    profile = submitted_expert(now)
    sign_in(client, user_of(profile))

    answer = client.post("/expert-profile", data={**FORM, "version": str(profile.version), "skills": "Typed late."})

    assert answer.status_code == 409
    assert ">\r\nTyped late.</textarea>" in answer.text


def test_an_edit_conflict_keeps_both_texts(client):
    sign_in(client, person())
    client.post("/expert-profile", data={**FORM, "skills": "First."})

    answer = client.post("/expert-profile", data={**FORM, "skills": "Second."})

    assert answer.status_code == 409
    assert "First." in answer.text
    assert "Second." in answer.text


@pytest.mark.parametrize(("content", "status"), [(b"", 415), (b"text", 415), (b"%PDF-1.7 broken", 415)])
def test_a_file_that_cannot_be_kept_is_refused_beside_its_field(client, content, status):
    sign_in(client, person())
    client.post("/expert-profile", data=FORM)

    answer = client.post("/expert-profile/cv", data={"cv": (io.BytesIO(content), "cv.pdf")})

    assert answer.status_code == status
    assert "The CV was not kept" in answer.text
    assert client.get("/expert-profile/cv").status_code == 404


def test_the_profile_survives_everything(client, everything):
    sign_in(client, person())
    client.post("/expert-profile", data=FORM)
    statuses = set()

    # Each field is read without a look at the others, so all of them are asked at once; what can be stored, the
    # texts of one's own, is tried in a form that is good otherwise.
    for typed in everything:
        statuses.add(client.post("/expert-profile", data=dict.fromkeys(FORM, typed)).status_code)
        statuses.add(client.post("/expert-profile", data={**FORM, "skills": typed, "summary": typed}).status_code)
    for pairs in structures({name: value for name, value in FORM.items() if isinstance(value, str)}):
        data: dict[str, list[str]] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        statuses.add(client.post("/expert-profile", data=data).status_code)
    for body, kind in RAW_BODIES:
        statuses.add(client.post("/expert-profile", data=body, content_type=kind).status_code)

    assert statuses <= ALLOWED_STATUSES


def test_the_office_refuses_in_words_and_survives_everything(client, now, everything):
    number = submitted_expert(now).id
    sign_in(client, person(Role.PROGRAMME_OFFICER))
    address = f"/office/experts/{number}/transitions"

    seen = {"version": version_in(client, f"/office/experts/{number}")}
    assert "A lead expert needs all three kinds" in client.post(f"{address}/validate_lead", data=seen).text
    assert client.post(f"{address}/refuse", data={"reason": "no\x07bell"}).status_code == 422
    assert client.post(f"{address}/explode", data=seen).status_code == 404
    for typed in everything[::5]:
        for name in ("until", "reason", "answer"):
            for act in ("transitions/validate_ad_hoc", "transitions/suspend", "readings/methods", "validity"):
                answer = client.post(f"/office/experts/{number}/{act}", data={name: typed, **seen})
                assert answer.status_code in ALLOWED_STATUSES


def test_two_officers_read_by_themselves_and_see_each_other_when_they_agree(client, now):
    number = submitted_expert(now).id
    page, words = f"/office/experts/{number}", "The CV names twelve networks."
    form = {"answer": "proven", "reason": words}
    sign_in(client, person(Role.PROGRAMME_OFFICER))

    empty = client.post(f"{page}/readings/methods", data={"reason": "Half of a reading."})
    assert empty.status_code == 422
    assert "Half of a reading." in empty.text
    assert client.post(f"{page}/readings/methods", data=form).location == page
    assert client.post(f"{page}/readings/no-such-kind", data=form).status_code == 404
    again = client.post(f"{page}/readings/methods", data=form)
    assert (again.status_code, "You have read this kind of expertise already." in again.text) == (409, True)
    sign_in(client, person(Role.PROGRAMME_OFFICER))
    before = client.get(page).text
    assert ("One of two has read it" in before, words in before) == (True, False)
    client.post(f"{page}/readings/methods", data=form | {"reason": "I see it too."})
    after = client.get(page).text
    assert ("I see it too." in after, words in after) == (True, True)
    assert f'action="{page}/readings/methods"' not in after


def test_the_owner_of_a_profile_learns_nothing_of_single_readings(client, now):
    user = person(Role.PROGRAMME_OFFICER, name="Read Rook")
    profile = submitted_expert(now, user=user)
    read_by_two(profile_of(user.id), now)
    sign_in(client, user_of(profile_of(user.id)))

    for address in ("/expert-profile", f"/office/experts/{profile.id}", "/dashboard"):
        page = client.get(address).text
        assert "The CV shows it." not in page
        assert "A kind of expertise was read" not in page


def test_the_office_sees_in_its_worklist_what_waits_for_whom(client, now, founded):
    profile = submitted_expert(now)
    reader = person(Role.PROGRAMME_OFFICER)
    sign_in(client, reader)
    assert "1 expert profile to read" in client.get("/dashboard").text
    for kind in ("exchange", "thematic", "methods"):
        client.post(f"/office/experts/{profile.id}/readings/{kind}", data={"answer": "proven", "reason": "Yes."})
    assert "expert profile to read" not in client.get("/dashboard").text

    read_by_two(submitted_expert(now), now)
    assert "1 expert profile that is read, to validate or not" in client.get("/dashboard").text
    appointed = validated_expert(now, until=now.date() + timedelta(days=30))
    number = applied("isola", open_search("isola", founded[0].actor, now), appointed, now)
    appoint(number, founded[0].actor, now)
    with transaction() as session:
        session.get_one(ExpertProfile, appointed.id).valid_until = date.today() + timedelta(days=30)  # noqa: DTZ011
    assert "1 validation of an expert that expires soon" in client.get("/dashboard").text
    pool.take_transition(appointed.id, "suspend", officer_actor(), now, reason="A complaint.")
    assert "1 appointed expert who is not validated now" in client.get("/dashboard").text


def test_availability_is_kept_and_what_was_typed_comes_back(client, now):
    profile = validated_expert(now)
    sign_in(client, user_of(profile))
    seen = {"version": version_in(client, "/expert-profile")}
    period = {"starts_on_1": "2027-03-01", "ends_on_1": "2027-03-31", "days_1": "12"}

    refused = client.post("/expert-profile/availability", data=seen | period | {"days_2": "5"})
    assert refused.status_code == 422
    assert "Give the first day, the last day and the days." in refused.text
    assert 'value="12"' in refused.text
    too_many = client.post("/expert-profile/availability", data=seen | period | {"days_1": "24"})
    assert (too_many.status_code, "there are 23 working days" in too_many.text) == (409, True)
    assert client.post("/expert-profile/availability", data=seen | period).location == "/expert-profile"
    assert 'value="2027-03-31"' in client.get("/expert-profile").text
    assert client.post("/expert-profile/availability", data=seen | period).status_code == 409


def test_availability_survives_everything(client, now, everything):
    sign_in(client, user_of(validated_expert(now)))

    for typed in everything[::3]:
        for name in ("starts_on_1", "days_1", "version"):
            answer = client.post("/expert-profile/availability", data={"ends_on_1": "2027-03-31", name: typed})
            assert answer.status_code in ALLOWED_STATUSES


def real(slug: str = "isola") -> None:
    """The network is not one that was made up to try the site."""
    with transaction() as session:
        session.scalars(select(Network).where(Network.slug == slug)).one().is_demonstration = False


def test_an_open_search_stands_in_the_directory_and_on_the_page_of_the_network(client, founded):
    draft, _ = founded
    real()
    now = datetime.now(UTC)
    number = open_search("isola", draft.actor, now, apply_by=now.date() + timedelta(days=30))

    listed, own = client.get("/experts/searches/").text, client.get("/networks/isola").text
    page = client.get(f"/experts/searches/{number}").text

    assert f'href="/experts/searches/{number}"' in listed
    assert f'href="/experts/searches/{number}"' in own
    for words in (TASK, "Mobility", "English", "100 days", day(now.date() + timedelta(days=30))):
        assert words in page
    assert f"/experts/searches/{number}" in client.get("/sitemap.xml").text


def test_searches_are_found_by_role_theme_and_language(client, founded):
    draft, _ = founded
    real()
    now = datetime.now(UTC)
    lead = open_search("isola", draft.actor, now)
    ad_hoc = open_search("isola", draft.actor, now, ExpertTrack.AD_HOC, themes=("food",), languages=("fr",))

    def found(asked: str) -> list[bool]:
        page = client.get(f"/experts/searches/?{asked}").text
        return [f'"/experts/searches/{number}"' in page for number in (lead, ad_hoc)]

    assert found("") == [True, True]
    assert found("role=lead") == [True, False]
    assert found("theme=food") == [False, True]
    assert found("language=en&theme=mobility") == [True, False]
    assert found("theme=culture") == [False, False]
    assert found("after=1") == [False, False]


def test_searches_of_a_demonstration_stand_apart(client, founded):
    number = open_search("isola", founded[0].actor, datetime.now(UTC))

    assert f"/experts/searches/{number}" not in client.get("/experts/searches/").text
    assert f"/experts/searches/{number}" in client.get("/experts/searches/?demonstration=1").text
    assert f"/experts/searches/{number}" not in client.get("/sitemap.xml").text


def test_a_search_that_takes_no_applications_is_not_public(client, founded):
    draft, _ = founded
    real()
    now = datetime.now(UTC)
    chosen, over, closed = (open_search("isola", draft.actor, now, ExpertTrack.AD_HOC) for _ in range(3))
    choose(applied("isola", chosen, validated_expert(now), now), draft.actor, now)
    expertise.close_expert_search("isola", closed, draft.actor, now)
    with transaction() as session:
        session.get_one(ExpertSearch, over).apply_by = now.date() - timedelta(days=1)

    for number in (chosen, over, closed):
        assert client.get(f"/experts/searches/{number}").status_code == 404
    assert "/experts/searches/1" not in client.get("/experts/searches/").text
    assert "Experts wanted" not in client.get("/networks/isola").text


def test_what_was_written_for_experts_alone_is_not_published(client, founded):
    """Searches from before needs were data: their form promised that validated experts read them."""
    real()
    number = open_search("isola", founded[0].actor, datetime.now(UTC))
    with transaction() as session:
        session.execute(update(ExpertSearch).values(themes=null()))

    assert client.get(f"/experts/searches/{number}").status_code == 404


def test_the_names_of_unpublished_experts_are_in_no_public_page_and_no_log(client, founded, caplog):
    """Experts in every state who did not agree to be shown, or are not validated any more."""
    draft, _ = founded
    real()
    now, lead = datetime.now(UTC), draft.actor
    caplog.set_level("DEBUG")
    quiet = [validated_expert(now, name=f"Canary Kestrel {number}", public=False) for number in range(3)]
    for profile, act in zip(quiet, (applied, choose, appoint), strict=True):
        number = applied("isola", open_search("isola", lead, now, ExpertTrack.AD_HOC), profile, now)
        if act is not applied:
            act(number, lead, now)
    left = validated_expert(now, name="Canary Kestrel left", public=False)
    number = applied("isola", open_search("isola", lead, now), left, now)
    appoint(number, lead, now)
    leave(number, lead, now)
    for step in ("suspend", "refuse"):
        gone = validated_expert(now, name=f"Canary Kestrel {step}")
        number = applied("isola", open_search("isola", lead, now, ExpertTrack.AD_HOC), gone, now)
        appoint(number, lead, now)
        pool.take_transition(gone.id, step, officer_actor(), now, reason="Canary Kestrel did something.")

    searches = re.findall(r'href="(/experts/searches/[0-9]+)"', client.get("/experts/searches/").text)
    slugs = [f"/experts/{slug}" for slug in db.session.scalars(select(ExpertProfile.slug))]
    pages = [
        *(
            "/",
            "/experts/",
            "/experts/searches/",
            "/networks/",
            "/networks/isola",
            "/sitemap.xml",
            "/networks/?q=canary",
        ),
        *("/cities/?q=canary", "/api/v1/openapi.json", *searches, *slugs),
    ]

    assert len(searches) >= 2
    for address in pages:
        page = client.get(address)
        assert "kestrel" not in page.text.replace(address, "").lower(), address
    assert "Kestrel" not in caplog.text


def test_an_expert_who_left_is_named_on_the_page_of_the_network_only_by_consent(client, founded):
    draft, _ = founded
    now = datetime.now(UTC)
    shown, quiet = (
        validated_expert(now, name=f"Gone Goshawk {each}", public=each == "shown") for each in ("shown", "not")
    )
    for profile in (shown, quiet):
        number = applied("isola", open_search("isola", draft.actor, now, ExpertTrack.AD_HOC), profile, now)
        appoint(number, draft.actor, now)
        leave(number, expert_actor(profile), now)

    page = client.get("/networks/isola").text

    assert "Former experts" in page
    assert ("Gone Goshawk shown" in page, "Gone Goshawk not" in page) == (True, False)


def test_the_office_validates_a_choice_or_sends_it_back(client, now, founded):
    draft, _ = founded
    number = applied("isola", open_search("isola", draft.actor, now), validated_expert(now), now)
    choose(number, draft.actor, now, 90)
    address = f"/expert-applications/{number}"
    sign_in(client, person(Role.PROGRAMME_OFFICER))

    page = client.get(address).text
    assert "Days of this expert" in page
    seen = {"version": version_in(client, address)}
    refused = client.post(f"{address}/transitions/refuse_choice", data=seen)
    assert (refused.status_code, "Give the reason" in refused.text) == (409, True)
    told = client.post(f"{address}/transitions/refuse_choice", data=seen | {"reason": "Too few days."})
    assert told.location == address
    sign_in(client, draft.lead)
    back = client.get(address).text
    assert ("Too few days." in back, "Choose this expert" in back) == (True, True)


def test_the_end_of_an_appointment_says_beside_the_field_what_is_wrong(client, founded):
    draft, _ = founded
    now = datetime.now(UTC)
    number = applied("isola", open_search("isola", draft.actor, now), validated_expert(now), now)
    appoint(number, draft.actor, now)
    address = f"/expert-applications/{number}"
    sign_in(client, draft.lead)
    form = {
        "version": version_in(client, address),
        "reason": "A new post.",
        "ended_on": "2099-01-01",
        "days_used": "99",
    }

    refused = client.post(f"{address}/transitions/leave", data=form)
    assert refused.status_code == 409
    for words in ("today at the latest", "from 0 to 10", "A new post.", 'value="99"', 'value="2099-01-01"'):
        assert words in refused.text
    today = now.date().isoformat()
    taken = client.post(f"{address}/transitions/leave", data=form | {"ended_on": today, "days_used": "4"})
    assert taken.location == address
    assert "after 4 days" in client.get(address).text
    assert "Opened because a lead expert left" in client.get("/networks/isola/work/experts").text


def test_how_a_profile_matches_is_said_to_the_expert_and_to_the_lead_partner(client, now, founded):
    draft, _ = founded
    profile = validated_expert(now)
    search_id = open_search("isola", draft.actor, now, themes=("mobility", "food"), languages=("fr",))
    sign_in(client, user_of(profile))
    listed, page = client.get("/expert-applications/").text, client.get("/networks/isola/expert-applications").text
    number = applied("isola", search_id, profile, now)
    sign_in(client, draft.lead)

    for said in (listed, page, client.get(f"/expert-applications/{number}").text):
        assert "validated as lead expert; theme Mobility" in said
        assert "theme Food; language French" in said
        assert "no availability stated" in said


def test_what_was_typed_into_a_search_comes_back(client, founded):
    sign_in(client, founded[0].lead)

    answer = client.post("/networks/isola/work/experts", data=NEEDS | {"days": "600", "apply_by": "soon"})
    impossible = client.post("/networks/isola/work/experts", data=NEEDS | {"days": "600"})

    assert answer.status_code == 422
    for words in (TASK, 'value="600"', 'value="soon"', "Type the date as year-month-day"):
        assert words in answer.text
    assert (impossible.status_code, "there are 523 working days" in impossible.text) == (409, True)


def test_an_expert_applies_sees_the_state_and_withdraws(client, now, founded):
    draft, _ = founded
    search_id = open_search("isola", draft.actor, now)
    sign_in(client, user_of(validated_expert(now)))

    assert "Read and apply" in client.get("/expert-applications/").text
    assert TASK in client.get("/networks/isola/expert-applications").text
    answer = client.post(
        "/networks/isola/expert-applications", data={"search": str(search_id), "motivation": "I know these cities."}
    )
    own = answer.location
    listed = client.get("/expert-applications/").text
    assert ("Read and apply" in listed, "You have applied" in listed) == (False, True)
    assert "The lead partner has not decided yet" in client.get(own).text
    assert client.post(f"{own}/transitions/choose", data={"days": "1"}).status_code == 404
    assert client.post(f"{own}/transitions/withdraw", data={"version": version_in(client, own)}).location == own
    listed = client.get("/expert-applications/").text
    assert ("Read and apply" in listed, "Withdrawn" in listed) == (True, True)


def test_who_is_not_validated_reads_why(client, now, founded):
    open_search("isola", founded[0].actor, now)
    sign_in(client, user_of(validated_expert(now, track=ExpertTrack.AD_HOC)))

    page = client.get("/networks/isola/expert-applications").text

    assert "has not validated this profile as lead expert" in page
    assert "Send the application" not in page


def test_the_lead_partner_searches_and_appoints(client, now, founded):
    draft, _ = founded
    sign_in(client, draft.lead)
    answer = client.post("/networks/isola/work/experts", data=NEEDS)
    assert answer.location == "/networks/isola/work/experts"
    assert 'href="/experts/"' in client.get(answer.location).text
    search_id = expert_search_id()
    profile = validated_expert(now, name="Public Expert")
    number = applied("isola", search_id, profile, now)
    address = f"/expert-applications/{number}"

    page = client.get(address).text
    assert "Twelve networks in ten years." in page
    for private in (user_of(profile).email, "cv.pdf"):
        assert private not in page
    period = {"starts_on": NEEDS["starts_on"], "ends_on": NEEDS["ends_on"], "version": "1"}
    refused = client.post(f"{address}/transitions/choose", data={"days": "1000", **period})
    assert "exceeds the expertise envelope by €705,500.00" in refused.text
    assert 'value="1000"' in refused.text
    assert client.post(f"{address}/transitions/choose", data={"days": "x"}).status_code == 422
    assert client.post(f"{address}/transitions/choose", data={"days": "100", **period}).location == address
    assert "€59,500" in client.get("/networks/isola/work/experts").text
    assert "The Joint\n    Secretariat validates the choice" in client.get(address).text
    assert "/experts/public-expert" not in client.get("/networks/isola").text
    sign_in(client, person(Role.PROGRAMME_OFFICER))
    assert "1 choice of an expert to validate" in client.get("/dashboard").text
    seen = {"version": version_in(client, address)}
    assert client.post(f"{address}/transitions/validate_choice", data=seen).location == address
    assert "/experts/public-expert" in client.get("/networks/isola").text


def test_the_same_search_sent_twice_is_one_and_another_one_on_purpose_stays_possible(client, founded):
    sign_in(client, founded[0].lead)
    page, form = "/networks/isola/work/experts", NEEDS | {"role": "ad_hoc"}

    def opened() -> dict[str, str]:
        return form | {"seen": hidden(client.get(page).text, "seen")}

    first = opened()
    answers = [client.post(page, data=first), client.post(page, data=first), client.post(page, data=opened())]

    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert db.session.scalar(select(func.count(ExpertSearch.id))) == 2


def test_the_same_search_for_a_lead_expert_sent_twice_is_not_refused(client, founded):
    sign_in(client, founded[0].lead)
    form = NEEDS | {"seen": "0"}

    answers = [client.post("/networks/isola/work/experts", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert expert_search_id()


def test_an_appointed_expert_without_consent_is_not_on_the_network_page(client, now, founded):
    profile = validated_expert(now, name="Quiet Nightjar", public=False)
    number = applied("isola", open_search("isola", founded[0].actor, now), profile, now)
    appoint(number, founded[0].actor, now, 3)

    assert "Nightjar" not in client.get("/networks/isola").text


def test_strangers_see_no_candidate(client, now, founded):
    draft, network = founded
    number = applied("isola", open_search("isola", draft.actor, now), validated_expert(now), now)
    strangers = [person(), person(Role.EXPERT), person(Role.ASSESSOR), member(network.members[3].organisation, now)]

    for stranger in strangers:
        sign_in(client, stranger)
        assert client.get(f"/expert-applications/{number}").status_code == 404
        assert client.get("/networks/isola/work/experts").status_code == 404


def test_a_member_brings_its_own_agreement_only(client, now, founded):
    _, network = founded
    place, other = network.members[3], network.members[4]
    own, foreign = (f"/networks/isola/work/agreements/{each.id}" for each in (place, other))
    sign_in(client, member(place.organisation, now))

    def upload(address: str, content: bytes):
        name = f"m{address.rpartition('/')[2]}-agreement"
        return client.post(address, data={name: (io.BytesIO(content), "signed.pdf")})

    assert upload(own, b"no pdf").status_code == 415
    assert upload(own, b"").status_code == 415
    assert client.post(own).status_code == 422
    assert upload(foreign, pdf()).status_code == 404
    assert upload(own, pdf()).location == "/networks/isola/work/agreements"
    assert client.get(own, buffered=True).data == pdf()
    assert client.get(foreign).status_code == 404


def test_after_the_start_agreements_stay(client, now, founded):
    draft, network = founded
    number = applied("isola", open_search("isola", draft.actor, now), validated_expert(now), now)
    appoint(number, draft.actor, now, 3)
    sign_agreements("isola", now)
    sign_in(client, draft.lead)

    seen = {"version": version_in(client, "/networks/isola/work")}
    assert client.post("/networks/isola/transitions/activate", data=seen).location == "/networks/isola/work"
    place = network.members[0].id
    answer = client.post(
        f"/networks/isola/work/agreements/{place}",
        data={f"m{place}-agreement": (io.BytesIO(pdf()), "late.pdf")},
    )
    assert answer.status_code == 409
    assert "Active" in client.get("/networks/isola/work").text


def test_lists_ask_the_same_however_long_they_are(client, now, founded):
    draft, _ = founded
    search_id = open_search("isola", draft.actor, now)
    officer = person(Role.PROGRAMME_OFFICER)
    lists = {
        "/experts/": None,
        "/experts/searches/?demonstration=1": None,
        "/office/experts/?state=validated_lead": officer,
        "/networks/isola/work/experts": draft.lead,
        "/expert-applications/": person(Role.EXPERT),
    }

    def counts() -> list[int]:
        found = []
        for address, reader in lists.items():
            if reader is not None:
                sign_in(client, reader)
            with statements() as sent:
                assert client.get(address).status_code == 200
            found.append(len(sent))
        return found

    applied("isola", search_id, validated_expert(now), now)
    client.get("/experts/")
    one = counts()
    for _ in range(2):
        applied("isola", search_id, validated_expert(now), now)
        open_search("isola", draft.actor, now, ExpertTrack.AD_HOC)
    client.delete_cookie("urbact")
    assert counts() == one


def test_searching_survives_everything(client, founded, everything):
    sign_in(client, founded[0].lead)

    for typed in everything[::3]:
        for name in ("role", "task", "themes", "languages", "days", "starts_on", "apply_by"):
            form = NEEDS | {"role": "nobody", "task": "A task", name: typed}
            assert client.post("/networks/isola/work/experts", data=form).status_code in ALLOWED_STATUSES


def test_applying_and_deciding_survive_everything(client, now, founded, everything):
    draft, _ = founded
    search_id, profile = open_search("isola", draft.actor, now), validated_expert(now)
    number = applied("isola", search_id, profile, now)
    for typed in everything[::3]:
        sign_in(client, user_of(profile))
        for name in ("search", "motivation"):
            form = {"search": str(search_id), "motivation": "Me.", name: typed}
            answer = client.post("/networks/isola/expert-applications", data=form)
            assert answer.status_code in ALLOWED_STATUSES
        sign_in(client, draft.lead)
        for form in (
            {"days": typed + "x"},
            {"days": "9999", "reason": typed, "version": "1"},
            {"days": "5", "starts_on": typed, "ended_on": typed, "days_used": typed, "version": "1"},
        ):
            answer = client.post(f"/expert-applications/{number}/transitions/choose", data=form)
            assert answer.status_code in ALLOWED_STATUSES


def expert_search_id() -> int:
    db.session.rollback()
    return db.session.scalars(select(ExpertSearch.id)).one()
