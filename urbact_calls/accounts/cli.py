"""`flask --app wsgi user …` and `token …`: accounts from the command line, above all the first administrator."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from urbact_calls.accounts.commands import accounts, passwords, tokens
from urbact_calls.accounts.models import ApiToken
from urbact_calls.accounts.reads import address_of, all_tokens
from urbact_calls.database import db, transaction
from urbact_calls.domain.entries import UnreadableEntry, read_name
from urbact_calls.domain.permissions import PROGRAMME_ROLES
from urbact_calls.domain.refusal import NotFound, Refused
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


token = AppGroup("token", help="Tokens with which programs act for a person.")


@token.command("create")
@click.argument("email")
@click.option("--name", help="What the token is for; its owner sees it on the account page.")
def make(email: str, name: str | None) -> None:
    """Make a token with the rights of the account EMAIL, for 90 days, and print it. It is not shown again."""
    now = datetime.now(UTC)
    try:
        made = tokens.create_token(email, name or f"Command line, {now:%Y-%m-%d %H:%M:%S} UTC", now)
    except Refused as problem:
        raise click.ClickException(str(problem)) from problem
    # Only the token on standard output, so that a script can take it.
    click.echo(f"Token {made.number}, until {made.expires_at:%Y-%m-%d %H:%M} UTC. It is not shown again:", err=True)
    click.echo(made.text)


@token.command("list")
def list_tokens() -> None:
    """List all tokens: number, owner, name, state, when it ends and when it was last used."""
    now = datetime.now(UTC)
    for each in all_tokens(db.session()):
        used = f"{each.last_used_at:%Y-%m-%d %H} h UTC" if each.last_used_at else "never"
        click.echo(f"{each.id}  {each.user.email}  {each.label}  {_state(each, now)}  last used {used}")


@token.command()
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """End the token NUMBER at once; `token list` shows the numbers."""
    try:
        tokens.revoke_token(number, datetime.now(UTC))
    except NotFound as problem:
        raise click.ClickException(f"There is no token {number}.") from problem
    click.echo(f"Token {number} is revoked.")


def _state(each: ApiToken, now: datetime) -> str:
    if each.revoked_at is not None:
        return f"revoked {each.revoked_at:%Y-%m-%d}"
    if now >= each.expires_at:
        return f"expired {each.expires_at:%Y-%m-%d}"
    return f"until {each.expires_at:%Y-%m-%d}" if each.is_in_force(now) else "its account is closed"
