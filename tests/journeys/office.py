"""What the Joint Secretariat does: closes the call, checks the eligibility, writes down and announces the decision."""

from __future__ import annotations

import re

from tests.journeys.people import Cast, Visitor, in_weeks
from tests.journeys.plots import Plot


def close_the_call(cast: Cast, plot: Plot) -> None:
    manager = cast.person("manager")
    manager.open(f"/office/calls/{plot.call}")
    manager.press("Close this demonstration call now")


def check_eligibility(cast: Cast, reference: str, plot: Plot) -> None:
    first, second = cast.person("officer1"), cast.person("officer2")
    first.waits_for(f"/eligibility/{reference}/", "Official report")
    settle_everything(cast, reference, plot)
    confirm_the_regions(first, reference)
    write_a_note(first, reference, plot)
    first.open(f"/applications/{reference}/")
    first.press("Propose: eligible")
    first.sees("Another officer confirms")

    second.open(f"/applications/{reference}/")
    second.press("Confirm: eligible")
    second.sees("Eligible")
    assert "Assessors" in first.message(f"Eligible: {reference}", plot.lead.email)


def settle_everything(cast: Cast, reference: str, plot: Plot) -> None:
    """Each finding that waits for a person: met, with what was seen."""
    officer, path = cast.person("officer1"), f"/eligibility/{reference}/"
    waiting = officer.page.locator(".findings__list--caution li.finding")
    for _ in range(waiting.count()):
        if cast.by_hand("findings"):
            finding = waiting.first
            settle = finding.locator("details.settle")
            if settle.get_attribute("open") is None:
                settle.locator("summary").click()
            finding.get_by_label("Met", exact=True).check()
            finding.get_by_label("Note").fill(plot.note)
            officer.presses(finding.get_by_role("button", name="Keep what I found"), "Keep what I found")
        else:
            form = ".findings__list--caution li.finding details.settle form"
            officer.repeat(path, form, outcome="met", note=plot.note)
    officer.open(path)
    assert waiting.count() == 0, f"findings are still open: {officer.main_text()}"


def confirm_the_regions(officer: Visitor, reference: str) -> None:
    """What came from the tables is ticked; the region that somebody chose is ticked by hand."""
    for box in officer.page.locator("input[name=ticked]").all():
        box.check()
    officer.press("Confirm the ticked regions")
    officer.sees("All are confirmed")


def write_a_note(officer: Visitor, reference: str, plot: Plot) -> None:
    officer.open(f"/office/applications/{reference}/notes")
    officer.page.locator("textarea[name=text]").fill(plot.internal)
    officer.press("Keep the note")
    officer.sees(plot.internal)


def record_the_decision(cast: Cast, reference: str, plot: Plot) -> None:
    officer = cast.person("officer1")
    officer.open(f"/decisions/calls/{plot.call}/")
    officer.page.get_by_label("Reference").fill(f"MC {plot.call} 2027-02")
    officer.page.locator("input[name=held_on]").fill(in_weeks(0))
    officer.press("Enter the meeting")
    officer.page.get_by_role("link", name=re.compile(f"Record.*{reference}")).click()
    officer.page.locator("select[name=meeting]").select_option(index=0)
    officer.page.locator("input[name=outcome][value=approved]").check()
    officer.page.get_by_label("Reasons").fill(plot.reasons)
    officer.press("Record the decision")


def announce_the_decision(cast: Cast, plot: Plot) -> None:
    officer = cast.person("officer2")
    officer.open(f"/decisions/calls/{plot.call}/")
    officer.page.get_by_role("link", name="Announce 1 decision").click()
    officer.press("Announce 1 decision")
