"""An expert enters the pool, applies to a network, is appointed by two, and leaves it again."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.journeys.applying import open_an_account
from tests.journeys.people import Cast, Visitor, account_of, in_weeks, letter
from tests.journeys.plots import CV, EXPERT, MOTIVATION, SKILLS, Plot


def join_the_network(cast: Cast, plot: Plot) -> None:
    """Registration, profile, two readers, validation, search, application, choice and appointment."""
    expert, officer, lead = cast.newcomer("newcomer"), cast.person("officer1"), cast.person(plot.call)
    expert.open("/register")
    open_an_account(expert, EXPERT)
    describe_oneself(expert)

    second = cast.person("officer2")
    for reader in (officer, second):
        read_each_kind(reader)
    second.press("Validate as lead expert")
    assert "lead expert" in expert.message("You are validated", EXPERT.email).lower()

    lead.open(f"/networks/{plot.slug}/work/experts")
    look_for_an_expert(lead)
    apply(expert, plot)

    lead.open(f"/networks/{plot.slug}/work/experts")
    lead.page.get_by_role("link", name=EXPERT.name).click()
    lead.sees(SKILLS)
    lead.sees("validated as lead expert")
    lead.page.get_by_label("Days", exact=True).fill("10")
    lead.press("Choose this expert")
    lead.sees("Chosen for 10 days")
    assert "10 days" in expert.message("Chosen", EXPERT.email)

    officer.open(urlsplit(lead.page.url).path)
    officer.press("Validate the choice")
    officer.sees("Appointed for 10 days")
    assert "10 days" in expert.message("Appointed", EXPERT.email)


def leave_the_network(cast: Cast, plot: Plot) -> None:
    """The lead expert leaves; the search for another one is open, with the days that are left."""
    expert, lead = cast.person("newcomer"), cast.person(plot.call)
    expert.open("/expert-applications/")
    expert.page.get_by_role("table").first.get_by_role("link").first.click()
    expert.page.get_by_text("End the appointment").first.click()
    expert.page.get_by_label("Last day in the network").fill(in_weeks(0))
    expert.page.get_by_label("Days worked so far").fill("3")
    expert.page.get_by_label("Reason").last.fill("A new post elsewhere.")
    expert.press("End the appointment")
    expert.sees("after 3 days")
    assert "Days worked: 3 of 10" in lead.message("Left", account_of(plot.call).email)

    lead.open(f"/networks/{plot.slug}/work/experts")
    lead.sees("Opened because a lead expert left")
    lead.sees("7 days")
    lead.open(f"/networks/{plot.slug}")
    lead.page.get_by_role("link", name="Lead expert").click()
    lead.sees("7 days")


def read_each_kind(reader: Visitor) -> None:
    """One of two readers finds each kind of expertise proven."""
    reader.open("/office/experts/")
    reader.page.get_by_role("link", name=EXPERT.name).click()
    for _ in range(3):
        reader.page.get_by_label("Yes, proven").first.check()
        reader.page.get_by_label("Where it stands, or what is missing").first.fill("The CV names twelve networks.")
        reader.press("Keep my reading")


def look_for_an_expert(lead: Visitor) -> None:
    """What the network needs, as data."""
    lead.page.get_by_label("Who you look for").select_option("lead")
    lead.page.get_by_label("What the expert is to do").fill("Help the cities to learn from each other.")
    lead.page.get_by_role("checkbox", name="Mobility").check()
    lead.page.get_by_label("Days", exact=True).fill("10")
    lead.page.get_by_label("From", exact=True).fill(in_weeks(0))
    lead.page.get_by_label("Until", exact=True).fill(in_weeks(50))
    lead.press("Open the search")


def apply(expert: Visitor, plot: Plot) -> None:
    """The search is found in the public list of searches of the demonstration."""
    expert.open("/experts/searches/?demonstration=1")
    expert.page.locator("table").get_by_role("link", name=plot.acronym).first.click()
    expert.sees("Help the cities to learn from each other.")
    expert.page.get_by_role("link", name="Apply", exact=True).click()
    expert.page.get_by_label("Why you").fill(MOTIVATION)
    expert.press("Send the application")


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
