"""One vocabulary of themes for forms, networks and experts, to which the tags of public pages belong."""

from __future__ import annotations

import pytest

from urbact_calls.domain.themes import TAGS, THEME_LABELS, code_of, codes_of, counted, fold_themes, whole_theme
from urbact_calls.reference.known_networks import known_networks


def test_each_tag_of_a_known_network_belongs_to_a_theme_of_the_vocabulary():
    tags = {theme.strip() for network in known_networks() for theme in network.themes if theme.strip()}

    assert {tag for tag in tags if not codes_of(tag)} == set()


def test_each_tag_belongs_to_one_theme():
    tags = [tag for tags in TAGS.values() for tag in tags]

    assert set(TAGS) <= set(THEME_LABELS)
    assert len(tags) == len(set(tags))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (None, ()),
        ("urban-rural links; mobility", ("mobility",)),
        ("Public space and regeneration", ("public_space",)),
        ("SDGs; dragons; youth", ("participation", "youth")),
    ],
)
def test_a_text_names_themes_by_label_and_by_tag(text, codes):
    assert codes_of(text) == codes


@pytest.mark.parametrize(
    ("asked", "code"), [("public_space", "public_space"), ("urban-rural-links", "mobility"), ("dragons", ""), ("", "")]
)
def test_an_address_asks_by_code_or_by_an_older_tag(asked, code):
    assert code_of(asked) == code


def test_the_folded_themes_hold_what_was_said_and_the_theme_it_belongs_to():
    folded = fold_themes("Night-time economy")

    assert "night time economy" in folded
    assert whole_theme("jobs") in folded
    assert "local economy" in folded
    assert fold_themes(None) == fold_themes(" ; ") == ""


def test_networks_are_counted_once_for_each_theme_in_the_order_of_the_vocabulary():
    assert counted(["remote work; retail", "mobility", None]) == {"mobility": 1, "jobs": 1}
