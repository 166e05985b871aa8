"""Sample objects for the kit: invented cities and figures that show every form a macro can take."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace as Sample
from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from urbact_calls.domain.map_projection import project
from urbact_calls.domain.vocabulary import Tone
from urbact_calls.web.forms import BaseForm, EuroField, PlainDateField, PlainIntegerField

MADE_AT = datetime(2027, 3, 9, 13, 18, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class State:
    """A state as macros read it."""

    label: str
    tone: Tone
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class SampleFinding:
    title: str
    outcome: str
    message: str
    source: str = "Terms of Reference, section 4"
    figure: str = ""
    fix: str = ""
    place: Any = None


@dataclass(frozen=True, slots=True)
class SampleOffer:
    name: str
    label: str
    emphasis: str = "secondary"
    reason_required: bool = False
    refusals: tuple[Any, ...] = ()
    advice: Any = None
    is_reviewed: bool = False

    @property
    def is_open(self) -> bool:
        return not self.refusals


@dataclass(frozen=True, slots=True)
class GridCell:
    name: str
    value: str
    errors: tuple[str, ...] = field(default=())


class KitForm(BaseForm):
    """One field of every kind."""

    title = StringField(
        "Title of the network", [InputRequired("Give the network a title.")], description="As people would say it."
    )
    summary = TextAreaField(
        "What is the shared challenge?", [Length(max=4000)], description="What happens in your streets."
    )
    theme = SelectField("Theme", choices=[SelectChoice("", "Choose one"), SelectChoice("housing", "Housing")])
    lead = RadioField(
        "Who leads?",
        choices=[SelectChoice("city", "A city"), SelectChoice("agency", "A metropolitan agency")],
        default="city",
    )
    languages = SelectMultipleField(
        "Languages of the meetings",
        choices=[SelectChoice("en", "English"), SelectChoice("fr", "French"), SelectChoice("pt", "Portuguese")],
    )
    staff = EuroField("Staff", description="For the whole network.")
    months = PlainIntegerField("Months", description="At most 31.")
    starts = PlainDateField("First day", [InputRequired("Give the first day.")])
    secret = PasswordField("Password")
    letter = FileField("Letter of commitment", description="PDF, at most 5 MB, signed.")
    agreed = BooleanField("We have read the Terms of Reference", description="Version 2 of 22 January 2027.")


class ScoreForm(BaseForm):
    points = RadioField("Partnership", choices=[SelectChoice(str(points)) for points in range(6)], default="4")
    reasons = TextAreaField(
        "Reasons, shown to the applicant", [Length(max=1500)], description="At least 150 characters."
    )


def states() -> list[tuple[str, list[State]]]:
    """Every tone with the words that carry it."""
    return [
        (
            "neutral: waiting, not begun",
            [
                State("Draft", Tone.NEUTRAL, "half"),
                State("Not started", Tone.NEUTRAL),
                State("Not approved", Tone.NEUTRAL),
            ],
        ),
        (
            "info: someone is working on it",
            [
                State("Submitted", Tone.INFO, "tick"),
                State("Eligibility check", Tone.INFO),
                State("Consensus", Tone.INFO),
            ],
        ),
        (
            "good: done or met",
            [State("Complete", Tone.GOOD), State("Eligible", Tone.GOOD), State("Approved", Tone.GOOD)],
        ),
        (
            "caution: someone must act",
            [State("Clarification due 14 April", Tone.CAUTION), State("Approved with conditions", Tone.CAUTION)],
        ),
        (
            "bad: a rule says no",
            [State("Not met", Tone.BAD), State("Not eligible", Tone.BAD), State("Closed, too late", Tone.BAD, "lock")],
        ),
        (
            "calm: with the committee",
            [State("Ranked", Tone.CALM), State("Reserve 2", Tone.CALM), State("Sealed", Tone.CALM, "lock")],
        ),
        (
            "brand and open: public",
            [State("Network running", Tone.BRAND), State("Moved up", Tone.BRAND, "arrow"), State("Open", Tone.OPEN)],
        ),
    ]


def report() -> Sample:
    """A report with findings of the three outcomes, in the order of the rule book."""
    return Sample(
        version="Terms of Reference, version 2",
        made_at=MADE_AT,
        note="The official check comes after the call closes.",
        place_of=lambda finding: finding.place,
        findings=[
            SampleFinding("8 to 10 partners", "met", "9 partners, lead partner included.", figure="9"),
            SampleFinding("At least 7 countries", "met", "9 countries.", figure="9"),
            SampleFinding(
                "At least 70 % from less developed or transition regions",
                "not_met",
                "6 of 9 partners come from such regions; this call asks for 7.",
                figure="66 %",
                fix="get the confirmation of Rivermouth. 7 of 10 is 70 %.",
                place=Sample(href="#partners", label="Invite again"),
            ),
            SampleFinding(
                "Total budget up to €850,000",
                "not_met",
                "€862,380 is €12,380 too much.",
                source="Terms of Reference, section 7",
                figure="€862,380",
                fix="take €12,380 off any line.",
                place=Sample(href="#budget", label="Open the budget"),
            ),
            SampleFinding(
                "Letters signed",
                "to_be_checked",
                "6 of 9 letters are here; a person reads the signatures.",
                figure="6 of 9",
            ),
            SampleFinding("A city leads", "met", "Alderford is a city.", figure="Alderford"),
            SampleFinding("At most 2 partners that are not cities", "met", "Every partner is a city.", figure="0"),
        ],
    )


def offers() -> list[SampleOffer]:
    closed = (Sample(code="letters.missing", message="3 letters are missing: Pinewell, Tarn, Espen.", field=None),)
    return [
        SampleOffer("first", "Submit the application", "primary"),
        SampleOffer("second", "Withdraw the application", "warning", reason_required=True),
        SampleOffer("third", "Declare eligible", refusals=closed),
    ]


def sections() -> list[Sample]:
    complete, progress = State("Complete", Tone.GOOD), State("In progress", Tone.INFO)
    broken = State("Fix 1 rule", Tone.BAD)
    rows = [
        ("Network in brief", "Title, theme, policy objective", "", complete),
        ("Challenge and policy context", "3,870 of 4,000 characters", "", complete),
        ("Partnership", "One rule not met", "Alderford", broken),
        ("Each city’s challenge", "8 of 10 cities written", "All partners", progress),
        ("Methodology and stages", "A colleague is writing here now", "", progress),
        ("Work plan and outputs", "", "", complete),
        ("Leadership and management", "", "", complete),
        ("Budget", "€12,380 over the limit", "All partners", broken),
        ("Communication", "", "", complete),
    ]
    return [
        Sample(title=title, href="#", fact=fact, waiting=waiting, state=state) for title, fact, waiting, state in rows
    ]


def partners() -> list[Sample]:
    done, started = State("Done", Tone.GOOD), State("Started", Tone.CAUTION, "half")
    missing, unsigned = State("Missing", Tone.NEUTRAL), State("Unsigned", Tone.CAUTION)

    def partner(name: str, place: str, region: str, cells: list[State], act: str = "", note: str = "") -> Sample:
        return Sample(
            name=name, place=place, region=region, cells=cells, act_href="#" if act else "", act_label=act, note=note
        )

    return [
        partner("Alderford", "FR, lead", "Transition", [done, done, done, done]),
        partner("Isola", "IT", "Less developed", [done, done, done, done]),
        partner("Szentváros", "HU", "Less developed", [done, done, done, done]),
        partner("Pinhal", "PT", "Less developed", [done, done, done, unsigned], "Remind"),
        partner("Tårnby Sogn", "DK", "More developed", [done, started, done, missing], "Remind"),
        partner("Rivermouth", "RO", "Less developed", [], "Invite again", "Invited on 2 March, not confirmed yet"),
    ]


def timeline_wide() -> list[Sample]:
    steps = [
        ("Draft", "18 January"),
        ("Submitted", "29 March, 16:02"),
        ("Eligible", "16 April"),
        ("Assessment", "Since 3 May"),
    ]
    later = [("Ranking", "July"), ("Decision", "September"), ("Contract", "October"), ("Network", "1 November")]
    states = ["done", "done", "done", "now", *["to_come"] * 4]
    return [
        Sample(label=label, when=when, state=state) for (label, when), state in zip(steps + later, states, strict=True)
    ]


def timeline_ended() -> list[Sample]:
    return [
        Sample(label="Submitted", when="30 March 2027, 11:47", state="done"),
        Sample(
            label="Not eligible",
            text="One rule was not met: 6 countries, at least 7 are needed.",
            state="now",
            href="#",
            link="Read the finding",
        ),
        Sample(label="Assessment, decision and network", when="Not reached", state="not_reached"),
    ]


def cities() -> list[Sample]:
    """Invented names at plausible places, the lead partner first."""
    places = [
        ("Pinhal", 41.5, -8.4),
        ("Tårnby Sogn", 59.4, 24.7),
        ("Alderford", 48.9, 2.4),
        ("Isola", 44.4, 8.9),
        ("Zadrane", 44.1, 15.2),
        ("Budvari", 42.3, 18.8),
        ("Varnica", 43.2, 27.9),
        ("Limani", 37.9, 23.6),
        ("Leukos", 35.2, 33.4),
        ("Malagar", 36.7, -4.4),
    ]
    return [Sample(name=name, **dict(zip("xy", project(lat, lon), strict=True))) for name, lat, lon in places]


def networks() -> list[Sample]:
    """The same cities led in turn by each of three."""
    return [Sample(cities=cities(), lead=lead) for lead in (0, 4, 7)]


def grid() -> tuple[list[Sample], list[Sample]]:
    """Partners and lines of a budget of three partners that is over its limit."""
    columns = [
        Sample(name="Alderford", country="FR", is_lead=True),
        Sample(name="Isola", country="IT", is_lead=False),
        Sample(name="Szentváros", country="HU", is_lead=False),
    ]

    def typed(code: str, label: str, amounts: list[str], total: str) -> Sample:
        cells = [GridCell(f"{code}-{at}", amount) for at, amount in enumerate(amounts)]
        return Sample(kind="typed", label=label, cells=cells, total=total)

    travel = typed("travel", "Travel and accommodation", ["16000", "9500", "11,5oo"], "?")
    travel.cells[2] = GridCell("travel-2", "11,5oo", ("Type an amount in euros, for example 1500.",))
    lines = [
        typed("staff", "Staff", ["128000", "36000", "34000"], "198,000"),
        Sample(
            kind="calculated",
            label="Office and administration",
            note="15 % of staff",
            cells=["19,200", "5,400", "5,100"],
            total="29,700",
            live="rate",
            rate_bp=1500,
            rate_of=0,
        ),
        travel,
        typed("expertise", "External expertise", ["74000", "26000", "25000"], "125,000"),
        Sample(kind="total", label="Total", cells=["237,200", "76,900", "75,600"], total="389,700", warn=True),
        Sample(kind="head", label="Co-financing"),
        Sample(kind="share", label="European rate", cells=["70 %", "80 %", "80 %"], total="73.9 %"),
        Sample(
            kind="calculated",
            label="European funding",
            cells=["166,040", "61,520", "60,480"],
            total="288,040",
            live="funding",
            rates_bp=[7000, 8000, 8000],
        ),
        Sample(kind="calculated", label="Own share", cells=["71,160", "15,380", "15,120"], total="101,660", live="own"),
    ]
    return columns, lines


def edit_conflict() -> tuple[Sample, Sample]:
    mine = [
        ("The Local Group of each city meets ", False),
        ("every six weeks", True),
        (" and ", False),
        ("tests one small action per season", True),
        (". Its coordinator reports to the deputy mayor.", False),
    ]
    theirs = [
        ("The Local Group of each city meets ", False),
        ("once a month", True),
        (" and ", False),
        ("includes at least three residents who live alone", True),
        (". Its coordinator reports to the deputy mayor.", False),
    ]
    return Sample(words="Yours, 14:20:41", text="", parts=mine), Sample(
        words="Alderford’s, 14:20:12", text="", parts=theirs
    )
