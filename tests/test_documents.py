"""What the guides say exists: links, headings, files, commands with their options, addresses, settings, figures."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask
from PIL import Image
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from config import ROOT
from tests.services_databases import settings_for
from urbact_calls.api.openapi import ROOT as API
from urbact_calls.factory import create_app

PICTURES = ROOT / "docs" / "pictures"
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MOST_BYTES_OF_PICTURES = 1_500_000
TOP_FOLDERS = ("urbact_calls", "workers", "templates", "static", "migrations", "tests", "scripts", "docs")

LINK = re.compile(r"""\[[^\]]*\]\(([^)\s]+)\)|<img src="([^"]+)\"""")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
FILE = re.compile(rf"(?:{'|'.join(TOP_FOLDERS)})/[\w./-]*")
ADDRESS = re.compile(r"(?:(?:GET|POST) )?(/[\w{}./-]*)")
ASSIGNMENT = re.compile(r"\b([A-Z][A-Z_]{2,})=")
SETTING = re.compile(r'values\.get\("([A-Z_]+)"')


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An app that is only looked at: it never opens its database."""
    folder = tmp_path_factory.mktemp("documents")
    return create_app(settings_for(f"sqlite:///{folder / 'never.sqlite'}", folder))


def faults(text: str, guide: Path, app: Flask) -> list[str]:
    """Everything that the text of a guide names and that does not exist."""
    prose = FENCE.sub("", text)
    spans = SPAN.findall(prose)
    commands = [*spans, *_shell_lines(text)]
    return [
        *(fault for target in _links(prose) for fault in _bad_link(target, guide)),
        *(f"no file {name}" for span in spans for name in FILE.findall(span) if _is_missing(name, span)),
        *(fault for line in commands for fault in _bad_command(line, app)),
        *(f"no address {span}" for span in spans if _is_no_address(span, guide, app)),
        *(f"nothing reads {name}" for line in commands for name in ASSIGNMENT.findall(line) if not _is_read(name)),
        *(f"no figure {span}" for span in spans if span.startswith("urbact_") and _is_no_figure(span)),
    ]


def _links(text: str) -> list[str]:
    """Where links and pictures lead; a picture of a given width is written as HTML."""
    return [link or picture for link, picture in LINK.findall(text)]


def _shell_lines(text: str) -> Iterator[str]:
    for language, block in FENCE.findall(text):
        if language in ("sh", ""):
            yield from block.replace("\\\n", " ").splitlines()


def _bad_link(target: str, guide: Path) -> Iterator[str]:
    if re.match(r"[a-z]+:", target):
        yield f"{target} leads out of the project"
        return
    name, _, heading = target.partition("#")
    file = (guide.parent / name).resolve() if name else guide
    if not file.exists():
        yield f"no file {target}"
    elif heading and heading not in headings(file.read_text()):
        yield f"no heading {target}"


def headings(text: str) -> set[str]:
    """The anchors of a Markdown text, as code hosts make them: small letters, hyphens, nothing else."""
    found = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


def _is_missing(name: str, span: str) -> bool:
    # `tests/emails/<key>.txt` stands for many.
    return f"{name}<" not in span and not (ROOT / name).exists()


def _bad_command(line: str, app: Flask) -> Iterator[str]:
    for script in re.findall(r"(?:^|\s)\./([\w-]+\.sh)", line):
        if not os.access(ROOT / script, os.X_OK):
            yield f"no command ./{script}"
    for program in re.findall(r"\.venv/bin/([\w-]+)", line):
        if not (Path(sys.prefix) / "bin" / program).exists():
            yield f"no program {program}"
    for module in re.findall(r"python -m ([\w.]+)", line):
        if not _is_module(module):
            yield f"no module {module}"
    if "flask --app wsgi " in line:
        yield from _bad_flask_command(line.partition("flask --app wsgi ")[2], app)


def _is_module(name: str) -> bool:
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return False
    if found is None or found.submodule_search_locations is None:
        return found is not None
    return importlib.util.find_spec(f"{name}.__main__") is not None


def _bad_flask_command(line: str, app: Flask) -> Iterator[str]:
    words = shlex.split(re.split(r"\s{2,}|#", line)[0])
    command: click.Command = app.cli
    while isinstance(command, click.Group) and words:
        if words[0] not in command.commands:
            yield f"no command {line}"
            return
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts}
    yield from (f"no option {word} of {line}" for word in words if word.startswith("-") and word not in known)


def _is_no_address(span: str, guide: Path, app: Flask) -> bool:
    found = ADDRESS.fullmatch(span)
    if found is None or span == API:
        return False
    path = re.sub(r"{\w+}", "1", found[1])
    if guide.name == "api.md" and not path.startswith(API):
        path = API + path
    adapter = app.url_map.bind("localhost")
    methods = ("GET", "POST")
    return not any(_answers(adapter, path, method) for method in methods)


def _answers(adapter, path: str, method: str) -> bool:
    try:
        adapter.match(path, method=method)
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return False
    return True


def _is_read(name: str) -> bool:
    return name in SETTING.findall((ROOT / "config.py").read_text()) or any(
        re.search(rf"\b{name}\b", file.read_text())
        for folder in ("tests", "scripts", "urbact_calls/web")
        for file in (ROOT / folder).rglob("*.py")
    )


def _is_no_figure(span: str) -> bool:
    name = re.split(r"[{/]", span)[0]
    return (
        not (ROOT / name).exists()
        and f'"{name.removesuffix("_total")}' not in (ROOT / "urbact_calls/web/metrics.py").read_text()
    )


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_everything_that_a_guide_names_exists(guide: Path, app: Flask):
    assert faults(guide.read_text(), guide, app) == []


@pytest.mark.parametrize(
    "text",
    [
        "[The licence](LICENCE.txt)",
        "![A picture](docs/pictures/of-nothing.png)",
        '<img src="docs/pictures/of-nothing.png" alt="">',
        "[Further down](#there-is-no-such-heading)",
        "[Elsewhere](docs/operators.md#there-is-no-such-heading)",
        "[Outside](https://example.org/)",
        "in `urbact_calls/nowhere.py`",
        "`./walk.sh`",
        "`.venv/bin/no-such-program`",
        "`python -m scripts.nothing`",
        "```sh\n.venv/bin/flask --app wsgi workflow paint\n```",
        "```sh\n.venv/bin/flask --app wsgi workflow diagram --onto README.md\n```",
        "`/office/nothing/`",
        "```sh\nDATABASE_ADDRESS=sqlite: ./run.sh\n```",
        "`urbact_miles_walked`",
    ],
)
def test_what_does_not_exist_is_found(text: str, app: Flask):
    assert len(faults(text, ROOT / "README.md", app)) == 1


def test_the_operators_read_about_every_setting():
    guide = (ROOT / "docs" / "operators.md").read_text()
    table = guide.partition("\n## Settings\n")[2].partition("\n## ")[0]
    told = {name for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for name in SPAN.findall(row)}

    assert told == set(SETTING.findall((ROOT / "config.py").read_text()))


def test_the_picture_of_the_layers_is_that_of_the_build():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["name"].startswith("The program points inwards"))
    readme = (ROOT / "README.md").read_text()
    picture = next(block for _, block in FENCE.findall(readme) if block.startswith("flowchart"))

    drawn = re.findall(r'\["([^"]+)"\]', picture)

    assert drawn == [layer.replace(" | ", ", ") for layer in layers]


def test_every_picture_is_shown_and_all_are_small():
    files = sorted(PICTURES.iterdir())
    shown = {
        (guide.parent / target).resolve()
        for guide in GUIDES
        for target in _links(guide.read_text())
        if target.endswith(".png")
    }

    assert set(files) == shown
    assert {_mode(file) for file in files} == {"P"}
    assert sum(file.stat().st_size for file in files) < MOST_BYTES_OF_PICTURES


def _mode(file: Path) -> str:
    with Image.open(file) as picture:
        return picture.mode
