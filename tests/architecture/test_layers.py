"""Who may import whom."""

from __future__ import annotations

from config import ROOT
from tests.architecture.contracts import broken_contracts, contracts
from tests.architecture.floor_plan import ROLE_NAMES


def test_every_import_contract_is_kept():
    broken, said = broken_contracts()

    assert broken == [], said


def test_the_contracts_inside_features_name_every_feature_and_noun():
    """A folder is a feature, or a noun of one, if it has a file or a folder of a role in it."""
    holding = {
        path.parent
        for path in (ROOT / "urbact_calls").rglob("*")
        if path.stem in ROLE_NAMES and (path.suffix == ".py" or (path / "__init__.py").exists())
    } - {ROOT / "urbact_calls"}
    folders = {folder.relative_to(ROOT).as_posix().replace("/", ".") for folder in holding}

    named = {
        container
        for contract in contracts()
        if contract["name"].startswith(("Inside", "The nouns of"))
        for container in contract["containers"]
    }

    # The toolkit and the engine have a module named like a role, but no pages of their own.
    assert folders - {"urbact_calls.web", "urbact_calls.workflow"} == named


def test_only_the_composition_root_imports_both_sides():
    both = [
        path.relative_to(ROOT).as_posix()
        for path in [*ROOT.glob("*.py"), *(ROOT / "scripts").rglob("*.py")]
        if "from urbact_calls.factory" in path.read_text() and "from workers" in path.read_text()
    ]

    assert both == ["wsgi.py"]
