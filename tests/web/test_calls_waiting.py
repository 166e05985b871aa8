"""Subscribing to a call from its page, leaving with one click, and its dates as a calendar file."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests import corpus
from tests.factories.calls import open_call, upcoming_call
from tests.factories.jobs import work_off
from urbact_calls.calls.publication.reads.icalendar import CalendarEvent, calendar, escaped, folded
from urbact_calls.calls.subscriptions.models import CallSubscription
from urbact_calls.database import db, transaction

PAGE = "/calls/APN-NEXT"


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def call(session, now):
    return upcoming_call(db.session, now)


def subscription() -> CallSubscription | None:
    db.session.rollback()
    return db.session.scalars(select(CallSubscription)).one_or_none()


def test_an_address_is_confirmed_by_a_link_with_a_button(client, call, now):
    assert "Tell me when it opens" in client.get(PAGE).text
    answer = client.post(f"{PAGE}/subscriptions", data={"email": "Wanda@Example.org"})
    assert (answer.status_code, answer.location) == (302, f"{PAGE}/subscriptions/sent")
    assert "wanda@example.org" in client.get(answer.location).text
    link = f"/calls/subscriptions/{subscription().key}/confirm"

    assert client.get(link).status_code == 200
    assert subscription().confirmed_at is None
    assert client.post(link).location == PAGE

    assert subscription().confirmed_at is not None


def test_the_answer_does_not_say_who_is_on_the_list(client, call, now):
    first = client.post(f"{PAGE}/subscriptions", data={"email": "wanda@example.org"})
    client.post(f"/calls/subscriptions/{subscription().key}/confirm")
    work_off(now)

    second = client.post(f"{PAGE}/subscriptions", data={"email": "wanda@example.org"})

    assert (first.status_code, first.location, first.text) == (second.status_code, second.location, second.text)


def test_a_mail_program_leaves_with_one_click_and_no_token(app, client, call):
    client.post(f"{PAGE}/subscriptions", data={"email": "wanda@example.org"})
    link = f"/calls/subscriptions/{subscription().key}/leave"
    assert client.get(link).status_code == 200
    assert subscription() is not None

    answer = client.post_from_elsewhere(link, data={"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, subscription()) == (200, None)
    assert client.post_from_elsewhere(link).status_code == 200
    refused = client.post_from_elsewhere(f"{PAGE}/subscriptions", data={"email": "a@example.org"})
    assert refused.status_code == 400


def test_links_that_nobody_sent(client, call):
    assert client.get("/calls/subscriptions/not-a-key/confirm").status_code == 410
    assert client.post("/calls/subscriptions/not-a-key/confirm").status_code == 410
    assert client.get("/calls/subscriptions/not-a-key/leave").status_code == 200


@pytest.mark.parametrize("email", ["", "nobody", "a@b@example.org"])
def test_what_is_no_address_is_kept_and_explained(client, call, email):
    answer = client.post(f"{PAGE}/subscriptions", data={"email": email})

    assert answer.status_code == 422
    assert "Type" in answer.text
    assert f'value="{email}"' in answer.text


def test_an_open_call_has_no_list(client, session, now):
    open_call(db.session, now)

    assert "Tell me when it opens" not in client.get("/calls/APN-DEMO").text
    assert client.post("/calls/APN-DEMO/subscriptions", data={"email": "a@example.org"}).status_code == 422


def test_no_address_breaks_the_form(client, call, everything):
    bad = set()
    for entry in everything:
        status = client.post(f"{PAGE}/subscriptions", data={"email": entry}).status_code
        if status not in corpus.ALLOWED_STATUSES:
            bad.add((entry[:40], status))
    for body, content_type in corpus.RAW_BODIES:
        status = client.post(f"{PAGE}/subscriptions", data=body, content_type=content_type).status_code
        if status not in corpus.ALLOWED_STATUSES:
            bad.add((content_type, status))

    assert bad == set()
    assert db.session.scalar(select(func.count(CallSubscription.id))) < 100


def test_the_dates_of_a_call_go_into_a_calendar(client, call):
    answer = client.get(f"{PAGE}/dates.ics")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    lines = answer.data.replace(b"\r\n ", b"").decode().split("\r\n")
    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])
    assert f"DTSTART:{call.opens_at:%Y%m%dT%H%M%SZ}" in lines
    assert f"DTSTART:{call.closes_at:%Y%m%dT%H%M%SZ}" in lines
    assert "SUMMARY:Call closes: Action Planning Networks (demonstration)" in lines
    assert "UID:apn-next-opens@localhost" in lines


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:9999"])
def test_a_date_is_the_same_in_a_calendar_under_whatever_name_one_asks(client, call, host):
    asked = [client.get(f"{PAGE}/dates.ics", headers={"Host": name}) for name in ("localhost", host)]

    assert [each.status_code for each in asked] == [200, 200]
    assert asked[0].data == asked[1].data
    assert b"URL:http://localhost:8000/calls/APN-NEXT\r\n" in asked[0].data


def test_a_date_that_moves_stays_the_same_in_a_calendar(client, call):
    def uids() -> list[str]:
        return re.findall("UID:(.*)\r\n", client.get(f"{PAGE}/dates.ics").text)

    before = uids()
    with transaction() as session:
        session.merge(call).closes_at += timedelta(days=9)

    assert len(before) == len(set(before)) > 1
    assert uids() == before


def test_a_calendar_file_is_written_as_the_standard_asks():
    event = CalendarEvent(
        uid="tn-opens@example.org",
        summary="Opens; all, of it",
        starts=datetime(2027, 3, 31, 13, tzinfo=UTC),
        description="A\nB",
    )
    day = CalendarEvent(uid="tn-start@example.org", summary="Start", starts=date(2027, 12, 31))

    file = calendar((event, day), name="Łódź", stamped_at=datetime(2027, 1, 2, tzinfo=UTC) + timedelta(seconds=3))

    assert file.decode() == "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//URBACT calls and networks//Calls//EN",
            "CALSCALE:GREGORIAN",
            "X-WR-CALNAME:Łódź",
            "BEGIN:VEVENT",
            "UID:tn-opens@example.org",
            "DTSTAMP:20270102T000003Z",
            "DTSTART:20270331T130000Z",
            "SUMMARY:Opens\\; all\\, of it",
            "DESCRIPTION:A\\nB",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "UID:tn-start@example.org",
            "DTSTAMP:20270102T000003Z",
            "DTSTART;VALUE=DATE:20271231",
            "DTEND;VALUE=DATE:20280101",
            "SUMMARY:Start",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )


@pytest.mark.parametrize("text", ["x" * 300, "é" * 150, "👨‍👩‍👧‍👦" * 40, "short"])
def test_long_lines_are_folded_within_75_bytes_and_never_within_a_letter(text):
    pieces = list(folded(f"SUMMARY:{text}"))

    assert all(len(piece) <= 75 for piece in pieces)
    assert "".join([pieces[0].decode(), *(piece.decode()[1:] for piece in pieces[1:])]) == f"SUMMARY:{text}"
    assert all(piece.startswith(b" ") for piece in pieces[1:])


def test_a_backslash_is_written_before_the_others():
    assert escaped("a\\n,b") == "a\\\\n\\,b"
