"""Every kind of message and of job has a name that people can read; pages show no keys."""

from __future__ import annotations

import pytest
from flask import Flask

from urbact_calls.jobs import JOB_KINDS
from urbact_calls.messages.models import EMAILS
from urbact_calls.messages.reads.message_register import JOBS, MESSAGES, job_name, message_name


def test_every_kind_of_message_has_a_name_and_no_name_is_left_over(app: Flask):
    assert set(MESSAGES) == set(EMAILS)


def test_every_kind_of_job_has_a_name_and_no_name_is_left_over(app: Flask):
    assert set(JOBS) == set(JOB_KINDS)


@pytest.mark.parametrize("names", [MESSAGES, JOBS], ids=["messages", "jobs"])
def test_names_can_be_told_apart(names: dict[str, str]):
    assert len(set(names.values())) == len(names)


def test_what_an_older_release_wrote_is_shown_by_its_key():
    assert (message_name("receipt.old"), job_name("work.old")) == ("receipt.old", "work.old")
