"""How often one may try: wrong passwords slow down, and nobody uses up what somebody else needs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from scripts.fuzz.forms import forms_and_links
from tests.factories.accounts import PASSWORD, at, person, sign_in
from tests.factories.api import bearer
from tests.web.accounts_steps import confirm, link, messages
from tests.web_client import CleanClient
from urbact_calls.accounts.commands.attempts import forget_attempts
from urbact_calls.accounts.models import WrongPasswords
from urbact_calls.database import db
from urbact_calls.job_sets import start_due
from urbact_calls.jobs import Job

WRONG = "this is the wrong one"
NEW_PASSWORD = "four lanterns under a patient bridge"


pytestmark = [pytest.mark.limited, pytest.mark.usefixtures("session")]


def enter(client: CleanClient, email: str, *, machine: str = "10.0.0.1", password: str = WRONG):
    return client.post(
        "/sign-in", data={"email": email, "password": password}, environ_overrides={"REMOTE_ADDR": machine}
    )


# Wrong passwords


def test_after_five_wrong_passwords_the_next_must_wait(client, now):
    person(email="known@example.org")
    at(client, now)

    tried = [enter(client, "known@example.org").status_code for _ in range(5)]
    over = enter(client, "KNOWN@example.org ", password=PASSWORD)

    assert tried == [422] * 5
    assert (over.status_code, over.headers["Retry-After"]) == (429, "1")
    assert "Wait a second and try again" in over.text
    assert 'value="KNOWN@example.org"' in over.text
    at(client, now + timedelta(seconds=1))
    assert enter(client, "known@example.org", password=PASSWORD).status_code == 302


def test_whoever_has_to_wait_gets_back_what_was_typed_without_the_password(client, now):
    at(client, now)
    over = [enter(client, "nobody@example.org") for _ in range(6)][-1]

    assert over.status_code == 429
    [form] = [each for each in forms_and_links(over.text, "", "/sign-in")[0] if each.action == "/sign-in"]
    assert {each.name: each.value for each in form.fields if each.name != "csrf_token"} == {
        "email": "nobody@example.org",
        "password": "",
    }
    assert WRONG not in over.text


def test_the_wait_grows_to_a_minute_and_is_never_a_lock(client, now):
    person(email="known@example.org")
    moment, waits = now, []
    for _ in range(13):
        at(client, moment)
        while (answer := enter(client, "known@example.org")).status_code == 422:
            pass
        waits.append(int(answer.headers["Retry-After"]))
        moment += timedelta(seconds=waits[-1])

    at(client, moment)
    assert waits == [1, 2, 4, 8, 16, 32, *[60] * 7]
    assert enter(client, "known@example.org", password=PASSWORD).status_code == 302


def test_guessing_from_many_machines_is_as_slow(client, now):
    person(email="known@example.org")
    at(client, now)

    tried = [enter(client, "known@example.org", machine=f"10.0.1.{each}").status_code for each in range(20)]

    assert tried == [422] * 5 + [429] * 15


def test_an_unknown_address_waits_as_long(client, now):
    at(client, now)

    tried = [enter(client, "nobody@example.org").status_code for _ in range(6)]

    assert tried == [422] * 5 + [429]


def test_guessing_at_many_accounts_from_one_machine_is_slow_too_and_others_do_not_wait(client, now):
    person(email="known@example.org")
    at(client, now)

    tried = [enter(client, f"nobody-{each}@example.org").status_code for each in range(51)]

    assert tried == [422] * 50 + [429]
    assert enter(client, "known@example.org", machine="10.0.0.2", password=PASSWORD).status_code == 302


def test_a_browser_that_the_account_knows_does_not_wait(app, client, now):
    person(email="known@example.org")
    at(client, now)
    enter(client, "known@example.org", password=PASSWORD)
    client.post("/sign-out")
    for _ in range(60):
        enter(app.test_client(), "known@example.org")

    answer = enter(client, "known@example.org", password=PASSWORD)

    assert answer.status_code == 302


def test_choosing_a_new_password_always_works(app, client, now):
    """However fast others type wrong ones meanwhile."""
    person(email="known@example.org")
    at(client, now)
    ask_for_a_link(client)
    client.post(link(now), data={"password": NEW_PASSWORD})
    for _ in range(6):
        enter(app.test_client(), "known@example.org")

    assert enter(client, "known@example.org", password=NEW_PASSWORD).status_code == 302


def test_a_known_browser_waits_for_what_was_typed_in_it(client, now):
    person(email="known@example.org")
    at(client, now)
    enter(client, "known@example.org", password=PASSWORD)
    client.post("/sign-out")

    assert [enter(client, "known@example.org").status_code for _ in range(6)] == [422] * 5 + [429]


def test_a_browser_is_known_to_its_own_account_only(app, client, now):
    person(email="known@example.org")
    person(email="attacker@example.org")
    at(client, now)
    enter(client, "attacker@example.org", password=PASSWORD)
    client.post("/sign-out")
    for _ in range(5):
        enter(app.test_client(), "known@example.org")

    assert enter(client, "known@example.org", password=PASSWORD).status_code == 429


def test_the_right_passwords_of_a_town_hall_do_not_count(app, now):
    person(email="known@example.org")
    at(app.test_client(), now)

    entered = [enter(app.test_client(), "known@example.org", password=PASSWORD).status_code for _ in range(51)]

    assert set(entered) == {302}


def test_the_owner_hears_of_it_once_a_day(client, now):
    person(email="known@example.org")
    for second in range(0, 600, 60):
        at(client, now + timedelta(seconds=second))
        enter(client, "known@example.org")
    enter(client, "nobody@example.org")

    assert messages(now + timedelta(minutes=10)) == [("account.wrong_passwords", "known@example.org")]


def test_four_wrong_passwords_are_nobody_elses_business(client, now):
    person(email="known@example.org")
    at(client, now)
    for _ in range(4):
        enter(client, "known@example.org")
    enter(client, "known@example.org", password=PASSWORD)

    assert messages(now) == []


def test_an_hour_later_it_begins_anew(client, now):
    person(email="known@example.org")
    at(client, now)
    for _ in range(5):
        enter(client, "known@example.org")

    later = now + timedelta(hours=1, seconds=1)
    start_due(forget_attempts, later)

    assert db.session.query(WrongPasswords).count() == 0


def test_the_current_password_is_not_guessed_either(client, now):
    someone = person()
    at(client, now)
    sign_in(client, someone)

    def change(current: str):
        return client.post("/account/password", data={"current": current, "password": NEW_PASSWORD})

    tried = [change(WRONG).status_code for _ in range(5)]

    assert tried == [422] * 5
    assert "Wait a second" in change(PASSWORD).text
    at(client, now + timedelta(seconds=1))
    assert change(PASSWORD).status_code == 302


# Recovery


def ask_for_a_link(client: CleanClient, email: str = "known@example.org", *, machine: str = "10.0.0.1"):
    return client.post("/forgotten-password", data={"email": email}, environ_overrides={"REMOTE_ADDR": machine})


def test_nobody_can_use_up_the_recovery_of_somebody_else(client, now):
    person(email="known@example.org")
    for minute in range(30):
        at(client, now + timedelta(minutes=minute))
        ask_for_a_link(client, machine=f"10.0.1.{minute}")
    later = now + timedelta(minutes=31)
    at(client, later)

    answer = ask_for_a_link(client)

    assert answer.location == "/forgotten-password/sent"
    assert len(messages(later)) == 5, "no mailbox is filled"
    full_hour = now + timedelta(hours=1)
    newest = link(full_hour)
    at(client, full_hour + timedelta(minutes=59))
    assert client.post(newest, data={"password": NEW_PASSWORD}).location == "/sign-in"
    assert enter(client, "known@example.org", password=NEW_PASSWORD).location == "/dashboard"


def test_a_mailbox_gets_five_messages_at_once_and_then_one_with_each_hour(client, now):
    person(email="known@example.org")
    for minute in range(0, 180, 2):
        at(client, now + timedelta(minutes=minute))
        ask_for_a_link(client)

    due = db.session.scalars(select(Job.next_at).order_by(Job.next_at)).all()

    assert due == [
        *(now + timedelta(minutes=minute) for minute in (0, 2, 4, 6, 8)),
        *(now + timedelta(hours=hour) for hour in (1, 2, 3)),
    ]


def test_whoever_has_the_link_is_not_kept_from_it_by_the_others_behind_the_address(client, now):
    person(email="known@example.org")
    at(client, now)
    ask_for_a_link(client)
    reset = link(now)
    for _ in range(101):
        last = client.post("/reset-password/made-up", data={"password": NEW_PASSWORD})

    assert last.status_code == 429
    assert client.post(reset, data={"password": NEW_PASSWORD}).status_code == 302


def test_whoever_asks_for_many_waits_for_the_full_hour_and_is_not_refused(client, now):
    person(email="known@example.org")
    at(client, now)
    for number in range(100):
        ask_for_a_link(client, f"nobody-{number}@example.org")

    answer, elsewhere = ask_for_a_link(client), ask_for_a_link(client, machine="10.0.0.2")

    due = db.session.scalars(select(Job.next_at).order_by(Job.next_at)).all()
    assert (answer.location, elsewhere.location) == ("/forgotten-password/sent", "/forgotten-password/sent")
    assert due == [now, now + timedelta(hours=1)]


def test_nobody_can_keep_an_address_from_registering(client, now):
    form = {"name": "Mallory", "email": "anna@city.example.org", "notice": "y"}
    at(client, now)

    for minute in range(30):
        at(client, now + timedelta(minutes=minute))
        assert client.post("/register", data=form).location == "/register/sent"

    later = now + timedelta(minutes=31)
    assert len(messages(later)) == 5, "no mailbox is filled"
    assert confirm(client, link(later)).location == "/dashboard"
    assert enter(client, "anna@city.example.org", password=PASSWORD).location == "/dashboard"


# One address, many accounts


def test_the_people_behind_one_address_are_counted_by_account(app, client):
    """Of a town hall that shares an address with another, nobody waits for what somebody else did."""
    anna, ben = app.test_client(), app.test_client()
    sign_in(anna, person())
    sign_in(ben, person())

    asked = [anna.post("/organisations/no-such/requests").status_code for _ in range(21)]

    assert asked == [404] * 20 + [429]
    assert ben.post("/organisations/no-such/requests").status_code == 404
    assert anna.post("/organisations/no-such/requests").status_code == 429


def test_the_tokens_of_an_account_are_counted_together(client):
    owner = person()
    first, second = bearer(owner), bearer(owner)

    asked = [client.post("/api/v1/applications", data="{", headers=first).status_code for _ in range(60)]

    assert set(asked) == {415}
    assert client.post("/api/v1/applications", data="{", headers=second).status_code == 429
    assert client.post("/api/v1/applications", data="{", headers=bearer(person())).status_code == 415
