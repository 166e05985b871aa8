"""What was taken from others: unchanged, licensed, and served from here; and the tokens hold their contrast."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from scripts.used_rules import Words, unused_classes, used_rules, words_of

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = json.loads((ROOT / "static/vendor/manifest.json").read_text())
# Marks for the script, and classes for which the library has no rule either.
WITHOUT_RULES = {"govuk-js-character-count", "govuk-radios", "govuk-file-upload--error"}
OWN_CSS = sorted((ROOT / "static/css").glob("*.css"))
PAGES = sorted(path for path in (ROOT / "templates").rglob("*.html") if not {"emails", "print"} & set(path.parts))


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["package"])
def test_files_of_a_package_are_the_ones_in_the_manifest(entry):
    assert entry["sha256"]
    for name, expected in entry["sha256"].items():
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == expected, name


def test_nothing_lies_in_the_vendor_folder_that_the_manifest_does_not_name():
    named = {name for entry in MANIFEST for name in entry["sha256"] if name.startswith("static/vendor/")}

    found = {path.relative_to(ROOT).as_posix() for path in (ROOT / "static/vendor").rglob("*") if path.is_file()}

    assert found == named | {"static/vendor/manifest.json"}


def test_every_package_names_version_and_licence():
    for entry in MANIFEST:
        assert re.fullmatch(r"\d+\.\d+\.\d+", entry["version"])
        assert entry["licence"]


def test_the_typeface_and_the_crown_of_another_government_are_not_here():
    css = (ROOT / "static/vendor/govuk-frontend/govuk-frontend.min.css").read_text()

    assert "url(" not in css
    assert "gds transport" not in css.lower()
    assert "crown" not in css.lower()


def test_only_rules_that_a_page_can_use_are_shipped():
    sheet = ROOT / "static/vendor/govuk-frontend/govuk-frontend.min.css"
    words = words_of(ROOT)

    assert used_rules(sheet.read_text(), words) == sheet.read_text()
    assert {path.name: unused for path in OWN_CSS if (unused := unused_classes(path.read_text(), words))} == {}


def test_each_class_of_the_library_that_a_page_names_has_its_rules():
    """One that a page begins to use was left out of the sheet before: `scripts/vendor.sh` makes it anew."""
    sheets = (ROOT / "static/vendor/govuk-frontend/govuk-frontend.min.css", *OWN_CSS)
    shipped = {name for sheet in sheets for name in re.findall(r"\.(govuk-[\w-]+)", sheet.read_text())}
    named = {name for page in PAGES for name in re.findall(r"govuk-[\w-]*\w(?![\w-])", page.read_text())}

    assert named - shipped == WITHOUT_RULES


def test_a_rule_stays_for_a_class_of_which_a_template_makes_a_part():
    words = Words({"button", "status--", "radios", "govuk-"}, ends=("--inline",))
    kept = ".button{a:b}@media print{.status--good:not(.gone){e:f}}.govuk-radios--inline{g:h}"

    assert used_rules(f".gone{{a:b}}@media print{{.gone{{c:d}}}}{kept}.button .gone{{i:j}}", words) == kept
    assert unused_classes(".govuk-tag,.button b{}", words) == {"govuk-tag"}


@pytest.mark.parametrize("sheet", OWN_CSS, ids=lambda path: path.name)
def test_no_style_sheet_asks_another_host(sheet):
    assert not re.search(r"url\(\s*[\"']?(?:https?:)?//|@import", sheet.read_text())


@pytest.mark.parametrize("template", PAGES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_page_holds_no_inline_style_or_script(template):
    text = template.read_text()

    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def _tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+):\s*([^;]+);", block))


def _blocks() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    css = (ROOT / "static/css/tokens.css").read_text()
    light = _tokens(re.search(r"^:root \{(.*?)^\}", css, re.S | re.M)[1])
    device = _tokens(re.search(r":root:not\(\[data-theme=\"light\"\]\) \{(.*?)\}", css, re.S)[1])
    chosen = _tokens(re.search(r"^  :root\[data-theme=\"dark\"\] \{(.*?)\}", css, re.S | re.M)[1])
    return light, device, chosen


def test_dark_is_the_same_by_device_and_by_choice():
    _, device, chosen = _blocks()

    assert device == chosen


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT_PAIRS = [
    *(("ink", surface) for surface in ("ground", "panel", "tint", "accent-tint")),
    *(("ink2", surface) for surface in ("ground", "panel", "sunk")),
    *(("brand", surface) for surface in ("ground", "panel", "tint")),
    *(("on-brand", surface) for surface in ("brand", "brand-hover")),
    *(("accent", surface) for surface in ("ground", "panel", "accent-tint")),
    *[("on-accent", "accent"), ("on-saffron", "saffron"), ("deep-text", "deep"), ("saffron", "deep")],
    *((tone, f"{tone}-tint") for tone in ("neutral", "info", "good", "caution", "bad", "calm")),
    *((tone, "panel") for tone in ("neutral", "info", "good", "caution", "bad", "calm")),
]
SHAPE_PAIRS = [
    ("edge", "panel"),
    ("edge", "ground"),
    ("series-1", "panel"),
    ("series-2", "panel"),
    ("series-3", "panel"),
]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_keeps_its_contrast(mode):
    light, dark, _ = _blocks()
    tokens = light | (dark if mode == "dark" else {})

    ratios = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in TEXT_PAIRS}

    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_borders_of_fields_and_parts_of_charts_can_be_seen(mode):
    light, dark, _ = _blocks()
    tokens = light | (dark if mode == "dark" else {})

    ratios = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in SHAPE_PAIRS}

    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 3} == {}
