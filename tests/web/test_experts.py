"""Pages of experts, of the office, and what the public never sees."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import func, select

from scripts.bench.client import hidden
from tests.corpus import ALLOWED_STATUSES, RAW_BODIES, structures
from tests.factories.accounts import person, sign_in
from tests.factories.applications import member, pdf
from tests.factories.calls import open_call
from tests.factories.experts import (
    TASK,
    applied,
    open_search,
    profile_of,
    sign_agreements,
    submitted_expert,
    validated_expert,
)
from tests.factories.networks import founded_network
from tests.query_count import statements
from urbact_calls.accounts.models import User
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import ExpertTrack, Role
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.networks.expertise import commands as expertise
from urbact_calls.networks.models import ExpertSearch

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
SECRET = "Nightjar: skills that nobody may read"


def user_of(profile):
    return db.session.get_one(User, profile.user_id)


def version_in(client, address):
    """The version in the forms of a page."""
    return max(re.findall(r'name="version"[^>]* value="([0-9]+)"', client.get(address).text))


@pytest.fixture
def founded(now):
    return founded_network(open_call(db.session, now), now)


def test_from_registration_to_the_public_page(client):
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
    ticked = {"kinds": FORM["kinds"], "version": version_in(client, f"/office/experts/{number}")}
    answer = client.post(f"/office/experts/{number}/transitions/validate_lead", data=ticked)
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
    written = {"kinds": FORM["kinds"], "version": "1", "reason": "The references do not answer."}

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
        for name in ("kinds", "reason"):
            answer = client.post(f"{address}/validate_ad_hoc", data={"kinds": "x", name: typed, **seen})
            assert answer.status_code in ALLOWED_STATUSES


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
    assert client.post(f"{own}/transitions/appoint", data={"days": "1"}).status_code == 404
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
    answer = client.post("/networks/isola/work/experts", data={"role": "lead", "task": TASK})
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
    assert (
        "exceeds the expertise envelope by €705,500.00"
        in client.post(f"{address}/transitions/appoint", data={"days": "1000", "version": "1"}).text
    )
    assert client.post(f"{address}/transitions/appoint", data={"days": "x"}).status_code == 422
    assert client.post(f"{address}/transitions/appoint", data={"days": "100", "version": "1"}).location == address
    assert "€59,500" in client.get("/networks/isola/work/experts").text
    assert "/experts/public-expert" in client.get("/networks/isola").text


def test_the_same_search_sent_twice_is_one_and_another_one_on_purpose_stays_possible(client, founded):
    sign_in(client, founded[0].lead)
    page, form = "/networks/isola/work/experts", {"role": "ad_hoc", "task": TASK}

    def opened() -> dict[str, str]:
        return form | {"seen": hidden(client.get(page).text, "seen")}

    first = opened()
    answers = [client.post(page, data=first), client.post(page, data=first), client.post(page, data=opened())]

    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert db.session.scalar(select(func.count(ExpertSearch.id))) == 2


def test_the_same_search_for_a_lead_expert_sent_twice_is_not_refused(client, founded):
    sign_in(client, founded[0].lead)
    form = {"role": "lead", "task": TASK, "seen": "0"}

    answers = [client.post("/networks/isola/work/experts", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert expert_search_id()


def test_an_appointed_expert_without_consent_is_not_on_the_network_page(client, now, founded):
    profile = validated_expert(now, name="Quiet Nightjar", public=False)
    number = applied("isola", open_search("isola", founded[0].actor, now), profile, now)
    expertise.take_expert_transition(number, "appoint", founded[0].actor, now, days=3)

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
    expertise.take_expert_transition(number, "appoint", draft.actor, now, days=3)
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
        for name in ("role", "task"):
            form = {"role": "nobody", "task": "A task", name: typed}
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
        for form in ({"days": typed + "x"}, {"days": "9999", "reason": typed, "version": "1"}):
            answer = client.post(f"/expert-applications/{number}/transitions/appoint", data=form)
            assert answer.status_code in ALLOWED_STATUSES


def expert_search_id() -> int:
    db.session.rollback()
    return db.session.scalars(select(ExpertSearch.id)).one()
