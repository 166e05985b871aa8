"""What visitors do with accounts, and what they find in their mailbox."""

from __future__ import annotations

import re
from datetime import datetime

from werkzeug.test import TestResponse

from tests.factories.accounts import PASSWORD
from tests.factories.jobs import work_off
from tests.web_client import CleanClient
from urbact_calls.accounts import reads as accounts
from urbact_calls.accounts.models import User
from urbact_calls.database import db
from urbact_calls.messages.models import Delivery


def account(email: str) -> User | None:
    db.session.rollback()
    return accounts.by_email(db.session(), email)


def messages(now: datetime) -> list[tuple[str, str]]:
    """Key and address of every message, after the workers have done all there is."""
    work_off(now)
    return [(each.email_key, each.address) for each in db.session.query(Delivery).order_by(Delivery.id)]


def link(now: datetime) -> str:
    """The path of the link in the newest message."""
    work_off(now)
    newest = db.session.query(Delivery).order_by(Delivery.id.desc()).first()
    found = re.search(r"^http://localhost:8000(/\S+)$", newest.text, re.MULTILINE)
    assert found, newest.text
    return found[1]


def register(client: CleanClient, email: str = "anna@city.example.org", **changes: str) -> TestResponse:
    return client.post("/register", data={"name": "Anna Kowalska", "email": email, "notice": "y", **changes})


def confirm(client: CleanClient, link: str, **changes: str) -> TestResponse:
    return client.post(link, data={"name": "Anna Kowalska", "password": PASSWORD, **changes})


def enter(client: CleanClient, email: str, password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def is_in(client: CleanClient) -> bool:
    return client.get("/account").status_code == 200
