"""The HTML of every page, as each role is answered, is valid: the Nu HTML Checker finds nothing in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.visited_site import asked, different, visited_site
from tests.architecture.visited_states import STATES
from tests.architecture.visits import GROUPS
from tests.services_databases import Databases
from tests.services_markup import faults_in

# Each of these is a fault of its own kind: nesting, a name used twice, a heading that is missing.
PLANTED = """<!doctype html><html lang="en"><head><title>A page</title></head><body>
<p>in <span><form action="/"><button>Go</button></form></span></p>
<h1 id="here">Once</h1><p id="here">twice</p><section><p>Nothing says what this is.</p></section></body></html>
"""


@pytest.mark.slow
def test_the_checker_finds_nothing_but_what_was_planted(databases: Databases, tmp_path: Path):
    folder = tmp_path / "pages"
    folder.mkdir()
    names: dict[str, str] = {}
    with databases.fresh("sqlite") as url, visited_site(url, tmp_path) as site:
        for group in (*GROUPS, "mailbox", "kit", *STATES):
            pages, wrong = asked(site, group)
            assert wrong == []
            for visit, html in different(site, pages):
                names[f"{len(names)}.html"] = str(visit)
                (folder / f"{len(names) - 1}.html").write_text(html)
    (folder / "planted.html").write_text(PLANTED)

    found = faults_in(folder)

    planted = found.pop("planted.html")
    assert [message.partition(": ")[0] for message in planted].count("error") >= 2
    assert any("Section lacks heading" in message for message in planted)
    faults = [f"{names.get(name, name)}: {each}" for name, messages in found.items() for each in messages]
    assert faults == [], "\n".join(faults)
