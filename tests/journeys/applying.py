"""From the registration of a lead applicant to the submitted application."""

from __future__ import annotations

import re

from tests.journeys.people import Cast, Visitor, letter, said
from tests.journeys.plots import APN, INVITED, ITN, Newcomer, Plot

# The city of the partner of the demonstration.
DEMO_CITY = "Demo Przykładowo"
WITH_A_PARTNER_WHO_LEAVES = WITH_A_SLOW_MAIL_SERVER = APN
WITH_AN_INVITATION = ITN
MOST_PAGES_TO_THE_FIRST_FIELD = 7


def write(cast: Cast, plot: Plot) -> str:
    """Everything up to the whole draft; gives the reference."""
    reference = register_and_write(cast, plot)
    complete_with_partners(cast, reference, plot)
    return reference


def register_and_write(cast: Cast, plot: Plot) -> str:
    """From the registration to the last section of the form."""
    lead = cast.newcomer(plot.call)
    if plot is WITH_A_SLOW_MAIL_SERVER:
        # What a mail server says names the address; the message comes at the second attempt.
        lead.post.answers.append(f"451 4.3.0 <{plot.lead.email}> is greylisted, come back later")
    lead.open(f"/calls/{plot.call}")
    with lead.counted_pages() as pages:
        lead.page.get_by_role("main").get_by_role("link", name="Start an application").first.click()
        open_an_account(lead, plot.lead)
        enter_the_city(lead, plot)
        reference = start_the_draft(lead, plot)
    assert len(pages) <= MOST_PAGES_TO_THE_FIRST_FIELD, pages
    lead.open(f"/applications/{reference}/")
    lead.sees("Not yet submitted")
    write_the_sections(cast, plot)
    return reference


def complete_with_partners(cast: Cast, reference: str, plot: Plot) -> None:
    """Partners and what they say, budget and letters."""
    add_the_partners(cast, reference, plot)
    write_the_profiles(cast, reference, plot)
    if plot is WITH_A_PARTNER_WHO_LEAVES:
        a_partner_comes_and_goes(cast, reference, plot)
    if DEMO_CITY in plot.partners:
        let_the_partner_write(cast, reference, plot)
    if plot is WITH_AN_INVITATION:
        invite_somebody(cast.person(plot.call), reference)
    plan_the_budget(cast.person(plot.call), reference, plot)
    upload_the_letters(cast, reference, plot)


def open_an_account(visitor: Visitor, person: Newcomer) -> None:
    """From the page on which one registers to the first page of who is signed in."""
    visitor.page.get_by_label("Your name").fill(person.name)
    visitor.page.get_by_label("E-mail").fill(person.email)
    visitor.page.locator("input[type=checkbox]").check()
    visitor.press("Open an account")

    text = visitor.message("Confirm", person.email)
    link = re.search(r"https?://\S+(/register/confirm/\S+)", text)
    assert link is not None, text
    visitor.open(link[1])
    visitor.page.get_by_label("Password").fill(person.password)
    visitor.press("Confirm my address")


def enter_the_city(lead: Visitor, plot: Plot) -> None:
    """Looks for it first; what was looked for stands in the form."""
    lead.page.get_by_label("Its name or its city").fill(plot.city.name)
    lead.press("Find")
    region = lead.page.get_by_label("Region of its seat")
    if region.count():
        region.select_option(plot.city.region)
    lead.page.get_by_label("Kind of organisation").select_option("CITY_MUNICIPALITY")
    lead.press("Enter the organisation")


def start_the_draft(lead: Visitor, plot: Plot) -> str:
    """With the one organisation that one works for; leads to the first section."""
    lead.press("Start the draft")
    reference = re.search(rf"/applications/({plot.call}-\d+)/sections/", lead.page.url)
    assert reference is not None, lead.page.url
    assert lead.page.get_by_role("main").locator("form input:visible, form textarea:visible").count()
    return reference[1]


def write_the_sections(cast: Cast, plot: Plot) -> None:
    """Section by section; from what is filled in by hand the form leads on to the next one."""
    lead = cast.person(plot.call)
    sections = lead.page.locator("#sections a[href*='/sections/']").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert len(sections) >= 10
    for section, following in zip(sections, [*sections[1:], ""], strict=True):
        if cast.by_hand(section.rpartition("/")[2]):
            if not lead.page.url.endswith(section):
                lead.open(section)
            lead.fill_in_everything(plot.text, plot.answers)
            save_and_go_on(lead)
            assert lead.page.url.endswith(following), f"{section} led to {lead.page.url}: {lead.main_text()}"
        else:
            lead.repeat(section, "main form[data-guard]", said(plot.text, plot.answers))


def save_and_go_on(writer: Visitor) -> None:
    writer.presses(writer.page.get_by_role("main").locator("form .toolbar button[type=submit]").first, "Save")


def add_the_partners(cast: Cast, reference: str, plot: Plot) -> None:
    lead, path = cast.person(plot.call), f"/applications/{reference}/partners"
    for city in plot.partners:
        if cast.by_hand("partners", often=2):
            lead.open(path)
            lead.page.get_by_label("Name or city").fill(city)
            lead.press("Search")
            found = lead.page.get_by_role("button", name=re.compile(f"^Add .*{city}"))
            lead.press(found.first.inner_text())
        else:
            lead.repeat(f"{path}?name={city}", "#find li form")
    lead.open(path)
    lead.sees(f"{len(plot.partners) + 1} partners")


def write_the_profiles(cast: Cast, reference: str, plot: Plot) -> None:
    """What each partner says about itself; the lead partner writes for all."""
    lead, path = cast.person(plot.call), f"/applications/{reference}/partners"
    lead.open(path)
    parts = lead.page.locator("#profiles a[href*='/sections/']").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert len(parts) == 2 * (len(plot.partners) + 1)
    for number, part in enumerate(parts):
        # The first ones are those of the lead partner, whose address nobody else may have.
        answers = {**plot.answers, "contacts-0-email": plot.contact} if number < 2 else plot.answers
        if cast.by_hand("profiles", often=2):
            lead.open(part)
            lead.fill_in_everything(plot.text, answers)
            save_and_go_on(lead)
        else:
            lead.repeat(part, "form[data-guard]", said(plot.text, answers))
    lead.open(path)
    assert lead.page.locator("#profiles").get_by_text("Nothing missing", exact=True).count() == len(parts)


def a_partner_comes_and_goes(cast: Cast, reference: str, plot: Plot) -> None:
    """Whoever is taken out has read the application, and does not any more."""
    lead, partner = cast.person(plot.call), cast.person("partner")
    path, own = f"/applications/{reference}/partners", f"/applications/{reference}/sections/methodology"
    lead.repeat(f"{path}?name={DEMO_CITY}", "#find li form")
    partner.open(own)
    assert plot.word in partner.page.content()
    lead.open(path)
    lead.page.get_by_text(f"Take out: {DEMO_CITY}").click()
    lead.press(f"Take {DEMO_CITY} out")
    answer = partner.page.goto(partner.program.url + own)
    assert answer is not None
    assert answer.status == 404


def let_the_partner_write(cast: Cast, reference: str, plot: Plot) -> None:
    lead, partner = cast.person(plot.call), cast.person("partner")
    lead.open(f"/applications/{reference}/partners")
    button = lead.page.get_by_role("row", name=DEMO_CITY).get_by_role("button", name="Let them write")
    if button.count():
        lead.presses(button, "Let them write")
    partner.open(f"/applications/{reference}/sections/rationale")
    partner.page.locator("textarea").first.fill(plot.words_of_the_partner)
    partner.press("Save")


def invite_somebody(lead: Visitor, reference: str) -> None:
    lead.open(f"/applications/{reference}/invitations")
    lead.page.locator("select[name=partner]").select_option(index=0)
    lead.page.locator("input[name=email]").fill(INVITED)
    lead.press("Send the invitation")
    lead.sees(INVITED)


def plan_the_budget(lead: Visitor, reference: str, plot: Plot) -> None:
    lead.open(f"/applications/{reference}/budget")
    cells = lead.page.locator("table.grid tr.grid__typed").first.locator("input")
    assert cells.count() == len(plot.partners) + 1
    for cell in cells.all():
        cell.fill("50 000,50")
    lead.press("Save")
    # With the flat rate for what an office costs, for each partner down to the cent.
    lead.sees(f"€{cells.count() * (5_000_050 * 115 // 100) // 100:,}")


def upload_the_letters(cast: Cast, reference: str, plot: Plot) -> None:
    lead, path = cast.person(plot.call), f"/applications/{reference}/documents"
    lead.open(path)
    places = lead.page.locator("section.panel[id^=partner-]").evaluate_all("all => all.map(each => each.id)")
    assert len(places) == len(plot.partners) + 1
    for place in places:
        if cast.by_hand("letters"):
            form = lead.page.locator(f"#{place}")
            form.locator("input[type=file]").set_input_files(letter(plot.text))
            lead.presses(form.get_by_role("button", name="Save the letter"), "Save the letter")
        else:
            name = f"{place.replace('partner-', 'p')}-letter"
            lead.repeat(path, f"#{place} form", **{name: letter(plot.text)})
    lead.open(path)
    assert lead.page.get_by_text("Missing", exact=True).count() == 0


def submit(cast: Cast, reference: str, plot: Plot) -> None:
    lead = cast.person(plot.call)
    lead.open(f"/applications/{reference}/")
    lead.page.get_by_role("link", name="Look once more, then submit").click()
    lead.press("Submit the application")
    lead.sees("Receipt")
    assert reference in lead.message("Submitted", plot.lead.email)
    lead.hears(f"/applications/{reference}/", "Provisional report")
