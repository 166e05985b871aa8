"""Assets have names that change with their content, come compressed, and are asked for once in a year."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from pathlib import Path

import brotli
import pytest
from flask import Flask

from config import ROOT
from tests.services_databases import settings_for
from urbact_calls.factory import create_app
from urbact_calls.web import assets
from urbact_calls.web.assets import Assets, current


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A site that is asked for files only: it never opens its database."""
    folder = tmp_path_factory.mktemp("assets")
    return create_app(settings_for(f"sqlite:///{folder / 'never.sqlite'}", folder))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Assets:
    return current(ROOT / "static", tmp_path_factory.mktemp("kept"))


def address(site: Flask, name: str) -> str:
    return str(site.jinja_env.globals["asset"](name))  # type: ignore[operator]


@pytest.mark.parametrize(("coding", "read"), [("br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)])
def test_a_style_sheet_comes_as_the_browser_takes_it_and_stays_for_a_year(site: Flask, made: Assets, coding, read):
    with site.test_client().get(address(site, "styles.css"), headers={"Accept-Encoding": coding}) as answer:
        content = answer.data

    assert read(content) == (made.folder / made.names["styles.css"]).read_bytes()
    assert answer.headers["Cache-Control"] == "max-age=31536000, public, immutable"
    assert answer.headers.get("Content-Encoding", "") == coding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("name", ["styles.css", "site.js", "css/tokens.css", "../config.py", "names.json.br", ""])
def test_nothing_is_served_under_a_name_that_could_change(site: Flask, name: str):
    assert site.test_client().get(f"/static/{name}").status_code == 404


def test_every_reference_in_an_asset_leads_to_an_asset(made: Assets):
    texts = [path.read_text() for path in made.folder.iterdir() if path.suffix in (".css", ".js")]
    referred = {
        name.removeprefix("./")
        for text in texts
        for name in re.findall(r'url\("([^":]+)"\)|(?:\bfrom|\bimport\() *"(\./[^"]+)"', text)
        for name in name
        if name
    }

    assert len(referred) > 8
    assert referred <= {path.name for path in made.folder.iterdir()}
    assert all(re.search(r"\.[0-9a-f]{12}\.", name) for name in referred)


def test_a_change_of_a_script_changes_its_name_and_the_names_of_those_that_use_it(tmp_path: Path, made: Assets):
    sources = tmp_path / "static"
    shutil.copytree(ROOT / "static", sources)
    (sources / "js" / "unsaved.js").write_text("export function guardUnsaved() {}\n")

    changed = current(sources, tmp_path / "kept")

    assert {name for name in made.names if changed.names[name] != made.names[name]} == {"js/unsaved.js", "js/site.js"}


def test_what_was_made_is_found_again_and_old_sets_go(tmp_path: Path):
    sources, kept = tmp_path / "static", tmp_path / "kept"
    shutil.copytree(ROOT / "static", sources)
    current.cache_clear()
    first = current(sources, kept)
    made_at = (first.folder / "names.json").stat().st_mtime_ns

    current.cache_clear()
    again = current(sources, kept)
    for number in range(assets.LONGEST_KEPT):
        (sources / "img" / "mark.svg").write_text(f"<svg>{number}</svg>")
        current.cache_clear()
        current(sources, kept)

    assert (again.folder, made_at) == (first.folder, made_at)
    assert not first.folder.exists()
    assert len(list(kept.iterdir())) == assets.LONGEST_KEPT


def test_a_folder_that_cannot_be_written_hinders_nothing(tmp_path: Path, caplog):
    """Nobody makes a folder in /sys, not even root."""
    current.cache_clear()

    found = current(ROOT / "static", Path("/sys/assets"))

    assert json.loads((found.folder / "names.json").read_text())["styles.css"] == found.names["styles.css"]
    assert "the assets cannot be kept in /sys/assets" in caplog.text
    shutil.rmtree(found.folder)
    current.cache_clear()
