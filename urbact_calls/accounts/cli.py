"""`flask --app wsgi user …`: accounts from the command line, above all the first administrator."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from urbact_calls.accounts.commands import accounts, passwords
from urbact_calls.accounts.models import PROGRAMME_ROLES
from urbact_calls.accounts.reads import address_of
from urbact_calls.database import transaction
from urbact_calls.domain.entries import UnreadableEntry, read_name
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import Role

user = AppGroup("user", help="Accounts and their roles.")


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="The name by which the person is shown.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in PROGRAMME_ROLES]),
    help="A role of the programme; may be given several times.",
)
@click.option("--country", help="Country code (ISO 3166) of a National URBACT Point.")
def create(email: str, name: str, roles: tuple[str, ...], country: str | None) -> None:
    """Opens a confirmed account. The password is asked for, or read from the first line of standard input."""
    address = address_of(email)
    if address is None:
        raise click.UsageError(f"“{email}” is not an e-mail address.")
    try:
        name = read_name(name)
    except UnreadableEntry as problem:
        raise click.UsageError(str(problem)) from problem
    password = _password()
    if problems := passwords.weaknesses(password, about=(name, address)):
        raise click.ClickException(say(problems[0].message))
    now = datetime.now(UTC)
    try:
        with transaction() as session:
            account = accounts.create_step(
                session, email=address, name=name, password_hash=passwords.hashed(password), now=now, confirmed=True
            )
            for role in roles:
                accounts.grant_step(session, account, Role(role), now, country=country)
    except Refused as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(f"Account opened: {address}{', ' if roles else ''}{', '.join(Role(role).label for role in roles)}.")


def _password() -> str:
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")
