"""One way back: what was typed into a form that was refused comes back to whoever typed it, and to nobody else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import select

from tests.factories import applications as make
from tests.factories.accounts import PASSWORD, at, password_hash, person
from tests.factories.applications import Draft, row
from tests.factories.calls import open_call
from tests.web.accounts_steps import enter, is_in
from tests.web.given_back import OURS, form_to, forms, signed_in_again
from tests.web_client import CleanClient, token_in
from urbact_calls.accounts.commands import accounts, sessions
from urbact_calls.accounts.models import BrowserSession
from urbact_calls.database import db
from urbact_calls.web.csrf import unmasked

TEXT = 'Our cities lose <b>young people</b> & jobs.\n\nSecond "paragraph", łódź.'
TEMPLATES = Path(__file__).parents[2] / "templates"
ELSEWHERE = [
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost.elsewhere.example"},
]


@pytest.fixture
def now() -> datetime:
    """Who is signed in is asked at the true time where a token is refused."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def draft(session, now: datetime) -> Draft:
    return make.draft(open_call(db.session, now), now)


@pytest.fixture
def lead(client: CleanClient, draft: Draft, now: datetime) -> CleanClient:
    """The lead applicant, who has signed in with the form and has a section open."""
    at(client, now)
    assert enter(client, draft.lead.email).status_code == 302
    assert client.get(address(draft)).status_code == 200
    return client


def address(draft: Draft) -> str:
    return f"/applications/{draft.reference}/sections/challenge"


def opened(client: CleanClient, draft: Draft) -> dict[str, str]:
    """The section as a browser would send it, with a text typed into it."""
    [form] = [each for each in forms(client.get(address(draft))) if each.action == address(draft)]
    sent = {each.name: each.value for each in form.fields if each.is_sent and each.kind != "file"}
    return {**sent, "challenge": TEXT, "stay": "1"}


def saved(draft: Draft) -> str:
    db.session.rollback()
    return next(
        (str(each.answers["challenge"]) for each in row(draft.reference).sections if each.code == "challenge"), ""
    )


def of_yesterday(client: CleanClient, token: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The token of a page of the same session that was opened a day before."""
    signer = URLSafeTimedSerializer(str(client.application.secret_key), salt="wtf-csrf-token")
    now = TimestampSigner.get_timestamp
    with monkeypatch.context() as then:
        then.setattr(TimestampSigner, "get_timestamp", lambda self: now(self) - 24 * 3600)
        return str(signer.dumps(signer.loads(unmasked(token))))


@pytest.mark.parametrize(
    "how",
    [
        *("signed out in another tab", "signed out everywhere", "ended in another browser"),
        *("password changed in another browser", "not used for too long"),
    ],
)
def test_after_the_session_ended_one_signs_in_on_the_answer_and_sends_the_text_again(
    lead: CleanClient, draft: Draft, now: datetime, how: str
):
    fields = opened(lead, draft)
    if how == "signed out in another tab":
        lead.post("/sign-out")
    elif how == "signed out everywhere":
        accounts.sign_out_everywhere(draft.lead.id, now)
    elif how == "password changed in another browser":
        accounts.change_password(draft.lead.id, PASSWORD, password_hash(), now)
    elif how == "not used for too long":
        at(lead, now + timedelta(hours=13))
    else:
        here = select(BrowserSession.id).where(BrowserSession.user_id == draft.lead.id)
        sessions.end_session(db.session.scalars(here).one(), now)

    refused = lead.post(address(draft), data=fields, headers=OURS)

    assert refused.status_code == 401
    assert "You are not signed in any more" in refused.text
    assert "Your browser still holds" not in refused.text
    again = signed_in_again(lead, refused, draft.lead)
    assert (again.status_code, saved(draft)) == (200, "")
    given_back = form_to(again, address(draft))
    assert given_back["challenge"] == TEXT
    assert lead.post(address(draft), data=given_back, headers=OURS).status_code == 302
    assert saved(draft) == TEXT


@pytest.mark.parametrize(("times", "status"), [(1, 422), (6, 429)])
def test_a_wrong_password_loses_nothing_nor_does_having_to_wait(
    lead: CleanClient, draft: Draft, times: int, status: int
):
    fields = opened(lead, draft)
    lead.post("/sign-out")
    refused = lead.post(address(draft), data=fields, headers=OURS)

    mistyped = form_to(refused, "/sign-in") | {"email": "nobody@example.org", "password": "no"}
    wrong = [lead.post("/sign-in", data=mistyped) for _ in range(times)][-1]

    assert wrong.status_code == status
    assert form_to(signed_in_again(lead, wrong, draft.lead), address(draft))["challenge"] == TEXT


def test_a_token_that_is_too_old_gives_the_form_back_with_a_new_one(
    lead: CleanClient, draft: Draft, monkeypatch: pytest.MonkeyPatch
):
    fields = opened(lead, draft)
    fields["csrf_token"] = of_yesterday(lead, fields["csrf_token"], monkeypatch)

    refused = lead.post(address(draft), data=fields, headers=OURS)

    assert refused.status_code == 400
    assert "The page was open for too long" in refused.text
    given_back = form_to(refused, address(draft))
    assert {**given_back, "csrf_token": ""} == {**fields, "csrf_token": ""}
    assert lead.post(address(draft), data=given_back, headers=OURS).status_code == 302
    assert saved(draft) == TEXT


@pytest.mark.parametrize("signs_in", ["first", "on the answer"])
def test_another_account_is_told_and_sees_and_sends_nothing(lead: CleanClient, draft: Draft, signs_in: str):
    fields = opened(lead, draft)
    other = person()
    lead.post("/sign-out")
    if signs_in == "first":
        enter(lead, other.email)
        told = lead.post(address(draft), data=fields, headers=OURS)
    else:
        told = signed_in_again(lead, lead.post(address(draft), data=fields, headers=OURS), other)

    assert told.status_code == 403
    assert "This page belonged to another account" in told.text
    assert "Nothing was sent" in told.text
    assert "young people" not in told.text
    assert not any("replayed" in {each.name for each in form.fields} for form in forms(told))
    assert is_in(lead)
    assert saved(draft) == ""


@pytest.mark.parametrize("headers", ELSEWHERE)
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_a_forged_request_is_never_replayed(
    lead: CleanClient, draft: Draft, headers: dict[str, str], is_signed_in: bool
):
    fields = opened(lead, draft)
    if not is_signed_in:
        lead.post("/sign-out")

    answer = lead.post_from_elsewhere(address(draft), data={**fields, "csrf_token": "guessed"}, headers=headers)

    assert answer.status_code == 400
    assert not re.search("young people|Send again|Sign in and go on", answer.text)
    assert saved(draft) == ""


def test_a_request_of_a_browser_that_does_not_say_where_it_comes_from_counts_as_ours(lead: CleanClient, draft: Draft):
    fields = opened(lead, draft)
    lead.post("/sign-out")

    assert "young people" in lead.post(address(draft), data=fields).text


def test_what_a_page_keeps_until_one_signs_in_cannot_be_made_up(client: CleanClient, draft: Draft):
    answer = enter(client, draft.lead.email, replayed="eyJhZGRyZXNzIjoiLyJ9.made-up")

    assert (answer.status_code, answer.location) == (302, "/dashboard")


def test_a_visitor_gets_a_form_back_without_its_passwords(client: CleanClient, session, monkeypatch):
    token = token_in(client.get("/register"))
    typed = {"name": "Anna Kowalska", "email": "anna@city.example.org", "password": PASSWORD, "notice": "y"}
    client.delete_cookie("urbact")

    refused = client.post_from_elsewhere("/register", data={**typed, "csrf_token": token}, headers=OURS)

    assert refused.status_code == 400
    assert PASSWORD not in refused.text
    given_back = form_to(refused, "/register")
    assert {**given_back, "csrf_token": ""} == {**typed, "password": "", "csrf_token": ""}
    sent = client.post("/register", data={**given_back, "password": PASSWORD}, headers=OURS)
    assert (sent.status_code, sent.location) == (302, "/register/sent")


def test_a_button_alone_leads_back_to_its_page(lead: CleanClient, draft: Draft):
    page = f"/applications/{draft.reference}/"
    token = token_in(lead.get(page))
    lead.post("/sign-out")

    refused = lead.post(
        f"{page}pdf", data={"csrf_token": token}, headers={**OURS, "Referer": f"http://localhost{page}"}
    )

    assert refused.status_code == 401
    assert signed_in_again(lead, refused, draft.lead).location == page


def test_a_step_that_comes_late_shows_what_was_typed_and_does_not_offer_to_send_it(lead: CleanClient, draft: Draft):
    step = f"/applications/{draft.reference}/transitions/withdraw"

    answer = lead.post(step, data={"seen": "99", "reason": TEXT})

    assert answer.status_code == 409
    assert "young people" in answer.text
    assert [form for form in forms(answer) if form.action == step] == []


def test_a_page_that_shows_its_form_no_more_shows_what_was_typed(lead: CleanClient, draft: Draft):
    step = f"/applications/{draft.reference}/transitions/answer_clarification"

    answer = lead.post(step, data={"seen": "1", "reason": TEXT})

    assert answer.status_code == 409
    assert [form for form in forms(answer) if form.action == step] == []
    assert "young people" in answer.text


def test_whoever_signs_in_after_somebody_elses_session_ended_is_asked_and_not_told_off(
    lead: CleanClient, draft: Draft, now: datetime
):
    fields = opened(lead, draft)
    other = person()
    lead.post("/sign-out")
    enter(lead, other.email)
    accounts.sign_out_everywhere(other.id, now)

    refused = lead.post(address(draft), data=fields, headers=OURS)

    assert refused.status_code == 401
    assert form_to(signed_in_again(lead, refused, draft.lead), address(draft))["challenge"] == TEXT


def test_what_was_typed_for_a_page_that_is_not_there_is_shown_and_tells_nothing_of_it(
    lead: CleanClient, draft: Draft, now: datetime
):
    foreign = make.draft(open_call(db.session, now, "APN-OTHER"), now, make.city("Isernia", now, "IT"))

    answers = [
        lead.post(f"/applications/{reference}/sections/challenge", data={"challenge": TEXT, "version": "0"})
        for reference in (foreign.reference, "APN-OTHER-999")
    ]

    assert [each.status_code for each in answers] == [404, 404]
    assert all("young people" in each.text and "Nothing was sent." in each.text for each in answers)
    assert not any("Send again" in each.text for each in answers)
    first, second = (re.sub("<b class=.reference.>.*?</b>|csrf_token[^>]*>", "", each.text) for each in answers)
    assert first == second


def test_what_a_person_typed_who_may_not_open_the_page_any_more_is_shown(lead: CleanClient):
    answer = lead.post("/accounts/1/roles", data={"role": "assessor", "country": TEXT})

    assert answer.status_code == 403
    assert "young people" in answer.text


def test_after_signing_in_the_way_leads_back_to_the_page_with_the_form(lead: CleanClient, draft: Draft):
    fields, page = opened(lead, draft), address(draft)
    lead.post("/sign-out")

    refused = lead.post(page, data=fields, headers={**OURS, "Referer": f"http://localhost{page}"})
    again = signed_in_again(lead, refused, draft.lead)

    assert f'<a href="{page}">Back to the page</a>' in again.text


REFUSED: list[tuple[str, str, dict[str, str]]] = [
    ("a section", "/applications/APN-DEMO-001/sections/identity", {"acronym": "x" * 300, "version": "0"}),
    ("the budget", "/applications/APN-DEMO-001/budget", {"amount-{partner}-STAFF": "many", "version": "1"}),
    ("a new partner", "/applications/APN-DEMO-001/partners/new", {"name": "Łódź", "version": "1"}),
    ("an invitation", "/applications/APN-DEMO-001/invitations", {"partner": "{partner}", "email": "nobody"}),
    ("an organisation", "/organisations/new", {"name": "Łódź", "country": "XX"}),
    ("a name", "/account", {"name": ""}),
    ("a profile", "/expert-profile", {"bio": "x" * 10_000, "years": "many", "version": "0"}),
]


@pytest.mark.parametrize(("page", "form"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_the_page_of_a_refused_form_asks_before_it_is_left(
    lead: CleanClient, draft: Draft, page: str, form: dict[str, str]
):
    partner = str(row(draft.reference).partners[0].id)
    typed = {name.replace("{partner}", partner): text.replace("{partner}", partner) for name, text in form.items()}
    assert "data-unsaved" not in lead.get(page).text

    refused = lead.post(page, data=typed)

    assert refused.status_code == 422
    assert "data-unsaved" in refused.text


def test_a_page_that_shows_what_another_person_saved_meanwhile_asks_before_it_is_left(lead: CleanClient, draft: Draft):
    fields = opened(lead, draft)
    lead.post(address(draft), data=fields | {"challenge": "Of a colleague"})

    conflict = lead.post(address(draft), data=fields)

    assert conflict.status_code == 409
    assert "data-unsaved" in conflict.text


def test_only_searches_and_the_way_in_are_left_without_asking():
    """A search changes nothing, and whoever could not sign in has typed nothing but that."""
    unguarded = {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if "guarded=false" in path.read_text(encoding="utf-8")
    }

    assert unguarded == {"accounts/sign_in.html", "record/show.html"}
