"""`flask token`: the tokens with which programs act for a person."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from urbact_calls.api.commands import create_token, revoke_token
from urbact_calls.api.models import ApiToken
from urbact_calls.api.reads import all_tokens
from urbact_calls.database import db
from urbact_calls.domain.refusal import NotFound, Refused

token = AppGroup("token", help="Tokens with which programs act for a person.")


@token.command()
@click.argument("email")
def create(email: str) -> None:
    """Make a token with the rights of the account EMAIL, for 90 days, and print it. It is not shown again."""
    try:
        made = create_token(email, datetime.now(UTC))
    except Refused as problem:
        raise click.ClickException(str(problem)) from problem
    # Only the token on standard output, so that a script can take it.
    click.echo(f"Token {made.number}, until {made.expires_at:%Y-%m-%d %H:%M} UTC. It is not shown again:", err=True)
    click.echo(made.text)


@token.command("list")
def list_tokens() -> None:
    """List all tokens: number, owner, state, when it ends and when it was last used."""
    now = datetime.now(UTC)
    for each in all_tokens(db.session()):
        used = f"{each.last_used_at:%Y-%m-%d %H} h UTC" if each.last_used_at else "never"
        click.echo(f"{each.id}  {each.user.email}  {_state(each, now)}  last used {used}")


@token.command()
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """End the token NUMBER at once; `token list` shows the numbers."""
    try:
        revoke_token(number, datetime.now(UTC))
    except NotFound as problem:
        raise click.ClickException(f"There is no token {number}.") from problem
    click.echo(f"Token {number} is revoked.")


def _state(each: ApiToken, now: datetime) -> str:
    if each.revoked_at is not None:
        return f"revoked {each.revoked_at:%Y-%m-%d}"
    if now >= each.expires_at:
        return f"expired {each.expires_at:%Y-%m-%d}"
    return f"until {each.expires_at:%Y-%m-%d}" if each.is_in_force(now) else "its account is closed"
