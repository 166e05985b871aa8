"""Passwords, links and the commands of accounts, without pages."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from config import Settings
from tests.factories.accounts import PASSWORD, actor_of, person
from urbact_calls.accounts import reads as accounts_reads
from urbact_calls.accounts.commands import accounts, links, passwords
from urbact_calls.accounts.models import User
from urbact_calls.accounts.reads import address_of
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.vocabulary import Role

SECRET = "a secret of these tests"


# Passwords


def test_a_password_matches_its_own_hash_only():
    stored = passwords.hashed(PASSWORD)

    assert stored.startswith("$argon2id$")
    assert passwords.matches(stored, PASSWORD)
    assert not passwords.matches(stored, PASSWORD + " ")
    assert not passwords.matches(stored, PASSWORD.upper())
    assert stored != passwords.hashed(PASSWORD), "each hash has its own salt"


def test_a_password_may_be_typed_on_another_keyboard():
    assert passwords.matches(passwords.hashed("caf\u00e9 under the bridge"), "cafe\u0301 under the bridge")


@pytest.mark.parametrize("stored", ["", "x", "$argon2id$broken", None])
def test_nothing_matches_a_hash_that_is_none(stored):
    assert not passwords.matches(stored, "")
    assert not passwords.matches(stored, "a password that belongs to nobody")


def test_an_account_that_does_not_exist_takes_as_long():
    stored = passwords.hashed(PASSWORD)
    passwords.matches(None, "first, which makes the hash of nobody")

    def took(password_hash: str | None) -> float:
        times = []
        for _ in range(5):
            begin = time.process_time()
            passwords.matches(password_hash, "this is the wrong one")
            times.append(time.process_time() - begin)
        return statistics.median(times)

    assert took(None) > took(stored) / 3


@pytest.mark.parametrize(
    "password", [PASSWORD, "Łódź Αθήνα София Żebbuġ", "correct horse battery staple", "x7$kP0q!Lm2@vR"]
)
def test_long_and_unlikely_is_all_that_is_asked(password):
    assert passwords.weaknesses(password, about=("Anna Kowalska", "anna@city.example.org")) == ()


@pytest.mark.parametrize("password", ["x" * 256, "ab" * 128, "🇪🇺" * 100, "\u0301" * 200])
def test_judging_a_long_password_is_quick(password):
    begin = time.process_time()
    passwords.weaknesses(password, about=("x" * 10_000, "y " * 5_000))

    assert time.process_time() - begin < 2


# Addresses


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Anna@City.Example.org", "anna@city.example.org"),
        ("a+tag@example.org", "a+tag@example.org"),
        ("a@BÜCHER.example.org", "a@xn--bcher-kva.example.org"),
        ("a@ex\u0430mple.org", "a@xn--exmple-4nf.org"),
        ("ä@example.org", None),
        ("a@localhost", None),
        ("A <a@example.org>", None),
        ("a@example.org\nBcc: b@example.org", None),
        ("", None),
    ],
)
def test_addresses_have_one_spelling(typed, kept):
    assert address_of(typed) == kept


# Links


def _user(**facts: object) -> User:
    return User(**{"id": 7, "epoch": 0, "password_hash": "x", "confirmed_at": None, **facts})


def test_a_link_says_whom_it_is_for_and_when_it_was_made(now):
    ticket = links.read(SECRET, "reset", links.written(SECRET, "reset", _user(), now))

    assert (ticket.user_id, ticket.made_at, ticket.purpose) == (7, now, "reset")
    assert ticket.opens(_user(), now)


@pytest.mark.parametrize(
    "change", [{"epoch": 1}, {"password_hash": "y"}, {"confirmed_at": datetime(2026, 1, 1, tzinfo=UTC)}]
)
def test_a_link_does_not_open_an_account_that_changed(now, change):
    ticket = links.read(SECRET, "reset", links.written(SECRET, "reset", _user(), now))

    assert not ticket.opens(_user(**change), now)


def test_a_link_of_another_secret_or_purpose_says_nothing(now):
    token = links.written(SECRET, "reset", _user(), now)

    assert links.read("another secret", "reset", token) is None
    assert links.read(SECRET, "confirm", token) is None
    assert links.read(SECRET, "reset", token[:-1]) is None


def test_a_link_from_the_future_is_over(now):
    ticket = links.read(SECRET, "reset", links.written(SECRET, "reset", _user(), now))

    assert ticket.is_over(now - timedelta(seconds=1))
    assert not ticket.is_over(now + timedelta(hours=1))
    assert ticket.is_over(now + timedelta(hours=1, seconds=1))


# Commands


def test_two_accounts_never_share_an_address(session, now):
    person(email="anna@example.org")

    with pytest.raises(Refused), transaction() as writing:
        accounts.create_step(writing, email="ANNA@example.org", name="Anna", password_hash="x", now=now)


def test_an_old_hash_is_renewed_at_sign_in(session, now):
    someone = person()
    someone.password_hash = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    session.commit()

    accounts.sign_in(someone.email, PASSWORD, now)

    session.rollback()
    assert not passwords.is_outdated(accounts_reads.by_email(db.session(), someone.email).password_hash)
    assert accounts.sign_in(someone.email, PASSWORD, now).id == someone.id


def test_a_role_is_given_once(session, now):
    someone = person(Role.ASSESSOR)

    accounts.grant(someone.id, Role.ASSESSOR, None, SYSTEM, now)

    session.rollback()
    assert [grant.role for grant in accounts_reads.by_id(db.session(), someone.id).grants] == ["assessor"]


@pytest.mark.parametrize("role", [Role.LEAD, Role.EDITOR, Role.VIEWER, Role.SYSTEM, Role.ANONYMOUS])
def test_a_role_in_an_application_is_not_given_to_an_account(session, now, role):
    someone = person()

    with pytest.raises(Refused):
        accounts.grant(someone.id, role, None, SYSTEM, now)


def test_the_last_administrator_stays_even_if_others_are_closed_or_waiting(session, now):
    last = person(Role.ADMINISTRATOR)
    person(Role.ADMINISTRATOR, confirmed=False)
    closed = person(Role.ADMINISTRATOR)
    accounts.disable(closed.id, actor_of(last), now)

    with pytest.raises(Refused):
        accounts.revoke(last.id, Role.ADMINISTRATOR, actor_of(last), now)
    with pytest.raises(Refused):
        accounts.disable(last.id, actor_of(last), now)


def test_somebody_who_does_not_exist_is_not_found(session, now):
    with pytest.raises(NotFound):
        accounts.disable(12345, SYSTEM, now)


def test_people_with_a_role_are_those_who_can_use_it(session, now):
    active = person(Role.ASSESSOR)
    person(Role.ASSESSOR, confirmed=False)
    accounts.disable(person(Role.ASSESSOR).id, SYSTEM, now)

    assert [user.id for user in accounts_reads.with_role(db.session(), Role.ASSESSOR)] == [active.id]


# The command line


def _create(app, *words: str, password: str = PASSWORD):
    return app.test_cli_runner().invoke(args=["user", "create", *words], input=f"{password}\n")


def test_the_first_administrator_comes_from_the_command_line(app, session, now):
    done = _create(app, "Ada@example.org", "--name", " Ada\u200b Minister", "--role", "administrator")

    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    user = accounts_reads.by_email(session(), "ada@example.org")
    assert (user.name, [grant.role for grant in user.grants]) == ("Ada Minister", ["administrator"])
    assert accounts.sign_in("ada@example.org", PASSWORD, now).id == user.id


@pytest.mark.parametrize(
    ("words", "password", "said"),
    [
        (("no-address", "--name", "Ada"), PASSWORD, "is not an e-mail address"),
        (("ada@example.org", "--name", "Ada"), "short", "5 characters"),
        (("ada@example.org", "--name", "Ada"), "", "0 characters"),
        (("ada@example.org", "--name", "Ada", "--role", "lead"), PASSWORD, "lead"),
        (("known@example.org", "--name", "Ada"), PASSWORD, "There is an account"),
        (("ada@example.org",), PASSWORD, "--name"),
        (("ada@example.org", "--name", "Аda"), PASSWORD, "“Аda” has letters of two alphabets"),
    ],
)
def test_the_command_line_refuses_in_words(app, session, words, password, said):
    person(email="known@example.org")

    done = _create(app, *words, password=password)

    assert done.exit_code != 0
    assert said in done.output
    assert "Traceback" not in done.output
    assert accounts_reads.by_email(session(), "ada@example.org") is None


def held(user: User) -> set[Role]:
    db.session.rollback()
    db.session.expire_all()
    return {grant.role for grant in accounts_reads.by_id(db.session(), user.id).grants}


def give(user: User, role: Role, by: User, now: datetime) -> bool:
    """An administrator gives a role where the setting asks for two of them."""
    return accounts.grant(user.id, role, None, actor_of(by), now, needs_two=True)


@pytest.mark.parametrize("role", [Role.PROGRAMME_OFFICER, Role.ASSESSOR, Role.COMMITTEE, Role.ADMINISTRATOR])
def test_a_role_that_decides_needs_two_administrators(session, now, role):
    first, second, somebody = person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR), person()

    answers = [give(somebody, role, first, now), give(somebody, role, first, now)]
    waiting = held(somebody)

    assert (answers, waiting) == ([False, False], set())
    assert give(somebody, role, second, now)
    assert held(somebody) == {role}
    assert accounts_reads.role_requests_of(db.session(), somebody.id) == []


@pytest.mark.parametrize("role", [Role.EXPERT, Role.AUDITOR])
def test_a_role_that_decides_nothing_needs_one_administrator(session, now, role):
    somebody = person()

    assert give(somebody, role, person(Role.ADMINISTRATOR), now)
    assert held(somebody) == {role}


def test_nobody_is_the_second_administrator_for_oneself(session, now):
    first, second = person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR)
    give(second, Role.COMMITTEE, first, now)

    with pytest.raises(Refused):
        give(second, Role.COMMITTEE, second, now)

    assert held(second) == {Role.ADMINISTRATOR}


@pytest.mark.parametrize("how", ["revoked", "closed"])
def test_whoever_is_no_administrator_any_more_does_not_count_as_the_first(session, now, how):
    first, second, third, somebody = (*(person(Role.ADMINISTRATOR) for _ in range(3)), person())
    give(somebody, Role.COMMITTEE, first, now)
    if how == "revoked":
        accounts.revoke(first.id, Role.ADMINISTRATOR, actor_of(second), now)
    else:
        accounts.disable(first.id, actor_of(second), now)

    assert not give(somebody, Role.COMMITTEE, second, now)
    assert give(somebody, Role.COMMITTEE, third, now)


def test_what_one_administrator_wanted_to_give_can_be_taken_back(session, now):
    first, second, somebody = person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR), person()
    give(somebody, Role.COMMITTEE, first, now)

    accounts.revoke(somebody.id, Role.COMMITTEE, actor_of(second), now)

    assert accounts_reads.role_requests_of(db.session(), somebody.id) == []
    assert not give(somebody, Role.COMMITTEE, second, now)


@pytest.mark.parametrize(
    ("given", "needs_two"),
    [({}, True), ({"TWO_ADMINISTRATORS": "0"}, False), ({"APP_ENV": "demo"}, False), ({"APP_ENV": "test"}, False)],
)
def test_two_administrators_are_needed_in_production_unless_the_setting_says_otherwise(given, needs_two):
    production = dict.fromkeys(("DATABASE_URL", "REDIS_URL", "PUBLIC_URL"), "https://example.org")
    production |= {"APP_ENV": "production", "SECRET_KEY": "x" * 40, "TRUSTED_HOSTS": "example.org"}
    production |= {"MAIL_URL": "smtp://example.org", "PROXIES": "1", "OFFICE_ADDRESS": "office@example.org"}

    assert Settings.from_environment(production | given).two_administrators is needs_two
