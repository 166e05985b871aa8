"""Hostile text in every argument of every macro: it arrives whole, as text, and becomes neither markup nor address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from types import SimpleNamespace as Sample
from typing import Any

import pytest
from flask import Flask, flash
from jinja2 import Environment, nodes
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FieldList,
    FileField,
    Form,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import ValidationError

from config import ROOT
from tests.services_databases import settings_for
from urbact_calls.factory import create_app
from urbact_calls.web.forms import EuroField, PlainIntegerField

FOLDER = ROOT / "templates" / "macros"
# A sign of the order of writing, one of no width, and a word that is far too long.
ODD = "\u202eelif.exe\u200b" + "w" * 400


def t(name: str) -> str:
    """A hostile text that is known by its name."""
    return f"javascript:alert('{name}')//\"'><script>{name}</script><img src=x onerror={name}>&lt;{ODD}"


def a(name: str) -> str:
    """A hostile address of this site."""
    return f"/{name}?\"'><script>{name}</script>"


def organisation_form() -> Any:
    """A form of an organisation whose place is found, with hostile words for it and for its region."""
    asked = {name: form().f for name in ("name", "seat_city", "country", "place", "nuts2", "category")}
    region = Sample(name=t("region"), nuts2=t("nuts2"), category=Sample(label=t("category")), confidence=t("sure"))
    return Sample(**asked, places=[1], regions=[1], determined=region, chosen=True)


def refuse(_form: object, _field: object) -> None:
    raise ValidationError(t("error"))


def form(kind: type = StringField, **options: Any) -> Any:
    """A form whose one field `f` has hostile words, holds a hostile text and is refused."""
    fields = {"f": kind(t("label"), [refuse], description=t("description"), **options)}
    made = type("Hostile", (Form,), fields)(MultiDict({"f": t("data")}))
    made.validate()
    return made


def field(kind: type = StringField, **options: Any) -> Any:
    return form(kind, **options).f


def group() -> Any:
    kind = FieldList(StringField(t("part")), label=t("label"), min_entries=2)
    made = type("Hostile", (Form,), {"f": kind})(MultiDict({"f-0": t("first"), "f-1": t("second")}))
    made.f.errors = [t("error")]
    return made.f


CHOICES = {"choices": [SelectChoice(t("value"), t("choice")), SelectChoice("other", "Other")]}
STATE = Sample(label=t("state"), tone="good")
SIDES = {
    "mine": Sample(words=t("mine"), text=t("text"), parts=[]),
    "theirs": Sample(words=t("theirs"), text="", parts=[(t("part"), True), (t("same"), False)]),
}
CITY = Sample(name=t("city"), x=100.0, y=100.0)
CITIES = [CITY, Sample(name=t("neighbour"), x=400.0, y=300.0)]
POINTS = [Sample(x=100.0, y=100.0), Sample(x=400.0, y=300.0)]
FINDING = Sample(
    title=t("title"),
    outcome="not_met",
    message=t("message"),
    source=t("source"),
    figure=t("figure"),
    fix=t("fix"),
    place=Sample(href=a("fix"), label=t("fix_label")),
)
MET = Sample(title=t("met"), outcome="met", message=t("met_message"), source=t("met_source"), figure=t("met_figure"))
REGION = Sample(
    words=t("words"),
    has_category=True,
    category=Sample(label=t("category")),
    confidence="Sure" + t("confidence"),
    basis=t("basis"),
    confirmation=None,
    rate=lambda _terms: Sample(rate=Sample(basis_points=7000), fund=Sample(label=t("fund"))),
)
OPEN = Sample(
    name="withdraw", label=t("open"), is_open=True, emphasis="warning", reason_required=True, refusals=(), advice=t("n")
)
SHUT = Sample(
    name="submit",
    label=t("shut"),
    is_open=False,
    emphasis="primary",
    refusals=[Sample(code="late", message=t("refusal"))],
)
REVIEWED = Sample(
    name="submit", label="", is_open=True, is_reviewed=True, emphasis="primary", refusals=(), advice=t("reviewed")
)
SECTION = Sample(title=t("title"), href=a("section"), fact=t("fact"), waiting=t("w"), state=STATE)
COLUMN = {"label": t("column"), "figure": True, "sorted": t("sorted"), "sort_href": a("sort")}
PARTNER = Sample(name=t("name"), place=t("place"), region=t("region"), href=a("partner"), cells=[STATE])
NOTED = Sample(name=t("noted"), place="", region="", note=t("note"), act_href=a("act"), act_label=t("act"))
PAGES = Sample(first=1, last=2, total=9, number=1, count=5, previous_href=a("previous"), next_href=a("next"))
LINES = [
    Sample(kind="head", label=t("head")),
    Sample(kind="total", label=t("total_line"), note=t("note"), cells=[t("words")], total=t("total")),
    Sample(kind="typed", label="L", cells=[Sample(name=t("name"), value=t("value"), errors=[t("error")])], total=""),
]

# Each macro with its arguments; what one call cannot show together is shown in several. Written when it is asked for,
# because fields need an app.
CASES: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "about.about": lambda: [
        {"subject": "key", "names": {"key": Sample(endpoint=None, label=t("label"))}},
        {"subject": "key", "names": {"key": Sample(endpoint="calls.index", arguments={}, label=t("label"))}},
    ],
    "actions.actions": lambda: [
        {
            "offers": [OPEN, REVIEWED, SHUT],
            "url_for_transition": a,
            "version": t("version"),
            "seen": t("seen"),
            "reason": t("reason"),
            "ways": {"late": Sample(href=a("way"), label=t("way"))},
            "review_href": a("review"),
        }
    ],
    "actions.offer_form": lambda: [
        {"offer": OPEN, "href": a("go"), "version": t("version"), "seen": t("seen"), "reason": t("r"), "note": t("n")}
    ],
    "actions.button_link": lambda: [{"label": t("label"), "href": a("go"), "emphasis": t("emphasis")}],
    "actions.post_button": lambda: [
        {"label": t("label"), "href": a("go"), "emphasis": t("emphasis"), "fields": {t("name"): t("value")}}
    ],
    "edit_conflict.edit_conflict": lambda: [
        {"field_label": t("field"), **SIDES, "name": t("name"), "keep": "mine", "note": t("note"), "level": 2}
    ],
    "edit_conflict.stored_meanwhile": lambda: [{"conflicts": [Sample(label=t("label"), **SIDES)]}],
    "crumbs.crumbs": lambda: [{"links": [(t("label"), a("crumb"))], "here": t("here")}],
    "empty.empty": lambda: [
        {
            "title": t("title"),
            "text": t("text"),
            "href": a("href"),
            "label": t("label"),
            "second_href": a("second"),
            "second_label": t("second"),
            "points": POINTS,
            "lead": 0,
            "level": 2,
        }
    ],
    "findings.findings": lambda: [
        {
            "report": Sample(
                findings=[FINDING, MET],
                version=t("version"),
                note=t("note"),
                made_at=datetime(2026, 3, 1, tzinfo=UTC),
                place_of=lambda finding: finding.place,
            ),
            "level": 3,
            "empty": "",
        },
        {"report": Sample(findings=[]), "level": 3, "empty": t("empty")},
    ],
    "findings.one": lambda: [{"finding": FINDING, "mark": t("mark"), "place": FINDING.place}],
    "forms.csrf": lambda: [{"form": None}],
    "forms.error_summary": lambda: [{"form": form(), "title": t("title"), "text": t("text"), "guarded": True}],
    "forms.error_links": lambda: [{"f": field()}, {"f": group()}],
    "forms.kind_of": lambda: [{"f": field()}],
    "forms.first_id": lambda: [{"f": field(RadioField, **CHOICES)}],
    "forms.described_by": lambda: [{"f": field(), "counted": True}],
    "forms.field": lambda: [
        {
            **dict.fromkeys(("limit", "rows", "label_size", "legend", "inline", "small", "locked", "optional")),
            "f": made,
            "width": t("width") if made.type == "StringField" else None,
            "prefix": t("prefix") if made.type == "StringField" else None,
            "suffix": t("suffix") if made.type == "StringField" else None,
            "note": t("note") if made.type in ("StringField", "TextAreaField") else None,
            "autocomplete": t("autocomplete") if made.type in ("StringField", "TextAreaField") else None,
            "accept": t("accept") if made.type == "FileField" else None,
            "max_bytes": t("bytes") if made.type == "FileField" else None,
            "list": t("list") if made.type == "StringField" else None,
        }
        for made in every_kind_of_field()
    ],
    "forms.plain_input": lambda: [
        {"f": field(), "kind": "plain", "classes": t("class"), "attributes": {"list": t("list")}},
        {"f": field(), "kind": "euro", "classes": t("class"), "attributes": {}},
    ],
    "forms.optional_word": lambda: [{"f": field(), "optional": True}],
    "forms.hint_and_error": lambda: [{"f": field()}],
    "forms.checkbox": lambda: [{"f": field(BooleanField), "small": True}],
    "forms.choices": lambda: [
        {
            "f": field(RadioField, **CHOICES),
            "kind": "radios",
            "inline": True,
            "small": True,
            "legend": t("legend"),
            "optional": True,
        }
    ],
    "forms.submit": lambda: [
        {"label": t("label"), "name": t("name"), "value": t("value"), "emphasis": t("e"), "formaction": a("go")}
    ],
    "grid.grid": lambda: [
        {
            "partners": [Sample(name=t("partner"), country=t("country"), is_lead=True)],
            "lines": LINES,
            "caption": t("caption"),
            "total_label": t("all"),
        }
    ],
    "grid.typed": lambda: [
        {"cell": Sample(name=t("name"), value=t("value"), errors=[t("error")]), "label": t("label")},
        {"cell": field(), "label": t("label")},
    ],
    "banner.banner": lambda: [{"title": t("title"), "text": t("text"), "href": a("go"), "label": t("label")}],
    "banner.band": lambda: [{"text": t("text"), "tone": t("tone"), "href": a("go"), "label": t("label")}],
    "banner.unconfirmed_managers": lambda: [{"names": ["Agen"]}, {"names": ["Agen", "Isernia"]}],
    "banner.status_line": lambda: [{"line": Sample(title=t("title"), text=t("text"), tone=t("tone"))}],
    "map.map": lambda: [{"cities": CITIES, "words": t("words"), "lead": 0, "labels": True, "deep": True}],
    "map.networks_map": lambda: [
        {"networks": [Sample(cities=POINTS, lead=0)], "words": t("words"), "hot": 0, "deep": True}
    ],
    "map.network_lines": lambda: [{"network": Sample(cities=POINTS, lead=0), "class": t("class")}],
    "mark.programme_mark": lambda: [{}],
    "mark.emblem": lambda: [{"two_lines": True}],
    "mark.mark": lambda: [{"points": POINTS, "lead": 0, "tone": t("tone"), "pending": (1,), "size": t("size")}],
    "messages.messages": lambda: [{}],
    "meter.meter": lambda: [
        {
            "title": t("title"),
            "figure": t("figure"),
            "parts": [(t("code"), t("series"))],
            "open_places": 1,
            "key": [(t("label"), t("colour"))],
            "pending": [t("pending")],
        }
    ],
    "money.euro": lambda: [{"cents": 100}],
    "money.whole": lambda: [{"cents": 100}],
    "money.bar": lambda: [
        {
            "parts": [(t("part"), 3)],
            "whole_amount": 10,
            "limit": 5,
            "label": t("label"),
            "key": True,
            "limit_words": t("limit"),
        }
    ],
    "money.small_bar": lambda: [{"value": 1, "whole_amount": 2, "mark": 1}],
    "money.stages": lambda: [{"rows": [(t("name"), t("words"), 6, 3)]}],
    "organisation.none_found": lambda: [
        {"found": Sample(is_near=True, rows=[1]), "typed": t("typed"), "has_only_signs": False},
        {"found": Sample(is_near=False, rows=[]), "typed": t("typed"), "has_only_signs": False},
    ],
    "organisation.organisation_fields": lambda: [{"form": organisation_form(), "attribution": t("attribution")}],
    "place.place_line": lambda: [
        {
            "place": Sample(people=1200, people_about=1200),
            "region": Sample(name=t("region"), nuts2=t("nuts2")),
            "several": (),
        },
        {"place": Sample(people=0), "region": None, "several": [None, None]},
    ],
    "readiness.readiness": lambda: [{"partners": [PARTNER, NOTED], "columns": [t("column")]}],
    "receipt.receipt": lambda: [
        {
            "facts": [(t("label"), t("words"))],
            # Shown in groups of four characters.
            "fingerprint": "<img><b>",
            "title": t("title"),
            "note": t("note"),
        }
    ],
    "record.record_link": lambda: [{"address": a("record")}],
    "replayed.replayed": lambda: [
        {"way_back": Sample(asks_to_sign_in=True, form=typed(sealed=t("sealed"))), "only_shown": False},
        {"way_back": Sample(asks_to_sign_in=False, form=typed()), "only_shown": True},
        {
            "way_back": Sample(
                asks_to_sign_in=False, form=typed(name=t("name"), address=a("address"), secrets=[t("secret")])
            ),
            "only_shown": False,
        },
    ],
    "replayed.kept": lambda: [{"form": Sample(sealed=t("sealed"))}],
    "replayed.typed_texts": lambda: [{"form": typed()}],
    "replayed.text_area": lambda: [
        {"field": Sample(name="f", label=t("label"), value=t("value"), rows=2), "number": 1, "locked": True},
        {"field": Sample(name=t("name"), label=t("label"), value=t("value"), rows=2), "number": 1, "locked": False},
    ],
    "replayed.rest": lambda: [{"form": typed()}],
    "replayed.files_words": lambda: [{"form": Sample(had_files=True)}],
    "regions.region_line": lambda: [{"region": REGION, "terms": object()}],
    "regions.rate_of": lambda: [{"region": Sample(rate=REGION.rate), "terms": object()}],
    "score.score": lambda: [
        {"f": field(RadioField, choices=[SelectChoice(t("points"))]), "words": [t("words")], "legend": t("legend")}
    ],
    "score.criterion": lambda: [
        {"code": t("code"), "name": t("name"), "weight": t("weight"), "points": t("points"), "open": True}
    ],
    "status.shape": lambda: [{"name": t("name")}],
    "status.icon": lambda: [{"tone": "good"}],
    "status.status": lambda: [{"state": Sample(label="", tone=t("tone")), "words": t("words"), "mark": t("mark")}],
    "status.chip": lambda: [{"words": t("words"), "tone": t("tone"), "mark": t("mark")}],
    "files.file_refusal": lambda: [{"file": Sample(is_refused=True, refusal=t("refusal"))}],
    "files.file_state": lambda: [{"file": Sample(is_served=False, state=STATE)}],
    "status.told": lambda: [{"words": t("words"), "tone": t("tone"), "mark": t("mark")}],
    "status.save_state": lambda: [{"words": t("words"), "tone": t("tone")}],
    "tables.table": lambda: [
        {
            "columns": [t("plain"), COLUMN],
            "caption": t("caption"),
            "dense": True,
            "cards": False,
            "show_caption": True,
        }
    ],
    "tables.pages": lambda: [{"p": PAGES, "what": t("what")}],
    "tasks.tasks": lambda: [{"sections": [SECTION]}],
    "tasks.section_nav": lambda: [
        {"sections": [Sample(title=t("s"), href=a("s"), state=STATE)], "current": 1, "label": t("label")}
    ],
    "timeline.timeline": lambda: [
        {
            "events": [
                Sample(label=t("label"), state="done", when=t("when"), text=t("text"), href=a("go"), link=t("link"))
            ],
            "wide": True,
        }
    ],
}


def typed(*, name: str = "f", **options: Any) -> Sample:
    """A form that was given back: a text, and a choice that is shown beside it."""
    shown = {"label": t("label"), "value": t("value"), "rows": 2}
    fields = [
        Sample(name=name, is_text=True, is_shown=False, **shown),
        Sample(name=name, is_text=False, is_shown=True, **shown),
    ]
    return Sample(fields=fields, had_files=True, **{"address": "/", "secrets": [], **options})


def every_kind_of_field() -> list[Any]:
    kinds = [
        StringField,
        TextAreaField,
        BooleanField,
        FileField,
        HiddenField,
        SubmitField,
        EuroField,
        PlainIntegerField,
    ]
    return [*map(field, kinds), field(SelectField, **CHOICES), field(RadioField, **CHOICES), group()]


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Flask:
    folder = tmp_path_factory.mktemp("macros")
    return create_app(settings_for(f"sqlite:///{folder / 'never.sqlite'}", folder))


def macros() -> Iterator[tuple[str, nodes.Macro]]:
    for path in sorted(FOLDER.glob("*.html")):
        for macro in Environment(autoescape=True).parse(path.read_text()).find_all(nodes.Macro):
            yield f"{path.name.removesuffix('.html')}.{macro.name}", macro


MACROS = dict(macros())


class Read(HTMLParser):
    """What a browser makes of a page: the names of its elements and attributes, its texts, and where it leads."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: set[str] = set()
        self.texts: list[str] = []
        self.addresses: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {tag, *(name for name, _ in attrs)}
        self.texts += [value or "" for _, value in attrs]
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action", "formaction")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def render(app: Flask, name: str, case: dict[str, Any]) -> Read:
    file, _, macro = name.partition(".")
    call = f"{macro}(**case)"
    takes_block = any(node.name == "caller" for node in MACROS[name].find_all(nodes.Name))
    shown = f"{{% call {call} %}}{{{{ block }}}}{{% endcall %}}" if takes_block else f"{{{{ {call} }}}}"
    source = f'{{% from "macros/{file}.html" import {macro} with context %}}{shown}'
    return Read(app.jinja_env.from_string(source).render(case=case, block=t("block")))


def texts(value: object) -> Iterator[str]:
    """The hostile texts in an argument, but for those of form fields: what of them is shown depends on their kind."""
    if isinstance(value, str) and "<script>" in value:
        yield value
    elif isinstance(value, Sample):
        yield from texts(vars(value))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from (*texts(key), *texts(each))
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from texts(each)


def test_every_macro_is_called_with_hostile_text():
    missing = sorted(set(MACROS) - set(CASES))

    assert missing == [], f"give {', '.join(missing)} a case with hostile text in every argument in CASES"
    assert sorted(set(CASES) - set(MACROS)) == []


@pytest.mark.parametrize("name", sorted(set(CASES) & set(MACROS)))
def test_a_macro_shows_hostile_text_as_text(app: Flask, name: str):
    arguments = {argument.name for argument in MACROS[name].args}

    with app.test_request_context("/"):
        for case in CASES[name]():
            assert arguments - set(case) == set(), f"the case of {name} in CASES leaves out arguments of the macro"
            read = render(app, name, case)

            # What a field shows of its label, its hint and its errors is read here with all the rest.
            assert {"script", "img"} & read.names == set()
            assert [each for each in read.names if each.startswith("on")] == []
            assert [each for each in read.addresses if each.startswith("javascript:")] == []
            assert [text for text in texts(case) if not any(text in shown for shown in read.texts)] == []


def test_what_was_flashed_is_shown_as_text(app: Flask):
    with app.test_request_context("/"):
        flash(t("flashed"), t("category"))
        read = render(app, "messages.messages", {})

    assert t("flashed") in read.texts
    assert {"script", "img"} & read.names == set()
