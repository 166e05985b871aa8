"""What the External Assessment Panel does: declares, scores, agrees, and gives the office a ranking to seal."""

from __future__ import annotations

from collections.abc import Sequence

from tests.journeys.people import Cast, Visitor, account_of, in_weeks, said
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
        assert reference in assessor.message(reference, account_of(name).email)
        declare(assessor, reference, plot)
        if cast.by_hand("sheets", often=2):
            score_and_lock(assessor, reference, plot, points)
        else:
            send_and_lock(assessor, reference, plot, points)
    agree(cast, reference, plot, ("assessor1", second, "chair"))

    officer.waits_for(f"/assessment/calls/{plot.call}/ranking", "Assessed")
    officer.press("Seal for the committee")
    officer.sees("80")


def allocate(officer: Visitor, reference: str, plot: Plot, name: str) -> None:
    page = f"{officer.program.url}/assessment/calls/{plot.call}/"
    if officer.page.url != page:
        officer.page.goto(page)
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
    cast.person("substitute")


def declare(assessor: Visitor, reference: str, plot: Plot) -> None:
    """Only then the assessor may read the application."""
    assessor.open("/assessment/desk/")
    assessor.sees(reference)
    assessor.open(f"/assessment/applications/{reference}/declaration")
    assert plot.word not in assessor.main_text()
    assessor.page.locator("input[type=radio][value=none]").check()
    assessor.press("Declare")


def score_and_lock(assessor: Visitor, reference: str, plot: Plot, points: int) -> None:
    assessor.open(f"/assessment/applications/{reference}/sheet")
    assessor.sees(plot.text)
    score(assessor, plot, points)
    assessor.press("Save")
    assessor.press("Lock the sheet")
    assessor.sees("Locked on")


def send_and_lock(assessor: Visitor, reference: str, plot: Plot, points: int) -> None:
    """The same without drawing the pages."""
    path = f"/assessment/applications/{reference}/sheet"
    assert plot.text in assessor.reads(path)
    assessor.repeat(path, "form.flow--sheet", said(plot.remark, {"points": str(points)}))
    assessor.repeat(path, "form.actions__offer")
    assert "Locked on" in assessor.reads(path)


def agree(cast: Cast, reference: str, plot: Plot, signers: Sequence[str]) -> None:
    """The first writes what is agreed; each signs it."""
    path = f"/assessment/applications/{reference}/consensus"
    first = cast.person(signers[0])
    is_by_hand = cast.by_hand("consensus sheets")
    if is_by_hand:
        first.open(path)
        score(first, plot, points=4)
        first.press("Save what is agreed")
    else:
        first.repeat(path, "main form[data-guard]", said(plot.remark, {"points": "4"}))
    for name in signers:
        signer = cast.person(name)
        if is_by_hand:
            signer.open(path)
            signer.press("Sign the consensus sheet")
        else:
            signer.repeat(path, "form.actions__offer")


def score(assessor: Visitor, plot: Plot, points: int) -> None:
    """The same points and reasons for each criterion, opened or not."""
    assessor.page.evaluate("document.querySelectorAll('details.criterion').forEach(each => each.open = true)")
    for box in assessor.page.locator(f"input[type=radio][value='{points}']").all():
        box.check(force=True)
    for area in assessor.page.locator("textarea[name$=_comment]").all():
        area.fill(plot.remark)
