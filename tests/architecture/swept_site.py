"""A site with objects of every feature, and how each role is known to it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from http.cookies import SimpleCookie
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.architecture import sweep_world
from tests.architecture.access_matrix import ROLES
from tests.architecture.sweep_world import Variant, World
from tests.factories.accounts import sign_in
from tests.factories.api import token_of
from tests.services_databases import settings_for
from tests.web_client import CleanClient, app_under_test
from urbact_calls.database import Base, db
from urbact_calls.jobs import SilentNotifier

# An attempt that was refused is kept on purpose, and when a token was last used.
KEPT_ON_A_REFUSAL = ("refused_attempt", "api_token")


@dataclass(frozen=True, slots=True)
class Address:
    """One address with one method."""

    method: str
    rule: Rule

    @property
    def name(self) -> str:
        """As the matrix writes it, without the converters: `GET /applications/<reference>/`."""
        plain = re.sub(r"<[^<>]*?(\w+)>", r"<\1>", self.rule.rule)
        return f"{self.method} {plain}"

    @property
    def is_api(self) -> bool:
        return self.rule.rule.startswith("/api/")


def addresses(app: Flask) -> list[Address]:
    """Every address with every method."""
    return [
        Address(method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


@dataclass
class SweptSite:
    """The app, its world, the cookie of each role, and its token for the interface, which a visitor has not."""

    app: Flask
    world: World
    cookies: dict[str, str]
    tokens: dict[str, str]

    def ask(self, role: str, address: Address, variant: Variant) -> TestResponse:
        client = self.app.test_client(use_cookies=False)
        headers = self.identity(role, is_api=address.is_api)
        return client.open(self.path(address, variant), method=address.method, headers=headers, buffered=True)

    def path(self, address: Address, variant: Variant) -> str:
        """The address with the values of the world in it."""
        arguments = self.world.arguments(address.rule.endpoint, set(address.rule.arguments), variant)
        return self.app.url_map.bind("localhost").build(address.rule.endpoint, arguments)

    def identity(self, role: str, *, is_api: bool) -> dict[str, str]:
        """How a person is known: by a token to the interface for programs, by a cookie on the pages."""
        if not is_api:
            return {"Cookie": self.cookies[role]} if role in self.cookies else {}
        return {"Authorization": f"Bearer {self.tokens[role]}"} if role in self.tokens else {}


@contextlib.contextmanager
def swept_site(database_url: str, folder: Path, now: datetime = sweep_world.NOW) -> Iterator[SweptSite]:
    """Settings as in production: the mailbox and the patterns of the demonstration are not there.

    The calls of the world opened at `now` and closed a month later.
    """
    settings = replace(settings_for(database_url, folder), app_env="production", trusted_hosts=("localhost",))
    with app_under_test(settings, SilentNotifier()) as app:
        with app.app_context():
            world = sweep_world.build(now)
            cookies = {role: cookie_of(app, role, world) for role in ROLES}
            tokens = {role: token_of(world.people[role]) for role in ROLES if role != "anonymous"}
            db.session.remove()
        yield SweptSite(app, world, cookies, tokens)


def cookie_of(app: Flask, role: str, world: World) -> str:
    """The cookie that the person of a role has, once signed in, after the first page; a visitor of the first page."""
    client = app.test_client()
    assert isinstance(client, CleanClient)
    if role != "anonymous":
        sign_in(client, world.people[role])
    client.token()
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    jar = SimpleCookie({cookie.key: cookie.value})
    return jar.output(header="", sep="; ").strip()


def contents(app: Flask) -> dict[str, list[str]]:
    """Every row by table, but what a refusal may write."""
    with app.app_context():
        found = {
            table.name: [str(row) for row in db.session.execute(select(table).order_by(*table.primary_key.columns))]
            for table in Base.metadata.sorted_tables
            if table.name not in KEPT_ON_A_REFUSAL
        }
        db.session.remove()
        return found
