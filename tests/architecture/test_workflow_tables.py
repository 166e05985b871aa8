"""Everything that a transition names exists: words, column, jobs, messages, a place in the picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from config import ROOT
from tests.architecture.promises import LIVING
from tests.services_databases import settings_for
from urbact_calls import jobs
from urbact_calls.applications.models import Application
from urbact_calls.assessment.models import ConsensusSheet, IndividualSheet
from urbact_calls.domain.workflow.machine import Machine, Transition
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.factory import create_app
from urbact_calls.messages.models import EMAILS
from urbact_calls.networks.models import ExpertApplication, Network
from urbact_calls.workflow.cli import MACHINES, with_diagrams
from urbact_calls.workflow.lives import LIVES

TABLES = {
    "application": Application,
    "individual_sheet": IndividualSheet,
    "consensus_sheet": ConsensusSheet,
    "network": Network,
    "expert_application": ExpertApplication,
    "expert_profile": ExpertProfile,
}
"""The table that keeps each life."""

# Letters: a person waits for a decision on a right, and a second letter would raise the question which one counts.
LETTERS = {"decision.announced", "decision.conditions_met", "decision.conditions_missed", "eligibility.announced"}

STEPS = [(machine, transition) for machine in MACHINES.values() for transition in machine.transitions]
step = pytest.mark.parametrize(
    ("machine", "transition"), STEPS, ids=[f"{machine.name}.{transition.name}" for machine, transition in STEPS]
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An app that is only looked at: it never opens its database."""
    folder = tmp_path_factory.mktemp("workflow")
    return create_app(settings_for(f"sqlite:///{folder / 'never.sqlite'}", folder))


def test_every_life_is_looked_at_here_and_by_the_promise_about_engines(app: Flask):
    assert set(TABLES) == {machine.name for machine in MACHINES.values()} == {kind.value for kind in LIVES}
    assert {table.__name__ for table in TABLES.values()} == LIVING


@step
def test_a_transition_has_words_for_its_button(machine: Machine, transition: Transition):
    assert transition.label[0].isupper()
    assert not transition.label.endswith(".")
    assert transition.permission.name


@step
def test_a_transition_stamps_a_column_that_exists(machine: Machine, transition: Transition):
    if transition.stamps and machine.name in TABLES:
        assert hasattr(TABLES[machine.name], transition.stamps), (
            f"add the column {transition.stamps} to its table, and a migration"
        )


@step
def test_every_job_that_a_transition_announces_is_registered(app: Flask, machine: Machine, transition: Transition):
    assert [kind for kind in transition.announces if kind not in jobs.JOB_KINDS] == []


@step
def test_every_message_that_a_transition_announces_has_its_text(app: Flask, machine: Machine, transition: Transition):
    keys = [kind.removeprefix("mail:") for kind in transition.announces if kind.startswith("mail:")]

    assert [key for key in keys if key not in EMAILS] == []
    assert [key for key in keys if not (ROOT / "templates" / "emails" / f"{key}.txt").exists()] == [], (
        "write templates/emails/<key>.txt"
    )


def test_letters_are_sent_once_and_everything_else_may_repeat(app: Flask):
    once = {key for key, email in EMAILS.items() if email.policy == "once"}

    assert once == LETTERS, 'a letter has policy="once" and stands in LETTERS of this test; no other message does'


def test_every_text_of_a_message_belongs_to_a_message(app: Flask):
    texts = {path.stem for path in (ROOT / "templates" / "emails").glob("*.txt")}

    assert texts == set(EMAILS)


@step
def test_a_transition_is_in_the_picture(machine: Machine, transition: Transition):
    picture = machine.diagram()

    moves = [source for source in transition.sources if source != transition.target]
    assert [s for s in moves if f"    {s} --> {transition.target}: {transition.name}\n" not in picture + "\n"] == []


def test_the_picture_in_the_readme_is_the_table():
    readme = (ROOT / "README.md").read_text()

    assert "<!-- workflow application -->" in readme
    assert with_diagrams(readme) == readme, "bring it up to date: flask --app wsgi workflow diagram --into README.md"


def test_an_old_picture_is_brought_up_to_date(tmp_path: Path, app: Flask):
    text = tmp_path / "text.md"
    text.write_text("before\n<!-- workflow network -->\nold\n<!-- end -->\nafter\n")

    answer = app.test_cli_runner().invoke(args=["workflow", "diagram", "--into", str(text)])

    assert answer.exit_code == 0
    assert text.read_text().startswith("before\n<!-- workflow network -->\n```mermaid\nstateDiagram-v2\n")
    assert text.read_text().endswith("```\n<!-- end -->\nafter\n")


def test_the_command_prints_the_picture(app: Flask):
    answer = app.test_cli_runner().invoke(args=["workflow", "diagram"])

    assert answer.output == MACHINES["application"].diagram() + "\n"
