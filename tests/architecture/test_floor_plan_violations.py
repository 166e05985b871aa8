"""The checks of the floor plan find what they are for: each violation is planted in a small tree that keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.floor_plan import FEATURES, FLOORS, OF_THE_PLAN, SINGLE_MODULES
from tests.architecture.promises import Promise

PLACE, WEB, CLASSES, RE_EXPORTS, NAMES, TREE = OF_THE_PLAN

# What is right beside each violation, so that no check passes because it looks at nothing.
KEPT = {
    "calls/views/__init__.py": "from urbact_calls.calls.views import terms\n__all__ = ['terms']",
    "calls/views/terms.py": "import flask\nfrom urbact_calls.web.access import requires\nrequires(flask)",
    "calls/subscriptions/views.py": "from urbact_calls.web.access import requires\nrequires()",
    "calls/subscriptions/commands.py": "from urbact_calls.database import transaction\nclass Subscribed: ...",
    "calls/subscriptions/emails.py": "from flask import current_app\naddress = current_app.name",
    "calls/models.py": "class Call:\n    class Meta: ...",
    "experts/models.py": "class Expert:\n    class Meta: ...",
    "assessment/ranking/reads.py": "from urbact_calls.domain.ranking import Ranking\nranking = Ranking()",
    "catalogue/views/experts.py": "from urbact_calls.experts.models import Expert\nexpert = Expert()",
    "domain/ranking.py": "class Ranking: ...",
    "domain/terms.py": "class Terms: ...",
    "web/filters.py": "class Filter: ...",
}
PLANTED = [
    (PLACE, "calls/outlook.py", "x = 1", "“outlook” is no role"),
    (PLACE, "calls/subscriptions/glance.py", "x = 1", "“glance” is no role"),
    (PLACE, "calls/ranking/models.py", "x = 1", "“ranking” is no role"),
    (PLACE, "calls/views/public/front.py", "x = 1", "a folder of views has no folders"),
    (PLACE, "casework/commands.py", "x = 1", "“casework” is no floor"),
    (PLACE, "pulse.py", "x = 1", "“pulse” is no floor"),
    (
        WEB,
        "calls/subscriptions/reads.py",
        "from urbact_calls.web.filters import Filter",
        "reads import urbact_calls.web",
    ),
    (WEB, "calls/subscriptions/reads.py", "from urbact_calls import web", "reads import urbact_calls.web"),
    (WEB, "calls/commands/opening.py", "import flask", "commands import flask"),
    (WEB, "calls/commands.py", "def f():\n    from wtforms.fields import Field", "commands import wtforms"),
    (WEB, "calls/jobs.py", "from urbact_calls.web.pages import page", "jobs import urbact_calls.web"),
    (CLASSES, "calls/reads.py", "class Expert: ...", "also the name of a class in urbact_calls/experts/models.py"),
    (CLASSES, "calls/reads.py", "class A: ...\nclass A: ...", "also the name of a class in the same module"),
    (RE_EXPORTS, "calls/reads.py", "from urbact_calls.calls.models import Call", "defines nothing"),
    (
        RE_EXPORTS,
        "exchange/__init__.py",
        '"""Read."""\nfrom __future__ import annotations\nfrom config import ROOT\n__all__ = ["ROOT"]',
        "defines nothing",
    ),
    (NAMES, "exchange/filters.py", "x = 1", "filters: exchange/filters, web/filters"),
    (NAMES, "catalogue/views/filters.py", "x = 1", "filters: catalogue/views/filters, web/filters"),
    (NAMES, "web/terms.py", "x = 1", "terms: domain, web/terms"),
    (NAMES, "reference/experts.py", "x = 1", "experts: experts, reference/experts"),
    (NAMES, "domain/filters.py", "x = 1", "filters: domain, web/filters"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A package that keeps to the plan: every part of it, and the modules of `KEPT`."""
    nouns = [f"{feature}/{noun}" for feature, nouns in FEATURES.items() for noun in nouns]
    for folder in (*FEATURES, *FLOORS, *nouns):
        plant(tmp_path, f"{folder}/__init__.py", '"""A part."""')
    for name in SINGLE_MODULES:
        plant(tmp_path, f"{name}.py", "x = 1")
    for file, text in KEPT.items():
        plant(tmp_path, file, text)
    return tmp_path


def plant(root: Path, file: str, text: str) -> None:
    path = root / "urbact_calls" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


@pytest.mark.parametrize("promise", OF_THE_PLAN, ids=lambda promise: promise.sentence)
def test_a_tree_that_keeps_to_the_plan_passes(tree: Path, promise: Promise):
    assert promise.check(tree) == []


@pytest.mark.parametrize(("promise", "file", "text", "said"), PLANTED)
def test_a_violation_of_the_plan_is_named(tree: Path, promise: Promise, file: str, text: str, said: str):
    plant(tree, file, text)

    assert [place for place in promise.check(tree) if said in place] != []


def test_a_part_of_the_plan_that_is_not_there_is_named(tree: Path):
    (tree / "urbact_calls" / "paging.py").unlink()

    assert TREE.check(tree) == ["paging"]


def test_every_check_of_the_plan_has_a_violation_that_proves_it():
    assert {promise.sentence for promise, *_ in PLANTED} | {TREE.sentence} == {each.sentence for each in OF_THE_PLAN}
