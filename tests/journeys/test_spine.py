"""One Action Planning application, from registration to the public network page.

Real Chromium, the real site and worker; on SQLite with Valkey and on PostgreSQL with Redis.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from tests.journeys.people import Cast, Visitor, in_weeks, letter
from tests.services_program import Program

EMAIL = "claire.martin@example.org"
PASSWORD = "nine lanterns along the old canal"
ACRONYM = "JOURNEY"
PARTNERS = ("Isernia", "Serres", "Fót", "Pombal", "Jumilla", "Škofja Loka", "Tønder")
TEXT = "The partners of this demonstration work together on one challenge of their cities."


@pytest.mark.journey
@pytest.mark.timeout(420)
@pytest.mark.environment(APP_ENV="demo")
def test_one_application_goes_from_registration_to_the_public_network_page(live_server: Program, browser: Browser):
    cast = Cast(browser, live_server)

    with cast.stranger() as lead:
        open_an_account(lead)
        enter_the_city(lead)
        reference = start_the_draft(lead)
        write_the_sections(lead, reference)
        add_the_partners(lead, reference)
        write_the_profiles(lead, reference)
        plan_the_budget(lead, reference)
        upload_the_letters(lead, reference)
        submit(lead, reference)

        check_eligibility(cast, reference)
        assess(cast, reference)
        assert decision_is_kept(lead, reference)
        decide(cast, reference)

        lead.waits_for(f"/applications/{reference}/", "Network founded")
        assert "Approved" in lead.message("Decision", EMAIL) or "approved" in lead.main_text()

    with cast.stranger() as public:
        public.open(f"/networks/{ACRONYM.lower()}")
        for city in ("Poitiers", *PARTNERS):
            public.sees(city)
        public.sees(re.compile("demonstration", re.IGNORECASE))


def open_an_account(lead: Visitor) -> None:
    lead.open("/register")
    lead.page.get_by_label("Your name").fill("Claire Martin")
    lead.page.get_by_label("E-mail").fill(EMAIL)
    lead.page.get_by_label("Password").fill(PASSWORD)
    lead.page.locator("input[type=checkbox]").check()
    lead.press("Open an account")

    text = lead.message("Confirm", EMAIL)
    link = re.search(r"https?://\S+/register/confirm/\S+", text)
    assert link is not None, text
    lead.open("/register/confirm/" + link[0].rsplit("/", 1)[1])
    lead.page.get_by_role("main").get_by_role("button").first.click()
    lead.sign_in(EMAIL, PASSWORD)


def enter_the_city(lead: Visitor) -> None:
    lead.open("/organisations/new")
    lead.page.get_by_label("Name").fill("Poitiers")
    lead.page.get_by_label("City").first.fill("Poitiers")
    lead.page.get_by_label("Country").select_option("FR")
    lead.page.get_by_label("Kind of organisation").select_option("CITY_MUNICIPALITY")
    lead.page.get_by_label("Region").select_option("FRI3")
    lead.press("Enter the organisation")


def start_the_draft(lead: Visitor) -> str:
    lead.open("/calls/APN-DEMO")
    lead.page.get_by_role("link", name="Start an application").first.click()
    lead.page.get_by_role("main").locator("form input[type=radio], form select").first.evaluate(
        "field => field.tagName === 'SELECT' ? (field.selectedIndex = field.options.length - 1) : field.click()"
    )
    lead.press("Start the draft")
    lead.sees("Not yet submitted")
    reference = re.search(r"APN-DEMO-\d+", lead.page.url)
    assert reference is not None
    return reference[0]


def write_the_sections(lead: Visitor, reference: str) -> None:
    lead.open(f"/applications/{reference}/")
    sections = lead.page.locator("#sections a[href*='/sections/']")
    addresses = sections.evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert len(addresses) >= 10
    for address in addresses:
        lead.open(address)
        lead.fill_in_everything(TEXT)
        if lead.page.get_by_label("Acronym").count():
            lead.page.get_by_label("Acronym").fill(ACRONYM)
        lead.press("Save")


def add_the_partners(lead: Visitor, reference: str) -> None:
    for city in PARTNERS:
        lead.open(f"/applications/{reference}/partners")
        lead.page.get_by_label("Name or city").fill(city)
        lead.press("Search")
        found = lead.page.get_by_role("button", name=re.compile(f"^Add .*{city}"))
        lead.press(found.first.inner_text())
    lead.sees("8 partners")


def write_the_profiles(lead: Visitor, reference: str) -> None:
    """What each partner says about itself; here the lead partner writes for all."""
    lead.open(f"/applications/{reference}/partners")
    profiles = lead.page.locator("#profiles a[href*='/sections/']")
    addresses = profiles.evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert len(addresses) == 16
    for address in addresses:
        lead.open(address)
        lead.fill_in_everything(TEXT)
        lead.press("Save")
    lead.open(f"/applications/{reference}/partners")
    assert lead.page.locator("#profiles").get_by_text("Complete", exact=True).count() == 16


def plan_the_budget(lead: Visitor, reference: str) -> None:
    lead.open(f"/applications/{reference}/budget")
    cells = lead.page.locator("table.grid tr.grid__typed").first.locator("input")
    assert cells.count() == 8
    for cell in cells.all():
        cell.fill("50 000,50")
    lead.press("Save")
    lead.sees("€460,004")


def upload_the_letters(lead: Visitor, reference: str) -> None:
    for number in range(8):
        lead.open(f"/applications/{reference}/documents")
        form = lead.page.locator("section.panel[id^=partner-]").nth(number)
        form.locator("input[type=file]").set_input_files(
            {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": letter(f"partner {number}")}
        )
        with lead.page.expect_navigation():
            form.get_by_role("button", name="Save the letter").click()
    lead.open(f"/applications/{reference}/documents")
    assert lead.page.get_by_text("Missing", exact=True).count() == 0


def submit(lead: Visitor, reference: str) -> None:
    lead.open(f"/applications/{reference}/")
    lead.press("Submit the application")
    lead.sees("Receipt")
    assert reference in lead.message("Submitted", EMAIL)
    lead.waits_for(f"/applications/{reference}/", "Provisional report")


def check_eligibility(cast: Cast, reference: str) -> None:
    with cast.person("manager") as manager:
        manager.open("/office/calls/APN-DEMO")
        manager.press("Close this demonstration call now")

    with cast.person("officer1") as first:
        first.waits_for(f"/eligibility/{reference}/", "Official report")
        settle_everything(first, reference)
        first.open(f"/applications/{reference}/")
        first.press("Propose: eligible")
        first.sees("Another officer confirms")

    with cast.person("officer2") as second:
        second.open(f"/applications/{reference}/")
        second.press("Confirm: eligible")
        second.sees("Eligible")

    with cast.stranger() as reader:
        assert "assess" in reader.message(f"Eligible: {reference}", EMAIL)


def settle_everything(officer: Visitor, reference: str) -> None:
    """Each finding that waits for a person: met, with what was seen."""
    for _ in range(30):
        officer.open(f"/eligibility/{reference}/")
        waiting = officer.page.locator(".findings__list--caution li.finding")
        if not waiting.count():
            return
        finding = waiting.first
        settle = finding.locator("details.settle")
        if settle.get_attribute("open") is None:
            settle.locator("summary").click()
        finding.get_by_label("Met", exact=True).check()
        finding.get_by_label("Note").fill("Seen in the dossier and in the letter.")
        with officer.page.expect_navigation():
            finding.get_by_role("button", name="Keep what I found").click()
    raise AssertionError(f"findings are still open: {officer.main_text()}")


def assess(cast: Cast, reference: str) -> None:
    with cast.person("officer1") as officer:
        for name in ("Anna Assessor", "Aron Assessor"):
            officer.open("/assessment/calls/APN-DEMO/")
            row = officer.page.locator(f"tr[id='{reference}']")
            value = row.locator("select option", has_text=name).first.get_attribute("value")
            row.locator("select").select_option(value)
            row.locator("input[name=due_on]").fill(in_weeks(2))
            with officer.page.expect_navigation():
                row.get_by_role("button", name="Allocate").click()

    for name, points in (("assessor1", 5), ("assessor2", 3)):
        with cast.person(name) as assessor:
            assert reference in assessor.message("assess", f"{name}@example.org")
            declare_and_score(assessor, reference, points)

    sheet = f"/assessment/applications/{reference}/consensus"
    with cast.person("assessor1") as first:
        first.open(sheet)
        score(first, points=4)
        first.press("Save what is agreed")
        first.press("Sign the consensus sheet")
    for name in ("assessor2", "chair"):
        with cast.person(name) as other:
            other.open(sheet)
            other.press("Sign the consensus sheet")

    with cast.person("officer1") as officer:
        officer.waits_for("/assessment/calls/APN-DEMO/ranking", "Assessed")
        officer.press("Seal for the committee")
        officer.sees("80")


def declare_and_score(assessor: Visitor, reference: str, points: int) -> None:
    assessor.open("/assessment/desk/")
    assessor.sees(reference)
    assessor.open(f"/assessment/applications/{reference}/declaration")
    assert TEXT not in assessor.main_text()
    assessor.page.locator("input[type=radio][value=none]").check()
    assessor.press("Declare")

    assessor.open(f"/assessment/applications/{reference}/sheet")
    assessor.sees(TEXT)
    score(assessor, points)
    assessor.press("Save")
    assessor.press("Lock the sheet")
    assessor.sees("Locked on")


def score(assessor: Visitor, points: int) -> None:
    """The same points and reasons for each criterion, opened or not."""
    assessor.page.evaluate("document.querySelectorAll('details.criterion').forEach(each => each.open = true)")
    for box in assessor.page.locator(f"input[type=radio][value='{points}']").all():
        box.check(force=True)
    for area in assessor.page.locator("textarea[name$=_comment]").all():
        area.fill("The text says clearly what the partners want, why they need each other, and how they will work.")


def decision_is_kept(lead: Visitor, reference: str) -> bool:
    """Before the announcement the applicant reads that the decision is pending."""
    lead.waits_for(f"/applications/{reference}/", "Decision pending")
    return True


def decide(cast: Cast, reference: str) -> None:
    with cast.person("officer1") as officer:
        officer.open("/decisions/calls/APN-DEMO/")
        officer.page.get_by_label("Reference").fill("MC 2027-02")
        officer.page.locator("input[name=held_on]").fill(in_weeks(0))
        officer.press("Enter the meeting")
        officer.page.get_by_role("link", name=re.compile(f"Record.*{reference}")).click()
        officer.page.locator("select[name=meeting]").select_option(index=0)
        officer.page.locator("input[name=outcome][value=approved]").check()
        officer.page.get_by_label("Reasons").fill("A clear challenge and a partnership that fits it.")
        officer.press("Record the decision")
        officer.press("Announce 1 decision")
