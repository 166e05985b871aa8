"""The pages of the log of messages, of the table of messages, and of what a person wants to get."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.factories.accounts import person, sign_in
from tests.factories.jobs import work_off
from urbact_calls.accounts.commands import accounts
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import Role
from urbact_calls.messages.emails import with_switch
from urbact_calls.messages.models import Delivery, MutedEmail, Recipient

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def officer(client):
    sign_in(client, person(Role.PROGRAMME_OFFICER))
    return client


@pytest.fixture
def reset(now) -> Delivery:
    """A message with a link, sent."""
    accounts.ask_for_reset(person(email="ana@example.org").email, now)
    work_off(now)
    return db.session.scalars(select(Delivery)).one()


def test_the_log_leads_to_one_message_and_shows_no_link(officer, reset):
    listed = officer.get("/office/deliveries/?address=ana@example.org&state=sent").text
    page = officer.get(f"/office/deliveries/{reset.id}").text

    assert f'href="/office/deliveries/{reset.id}"' in listed
    assert ("Choose a new password" in page, "account.reset</h1>" in page) == (True, False)
    assert reset.message_id.strip("<>") in page
    assert "/reset-password/" not in listed + page
    assert "(link not shown)" in page


def test_a_message_is_sent_again_with_a_reason(officer, reset):
    path = f"/office/deliveries/{reset.id}/resending"
    silent = officer.post(path, data={"seen": "0", "reason": " "})
    done = [officer.post(path, data={"seen": "0", "reason": "Rang us."}, follow_redirects=True) for _ in range(2)]

    assert (silent.status_code, [answer.status_code for answer in done]) == (422, [200, 200])
    assert "sent again within seconds" in done[0].text
    assert "Nothing was sent" in done[1].text


@pytest.mark.parametrize("seen", ["", "-1", "x", "99", "1" * 30, "٣"])
def test_a_strange_count_sends_nothing(officer, reset, seen):
    answer = officer.post(f"/office/deliveries/{reset.id}/resending", data={"seen": seen, "reason": "Rang us."})

    assert answer.status_code == 302
    assert db.session.scalar(select(func.sum(Delivery.resends))) == 0


@pytest.mark.parametrize(
    "query",
    ["state=nonsense", "key=nonsense", "after=x", "after=99999999999999", "address=%F0%9F%A6%86", "about=%F0%9F%A6%86"],
)
def test_a_strange_question_gets_an_answer(officer, query):
    assert officer.get(f"/office/deliveries/?{query}").status_code == 200


@pytest.mark.parametrize("number", ["404", "2147483647", "2147483648"])
def test_a_message_that_does_not_exist_is_not_found(officer, number):
    assert officer.get(f"/office/deliveries/{number}").status_code == 404


def test_an_administrator_reads_no_text(client, reset):
    with transaction() as session:
        session.get_one(Delivery, reset.id).email_key = "account.exists"
    sign_in(client, person(Role.ADMINISTRATOR))

    page = client.get(f"/office/deliveries/{reset.id}").text

    assert "not what it says" in page
    assert reset.subject not in page


def test_the_table_names_every_message(officer):
    page = officer.get("/office/messages/").text

    assert "7 days and 1 day before the call closes, drafts only" in page
    assert 'href="/office/deliveries/?key=sheet.due"' in page


def test_a_person_switches_reminders_off_and_on(client):
    sign_in(client, person())
    page = "/account/messages"
    assert client.get(page).text.count(" checked") == 3

    # What cannot be switched off is not taken, whatever is posted.
    client.post(page, data={"wanted": ["sheet.due", "application.changed", "decision.announced"]})
    assert db.session.scalars(select(MutedEmail.email_key)).all() == ["call.closing_soon"]
    client.post(page, data={"wanted": ["sheet.due", "application.changed", "call.closing_soon"]})

    db.session.rollback()
    assert db.session.scalars(select(MutedEmail.email_key)).all() == []


def test_a_mail_program_switches_off_with_one_click_and_no_token(app, client):
    user = person()
    link = with_switch(Recipient(user.email, user.name, user.id), "sheet.due").leave_href
    path = link.removeprefix("http://localhost:8000")
    assert client.get(path).status_code == 200
    assert db.session.scalars(select(MutedEmail.email_key)).all() == []
    db.session.rollback()

    answer = client.post_from_elsewhere(path, data={"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert db.session.scalars(select(MutedEmail.email_key)).all() == ["sheet.due"]
    assert client.post_from_elsewhere("/messages/nonsense/switch-off").status_code == 410
