"""`flask workflow …`: state diagrams of the workflow tables."""

from __future__ import annotations

import re
from pathlib import Path

import click
from flask.cli import AppGroup

from urbact_calls.domain.workflow.application import APPLICATION
from urbact_calls.domain.workflow.assessment import CONSENSUS_SHEET, INDIVIDUAL_SHEET
from urbact_calls.domain.workflow.expert_application import EXPERT_APPLICATION
from urbact_calls.domain.workflow.expert_profile import EXPERT_PROFILE
from urbact_calls.domain.workflow.network import NETWORK

MACHINES = {
    machine.name: machine
    for machine in (APPLICATION, INDIVIDUAL_SHEET, CONSENSUS_SHEET, NETWORK, EXPERT_APPLICATION, EXPERT_PROFILE)
}
"""Every life that is declared as a table."""

_PLACE = re.compile(r"<!-- workflow (?P<name>\w+) -->\n.*?<!-- end -->", re.DOTALL)

workflow = AppGroup("workflow", help="The lives of applications, sheets and networks.")


@workflow.command("diagram", with_appcontext=False)
@click.argument("name", type=click.Choice(list(MACHINES)), default=APPLICATION.name)
@click.option(
    "--into", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Bring this text up to date."
)
def diagram(name: str, into: Path | None) -> None:
    """Print the life NAME as a Mermaid diagram, or bring every diagram of a Markdown text up to date."""
    if into is None:
        click.echo(MACHINES[name].diagram())
    else:
        into.write_text(with_diagrams(into.read_text()))


def with_diagrams(text: str) -> str:
    """A Markdown text whose diagrams, between `<!-- workflow NAME -->` and `<!-- end -->`, are those of the tables."""
    return _PLACE.sub(lambda place: _drawn(place["name"]), text)


def _drawn(name: str) -> str:
    return f"<!-- workflow {name} -->\n```mermaid\n{MACHINES[name].diagram()}\n```\n<!-- end -->"
