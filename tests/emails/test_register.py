"""The table of messages: every one of the programme's list is there, says who, when and how often, and is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import Flask

from config import ROOT
from urbact_calls.factory import create_app
from urbact_calls.messages.models import EMAILS
from urbact_calls.messages.reads import message_register

WANTED = (
    "account.confirm",
    "account.reset",
    "partner.invited",
    "application.submitted",
    "application.reopened",
    "call.closing_soon",
    "clarification.asked",
    "clarification.answered",
    "clarification.lapsed",
    "allocation.made",
    "sheet.due",
    "eligibility.announced",
    "decision.announced",
    "expert.validated",
    "expert.appointed",
    "expert.declined",
    "network.active",
)
PAGE = ROOT / "docs" / "messages.md"
HEAD = """# Messages

Every message that the program sends. Each feature registers its own in its `emails.py`; this table is made from that
(`WRITE_EMAILS=1 ./test.sh tests/emails` brings it up to date), and officers see it at `/office/messages/`.
What became of each message stands in the log at `/office/deliveries/`.

"""


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Flask:
    from tests.services_databases import settings_for

    folder: Path = tmp_path_factory.mktemp("register")
    return create_app(settings_for(f"sqlite:///{folder / 'never.sqlite'}", folder))


@pytest.mark.parametrize("key", WANTED)
def test_a_message_of_the_list_is_registered_and_written(app: Flask, key: str):
    assert key in EMAILS
    assert (ROOT / "templates" / "emails" / f"{key}.txt").exists()
    # The golden texts are what the stories send, so this says that a story does.
    assert (ROOT / "tests" / "emails" / f"{key}.txt").exists()


def test_every_message_says_to_whom_when_and_how_often(app: Flask):
    silent = [each.key for each in message_register.entries() if not (each.recipients and each.moment and each.limit)]

    assert silent == []


def test_only_reminders_and_the_digest_can_be_switched_off(app: Flask):
    switched = [email.key for email in message_register.mutable()]
    assert switched == ["application.changed", "call.closing_soon", "sheet.due"]


def test_the_page_of_the_documentation_is_the_table_of_the_program(app: Flask):
    if os.environ.get("WRITE_EMAILS"):
        PAGE.write_text(HEAD + markdown())

    assert PAGE.read_text() == HEAD + markdown(), "WRITE_EMAILS=1 ./test.sh tests/emails writes it"


def markdown() -> str:
    """The table for `docs/messages.md`."""
    head = (
        "| Key | To | When | At most | Can it be switched off? | If sending breaks off |\n|---|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| `{each.key}` | {each.recipients} | {each.moment} | {each.limit} | {each.choice} | {each.if_uncertain} |\n"
        for each in message_register.entries()
    )
