"""What the External Assessment Panel does: declares, scores, agrees, and gives the office a ranking to seal."""

from __future__ import annotations

from tests.journeys.people import Cast, Visitor, in_weeks
from tests.journeys.plots import SUBSTITUTE, TN, Plot

WITH_A_CONFLICT = TN
"""In this call an assessor has a conflict of interest, and another one takes the place."""


def assess(cast: Cast, reference: str, plot: Plot) -> None:
    officer, second = cast.person("officer1"), "assessor2"
    for name in ("Anna Assessor", "Aron Assessor"):
        allocate(officer, reference, plot, name)
    if plot is WITH_A_CONFLICT:
        declare_a_conflict(cast.person(second), reference, plot)
        second = "substitute"
        call_the_substitute(cast, reference, plot)

    for name, points in (("assessor1", 5), (second, 3)):
        assessor = cast.person(name)
        assert reference in assessor.message(reference, cast.emails.get(name, f"{name}@example.org"))
        declare_and_score(assessor, reference, plot, points)

    sheet = f"/assessment/applications/{reference}/consensus"
    first = cast.person("assessor1")
    first.open(sheet)
    score(first, plot, points=4)
    first.press("Save what is agreed")
    first.press("Sign the consensus sheet")
    for name in (second, "chair"):
        other = cast.person(name)
        other.open(sheet)
        other.press("Sign the consensus sheet")

    officer.waits_for(f"/assessment/calls/{plot.call}/ranking", "Assessed")
    officer.press("Seal for the committee")
    officer.sees("80")


def allocate(officer: Visitor, reference: str, plot: Plot, name: str) -> None:
    officer.open(f"/assessment/calls/{plot.call}/")
    row = officer.page.locator(f"tr[id='{reference}']")
    value = row.locator("select option", has_text=name).first.get_attribute("value")
    row.locator("select").select_option(value)
    row.locator("input[name=due_on]").fill(in_weeks(2))
    officer.presses(row.get_by_role("button", name="Allocate"), "Allocate")


def declare_a_conflict(assessor: Visitor, reference: str, plot: Plot) -> None:
    """Whoever has a conflict never sees what was written."""
    assessor.open(f"/assessment/applications/{reference}/declaration")
    assessor.page.locator("input[type=radio][value=conflict]").check()
    assessor.page.get_by_role("textbox").last.fill("A cousin works there.")
    assessor.press("Declare")
    assert plot.word not in assessor.main_text()


def call_the_substitute(cast: Cast, reference: str, plot: Plot) -> None:
    """Another assessor gets an account, a place on the panel, and the application."""
    cast.program.flask(
        *("user", "create", SUBSTITUTE.email, "--name", SUBSTITUTE.name, "--role", "assessor"),
        typed=f"{SUBSTITUTE.password}\n",
    )
    officer = cast.person("officer1")
    officer.open(f"/assessment/calls/{plot.call}/")
    panel = officer.page.locator("section", has=officer.page.get_by_role("heading", name="Add to the panel"))
    value = panel.locator("select option", has_text=SUBSTITUTE.name).first.get_attribute("value")
    panel.locator("select").first.select_option(value)
    officer.presses(panel.get_by_role("button", name="Add"), "Add")
    row = officer.page.locator(f"tr[id='{reference}'] li", has_text="Aron Assessor")
    if row.count():
        officer.presses(row.get_by_role("button", name="Take away"), "Take away")
    allocate(officer, reference, plot, SUBSTITUTE.name)
    cast.newcomer("substitute").sign_in(SUBSTITUTE.email, SUBSTITUTE.password)


def declare_and_score(assessor: Visitor, reference: str, plot: Plot, points: int) -> None:
    assessor.open("/assessment/desk/")
    assessor.sees(reference)
    assessor.open(f"/assessment/applications/{reference}/declaration")
    assert plot.word not in assessor.main_text()
    assessor.page.locator("input[type=radio][value=none]").check()
    assessor.press("Declare")

    assessor.open(f"/assessment/applications/{reference}/sheet")
    assessor.sees(plot.text)
    score(assessor, plot, points)
    assessor.press("Save")
    assessor.press("Lock the sheet")
    assessor.sees("Locked on")


def score(assessor: Visitor, plot: Plot, points: int) -> None:
    """The same points and reasons for each criterion, opened or not."""
    assessor.page.evaluate("document.querySelectorAll('details.criterion').forEach(each => each.open = true)")
    for box in assessor.page.locator(f"input[type=radio][value='{points}']").all():
        box.check(force=True)
    for area in assessor.page.locator("textarea[name$=_comment]").all():
        area.fill(plot.remark)
