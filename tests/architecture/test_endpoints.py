"""Every address says who may open it, and every link leads somewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from tests.services_databases import settings_for
from urbact_calls.factory import create_app
from urbact_calls.web import navigation


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An app that is only looked at: it never opens its database."""
    folder = tmp_path_factory.mktemp("endpoints")
    return create_app(settings_for(f"sqlite:///{folder / 'never.sqlite'}", folder))


def test_every_endpoint_declares_requires_or_public(app: Flask):
    silent = {name for name, view in app.view_functions.items() if not hasattr(view, "access")}

    assert silent == set()


def test_every_page_about_an_application_has_a_loader_that_decides(app: Flask):
    """Who may see one application depends on what one is to it; a role alone does not say that."""
    by_role_alone = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "reference" in rule.arguments
        if not app.view_functions[rule.endpoint].access.about_an_object  # type: ignore[attr-defined]
    ]

    assert by_role_alone == []


def test_every_entry_of_the_navigation_exists(app: Flask):
    missing = [endpoint for _, endpoint, _ in navigation.ENTRIES if endpoint not in app.view_functions]

    assert missing == []


def test_every_link_of_a_template_leads_to_a_page_that_exists(app: Flask):
    missing = []
    for name in app.jinja_env.list_templates(extensions=["html", "txt"]):
        source, _, _ = app.jinja_env.loader.get_source(app.jinja_env, name)
        for call in app.jinja_env.parse(source).find_all(nodes.Call):
            named = isinstance(call.node, nodes.Name) and call.node.name in ("url_for", "url")
            if named and call.args and isinstance(call.args[0], nodes.Const):
                endpoint = call.args[0].value
                if endpoint not in app.view_functions:
                    missing.append(f"{name}:{call.lineno}: {endpoint}")

    assert missing == []


def test_in_production_no_address_shows_messages(app: Flask, tmp_path: Path):
    demonstration = {rule.rule for rule in app.url_map.iter_rules()}
    settings = settings_for(f"sqlite:///{tmp_path / 'never.sqlite'}", tmp_path)

    production = create_app(replace(settings, app_env="production"))

    only_there = demonstration - {rule.rule for rule in production.url_map.iter_rules()}
    assert only_there == {rule for rule in demonstration if rule.startswith("/mailbox/")} != set()
