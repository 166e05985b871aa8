"""The macros that every page is made of: what they say, and that no form loses what was typed."""

from __future__ import annotations

import re
from types import SimpleNamespace as Sample

import pytest
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from tests import kit
from tests.kit import samples
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.web.forms import BaseForm, EuroField, PlainIntegerField


@pytest.fixture(scope="module")
def site():
    return kit.create_app()


@pytest.fixture
def show(site):
    """Renders a piece of template: show('status', 'status(x)', x=...) imports the macro of that file and calls it."""
    with site.test_request_context("/"):

        def render(file: str, call: str, **context: object) -> str:
            name = re.match(r"\w+", call)[0]
            source = f'{{% from "macros/{file}.html" import {name} %}}{{{{ {call} }}}}'
            return site.jinja_env.from_string(source).render(**context)

        yield render


class EveryForm(BaseForm):
    title = StringField("Title", [InputRequired("Give a title."), Length(max=20)], description="As people say it.")
    story = TextAreaField("Story", [Length(max=40, message="At most 40 characters.")])
    staff = EuroField("Staff")
    months = PlainIntegerField("Months")
    theme = SelectField("Theme", choices=["a", "b"])
    lead = RadioField("Who leads?", [InputRequired("Say who leads.")], choices=["city", "agency"])
    agreed = BooleanField("Agreed", [InputRequired("Read the terms first.")])
    lines = FieldList(StringField("Line", [InputRequired("Fill the line.")]), min_entries=2)


def filled(**typed: str) -> EveryForm:
    form = EveryForm(formdata=MultiDict({**typed, "csrf_token": generate_csrf()}))
    form.validate()
    return form


def test_a_state_is_shown_with_its_tone_a_shape_and_its_word(show):
    html = show("status", "status(state)", state=ApplicationState.ELIGIBLE)

    assert 'class="status status--good"' in html
    assert "<svg" in html
    assert 'aria-hidden="true"' in html
    assert "Eligible" in html


def test_a_field_comes_back_with_what_was_typed_its_hint_and_its_error(show):
    form = filled(title="A title that is far too long for this")

    html = show("forms", "field(f)", f=form.title)

    assert 'value="A title that is far too long for this"' in html
    assert 'aria-describedby="title-hint title-error"' in html
    assert 'id="title-hint"' in html
    assert 'id="title-error"' in html
    assert 'aria-invalid="true"' in html
    assert "maxlength" not in html, "the browser would cut what somebody pastes"


def test_what_was_typed_cannot_become_markup(show):
    form = filled(title='"><script>alert(1)</script>', story="</textarea><b>")

    html = show("forms", "field(f)", f=form.title) + show("forms", "field(f)", f=form.story)

    assert "<script>" not in html
    assert "<b>" not in html


def test_a_text_with_a_limit_is_counted(show):
    html = show("forms", "field(f)", f=filled(story="x" * 50).story)

    assert 'data-module="govuk-character-count" data-maxlength="40"' in html
    assert "story-info" in html
    assert "x" * 50 in html


def test_an_amount_that_cannot_be_read_stays_in_its_field(show):
    html = show("forms", "field(f)", f=filled(staff="12 euros").staff)

    assert 'value="12 euros"' in html
    assert 'inputmode="decimal"' in html
    assert "€" in html


def test_every_kind_of_field_has_a_label(show):
    form = filled(months="x", theme="b")

    for name in ("months", "theme", "agreed"):
        html = show("forms", "field(f)", f=form[name])
        assert f'for="{name}"' in html
        assert "required" not in html
    assert "<legend" in show("forms", "field(f)", f=form.lead)


def test_the_summary_leads_to_each_field_that_must_change(site, show):
    form = filled(title="", theme="a", lead="", agreed="", **{"lines-0": "", "lines-1": "full"})

    html = show("forms", "error_summary(form)", form=form)

    assert re.findall(r'href="#([^"]+)"', html) == ["title", "lead-0", "agreed", "lines-0"]
    assert 'data-module="govuk-error-summary"' in html
    for target in ("title", "lead", "agreed", "lines"):
        assert show("forms", "field(f)", f=form[target])


def test_a_form_without_errors_has_no_summary(show):
    form = filled(title="Short", theme="a", lead="city", agreed="y", **{"lines-0": "a", "lines-1": "b"})

    assert form.errors == {}
    assert show("forms", "error_summary(form)", form=form).strip() == ""


def test_an_open_offer_is_a_post_and_a_refused_one_a_sentence(show):
    html = show("actions", "actions(offers, to, version=7)", offers=samples.offers(), to=lambda name: f"/go/{name}")

    assert re.findall(r'action="([^"]+)"', html) == ["/go/first", "/go/second"]
    assert html.count('name="csrf_token"') == 2
    assert html.count('name="version" value="7"') == 2
    assert html.count('name="reason"') == 1
    assert "disabled" not in html
    assert "3 letters are missing: Pinewell, Tarn, Espen." in html


def test_no_offers_are_nothing(show):
    assert show("actions", "actions([], none)").strip() == ""


def test_findings_begin_with_what_is_not_met_and_its_smallest_fix(show):
    html = show("findings", "findings(report)", report=samples.report())

    order = [html.index(words) for words in ("Not met (2)", "To be checked by a person (1)", "Met (4)")]
    assert order == sorted(order)
    assert html.index("Smallest fix:") < order[1]
    assert "Terms of Reference, version 2" in html
    assert "9 March 2027 at 14:18, Paris time" in html


def test_a_report_without_findings_says_so(show):
    html = show("findings", "findings(report)", report=Sample(findings=[]))

    assert "No rule has been looked at yet." in html


def test_the_timeline_says_where_one_is(show):
    html = show("timeline", "timeline(events)", events=samples.timeline_ended())

    assert html.count('aria-current="step"') == 1
    assert "(not reached)" in html


def test_a_grid_keeps_what_was_typed_and_names_each_cell(show):
    columns, lines = samples.grid()

    html = show("grid", "grid(columns, lines)", columns=columns, lines=lines)

    assert 'value="11,5oo"' in html
    assert 'aria-label="Travel and accommodation, Szentváros"' in html
    assert 'aria-describedby="travel-2-error"' in html


def test_an_edit_conflict_shows_both_texts(show):
    mine, theirs = Sample(words="Yours", text="<mine>"), Sample(words="Theirs", text="")

    html = show("edit_conflict", "edit_conflict('5.2', mine, theirs, name='x')", mine=mine, theirs=theirs)

    assert "&lt;mine&gt;" in html
    assert "Empty" in html
    assert re.findall(r'value="(mine|theirs)"', html) == ["mine", "theirs"]


def test_points_are_one_group_of_radios_with_words(show):
    form = samples.ScoreForm(formdata=None)

    html = show("score", "score(f)", f=form.points)

    assert html.count('type="radio"') == 6
    assert html.count("checked") == 1
    assert "very good" in html
    assert "<legend" in html


def test_a_mark_of_one_city_and_of_none_can_be_drawn(show):
    city = samples.cities()[:1]

    assert "<svg" in show("mark", "mark(points)", points=city)
    assert show("mark", "mark(points)", points=[]).strip() == ""


def test_a_map_says_in_words_what_it_shows(show):
    html = show("map", "map(cities, words, lead=0)", cities=samples.cities(), words="Ten cities.")

    assert 'role="img" aria-label="Ten cities."' in html
    assert html.count("map__city--lead") == 1
    assert html.count('<path class="map__line"') == 9


@pytest.mark.parametrize("page", kit.PAGES)
def test_every_page_of_the_kit_renders(site, page):
    answer = site.test_client().get(f"/kit/{page}")

    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert "Co-funded by" in answer.text


@pytest.mark.parametrize("code", [400, 403, 404, 409, 413, 422, 429, 500, 503])
def test_a_page_of_refusal_needs_nothing_but_its_number(site, code):
    with site.test_request_context("/"):
        html = site.jinja_env.get_template(f"errors/{code}.html").render(reference="E-7K42")

    assert "E-7K42" in html
    assert html.count("<h1") == 1
    assert not re.search(r"oops|please|sorry|invalid|!\s*<", html, re.I)


def test_the_html_twin_of_a_message_has_a_button_its_facts_and_the_place_of_the_emblem(site):
    address = "https://calls.example.org/a"
    paragraphs = [
        Sample(lines=("Your application <b>is</b> received.",), href=None, facts=(), is_fenced=False),
        Sample(lines=("See the receipt:", address), href=address, label="See the receipt", facts=(), is_fenced=False),
        Sample(lines=("", ""), href=None, facts=[Sample(label="Reference", value="APN-DEMO-017")], is_fenced=False),
    ]
    with site.app_context():
        html = site.jinja_env.get_template("emails/layout.html").render(subject="Received", paragraphs=paragraphs)

    assert "&lt;b&gt;is&lt;/b&gt;" in html
    assert f'href="{address}"' in html
    assert f">{address}<" in html or f"address: {address}<" in html
    assert "APN-DEMO-017" in html
    assert "Co-funded by" in html
