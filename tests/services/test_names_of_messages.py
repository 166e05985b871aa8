"""Every kind of message and of job has a name that people can read; pages show no keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from urbact_calls.jobs import JOB_KINDS
from urbact_calls.messages.models import EMAILS
from urbact_calls.messages.reads.message_register import JOBS, job_name, message_name


def test_every_kind_of_message_has_a_name(app: Flask):
    silent = [key for key, email in EMAILS.items() if not email.name]

    assert silent == [], "give the Email its name"


def test_every_kind_of_job_has_a_name_and_no_name_is_left_over(app: Flask):
    own_kinds = {kind for kind in JOB_KINDS if not kind.startswith("mail:")}

    assert set(JOBS) == own_kinds, "names of jobs stand in urbact_calls/messages/reads/message_register.py"


@pytest.mark.parametrize(
    ("kinds", "name_of"), [(EMAILS, message_name), (JOB_KINDS, job_name)], ids=["messages", "jobs"]
)
def test_names_can_be_told_apart(app: Flask, kinds: dict[str, object], name_of: Callable[[str], str]):
    assert len({name_of(kind) for kind in kinds}) == len(kinds)


def test_what_an_older_release_wrote_is_shown_by_its_key():
    assert (message_name("receipt.old"), job_name("work.old")) == ("receipt.old", "work.old")
