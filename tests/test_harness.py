"""The harness keeps its promises: real servers, both databases, one fresh database for each test."""

from __future__ import annotations

from email.message import EmailMessage
from smtplib import SMTP
from urllib.parse import urlsplit

import psycopg
import pytest

from tests import services_postgresql
from tests.services_broker import Broker
from tests.services_mail import MailSink
from tests.services_postgresql import PostgreSQL, ServiceMissing, running_postgresql


def test_postgresql_opens_no_network_port(postgresql: PostgreSQL):
    with psycopg.connect(host=str(postgresql.folder), user="postgres", dbname="postgres") as connection:
        (addresses,) = connection.execute("SHOW listen_addresses").fetchone()

    assert addresses == ""


def test_a_machine_without_postgresql_is_told_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(services_postgresql, "INSTALLED", tmp_path)

    with pytest.raises(ServiceMissing, match=r"run \./test\.sh"), running_postgresql():
        pass


def test_a_postgresql_that_cannot_start_shows_its_log(monkeypatch):
    monkeypatch.setattr(services_postgresql, "HASTY", ("no_such_setting=1",))

    with pytest.raises(ServiceMissing, match="no_such_setting"), running_postgresql():
        pass


@pytest.mark.parametrize(("name", "product"), [("redis_server", "redis"), ("valkey_server", "valkey")])
def test_each_broker_is_the_real_product(request, name, product):
    server: Broker = request.getfixturevalue(name)

    with server.connect() as connection:
        found = connection.info("server").get("server_name", "redis")

    assert found == product


def test_a_broker_that_was_killed_can_be_started_again(valkey_server: Broker):
    valkey_server.kill()
    valkey_server.start()

    with valkey_server.connect() as connection:
        assert connection.ping()


def test_the_mail_sink_takes_messages_and_can_refuse_one(mail_sink: MailSink):
    message = EmailMessage()
    message["To"] = "somebody@example.org"
    message["From"] = "office@example.org"
    message["Subject"] = "Décision"
    message.set_content("Łódź")
    mail_sink.answers.append("451 Try again later")

    port = urlsplit(mail_sink.url).port
    with SMTP("127.0.0.1", port, timeout=5) as smtp:
        with pytest.raises(Exception, match="Try again later"):
            smtp.send_message(message)
        smtp.send_message(message)

    assert [str(arrived["Subject"]) for arrived in mail_sink.to("somebody@example.org")] == ["Décision"]
