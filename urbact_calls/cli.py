"""The commands of the program: `flask --app wsgi GROUP COMMAND`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from urbact_calls import demonstration
from urbact_calls.accounts.cli import token, user
from urbact_calls.demonstration import people
from urbact_calls.domain.refusal import Refused
from urbact_calls.exchange.examination import examine_text, printed
from urbact_calls.exchange.strict_json import ExchangeFault, one_line
from urbact_calls.networks import commands as networks
from urbact_calls.workflow.cli import workflow

dossier = AppGroup("dossier", help="Dossiers in the exchange format urbact-dossier/1.")


# Without an application context: registers and terms come with the package, so no database is opened.
@dossier.command("examine", with_appcontext=False)
@click.argument("file")
def examine_dossiers(file: str) -> None:
    """Examine FILE, one dossier or a list of them, and print the answers as one JSON array.

    With a fault in the file nothing is printed but one line on standard error; the exit status is then 2.
    """
    try:
        answers = examine_text(_text_of(file))
    except ExchangeFault as fault:
        click.echo(f"{one_line(file)}: {fault}", err=True)
        sys.exit(2)
    # Bytes, because the encoding of standard output depends on the machine and JSON is UTF-8.
    sys.stdout.buffer.write(printed(answers))


def _text_of(file: str) -> str:
    try:
        return Path(file).read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ExchangeFault(f"cannot be read ({reason})", "the file") from error


reference = AppGroup("reference", help="What is known of past calls, networks and cities.")


@reference.command("load")
def load_reference() -> None:
    """Bring the package's reference data into the database; loading again changes only what differs."""
    for count in networks.load_everything(datetime.now(UTC), lambda step: click.echo(f"Reference data, {step} …")):
        click.echo(f"Reference data, {count}")


demo = AppGroup("demo", help="The demonstration: made-up people and cities, an open call.")


@demo.command("load")
def load_demonstration() -> None:
    """Make what is missing of the demonstration; only with APP_ENV=demo."""
    _refuse_outside_the_demonstration()
    for sentence in demonstration.load(datetime.now(UTC)):
        click.echo(f"Demonstration: {sentence}")


@demo.command("play")
def play_demonstration() -> None:
    """Play what is missing of three closed calls with 84 applications: some minutes; only with APP_ENV=demo."""
    _refuse_outside_the_demonstration()
    # Not at the top: only a demonstration knows the play and its jobs.
    from urbact_calls.demonstration.play import acts

    for sentence in demonstration.load(datetime.now(UTC)):
        click.echo(f"Demonstration: {sentence}")
    for number, act in enumerate(acts(), 1):
        click.echo(f"{number} of {len(acts())}: {act.name}")
        act.do()


@demo.command("accounts")
def print_accounts() -> None:
    """Print the accounts of the demonstration and their password; only with APP_ENV=demo."""
    _refuse_outside_the_demonstration()
    for person in people.PEOPLE:
        click.echo(str(person))
    click.echo(f"Password of all of them: {people.PASSWORD}")


def _refuse_outside_the_demonstration() -> None:
    try:
        demonstration.refuse_outside(current_app.extensions["settings"].app_env)
    except Refused as problem:
        raise click.ClickException(str(problem)) from problem


GROUPS: list[AppGroup] = [reference, demo, user, token, dossier, workflow]


def register_cli(app: Flask) -> None:
    """Gives the site its commands."""
    for group in GROUPS:
        app.cli.add_command(group)
