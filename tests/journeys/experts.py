"""An expert enters the pool, applies to a network and is appointed by its lead partner."""

from __future__ import annotations

from tests.journeys.applying import open_an_account
from tests.journeys.people import Cast, Visitor, letter
from tests.journeys.plots import CV, EXPERT, MOTIVATION, SKILLS, Plot


def join_the_network(cast: Cast, plot: Plot) -> None:
    """Registration, profile, validation, search, application and appointment."""
    expert, officer, lead = cast.newcomer("newcomer"), cast.person("officer1"), cast.person(plot.call)
    expert.open("/register")
    open_an_account(expert, EXPERT)
    describe_oneself(expert)

    officer.open("/office/experts/")
    officer.page.get_by_role("link", name=EXPERT.name).click()
    for box in officer.page.locator("input[name=kinds]").all():
        box.check()
    officer.press("Validate as lead expert")
    assert "lead expert" in expert.message("You are validated", EXPERT.email).lower()

    lead.open(f"/networks/{plot.slug}/work/experts")
    lead.page.get_by_label("Who you look for").select_option("lead")
    lead.page.get_by_label("What the expert is to do").fill("Help the cities to learn from each other.")
    lead.press("Open the search")

    expert.open("/expert-applications/")
    expert.page.get_by_role("link", name=f"Read and apply to {plot.answers['title']}").or_(
        expert.page.locator(f"a[href*='/networks/{plot.slug}/']")
    ).first.click()
    expert.page.get_by_label("Why you").fill(MOTIVATION)
    expert.press("Send the application")

    lead.open(f"/networks/{plot.slug}/work/experts")
    lead.page.get_by_role("link", name=EXPERT.name).click()
    lead.sees(SKILLS)
    lead.page.get_by_label("Days").fill("10")
    lead.press("Appoint the expert")
    lead.sees("Appointed for 10 days")
    assert "10 days" in expert.message("Appointed", EXPERT.email)


def describe_oneself(expert: Visitor) -> None:
    expert.open("/expert-profile")
    expert.page.get_by_label("What you want to be").select_option("lead")
    for box in expert.page.locator("input[name=kinds]").all():
        box.check()
    expert.page.locator("input[name=themes]").first.check()
    expert.page.get_by_label("Country where you live").select_option("PL")
    expert.page.get_by_label("Years of experience").fill("12")
    expert.page.locator("select[name=language_1]").select_option("en")
    expert.page.locator("select[name=level_1]").select_option(index=5)
    expert.page.get_by_label("Skills").fill(SKILLS)
    expert.press("Save the profile")
    expert.sees("Saved")
    expert.page.locator("#cv input[type=file]").set_input_files(letter(CV))
    expert.press("Save the CV")
    expert.press("Submit to the Joint Secretariat")
