"""Who may import whom."""

from __future__ import annotations

from config import ROOT
from tests.architecture.contracts import broken_contracts, contracts

FEATURE_FILES = ("views", "forms", "services", "operations", "queries", "models", "emails", "jobs")


def test_every_import_contract_is_kept():
    broken, said = broken_contracts()

    assert broken == [], said


def test_the_contract_inside_features_names_every_feature():
    """A folder is a feature if it has one of the eight files; `web` is the toolkit of all of them."""
    folders = {
        f"urbact_calls.{folder.name}"
        for folder in (ROOT / "urbact_calls").iterdir()
        if folder.name != "web"
        for name in FEATURE_FILES
        if (folder / f"{name}.py").exists() or (folder / name / "__init__.py").exists()
    }

    [inside] = [contract for contract in contracts() if contract["name"].startswith("Inside a feature")]

    assert folders - set(inside["containers"]) == set()
    assert [name for name in inside["containers"] if not (ROOT / name.replace(".", "/")).is_dir()] == []


def test_only_the_composition_root_imports_both_sides():
    both = [
        path.relative_to(ROOT).as_posix()
        for path in [*ROOT.glob("*.py"), *(ROOT / "scripts").rglob("*.py")]
        if "from urbact_calls.factory" in path.read_text() and "from workers" in path.read_text()
    ]

    assert both == ["wsgi.py"]
