"""Whatever is typed into registration and sign-in: no fault, a message beside the field, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher

from tests.corpus import ALLOWED_STATUSES, CODE, LONG, NAMES, RAW_BODIES, UNREADABLE, structures
from tests.factories.accounts import PASSWORD, at, person, sign_in
from tests.web_client import CleanClient
from urbact_calls.accounts import reads as accounts
from urbact_calls.accounts.commands import passwords
from urbact_calls.database import db
from urbact_calls.domain.entries import tidy

REGISTER = {"name": "Anna Kowalska", "email": "anna@city.example.org", "notice": "y"}
SIGN_IN = {"email": "known@example.org", "password": "this is the wrong one", "next": "/account"}
FORGOTTEN = {"email": "anna@city.example.org"}
FORMS = {"/register": REGISTER, "/sign-in": SIGN_IN, "/forgotten-password": FORGOTTEN}
FIELDS = [(path, field) for path, form in FORMS.items() for field in form]
SECRET = {"password"}
NOT_TYPED = {"notice", "next"}


@pytest.fixture(autouse=True)
def _here(session, client: CleanClient, now, monkeypatch) -> Iterator[None]:
    at(client, now)
    # These tests are about texts; hashing some thousand passwords as slowly as in life would take minutes.
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._hash_of_nobody.cache_clear()
    person(email="known@example.org")
    yield
    passwords._hash_of_nobody.cache_clear()


class Typed(HTMLParser):
    """What stands in the fields of a page, and which fields have a message."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.values: dict[str, str] = {}
        self.errors: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if tag == "input" and found.get("name"):
            is_box = found.get("type") == "checkbox"
            if not is_box or "checked" in found:
                self.values[found["name"]] = found.get("value") or ""
        if (found.get("id") or "").endswith("-error"):
            self.errors.add(found["id"].removesuffix("-error"))


@pytest.mark.parametrize(("path", "field"), FIELDS)
def test_anything_in_any_field(client, path, field, everything):
    form = FORMS[path]
    for entry in CODE + UNREADABLE + LONG if field in NOT_TYPED else everything:
        typed = {**form, field: entry}

        answer = client.post(path, data=urlencode(typed).encode(), content_type="application/x-www-form-urlencoded")

        assert answer.status_code in ALLOWED_STATUSES, (path, field, entry[:80])
        if answer.status_code == 422:
            _nothing_is_lost(answer.text, typed, field)


def _nothing_is_lost(page: str, typed: dict[str, str], field: str) -> None:
    shown = Typed(page)
    assert shown.errors, (field, typed[field][:80])
    for name, value in typed.items():
        if name in SECRET:
            assert not shown.values.get(name), "a password must not come back"
        elif name not in NOT_TYPED:
            assert shown.values[name] == tidy(value, is_line=True), (name, value[:80])


@pytest.mark.parametrize("field", ["name", "email"])
def test_what_cannot_be_read_is_refused_beside_its_field(client, field):
    for entry in UNREADABLE:
        answer = client.post("/register", data={**REGISTER, field: entry})

        assert answer.status_code == 422, ascii(entry)
        assert field in Typed(answer.text).errors, ascii(entry)


def test_the_names_of_europe_are_kept_letter_by_letter(client):
    for number, name in enumerate(NAMES):
        email = f"person{number}@city.example.org"

        assert client.post("/register", data={**REGISTER, "name": name, "email": email}).status_code == 302, name

        db.session.rollback()
        assert accounts.by_email(db.session(), email).name == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Anna@City.Example.ORG", "anna@city.example.org"),
        ("  anna@city.example.org\t", "anna@city.example.org"),
        ("anna@city\u200b.example.org\u200e", "anna@city.example.org"),
        ("anna+calls@city.example.org", "anna+calls@city.example.org"),
        ("o’brien@city.example.org", None),
        ("o'brien@city.example.org", "o'brien@city.example.org"),
        ("anna@bücher.example.org", "anna@xn--bcher-kva.example.org"),
        ("anna@пример.рф", "anna@xn--e1afmkfd.xn--p1ai"),
        ("anna@ville-st-denis.example", "anna@ville-st-denis.example"),
        ("Anna <anna@city.example.org>", None),
        ("mailto:anna@city.example.org", None),
        ("anna@city.example.org, ben@city.example.org", None),
        ("anna@city.example.org.", None),
        ("anna＠city.example.org", None),
        ("anna@city", None),
    ],
)
def test_an_address_is_kept_in_one_spelling_or_refused_with_an_example(client, typed: str, kept: str | None):
    answer = client.post("/register", data=REGISTER | {"email": typed, "password": PASSWORD})

    db.session.rollback()
    if kept is None:
        found = Typed(answer.text)
        assert (answer.status_code, found.errors, found.values["email"]) == (422, {"email"}, typed)
        assert "for example name@city.example" in answer.text
    else:
        assert answer.status_code == 302
        assert accounts.by_email(db.session(), kept) is not None


@pytest.mark.parametrize("path", FORMS)
def test_forms_of_another_shape(client, path):
    for variant in structures(FORMS[path]):
        answer = client.post(path, data=urlencode(variant).encode(), content_type="application/x-www-form-urlencoded")

        assert answer.status_code in ALLOWED_STATUSES, variant[:5]
    db.session.rollback()
    assert accounts.by_email(db.session(), "known@example.org").grants == []


@pytest.mark.parametrize("path", ["/register", "/sign-in", "/forgotten-password", "/sign-out"])
def test_bodies_that_are_no_form(client, path):
    for body, content_type in RAW_BODIES:
        answer = client.post(path, data=body, content_type=content_type)

        assert answer.status_code in ALLOWED_STATUSES, (body[:40], content_type)


def test_anything_in_the_fields_of_the_account(client, everything):
    someone = person()
    sign_in(client, someone)
    for entry in everything:
        for path, form in (
            ("/account", {"name": entry}),
            ("/account/password", {"current": entry, "password": entry}),
            ("/account/theme", {"theme": entry}),
        ):
            body = urlencode(form).encode()
            answer = client.post(path, data=body, content_type="application/x-www-form-urlencoded")

            assert answer.status_code in ALLOWED_STATUSES, (path, entry[:80])


@pytest.mark.parametrize(
    "query", ["next=%00", "next=%ff", "next=%ED%A0%80", "q=%00", "next=//x&next=/account", "x" * 5000]
)
def test_anything_in_the_query(client, query):
    assert client.get(f"/sign-in?{query}").status_code in (200, 302, 400, 414)


@pytest.mark.parametrize("name", ["Win 9 000 EUR now", "Anna see example.org", "Anna www.example.org"])
def test_a_name_that_carries_a_message_is_refused_beside_its_field(client: CleanClient, name: str):
    answer = client.post("/register", data=REGISTER | {"name": name})

    found = Typed(answer.text)
    assert (answer.status_code, found.errors, found.values["name"]) == (422, {"name"}, name)
    assert "A name holds no" in answer.text
