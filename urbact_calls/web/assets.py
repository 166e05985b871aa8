"""Assets: style sheets, scripts, fonts and pictures, under names that change with their content.

`static/` holds them as they are written. From it a set is made: the style sheets in one file, each reference to another
file under its new name, and beside each text what brotli and gzip make of it. A set is made once and kept in `build/`;
a program that starts again finds it there. Whatever stands under a name never changes, so a browser asks for it once.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from wsgiref.headers import Headers

import brotli
from flask import Flask
from whitenoise import WhiteNoise

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ROOT / "static"
KEPT = ROOT / "build" / "assets"
PREFIX = "/static/"

STYLES = "styles.css"
# In this order: a sheet may override those before it.
SHEETS = (
    "vendor/govuk-frontend/govuk-frontend.min.css",
    *(
        f"css/{name}.css"
        for name in (
            *("fonts", "tokens", "base", "layout", "forms", "actions", "status"),
            *("findings", "timeline", "tables", "grid", "desk", "map", "print"),
        )
    ),
)
SERVED = (".js", ".woff2", ".svg")
COMPRESSED = (".css", ".js", ".svg")
LONGEST_KEPT = 3
"""How many sets are kept: a site of the last version may still run beside this one."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_IN_STYLES = re.compile(r'(url\(")([^":]+)("\))')
_IN_SCRIPT = re.compile(r'((?:\bfrom|\bimport\()\s*")(\.[^"]+)(")')

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Assets:
    """A set that lies in `folder`, and what each asset is called in it."""

    folder: Path
    names: Mapping[str, str]

    def address(self, name: str) -> str:
        """Where an asset is served; `name` is its path in `static/`, or `styles.css`. Raises KeyError without one."""
        return PREFIX + self.names[name]


class _Files(WhiteNoise):
    """Serves a set, each file for a year; whatever else is asked goes on to the site."""

    FOREVER = 365 * 24 * 60 * 60

    def immutable_file_test(self, path: str, url: str) -> bool:
        return True


def register(app: Flask) -> Assets:
    """Serves the assets before the site itself, and gives templates `asset(name)`, the address of one."""
    assets = current(SOURCES, KEPT)
    is_secure = app.config.get("SESSION_COOKIE_SECURE", False)

    def headers(given: Headers, _path: str, _url: str) -> None:
        given["X-Content-Type-Options"] = "nosniff"
        given["Cross-Origin-Resource-Policy"] = "same-origin"
        if is_secure:
            given["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    # Outside the site: no session, no log line and no database belongs to a file that is the same for everybody.
    app.wsgi_app = _Files(  # type: ignore[method-assign]
        app.wsgi_app, assets.folder, PREFIX, allow_all_origins=False, add_headers_function=headers
    )
    app.jinja_env.globals["asset"] = assets.address
    return assets


@cache
def current(sources: Path, kept: Path) -> Assets:
    """The set of what stands in `sources` now: from `kept`, or made and kept there."""
    originals = {
        path.relative_to(sources).as_posix(): path.read_bytes()
        for path in sorted(sources.rglob("*"))
        if path.suffix in (*SERVED, ".css")
    }
    folder = kept / _key(originals)
    if not folder.exists():
        try:
            _keep(originals, folder)
        except OSError as problem:
            # A program whose folder cannot be written works all the same; it only makes its set at each start.
            logger.warning("the assets cannot be kept in %s: %s", kept, problem.strerror)
            folder = Path(tempfile.mkdtemp(prefix="urbact-assets-"))
            _make(originals, folder)
    return Assets(folder, json.loads((folder / "names.json").read_text()))


def _key(originals: Mapping[str, bytes]) -> str:
    digest = sha256(Path(__file__).read_bytes())
    for name, content in originals.items():
        digest.update(f"\n{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def _keep(originals: Mapping[str, bytes], folder: Path) -> None:
    """Makes a set aside and gives it its name when it is whole: several processes may start at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        _make(originals, aside)
        # Nothing in it is private, and what it was made by need not be what serves it.
        aside.chmod(0o755)
        aside.rename(folder)
    except OSError:
        shutil.rmtree(aside)
        if not folder.exists():
            raise
    _forget_old_sets(folder.parent)


def _forget_old_sets(kept: Path) -> None:
    sets = sorted((path for path in kept.iterdir() if (path / "names.json").exists()), key=os.path.getmtime)
    for old in sets[:-LONGEST_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _make(originals: Mapping[str, bytes], folder: Path) -> None:
    made = _Set(originals)
    sheets = "\n".join(made.styles(sheet) for sheet in SHEETS)
    made.names[STYLES] = made.add(STYLES, sheets.encode())
    for name in originals:
        if name.endswith(SERVED):
            made.name_of(name)
    for name, content in made.contents.items():
        _write(folder / name, content)
        if name.endswith(COMPRESSED):
            _write(folder / f"{name}.br", brotli.compress(content, quality=11))
            _write(folder / f"{name}.gz", gzip.compress(content, compresslevel=9, mtime=0))
    _write(folder / "names.json", json.dumps(made.names, indent=1).encode())


def _write(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    file.chmod(0o644)


class _Set:
    """What a set holds, by its names there, and what the originals are called in it."""

    def __init__(self, originals: Mapping[str, bytes]) -> None:
        self._originals = originals
        self.names: dict[str, str] = {}
        self.contents: dict[str, bytes] = {}

    def add(self, name: str, content: bytes) -> str:
        path = Path(name)
        named = f"{path.name.removesuffix(path.suffix)}.{sha256(content).hexdigest()[:12]}{path.suffix}"
        self.contents[named] = content
        return named

    def name_of(self, name: str) -> str:
        """What an original is called in the set; before it, whatever it refers to gets its name there."""
        if name not in self.names:
            content = self._originals[name]
            if name.endswith(".js"):
                content = self._renamed(name, content.decode(), _IN_SCRIPT, "./").encode()
            self.names[name] = self.add(name, content)
        return self.names[name]

    def styles(self, name: str) -> str:
        """A style sheet without its comments, for the one that holds all."""
        return self._renamed(name, _COMMENT.sub("", self._originals[name].decode()), _IN_STYLES, "").strip()

    def _renamed(self, name: str, text: str, references: re.Pattern[str], before: str) -> str:
        def renamed(found: re.Match[str]) -> str:
            path = os.path.normpath(os.path.join(os.path.dirname(name), found[2]))
            return f"{found[1]}{before}{self.name_of(path)}{found[3]}"

        return references.sub(renamed, text)
