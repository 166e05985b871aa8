"""The record of an application, a call, a network, an organisation and an account: who reads what of it."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest

from tests.factories import applications as make
from tests.factories.accounts import actor_of, person, sign_in
from tests.factories.experts import network_of
from tests.factories.organisations import member
from tests.factories.story import Story, story
from tests.kept_worlds import Kept
from tests.query_count import statements
from tests.web_client import CleanClient
from urbact_calls.accounts.commands import accounts, sessions, tokens
from urbact_calls.applications.drafts import commands as drafts
from urbact_calls.applications.models import ApplicationAccess
from urbact_calls.applications.officers import commands as officers
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.vocabulary import Role
from urbact_calls.jobs import Job
from urbact_calls.messages import commands as messages
from urbact_calls.messages.models import Delivery
from urbact_calls.record.commands import field_changed
from urbact_calls.record.views import SHELVES
from urbact_calls.subjects import POLICIES

SECRET = "Seven herons stand in the harbour of our city."


def told(now: datetime) -> tuple[Story, Story]:
    """An application that founded a network, and a draft; in both the lead partner wrote an unusual sentence."""
    tale, draft = story(now, "APN-READ"), story(now, "APN-DRAFT")
    for each in (tale, draft):
        write(each, SECRET, now)
    tale.submit().close_call().settle().declare().allocate().lock_sheets().sign().record().announce()
    return tale, draft


def write(tale: Story, text: str, now: datetime) -> None:
    section = make.row(tale.reference).sections[1]
    answers = {**section.answers, next(iter(section.answers)): text}
    drafts.save_section(
        tale.reference, section.code, answers=answers, version=section.version, actor=tale.draft.actor, now=now
    )


@pytest.fixture
def told_stories(kept: Kept, session, now: datetime) -> tuple[Story, Story]:
    return kept(told, now)


@pytest.fixture
def tale(told_stories: tuple[Story, Story]) -> Story:
    return told_stories[0]


@pytest.fixture
def draft(told_stories: tuple[Story, Story]) -> Story:
    return told_stories[1]


@pytest.fixture
def officer(client: CleanClient, told_stories: tuple[Story, Story]) -> CleanClient:
    sign_in(client, person(Role.PROGRAMME_OFFICER, name="Olga Officer"))
    return client


def page_of(client: CleanClient, shelf: str, key: object, query: str = "") -> str:
    answer = client.get(f"/office/record/{shelf}/{key}{query}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.text)


def file_of(client: CleanClient, shelf: str, key: object, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/office/record/{shelf}/{key}/record.csv{query}", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def test_the_record_of_an_application_tells_steps_changes_and_messages(officer: CleanClient, tale: Story):
    lines = file_of(officer, "applications", tale.reference)

    about_texts = [line for line in lines if line["After"] == SECRET]
    assert [(line["Entry"], line["Who"]) for line in about_texts] == [("Field changed", tale.draft.lead.name)]
    assert {line["Entry"] for line in lines} == {"Step", "Field changed", "Role or place", "Message"}
    assert [line["What"] for line in lines if line["Entry"] == "Step" and line["After"] == "Submitted"]
    assert [line["When (UTC)"] for line in lines] == sorted((line["When (UTC)"] for line in lines), reverse=True)


def test_the_record_of_an_application_holds_its_check_its_sheets_and_its_decision(officer: CleanClient, tale: Story):
    abouts = {line["About"].removesuffix(tale.reference) for line in file_of(officer, "applications", tale.reference)}

    assert abouts >= {"", "Eligibility of ", "Allocation of ", "Sheet of ", "Consensus sheet of ", "Decision on "}


def test_why_they_could_not_submit_is_answered_with_the_second_and_the_reason(officer: CleanClient, draft: Story):
    draft.now = draft.call.closes_at + timedelta(seconds=61)
    with pytest.raises(Refused):
        draft.step("submit", draft.draft.actor)

    shown = page_of(officer, "applications", draft.reference, "?kind=refused")

    assert "Submit" in shown
    assert "The call closed on" in shown
    assert draft.draft.lead.name in shown


def test_of_a_draft_the_office_learns_what_was_tried_and_nothing_of_what_is_in_it(officer: CleanClient, draft: Story):
    draft.now = draft.call.closes_at + timedelta(days=1)
    with pytest.raises(Refused):
        draft.step("submit", draft.draft.actor)

    shown = page_of(officer, "applications", draft.reference)
    stored = officer.get(f"/office/record/applications/{draft.reference}/record.csv", buffered=True).text

    partners = [partner.organisation for partner in make.row(draft.reference).partners]
    for text in (SECRET, *(each.slug for each in partners), *(each.name for each in partners)):
        assert text not in shown + stored
    assert "A field of the draft" in shown
    assert "nothing of what is in it" in shown


def test_a_refusal_of_a_draft_keeps_its_dates_and_hides_what_people_typed(officer: CleanClient, call_with_gap: Story):
    shown = page_of(officer, "applications", call_with_gap.reference, "?kind=refused")

    assert "Still to fill in: …" in shown


@pytest.fixture
def call_with_gap(told_stories: tuple[Story, Story], now: datetime) -> Story:
    tale = story(now, "APN-GAP")
    with transaction() as session:
        session.delete(make.row(tale.reference).sections[1])
    with pytest.raises(Refused):
        tale.step("submit", tale.draft.actor)
    return tale


@pytest.mark.parametrize("role", [Role.PROGRAMME_OFFICER, Role.PROGRAMME_MANAGER, Role.AUDITOR])
def test_whoever_takes_part_does_not_read_the_record(client: CleanClient, tale: Story, role: Role, now: datetime):
    user, application_id = person(role), make.row(tale.reference).id
    with transaction() as session:
        session.add(ApplicationAccess(application_id=application_id, user_id=user.id, role=Role.VIEWER, granted_at=now))
    sign_in(client, user)

    page = f"/office/record/applications/{tale.reference}"
    assert [client.get(address).status_code for address in (page, f"{page}/record.csv")] == [404, 404]


def test_the_people_of_an_organisation_do_not_read_its_record_as_the_office(client: CleanClient, tale: Story, now):
    organisation, user = make.row(tale.reference).partners[-1].organisation, person(Role.PROGRAMME_OFFICER)
    member(user, organisation)
    sign_in(client, user)

    assert client.get(f"/office/record/organisations/{organisation.slug}").status_code == 404


def test_an_administrator_beside_a_rival_does_not_read_the_record_of_its_assessors(
    client: CleanClient, tale: Story, now: datetime
):
    rival = make.complete_draft(tale.call, now, make.ten_cities(now, " Rival"))
    user = person(Role.ADMINISTRATOR)
    application_id = make.row(rival.reference).id
    with transaction() as session:
        place = ApplicationAccess(application_id=application_id, user_id=user.id, role=Role.VIEWER, granted_at=now)
        session.add(place)
    sign_in(client, user)

    numbers = (tale.assessors[0].id, tale.draft.lead.id)
    assert [client.get(f"/office/record/accounts/{number}").status_code for number in numbers] == [404, 200]


def test_whoever_competes_learns_nothing_of_assessment_and_decision(client: CleanClient, tale: Story, now: datetime):
    rival = make.complete_draft(tale.call, now, make.ten_cities(now, " Rival"))
    user = person(Role.PROGRAMME_OFFICER)
    with transaction() as session:
        application_id = make.row(rival.reference).id
        session.add(ApplicationAccess(application_id=application_id, user_id=user.id, role=Role.VIEWER, granted_at=now))
    sign_in(client, user)

    abouts = {line["About"] for line in file_of(client, "applications", tale.reference)}
    in_call = {line["About"] for line in file_of(client, "calls", tale.call.code)}

    hidden = ("Allocation", "Sheet", "Consensus", "Decision", "Panel")
    assert f"Eligibility of {tale.reference}" in abouts
    assert [about for about in abouts | in_call if about.startswith(hidden)] == []
    for assessor in tale.assessors:
        assert (
            assessor.name
            not in client.get(f"/office/record/applications/{tale.reference}/record.csv", buffered=True).text
        )


def test_an_auditor_reads_no_address_without_an_account(client: CleanClient, tale: Story, now: datetime):
    subject = make.row(tale.reference).subject
    with transaction() as session:
        letter = Delivery(event="x", email_key="partner.invited", address="guest@example.org", about=subject)
        letter.subject, letter.text, letter.html = "Words", "Words", "Words"
        messages.post(session, letter, now)

    sign_in(client, person(Role.AUDITOR))
    to_auditor = page_of(client, "applications", tale.reference, "?kind=message")
    sign_in(client, person(Role.PROGRAMME_OFFICER))
    to_officer = page_of(client, "applications", tale.reference, "?kind=message")

    assert ("guest@example.org" in to_auditor, "guest@example.org" in to_officer) == (False, True)
    assert "an address without an account" in to_auditor


def test_the_auditor_does_not_read_who_handles_an_application(client: CleanClient, tale: Story):
    officers.assign(tale.reference, tale.officers[0].id, tale.office[0], tale.now)

    sign_in(client, person(Role.AUDITOR))
    to_auditor = {line["About"] for line in file_of(client, "applications", tale.reference)}
    sign_in(client, tale.officers[0])
    to_officer = file_of(client, "applications", tale.reference, "?kind=right")

    assert f"Handling of {tale.reference}" not in to_auditor
    assert [(line["What"], line["After"]) for line in to_officer if line["About"].startswith("Handling")] == [
        ("Handled by", tale.officers[0].name)
    ]


def test_what_a_person_did_with_a_job_is_in_the_record(officer: CleanClient, tale: Story, now: datetime):
    application = make.row(tale.reference)
    with transaction() as session:
        job = session.query(Job).filter_by(subject_kind="application", subject_id=application.id).first()
        assert job is not None
        job.state = "dead"
    boss = person(Role.PROGRAMME_MANAGER, name="Mara Manager")
    messages.retry(job.id, actor_of(boss), now)

    lines = file_of(officer, "applications", tale.reference, "?kind=job")

    assert [(line["Who"], line["Before"], line["After"]) for line in lines] == [("Mara Manager", "Dead", "Ready")]


def test_roles_that_were_given_and_taken_stand_in_the_record_of_the_account(client: CleanClient, session, now):
    boss, someone = person(Role.ADMINISTRATOR, name="Ada Admin"), person(name="Zoé New")
    accounts.grant(someone.id, Role.AUDITOR, None, actor_of(boss), now)
    accounts.revoke(someone.id, Role.AUDITOR, actor_of(boss), now)
    sign_in(client, boss)

    lines = file_of(client, "accounts", someone.id)

    assert [(line["Entry"], line["What"], line["Who"], line["After"]) for line in lines] == [
        ("Role or place", "Holds the role: Auditor", "Ada Admin", "no"),
        ("Role or place", "Holds the role: Auditor", "Ada Admin", "yes"),
    ]
    assert client.get(f"/accounts/{someone.id}").text.count(f'href="/office/record/accounts/{someone.id}"') == 1


def test_sign_ins_and_tokens_stand_in_the_record_of_the_account(client: CleanClient, session, now: datetime):
    someone, boss = person(name="Zoé New"), person(Role.ADMINISTRATOR)
    sessions.open_session(someone.id, "Firefox on Linux", now)
    tokens.create_token(someone.email, "Report of the town", now + timedelta(hours=1))
    sign_in(client, boss)

    lines = file_of(client, "accounts", someone.id, "?kind=sign_in")

    assert [(line["What"], line["Who"]) for line in lines] == [
        ("Token of the interface: Report of the town", "Zoé New"),
        ("Signed in: Firefox on Linux", "Zoé New"),
    ]
    assert "Last used on 10 March 2026" in lines[1]["Notes"]


def test_the_record_of_a_network_and_of_its_lead_partner_is_reached_from_their_pages(officer: CleanClient, tale: Story):
    application = make.row(tale.reference)
    network = officer.get(f"/applications/{tale.reference}/network").location
    organisation = application.partners[0].organisation.slug
    pages = (
        (network, "/office/record/networks/"),
        (f"/organisations/{organisation}/", f"/office/record/organisations/{organisation}"),
        (f"/applications/{tale.reference}/", f"/office/record/applications/{tale.reference}"),
        (f"/eligibility/{tale.reference}/", f"/office/record/applications/{tale.reference}"),
        (f"/office/calls/{tale.call.code}", f"/office/record/calls/{tale.call.code}"),
    )

    for page, record in pages:
        link = re.search(f'href="({record}[^"]*)">Record<', officer.get(page).text)
        assert link is not None, page
        assert officer.get(link[1]).status_code == 200


def test_an_administrator_reads_the_records_of_accounts_only(client: CleanClient, tale: Story):
    sign_in(client, person(Role.ADMINISTRATOR))

    shelves = {
        "applications": tale.reference,
        "calls": tale.call.code,
        "organisations": make.row(tale.reference).partners[0].organisation.slug,
        "accounts": tale.draft.lead.id,
    }
    answers = {shelf: client.get(f"/office/record/{shelf}/{key}").status_code for shelf, key in shelves.items()}
    assert answers == {"applications": 404, "calls": 404, "organisations": 404, "accounts": 200}


def changes(reference: str, count: int, now: datetime, after: object = "new") -> None:
    subject = make.row(reference).subject
    with transaction() as session:
        for number in range(count):
            field_changed(session, subject, f"field {number}", None, after, SYSTEM, now)


def test_older_entries_follow_without_a_gap_or_a_repetition(officer: CleanClient, tale: Story, now: datetime):
    """Most of them carry one instant, so that only their place among all tells them apart."""
    changes(tale.reference, 120, now)
    whole = file_of(officer, "applications", tale.reference)
    seen, address = [], f"/office/record/applications/{tale.reference}"
    while address:
        shown = officer.get(address).text
        seen += re.findall(r'<time datetime="([^"]+)">', shown)
        older = re.search(r'href="([^"]+)" rel="next"', shown)
        address = older[1].replace("&amp;", "&") if older else ""

    assert len(seen) == len(whole) > 150
    assert seen == [line["When (UTC)"].replace("+00:00", "Z") for line in whole]


def test_a_page_asks_the_same_for_one_entry_and_for_three(officer: CleanClient, now: datetime):
    def asked(code: str, count: int) -> int:
        tale = story(now, code)
        changes(tale.reference, count, now)
        with statements() as sent:
            page_of(officer, "applications", tale.reference)
        return len(sent)

    assert asked("APN-ONE", 1) == asked("APN-THREE", 3) <= 20


def test_entries_are_narrowed_by_kind_person_and_day(officer: CleanClient, tale: Story):
    lead = tale.draft.lead.name
    day, before = (f"{tale.call.closes_at - timedelta(days=days):%Y-%m-%d}" for days in (0, 1))

    by_kind = file_of(officer, "applications", tale.reference, "?kind=step")
    by_person = file_of(officer, "applications", tale.reference, f"?who={lead.upper()}&kind=step")
    later = file_of(officer, "applications", tale.reference, f"?since={day}")
    earlier = file_of(officer, "applications", tale.reference, f"?until={before}")

    assert {line["Entry"] for line in by_kind} == {"Step"}
    assert {line["Who"] for line in by_person} == {lead}
    assert min(line["When (UTC)"] for line in later) > max(line["When (UTC)"] for line in earlier)
    assert len(later) + len(earlier) == len(file_of(officer, "applications", tale.reference))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=yesterday", "Type the date as year-month-day"),
        ("until=2026-02-30", "This day does not exist."),
        ("since=2026-03-02&until=2026-03-01", "This day is before the other one."),
        ("who=" + "x" * 200, "Field cannot be longer than 120 characters."),
        ("kind=nonsense&who=Ana", "Choose one of the list."),
    ],
)
def test_a_search_that_cannot_be_read_comes_back_as_it_was_typed(officer: CleanClient, tale: Story, query, said):
    for page in ("", "/record.csv"):
        answer = officer.get(f"/office/record/applications/{tale.reference}{page}?{query}")

        assert (answer.status_code, said in answer.text) == (422, True)
        assert f'value="{query.rpartition("=")[2]}"' in answer.text


@pytest.mark.parametrize("after", ["x", "1-change", "99999999999999999-change-1", "1-nonsense-1", "٣-change-1"])
def test_a_strange_place_gets_a_page(officer: CleanClient, tale: Story, after: str):
    page = f"/office/record/applications/{tale.reference}"
    assert officer.get(page, query_string={"after": after}).status_code == 200


RUN = ['=HYPERLINK("https://example.org","Click")', "+1", "@x", "\t=1", "-1+1", "＝1"]


@pytest.mark.parametrize("typed", RUN)
def test_a_cell_that_a_spreadsheet_would_run_is_neutralised(
    officer: CleanClient, tale: Story, now: datetime, typed: str
):
    changes(tale.reference, 1, now, typed)

    cells = {line["After"] for line in file_of(officer, "applications", tale.reference)}

    assert f"'{typed}" in cells
    assert typed not in cells


@pytest.mark.parametrize("kind", SHELVES)
def test_the_file_of_each_kind_of_record_runs_nothing(
    client: CleanClient, tale: Story, now: datetime, kind: SubjectKind
):
    subject, key = of_each_kind(tale)[kind]
    with transaction() as session:
        session.merge(tale.draft.lead).name = "=1+1"
        for number, typed in enumerate(RUN):
            field_changed(session, subject, f"words_{number}", typed, f"{typed} again", tale.draft.actor, now)
    sign_in(client, person(Role.AUDITOR))

    lines = file_of(client, SHELVES[kind].name, key)

    cells = [cell for line in lines for cell in line.values()]
    assert {f"'{typed}" for typed in [*RUN, "=1+1"]} <= set(cells)
    assert [cell for cell in cells if cell.lstrip()[:1] in {*"=+-@＝"}] == []


def of_each_kind(tale: Story) -> dict[SubjectKind, tuple[Subject, object]]:
    """A subject of each kind that has a record, with its key in addresses."""
    application = make.row(tale.reference)
    network, organisation, lead = network_of(tale.reference), tale.draft.organisation, tale.draft.lead
    call = application.call
    return {
        SubjectKind.APPLICATION: (application.subject, application.reference),
        SubjectKind.CALL: (call.subject, call.code),
        SubjectKind.NETWORK: (network.subject, network.slug),
        SubjectKind.ORGANISATION: (Subject(SubjectKind.ORGANISATION, organisation.id), organisation.slug),
        SubjectKind.ACCOUNT: (Subject(SubjectKind.ACCOUNT, lead.id), lead.id),
    }


@pytest.mark.parametrize("typed", ["%", "_", "***", ".", "-"])
def test_signs_alone_find_nobody_in_the_record(officer: CleanClient, tale: Story, typed: str):
    assert file_of(officer, "applications", tale.reference) != []

    page = page_of(officer, "applications", tale.reference, f"?who={quote(typed)}")

    assert file_of(officer, "applications", tale.reference, f"?who={quote(typed)}") == []
    assert "No entry here" in page


def test_of_a_long_text_the_page_shows_where_it_differs(officer: CleanClient, tale: Story, now: datetime):
    begins = "The same words. " * 100
    with transaction() as session:
        subject = make.row(tale.reference).subject
        field_changed(session, subject, "words", f"{begins}Old end.", f"{begins}New end.", SYSTEM, now)

    shown = page_of(officer, "applications", tale.reference, "?kind=change")

    assert ("Old end." in shown, "New end." in shown, begins.strip() in shown) == (True, True, False)


def test_the_person_of_an_account_that_is_gone_has_no_name(officer: CleanClient, tale: Story, now: datetime):
    gone = person(name="Gone Person")
    with transaction() as session:
        field_changed(session, make.row(tale.reference).subject, "words", None, "x", actor_of(gone), now)
        session.delete(session.merge(gone))

    assert "Gone Person" not in page_of(officer, "applications", tale.reference)


def test_no_kind_of_subject_is_in_nobodys_record(session):
    lost = [
        kind.value
        for kind, policy in POLICIES.items()
        if kind not in SHELVES and not policy.part_of and policy.rows is None
    ]

    assert lost == []
    assert {whole for policy in POLICIES.values() for whole in policy.part_of} <= set(SHELVES)
