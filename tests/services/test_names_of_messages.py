"""Every kind of message and of job has a name that people can read; pages show no keys."""

from __future__ import annotations

import pytest
from flask import Flask

from urbact_calls.jobs import KINDS
from urbact_calls.notifications.messages import EMAILS
from urbact_calls.notifications.names import JOBS, MESSAGES, about, job_name, message_name


def test_every_kind_of_message_has_a_name_and_no_name_is_left_over(app: Flask):
    assert set(MESSAGES) == set(EMAILS)


def test_every_kind_of_job_has_a_name_and_no_name_is_left_over(app: Flask):
    assert set(JOBS) == set(KINDS)


@pytest.mark.parametrize("names", [MESSAGES, JOBS], ids=["messages", "jobs"])
def test_names_can_be_told_apart(names: dict[str, str]):
    assert len(set(names.values())) == len(names)


def test_what_an_older_release_wrote_is_shown_by_its_key():
    assert (message_name("receipt.old"), job_name("work.old")) == ("receipt.old", "work.old")


@pytest.mark.parametrize(
    ("object_ref", "words"),
    [
        (None, "nothing in particular"),
        ("APN-DEMO-017", "APN-DEMO-017"),
        ("sheet:APN-DEMO-017:4", "Sheet of APN-DEMO-017"),
        ("network:green-ports", "Network green-ports"),
        ("unknown:17", "unknown:17"),
    ],
)
def test_what_something_is_about_is_said_in_words(object_ref, words):
    assert about(object_ref) == words
