"""The checks find what they are for: each kind of violation, planted in a copy of the package, breaks its sentence."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from config import ROOT
from tests.architecture.contracts import broken_contracts, contracts
from tests.architecture.promises import PROMISES

COPIED = ("urbact_calls", "workers", "templates", "static", "migrations", "config.py", "wsgi.py", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Plant:
    """A violation: `text` is added to `file`, which is made if it does not exist."""

    sentence: str
    file: str
    text: str

    @contextmanager
    def into(self, root: Path) -> Iterator[None]:
        path = root / self.file
        before = path.read_text() if path.exists() else None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{before or ''}\n{self.text}\n")
        yield
        path.unlink() if before is None else path.write_text(before)


IMPORTS = (
    Plant("The domain core is plain Python", "urbact_calls/domain/money.py", "import sqlalchemy"),
    Plant("The domain core is plain Python", "urbact_calls/domain/workflow/network.py", "import flask"),
    Plant(
        "Dossiers can be read and examined without a database",
        "urbact_calls/exchange/dossier_reader.py",
        "import celery",
    ),
    Plant(
        "The program points inwards, in the order of the story",
        "urbact_calls/applications/models.py",
        "import urbact_calls.networks.models",
    ),
    Plant(
        "The program points inwards, in the order of the story",
        "urbact_calls/web/access.py",
        "import urbact_calls.accounts.models",
    ),
    Plant(
        "Inside a feature or a noun, pages use commands and commands use tables",
        "urbact_calls/messages/models.py",
        "import urbact_calls.messages.commands",
    ),
    Plant("Commands, reads and tables do not know the web", "urbact_calls/experts/reads.py", "import flask"),
    Plant(
        "Inside the interface, classes of requests and answers stand in for forms",
        "urbact_calls/api/reads.py",
        "import urbact_calls.api.answers",
    ),
    Plant(
        "The nouns of applications stand on each other in one order",
        "urbact_calls/applications/drafts/commands.py",
        "import urbact_calls.applications.submission.models",
    ),
    Plant(
        "The nouns of calls stand on each other in one order",
        "urbact_calls/calls/publication/forms.py",
        "import urbact_calls.calls.subscriptions.models",
    ),
    Plant(
        "The nouns of eligibility stand on each other in one order",
        "urbact_calls/eligibility/reports/models.py",
        "import urbact_calls.eligibility.findings.reads",
    ),
    Plant(
        "The nouns of assessment stand on each other in one order",
        "urbact_calls/assessment/sheets/reads.py",
        "import urbact_calls.assessment.ranking.reads",
    ),
    Plant(
        "The nouns of decisions stand on each other in one order",
        "urbact_calls/decisions/meetings/reads.py",
        "import urbact_calls.decisions.outcomes.reads",
    ),
    Plant(
        "The nouns of networks stand on each other in one order",
        "urbact_calls/networks/public_texts/forms.py",
        "import urbact_calls.networks.members.forms",
    ),
    Plant("The site does not know the workers", "urbact_calls/mailer.py", "import workers.notify"),
    Plant("Layers inside the core", "urbact_calls/domain/vocabulary.py", "import urbact_calls.domain.terms"),
)
NEWCOMERS = (
    Plant("The program points inwards, in the order of the story", "urbact_calls/newcomer/__init__.py", ""),
    Plant("Layers inside the core", "urbact_calls/domain/newcomer.py", ""),
)

SILENT_ROUTE = """
from flask import Blueprint
other = Blueprint("other", __name__)
@other.route("/office/secrets")
def secrets():
    return "secret"
"""
NESTED = """
def outer(now):
    with transaction() as session:
        mark_delivered(1, SYSTEM, now)
"""
NESTED_ELSEWHERE = """
from urbact_calls.database import transaction
from urbact_calls.messages import commands
def outer(now):
    with transaction() as session:
        commands.mark_delivered(1, SYSTEM, now)
"""
PROMISED = (
    Plant("Every endpoint declares @requires or @public", "urbact_calls/messages/views/__init__.py", SILENT_ROUTE),
    Plant(
        "Every endpoint declares @requires or @public",
        "urbact_calls/messages/views/__init__.py",
        '@public\n@blueprint.route("/upside-down")\ndef upside_down():\n    return ""',
    ),
    Plant(
        "Nobody compares network types outside domain/network_types",
        "urbact_calls/calls/models.py",
        "def is_planning(call):\n    return call.type == NetworkType.APN",
    ),
    Plant(
        "Nobody compares network types outside domain/network_types",
        "urbact_calls/networks/models.py",
        'def is_planning(network):\n    return network.type in ("APN", "AN")',
    ),
    Plant(
        "Nobody compares network types outside domain/network_types",
        "urbact_calls/networks/models.py",
        'def plan(network):\n    match network.type:\n        case "APN":\n            return 1',
    ),
    Plant(
        "Nobody compares network types outside domain/network_types",
        "templates/errors/400.html",
        '{% if call.type == "APN" %}{% endif %}',
    ),
    Plant(
        "The engine of urbact_calls/workflow alone assigns the state of a life and records its events",
        "urbact_calls/eligibility/reports/models.py",
        'def declare(application):\n    application.state = "eligible"',
    ),
    Plant(
        "The engine of urbact_calls/workflow alone assigns the state of a life and records its events",
        "urbact_calls/eligibility/reports/models.py",
        'def declare(session):\n    session.execute(update(Application).values(state="eligible"))',
    ),
    Plant(
        "The engine of urbact_calls/workflow alone assigns the state of a life and records its events",
        "urbact_calls/networks/commands.py",
        'def start(network, event):\n    setattr(network, "state", "active")',
    ),
    Plant(
        "The engine of urbact_calls/workflow alone assigns the state of a life and records its events",
        "urbact_calls/experts/commands.py",
        "def found(session):\n    session.add(ExpertProfile(state=ExpertProfileState.REFUSED))",
    ),
    Plant(
        "The engine of urbact_calls/workflow alone assigns the state of a life and records its events",
        "urbact_calls/assessment/sheets/commands.py",
        "def lock(session, sheet):\n    session.add(WorkflowEvent(about=sheet.subject))",
    ),
    Plant(
        "A transition is named in its table and nowhere else",
        "urbact_calls/applications/submission/views.py",
        'def is_submitting(name):\n    return name == "submit"',
    ),
    Plant(
        "A transition is named in its table and nowhere else",
        "templates/errors/400.html",
        '{% if offer.name == "propose_eligible" %}{% endif %}',
    ),
    Plant(
        "Terms and dossiers come out of their columns as what they are",
        "urbact_calls/calls/models.py",
        "def terms_of(call):\n    return from_json(CallTerms, call.terms)",
    ),
    Plant(
        "Nobody makes a state out of one that comes from a column",
        "urbact_calls/eligibility/reports/models.py",
        "def state_of(application):\n    return ApplicationState(application.state)",
    ),
    Plant(
        "No row is read by position",
        "urbact_calls/eligibility/reports/models.py",
        "def named(session):\n    return [row[0] for row in session.execute(select(Report.id))]",
    ),
    Plant("Templates do no arithmetic", "templates/errors/400.html", "{{ loop.index0 + 1 }}"),
    *(
        Plant("A sentence of a template is one text, not fragments put together", "templates/errors/400.html", text)
        for text in (
            '{{ "Closes " ~ (call.closes_at | when) }}',
            '{{ count ~ (" drafts are" if count > 1 else " draft is") }}',
            '{{ count }} draft{{ "s" if count > 1 }}',
            '{{ count | plural("draft") }}',
        )
    ),
    *(
        Plant("A template names sentences that are declared, with their parameters", "templates/errors/400.html", text)
        for text in (
            '{{ "page.nowhere" | text }}',
            '{{ "page.closes" | text(on=call.closes_at) }}',
            '{{ 3 | counted("draft") }}',
        )
    ),
    Plant("Templates do no arithmetic", "templates/errors/400.html", "{{ part * 100 // whole }}"),
    Plant("A command does not call a command inside its transaction", "urbact_calls/messages/commands.py", NESTED),
    Plant(
        "A command does not call a command inside its transaction",
        "urbact_calls/experts/commands.py",
        NESTED_ELSEWHERE,
    ),
    Plant(
        "Tables and reads do not call commands",
        "urbact_calls/experts/reads.py",
        "from urbact_calls.messages import commands",
    ),
    Plant("No module is a bucket", "urbact_calls/web/helpers.py", ""),
    Plant(
        "Time enters with a request, a worker or a command, and travels as an argument",
        "urbact_calls/calls/models.py",
        "def is_old(call):\n    return call.closes_at < datetime.now(UTC)",
    ),
    Plant("The package does not read the environment", "urbact_calls/mailer.py", "from config import Settings"),
    Plant("The package does not read the environment", "urbact_calls/mailer.py", 'import os\nx = os.environ["X"]'),
    Plant(
        "Pages load nothing from other hosts",
        "templates/errors/404.html",
        '<script src="https://cdn.example.org/x.js"></script>',
    ),
    Plant("Pages have no inline style and no inline script", "templates/errors/404.html", '<p style="color: red">'),
    Plant("Pages have no inline style and no inline script", "templates/errors/404.html", "<script>alert(1)</script>"),
    Plant(
        "What the program says is a declared message",
        "urbact_calls/jobs.py",
        'def refuse():\n    raise Refused(Refusal("This job is done."))',
    ),
    Plant(
        "What the program says is a declared message",
        "urbact_calls/domain/eligibility/rules/schedule.py",
        'def late(days):\n    return not_met(NO_DATES(), fix=f"Take off {days} days.")',
    ),
    Plant(
        "What the program says is a declared message",
        "urbact_calls/jobs.py",
        'def refuse():\n    raise Refused(Refusal(message("job.done", "This job is done.")()))',
    ),
    Plant(
        "A message is said with the parameters that its English names",
        "urbact_calls/networks/commands.py",
        "from urbact_calls.domain.workflow.application import CLOSED\ndef refuse():\n    return CLOSED(at=1)",
    ),
    Plant("A line of a template can be read without scrolling", "templates/emails/sheet.due.txt", "word " * 33),
    Plant("A line of a template can be read without scrolling", "templates/errors/404.html", f"<p>{'x' * 160}</p>"),
    Plant(
        "No test switches off the check of forged requests",
        "tests/web/test_planted.py",
        'def test(app):\n    app.config["WTF_CSRF_ENABLED"] = False',
    ),
    Plant(
        "No test switches off the check of forged requests",
        "tests/web/test_planted.py",
        'form = KitForm(meta={"csrf": False})',
    ),
    Plant("A file fits in a sitting, a function in a glance", "urbact_calls/mailer.py", "x = 1\n" * 600),
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root / name)
    return root


def test_each_forbidden_import_breaks_the_contract_that_forbids_it(copy: Path):
    """All of them at once, because one look at all imports takes seconds; each must be named with its line."""
    with ExitStack() as planted:
        for plant in IMPORTS:
            planted.enter_context(plant.into(copy))
        _, said = broken_contracts(copy)

    # The check folds long lines; which contract an import breaks stands above it.
    found = " ".join(said.split())
    for plant in IMPORTS:
        importer, imported = plant.file.removesuffix(".py").replace("/", "."), plant.text.removeprefix("import ")
        assert f"{plant.sentence} BROKEN" in said
        assert f"{importer} -> {imported} (l." in found


@pytest.mark.parametrize("plant", NEWCOMERS, ids=lambda plant: plant.file)
def test_a_newcomer_without_a_place_breaks_the_contract(copy: Path, plant: Plant):
    with plant.into(copy):
        broken, said = broken_contracts(copy)

    assert broken == [plant.sentence], said


@pytest.mark.parametrize("plant", PROMISED, ids=lambda plant: f"{plant.sentence} ({plant.file})")
def test_a_broken_promise_is_named(copy: Path, plant: Plant):
    [promise] = [promise for promise in PROMISES if promise.sentence == plant.sentence]
    before = promise.check(copy)

    with plant.into(copy):
        after = promise.check(copy)

    assert [place for place in set(after) - set(before) if place.startswith(plant.file)] != []


def test_an_endpoint_without_a_declaration_fails_when_the_program_is_built(copy: Path, tmp_path: Path):
    """The check at run time also sees addresses that no decorator made."""
    for name in ("tests/__init__.py", "tests/architecture/__init__.py", "tests/architecture/test_endpoints.py"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    for path in [*(ROOT / "tests").glob("services_*.py"), ROOT / "tests" / "quick_folder.py"]:
        shutil.copy(path, copy / "tests" / path.name)
    shutil.copytree(ROOT / "scripts", copy / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    pytest_here = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", tmp_path / "inner"]
    silent = 'blueprint.add_url_rule("/office/secrets", "secrets", lambda: "secret")'

    with Plant("", "urbact_calls/messages/views/__init__.py", silent).into(copy):
        done = subprocess.run(
            [*pytest_here, "tests/architecture/test_endpoints.py", "-k", "declares_requires_or_public"],
            cwd=copy,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 1, done.stdout + done.stderr
    assert "messages.secrets" in done.stdout


def test_every_sentence_has_a_violation_that_proves_it():
    proved = {plant.sentence for plant in (*IMPORTS, *NEWCOMERS, *PROMISED)}

    assert {contract["name"] for contract in contracts()} | {promise.sentence for promise in PROMISES} == proved
