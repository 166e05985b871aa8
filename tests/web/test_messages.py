"""The pages about the workers, and the mailbox of the demonstration."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from config import Settings
from tests.factories.accounts import at, person, sign_in
from tests.factories.jobs import announced, kind, row
from tests.services_broker import Broker
from tests.web_client import CleanClient, app_under_test
from urbact_calls import jobs
from urbact_calls.applications.models import StepTaken
from urbact_calls.database import db, transaction
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.vocabulary import JobState, Role
from urbact_calls.jobs import Claim, NothingSent, SilentNotifier
from urbact_calls.messages.models import Delivery, DeliveryArgs
from urbact_calls.version import version

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def officer(client: CleanClient) -> CleanClient:
    sign_in(client, person(Role.PROGRAMME_OFFICER))
    return client


def run(job_id: int, now) -> None:
    jobs.run(job_id, owner="a worker of a test", clock=lambda: now)


def message(now, *, subject: str = "Submitted: APN-DEMO-017", text: str = "A receipt.\n") -> Delivery:
    delivery = Delivery(
        event=f"mail:test:{subject}",
        email_key="application.submitted",
        address="ana@example.org",
        subject=subject,
        text=text,
        html=f"<!doctype html><title>{subject}</title><p style='color:red'>A receipt.</p><script>alert(1)</script>",
        message_id=f"<{abs(hash(subject))}@urbact-calls>",
        created_at=now,
    )
    with transaction() as session:
        session.add(delivery)
    return delivery


# Health


def test_the_process_says_that_it_lives_without_asking_the_database(settings: Settings):
    away = replace(settings, database_url="sqlite:////nonexistent/folder/urbact.sqlite")

    with app_under_test(away, SilentNotifier()) as app:
        answer = app.test_client().get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "alive"})


def test_the_site_is_ready_when_database_tables_and_broker_are(settings: Settings, valkey_server: Broker):
    with app_under_test(replace(settings, redis_url=valkey_server.url), SilentNotifier()) as app:
        answer = app.test_client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json == {
        "status": "ready",
        "database": "ok",
        "migrations": "ok",
        "broker": "ok",
        "jobs": "ok",
        "oldest_due_seconds": 0,
    }


def test_without_a_broker_the_site_keeps_its_visitors_and_says_so_at_once(client: CleanClient):
    def took() -> float:
        began = time.monotonic()
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json["status"], answer.json["broker"]) == (200, "ready", "away")
        return time.monotonic() - began

    # Three tries: a wait for the broker is there each time, the work of other tests is not.
    assert min(took() for _ in range(3)) < 2


@pytest.mark.parametrize("url", ["sqlite:////nonexistent/folder/x", "postgresql+psycopg://who@/x?host=/nonexistent"])
def test_without_a_database_the_site_is_not_ready_and_tells_nothing_else(
    settings: Settings, valkey_server: Broker, url
):
    away = replace(settings, database_url=url, redis_url=valkey_server.url)

    with app_under_test(away, SilentNotifier()) as app:
        answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.json["database"]) == (503, "away")
    assert "nonexistent" not in answer.text


def test_tables_of_another_version_make_the_site_not_ready(session, settings: Settings, valkey_server: Broker):
    session.execute(db.text("UPDATE alembic_version SET version_num = 'other'"))
    session.commit()

    with app_under_test(replace(settings, redis_url=valkey_server.url), SilentNotifier()) as app:
        answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.json["migrations"]) == (503, "not at head")


def test_work_that_waits_too_long_is_said(monkeypatch, client: CleanClient, now):
    announced(kind(monkeypatch, "test.work"), now - timedelta(minutes=11))

    at(client, now)
    answer = client.get("/readyz")

    assert (answer.json["jobs"], answer.json["oldest_due_seconds"]) == ("late", 660)


# Jobs


def test_those_who_look_after_the_workers_read_which_version_this_is(officer: CleanClient):
    page = officer.get("/office/jobs/").text

    assert f"Version {version()} of the program; the tables are those of migration " in page


def test_the_page_counts_jobs_and_lists_them_newest_first(monkeypatch, officer: CleanClient, now):
    announced(kind(monkeypatch, "test.old"), now, key="old", subject=Subject(SubjectKind.DELIVERY, 101))
    announced(kind(monkeypatch, "test.new"), now, key="new", subject=Subject(SubjectKind.DELIVERY, 102))

    page = officer.get("/office/jobs/").text

    assert page.index("Delivery 102") < page.index("Delivery 101")
    assert "<b>2</b> ready" in page


def test_the_list_goes_on_by_key(monkeypatch, officer: CleanClient, now):
    name = kind(monkeypatch, "test.work")
    for number in range(53):
        announced(name, now, key=f"job {number}", subject=Subject(SubjectKind.DELIVERY, 100 + number))

    first = officer.get("/office/jobs/")
    second = officer.get("/office/jobs/?after=4")

    assert first.text.count(">Delivery ") == 50
    assert "after=4&" in first.text or 'after=4"' in first.text
    assert second.text.count(">Delivery ") == 3


@pytest.mark.parametrize("query", ["state=nonsense", "after=x", "after=-1", "after=99999999999999999999", "after=٣"])
def test_a_strange_question_gets_the_list(officer: CleanClient, query):
    assert officer.get(f"/office/jobs/?{query}").status_code == 200


def test_the_list_costs_the_same_number_of_queries_for_one_and_for_many(monkeypatch, officer: CleanClient, now):
    name = kind(monkeypatch, "test.work")

    announced(name, now, key="one")
    for_one = queries_of(lambda: officer.get("/office/jobs/"))
    announced(name, now, key="two")
    announced(name, now, key="three")
    for_three = queries_of(lambda: officer.get("/office/jobs/"))

    assert for_one == for_three


def queries_of(act) -> int:
    asked: list[str] = []

    def remember(connection, cursor, statement, *rest):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", remember)
    act()
    event.remove(db.engine, "before_cursor_execute", remember)
    return len(asked)


def test_a_dead_job_is_tried_again_from_its_page(monkeypatch, officer: CleanClient, now):
    def work(claim: Claim):
        raise NothingSent("SMTP 550", for_good=True)

    job_id = announced(kind(monkeypatch, "test.work", work), now)
    run(job_id, now)

    page = officer.get(f"/office/jobs/{job_id}").text
    answer = officer.post(f"/office/jobs/{job_id}/retry")

    assert "SMTP 550" in page
    assert (answer.status_code, answer.location) == (302, f"/office/jobs/{job_id}")
    assert row(job_id).state == JobState.READY


def test_a_job_is_cancelled_after_a_question(monkeypatch, officer: CleanClient, now):
    job_id = announced(kind(monkeypatch, "test.work"), now)

    question = officer.get(f"/office/jobs/{job_id}/cancel")
    asked = row(job_id).state
    officer.post(f"/office/jobs/{job_id}/cancel")

    assert (question.status_code, asked, row(job_id).state) == (200, JobState.READY, JobState.CANCELLED)


def test_what_cannot_be_done_is_refused_in_words(monkeypatch, officer: CleanClient, now):
    job_id = announced(kind(monkeypatch, "test.work"), now)
    run(job_id, now)

    answers = [officer.post(f"/office/jobs/{job_id}/{act}") for act in ("retry", "cancel", "delivered")]

    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert "dead or uncertain can be cancelled" in answers[1].text


@pytest.mark.parametrize("number", ["404", "2147483647", "2147483648", "99999999999999999999999999"])
def test_a_job_that_does_not_exist_is_not_found(officer: CleanClient, number):
    assert officer.get(f"/office/jobs/{number}").status_code == 404


def letter_nobody_knows_about(monkeypatch, now) -> tuple[int, int]:
    """A letter whose connection broke after it was handed over; the ids of job and delivery."""

    def work(claim: Claim):
        jobs.about_to_send(claim)
        raise jobs.Uncertain("the connection broke")

    delivery = message(now, subject="Decision: APN-DEMO-017")
    name = kind(monkeypatch, "test.letter", work, args=DeliveryArgs, policy="once")
    job_id = announced(name, now, args=DeliveryArgs(delivery=delivery.id), subject=Subject(SubjectKind.DELIVERY, 17))
    run(job_id, now)
    return job_id, delivery.id


def test_a_letter_nobody_knows_about_can_be_marked_as_delivered(monkeypatch, officer: CleanClient, session, now):
    job_id, delivery_id = letter_nobody_knows_about(monkeypatch, now)

    page = officer.get("/office/jobs/").text
    officer.post(f"/office/jobs/{job_id}/delivered")

    assert "Was it delivered?" in page
    assert "ana@example.org" in page
    assert row(job_id).state == JobState.DONE
    assert session.get(Delivery, delivery_id).sent_at is not None


def test_a_letter_nobody_knows_about_can_be_sent_again(monkeypatch, officer: CleanClient, now):
    job_id, _ = letter_nobody_knows_about(monkeypatch, now)

    officer.post(f"/office/jobs/{job_id}/retry")

    assert row(job_id).state == JobState.READY


def test_the_pages_about_jobs_do_not_show_what_messages_say(monkeypatch, client: CleanClient, now):
    """An administrator keeps the program running and has no right to contents: an outcome is in the subject."""
    sign_in(client, person(Role.ADMINISTRATOR))
    job_id, _ = letter_nobody_knows_about(monkeypatch, now)

    assert "Decision:" not in client.get("/office/jobs/").text + client.get(f"/office/jobs/{job_id}").text


def test_a_job_is_called_by_its_name_and_the_key_stands_on_its_page_only(officer: CleanClient, now):
    args = StepTaken(reference="APN-DEMO-001", event=1, submission=1)
    job_id = announced("mail:application.submitted", now, key="mail:application.submitted:APN-DEMO-001:1", args=args)

    pages = officer.get("/office/jobs/").text, officer.get(f"/office/jobs/{job_id}").text

    assert ["Write: Receipt of an application" in page for page in pages] == [True, True]
    assert ["mail:application.submitted" in page for page in pages] == [False, True]


# Mailbox


def test_every_message_can_be_read_in_the_demonstration(client: CleanClient, now):
    delivery = message(now, text="Confirm your address:\nhttp://localhost:8000/confirm/abc\n")

    listed = client.get("/mailbox/").text
    page = client.get(f"/mailbox/{delivery.id}")

    assert "Submitted: APN-DEMO-017" in listed
    assert 'href="http://localhost:8000/confirm/abc"' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]


def test_the_html_of_a_message_stands_alone_and_can_do_nothing(client: CleanClient, now):
    delivery = message(now)

    answer = client.get(f"/mailbox/{delivery.id}/html")

    policy = answer.headers["Content-Security-Policy"]
    assert answer.text == delivery.html
    assert answer.content_type == "text/html; charset=utf-8"
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert policy.startswith("default-src 'none'")


def test_in_production_there_is_no_mailbox(settings: Settings, tmp_path: Path):
    production = replace(settings, app_env="production", trusted_hosts=("localhost",))

    with app_under_test(production, SilentNotifier()) as app:
        endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
        answers = [app.test_client().get(path).status_code for path in ("/mailbox/", "/mailbox/1", "/mailbox/1/html")]

    assert answers == [404, 404, 404]
    assert endpoints & {"messages.mailbox", "messages.message", "messages.message_html"} == set()
