"""Writes static/vendor/manifest.json: which file comes from which package, version and licence, with its SHA-256."""

import hashlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "static" / "vendor" / "manifest.json"

# package: (licence, files as globs below the root, what was done to them)
SOURCES = {
    "govuk-frontend": (
        "MIT",
        "static/vendor/govuk-frontend/*",
        "Sass build without typeface, images and the rules that no page needs (scripts/used_rules.py); script as "
        "published, without its map comment",
    ),
    "@fontsource-variable/inter": (
        "OFL-1.1",
        "static/vendor/inter/*",
        "four subsets of the upright as published; inter-europe: the letters of European languages out of latin-ext",
    ),
    "world-atlas": (
        "ISC (programme), public domain (Natural Earth data)",
        "templates/macros/europe.svg.html",
        "projected and simplified by scripts/draw_europe.py",
    ),
    "axe-core": ("MPL-2.0", "tests/vendor/axe.min.js", "as published; used by tests only"),
}


def entry(package: str, version: str) -> dict[str, object]:
    licence, pattern, changes = SOURCES[package]
    files = {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(ROOT.glob(pattern))
    }
    return {"package": package, "version": version, "licence": licence, "changes": changes, "sha256": files}


def main(arguments: list[str]) -> None:
    versions = dict(argument.rsplit("=", 1) for argument in arguments)
    manifest = [entry(package, versions[package]) for package in SOURCES]
    MANIFEST.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
