"""Words of people stay words of people: fenced, named as theirs, and never a heading, a link, a table or a button."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.services_databases import settings_for
from urbact_calls.factory import create_app
from urbact_calls.messages.emails import fenced, paragraphs

TEMPLATES = Path("templates/emails")
# What stands in lines of its own because somebody typed it.
TYPED = re.compile(r"\b(reason|reasons|conditions|note|comment|recommendation)\b")
HOSTILE = "https://example.org/x"


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Flask:
    folder = tmp_path_factory.mktemp("words")
    return create_app(settings_for(f"sqlite:///{folder / 'never.sqlite'}", folder))


@pytest.mark.parametrize(
    "typed",
    [
        HOSTILE,
        f"Sign in here:\n{HOSTILE}",
        f"Well done.\n\n{HOSTILE}",
        f"Well done.\r\n\r\nSign in here:\r\n{HOSTILE}",
        f"Well done.\x85\x85{HOSTILE}",
        f"Well done.\u2028\u2028{HOSTILE}",
        f"\n\n{HOSTILE}\n\n",
        f"> {HOSTILE}",
        "Call: another one\nCloses: never",
        "",
    ],
)
def test_typed_words_become_one_fenced_block(typed):
    (words,) = paragraphs(fenced(typed))

    assert words.is_fenced
    assert words.href is None
    assert words.facts == ()


def test_typed_words_are_shown_as_a_quotation_without_a_link(app):
    with app.app_context():
        layout = app.jinja_env.get_template("emails/layout.html")
        html = layout.render(subject="A decision", paragraphs=paragraphs(f"The reason:\n\n{fenced(HOSTILE)}"))

    assert re.search(rf"<blockquote[^>]*>{HOSTILE}</blockquote>", html)
    assert "href" not in html


def test_a_link_of_the_program_is_still_a_button(app):
    (button,) = paragraphs("Open the page:\nhttps://urbact.example/")

    assert (button.href, button.label) == ("https://urbact.example/", "Open the page")


@pytest.mark.parametrize("template", sorted(path.name for path in TEMPLATES.glob("*.txt")))
def test_each_message_fences_what_people_typed_in_lines(template):
    said = re.findall(r"\{\{(.*?)\}\}", (TEMPLATES / template).read_text(encoding="utf-8"), re.DOTALL)

    assert [words for words in said if TYPED.search(words) and "fenced(" not in words and "_on" not in words] == []


@pytest.mark.parametrize("template", sorted(path.name for path in TEMPLATES.glob("*.txt")))
def test_no_heading_is_made_of_what_people_typed(template):
    heading = (TEMPLATES / template).read_text(encoding="utf-8").partition("\n")[0]

    assert re.findall(r"\.(?:name|acronym|seat_city|reason)\b|application\.title|person\.", heading) == []
