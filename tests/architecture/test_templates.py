"""Every template compiles, finds what it includes, and fails aloud on a word that nobody gave it."""

from __future__ import annotations

import pytest
from flask import Flask
from jinja2 import StrictUndefined, nodes

from config import ROOT
from tests.services_databases import settings_for
from urbact_calls.factory import create_app

TEMPLATES = sorted(
    path.relative_to(ROOT / "templates").as_posix()
    for path in (ROOT / "templates").rglob("*")
    if path.suffix in (".html", ".txt")
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An app that is only looked at: it never opens its database."""
    folder = tmp_path_factory.mktemp("templates")
    return create_app(settings_for(f"sqlite:///{folder / 'never.sqlite'}", folder))


def parsed(app: Flask, name: str) -> nodes.Template:
    source, _, _ = app.jinja_env.loader.get_source(app.jinja_env, name)  # type: ignore[union-attr]
    return app.jinja_env.parse(source)


def test_a_word_that_nobody_gave_is_a_fault(app: Flask):
    assert app.jinja_env.undefined is StrictUndefined


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles(app: Flask, name: str):
    """Also finds filters and tests that do not exist."""
    assert app.jinja_env.get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_finds_what_it_extends_and_the_macros_it_imports(app: Flask, name: str):
    missing = []
    for node in parsed(app, name).find_all((nodes.Extends, nodes.Include, nodes.FromImport, nodes.Import)):
        other = node.template.value if isinstance(node.template, nodes.Const) else None  # type: ignore[attr-defined]
        if other is None:
            continue
        if other not in TEMPLATES:
            missing.append(other)
        elif isinstance(node, nodes.FromImport):
            tree = parsed(app, other)
            given = {macro.name for macro in tree.find_all(nodes.Macro)}
            given |= {target.name for assign in tree.find_all(nodes.Assign) for target in assign.find_all(nodes.Name)}
            wanted = {word if isinstance(word, str) else word[0] for word in node.names}
            missing += [f"{other}: {word}" for word in sorted(wanted - given)]

    assert missing == []


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith(".html")])
def test_a_page_has_one_layout_of_its_audience(app: Flask, name: str):
    """Parts of pages and messages have none."""
    extended = [node.template.value for node in parsed(app, name).find_all(nodes.Extends)]  # type: ignore[attr-defined]

    assert [layout for layout in extended if "layout" not in layout] == []


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith(".html")])
def test_no_page_keeps_its_reader_from_enlarging_it(app: Flask, name: str):
    source, _, _ = app.jinja_env.loader.get_source(app.jinja_env, name)  # type: ignore[union-attr]

    assert [line for line in source.splitlines() if "maximum-scale" in line or "user-scalable" in line] == []
