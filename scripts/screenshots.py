"""Draws the pictures of the guides: the real program with its demonstration, as real Chromium shows it.

    .venv/bin/python -m scripts.screenshots            draws docs/pictures/ again
    .venv/bin/python -m scripts.screenshots FOLDER     draws them somewhere else

It starts the program on an empty instance, takes the application of the demonstration from the draft to the network,
with the steps of the journeys in `tests/journeys/`, and photographs the pages on the way. `./test.sh` installs what it
needs. Only dates differ between two runs.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from config import ROOT
from scripts.journeys.trial import running_cast
from tests.journeys import applying, office, panel
from tests.journeys.people import Cast, Visitor
from tests.journeys.plots import City, Newcomer, Plot
from tests.services_browser import running_browser
from urbact_calls.demonstration import people as demonstration
from urbact_calls.demonstration.made_up_cities import LEAD_CITY, PARTNER_CITIES

PICTURES = ROOT / "docs" / "pictures"
REFERENCE = "APN-DEMO-001"
# The pages have few colours: a palette makes a picture a third as large, and nobody sees it. The most frequent colours
# stay as they are; the others cover the rare ones too: the ember of the one loud thing is a small part of a page.
FREQUENT, RARE = 96, 128
WIDE, NARROW = (1280, 900), (390, 780)


class Story(Plot):
    """The application of the demonstration, and what is said about it."""

    text = "This is a demonstration text for"
    remark = "The challenge is shared by all partners; who learns what from whom could be clearer."
    note = "Seen in the dossier and in the letter."
    reasons = "A clear challenge, and a partnership that fits it."


STORY = Story(
    call="APN-DEMO",
    acronym="DEMOCITIES",
    lead=Newcomer(name="Lara Lead", email="lead@example.org", password=demonstration.PASSWORD),
    city=City(name=LEAD_CITY.name, country=LEAD_CITY.country, region=LEAD_CITY.nuts2 or ""),
    partners=tuple(city.name for city in PARTNER_CITIES),
    plan_of_lead="Integrated Action Plan",
    plan_of_partner="Integrated Action Plan",
    word="demonstration text",
)


@dataclass(frozen=True)
class Album:
    """The folder into which the pictures go."""

    folder: Path

    def take(self, visitor: Visitor, name: str, path: str, *, at: str = "", size: tuple[int, int] = WIDE) -> None:
        """Keeps what a window of this size shows of the page, from the element `at` downwards."""
        visitor.page.set_viewport_size({"width": size[0], "height": size[1]})
        visitor.open(path)
        if at:
            visitor.page.locator(at).first.evaluate("place => place.scrollIntoView()")
        drawn = Image.open(BytesIO(visitor.page.screenshot(animations="disabled", caret="hide")))
        with_few_colours(drawn.convert("RGB")).save(self.folder / f"{name}.png", optimize=True)
        visitor.page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


def with_few_colours(drawn: Image.Image) -> Image.Image:
    """The picture in a palette."""
    counted = sorted(drawn.getcolors(drawn.width * drawn.height) or (), reverse=True)
    frequent = [part for _, colour in counted[:FREQUENT] if isinstance(colour, tuple) for part in colour]
    rare = drawn.quantize(RARE, method=Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*frequent, *rare])
    return drawn.quantize(palette=palette, dither=Image.Dither.NONE)


def photograph(cast: Cast, album: Album) -> None:
    """The whole story, in its order."""
    reader = cast.newcomer("reader")
    album.take(reader, "front", "/")
    album.take(reader, "front-narrow", "/", size=NARROW)
    album.take(reader, "call", f"/calls/{STORY.call}")

    write_and_submit(cast, album)
    office.close_the_call(cast, STORY)
    officer = cast.person("officer1")
    officer.waits_for(f"/eligibility/{REFERENCE}/", "Official report")
    album.take(officer, "officer-dashboard", "/dashboard")
    album.take(officer, "eligibility", f"/eligibility/{REFERENCE}/")
    office.check_eligibility(cast, REFERENCE, STORY)

    lead = cast.person("lead")
    album.take(lead, "standing", f"/applications/{REFERENCE}/")
    panel.assess(cast, REFERENCE, STORY)
    assessor = cast.person("assessor1")
    album.take(assessor, "sheet", f"/assessment/applications/{REFERENCE}/sheet")
    album.take(assessor, "consensus", f"/assessment/applications/{REFERENCE}/consensus")

    office.record_the_decision(cast, REFERENCE, STORY)
    album.take(officer, "decisions", f"/decisions/calls/{STORY.call}/")
    office.announce_the_decision(cast, STORY)
    lead.waits_for(f"/applications/{REFERENCE}/", "Network founded")
    album.take(reader, "network", f"/networks/{STORY.slug}")
    album.take(officer, "workers", "/office/jobs/")


def write_and_submit(cast: Cast, album: Album) -> None:
    lead = cast.person("lead")
    case = f"/applications/{REFERENCE}/"
    album.take(lead, "draft", case)
    album.take(lead, "budget", f"{case}budget")
    questions = section_addresses(lead, case, "#sections")
    album.take(lead, "section", questions[1])
    album.take(lead, "section-narrow", questions[1], at="main form", size=NARROW)

    # The demonstration leaves the last question and the profile of the last partner to be written.
    profiles = section_addresses(lead, f"{case}partners", "body")
    last_partner = profiles[-1].partition("/sections/")[0]
    for address in (questions[-1], *(each for each in profiles if each.startswith(f"{last_partner}/"))):
        lead.open(address)
        lead.fill_in_everything("Not a real answer; this is a demonstration.")
        form = lead.page.get_by_role("main").locator("form").first
        # The last one: the first is for the Enter key and is not shown.
        lead.presses(form.locator("button[type=submit]").last, "Save")
    cast.known[STORY.call] = lead
    applying.upload_the_letters(cast, REFERENCE, STORY)
    applying.submit(cast, REFERENCE, STORY)


def section_addresses(visitor: Visitor, path: str, within: str) -> list[str]:
    """The parts of the form to which a page leads."""
    visitor.open(path)
    links = visitor.page.locator(f"{within} a[href*='/sections/']")
    found: list[str] = links.evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return list(dict.fromkeys(address.partition("#")[0] for address in found))


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts.screenshots", description="Draws the pictures of the guides.")
    parser.add_argument("folder", type=Path, nargs="?", default=PICTURES, help="where they go (docs/pictures)")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="urbact-pictures-") as temporary,
        running_browser() as browser,
        running_cast(browser, Path(temporary)) as cast,
    ):
        photograph(cast, Album(folder))
    for picture in sorted(folder.glob("*.png")):
        print(f"{picture.name:<28}{picture.stat().st_size // 1024:>5} KB")


if __name__ == "__main__":
    main()
