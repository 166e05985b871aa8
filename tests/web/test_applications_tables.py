"""Tables, figures and references of the form: rows without a script, and whatever is typed in their cells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import select

from tests.corpus import ALLOWED_STATUSES, RAW_BODIES, structures
from tests.factories import applications as make
from tests.factories.accounts import at, sign_in
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.web.test_applications_bad_input import Typed, post
from tests.web_client import CleanClient
from urbact_calls.applications.models import SavedSection
from urbact_calls.database import db
from urbact_calls.domain.entries import tidy
from urbact_calls.domain.vocabulary import NetworkType


@pytest.fixture
def draft(session, now: datetime) -> Draft:
    return make.draft(open_call(db.session, now), now)


def address(draft: Draft, section: str) -> str:
    return f"/applications/{draft.reference}/sections/{section}"


def answers() -> dict[str, str]:
    db.session.rollback()
    found = db.session.scalars(select(SavedSection)).one_or_none()
    return dict(found.answers) if found else {}


def version() -> str:
    db.session.rollback()
    return str(db.session.scalar(select(SavedSection.version)) or 0)


def test_a_row_is_added_and_taken_out_without_keeping_anything(lead: CleanClient, draft: Draft):
    typed = {"exchange": "Unfinished", "meetings-0-place": "Agen", "meetings-0-date": "May", "version": "0"}

    more = lead.post(address(draft, "methodology"), data=typed | {"row": "add:meetings"})
    shown = Typed(more.text).values
    fewer = lead.post(
        address(draft, "methodology"), data=typed | {"meetings-1-place": "Fót", "row": "remove:meetings:0"}
    )

    assert (more.status_code, fewer.status_code) == (200, 200)
    assert (shown["meetings-0-place"], shown["meetings-1-place"], shown["exchange"]) == ("Agen", "", "Unfinished")
    left = Typed(fewer.text).values
    assert (left["meetings-0-place"], left["exchange"]) == ("Fót", "Unfinished")
    assert "meetings-1-place" not in left
    assert answers() == {}


@pytest.mark.parametrize(
    "button", ["", "x", "add", "add:exchange", "add:nothing", "remove:meetings", "remove:meetings:999", "add:state:1"]
)
def test_a_forged_row_button_does_no_harm(lead: CleanClient, draft: Draft, button: str):
    answer = lead.post(address(draft, "methodology"), data={"exchange": "Text", "row": button, "version": "0"})

    assert answer.status_code in {200, 302}


def test_rows_are_kept_in_order_and_empty_ones_are_not(lead: CleanClient, draft: Draft):
    form = {
        "meetings-7-date": "June",
        "meetings-2-date": "May",
        "meetings-3-date": " ",
        "meetings-2-state": "approved",
        "version": "0",
    }

    assert lead.post(address(draft, "methodology"), data=form).status_code == 302

    assert json.loads(answers()["meetings"]) == [{"date": "May"}, {"date": "June"}]


def test_more_rows_than_a_table_has_are_not_kept(lead: CleanClient, draft: Draft):
    rows = {f"meetings-{number}-date": f"Day {number}" for number in range(100)}

    assert lead.post(address(draft, "methodology"), data=rows | {"version": "0"}).status_code == 302

    assert len(json.loads(answers()["meetings"])) == 20


def test_a_page_without_the_table_does_not_empty_it(lead: CleanClient, draft: Draft):
    lead.post(address(draft, "methodology"), data={"meetings-0-date": "May", "version": "0"})

    lead.post(address(draft, "methodology"), data={"exchange": "More", "version": "1"})

    assert json.loads(answers()["meetings"]) == [{"date": "May"}]


def test_anything_in_a_cell_of_each_kind(lead: CleanClient, draft: Draft, everything: Sequence[str]):
    cells = ("objective", "responsible", "start", "cost")
    for entry in everything:
        before = answers()
        form = {f"work_packages-0-{cell}": entry for cell in cells} | {"version": version()}

        answer = post(lead, address(draft, "work_plan"), form)

        assert answer.status_code in ALLOWED_STATUSES, entry[:80]
        if answer.status_code == 422:
            assert answers() == before
            shown = Typed(answer.text)
            assert shown.errors, entry[:80]
            typed = [shown.values[f"work_packages-0-{cell}"] for cell in cells]
            assert set(typed) <= {tidy(entry), tidy(entry, is_line=True)}, entry[:80]


@pytest.mark.parametrize(
    "entry", ["x", "", "TICK", "coordinator\x00", "１", "-1", "1e9", "NaN", "9" * 400, "0,5", "21"]
)
def test_anything_in_a_choice_and_a_figure_of_a_row(lead: CleanClient, draft: Draft, entry: str):
    form = {"team-0-role": entry, "team-0-fte": entry, "team-0-person": "Ada", "version": "0"}

    assert post(lead, address(draft, "leadership"), form).status_code in {302, 422}


@pytest.mark.parametrize(("typed", "stored"), [("0,5", "0.5"), ("1.50", "1.5"), ("2", "2"), ("020", "20")])
def test_figures_as_europe_writes_them(lead: CleanClient, draft: Draft, typed: str, stored: str):
    form = {"team-0-role": "finance", "team-0-fte": typed, "version": "0"}

    assert lead.post(address(draft, "leadership"), data=form).status_code == 302

    assert json.loads(answers()["team"]) == [{"role": "finance", "fte": stored}]


def test_an_end_before_its_start_is_refused_beside_the_cell(lead: CleanClient, draft: Draft):
    form = {"work_packages-1-start": "9", "work_packages-1-end": "2", "version": "0"}

    answer = lead.post(address(draft, "work_plan"), data=form)

    assert answer.status_code == 422
    assert Typed(answer.text).errors == {"work_packages-1-end"}


def test_any_structure_of_a_table(lead: CleanClient, draft: Draft):
    form = {"meetings-0-date": "May", "meetings-1-place": "Agen", "row": "add:meetings", "version": "0"}
    for variant in structures(form):
        answer = post(lead, address(draft, "methodology"), variant)
        assert answer.status_code in ALLOWED_STATUSES, variant[:3]


@pytest.mark.parametrize(
    "path",
    [
        "/applications/{reference}/sections/methodology",
        "/applications/{reference}/sections/leadership",
        "/applications/{reference}/partners/{partner}/sections/organisation",
    ],
)
def test_any_body_for_a_section_with_tables(lead: CleanClient, draft: Draft, path: str):
    partner = make.row(draft.reference).partners[0].id
    path = path.format(reference=draft.reference, partner=partner)
    for body, kind in RAW_BODIES:
        answer = lead.post(path, data=body, content_type=kind)
        assert answer.status_code in ALLOWED_STATUSES, body[:60]


def test_at_most_two_secondary_themes(lead: CleanClient, draft: Draft):
    two, three = ["food", "youth"], ["food", "youth", "health"]

    refused = lead.post(address(draft, "identity"), data={"secondary_themes": three, "version": "0"})
    taken = lead.post(address(draft, "identity"), data={"secondary_themes": two, "version": "0"})

    assert (refused.status_code, taken.status_code) == (422, 302)
    assert "at most 2" in refused.text
    assert set(answers()["secondary_themes"].split()) == set(two)


def test_an_expert_is_one_of_the_pool(lead: CleanClient, draft: Draft):
    answer = lead.post(address(draft, "expertise"), data={"lead_expert": "Somebody else", "version": "0"})

    assert answer.status_code == 422
    assert "Choose a name of the list" in answer.text
    assert Typed(answer.text).values["lead_expert"] == "Somebody else"


def test_a_good_practice_is_offered_or_typed(client: CleanClient, session, now: datetime):
    draft = make.draft(open_call(db.session, now, "TN-DEMO", network_type=NetworkType.TN, text_limits={}), now)
    at(client, now)
    sign_in(client, draft.lead)

    page = client.get(address(draft, "practice")).text
    saved = client.post(address(draft, "practice"), data={"practice": "Nobody listed this", "version": "0"})

    assert '<option value="Human Power Hub">Braga, PT</option>' in page
    assert saved.status_code == 302
    assert answers()["practice"] == "Nobody listed this"


def test_the_limit_of_the_call_counts(client: CleanClient, session, now: datetime):
    draft = make.draft(open_call(db.session, now, text_limits={"challenge.challenge": 12}), now)
    at(client, now)
    sign_in(client, draft.lead)

    long = client.post(address(draft, "challenge"), data={"challenge": "x" * 13, "version": "0"})
    fits = client.post(address(draft, "challenge"), data={"challenge": "x" * 12, "version": "0"})

    assert (long.status_code, fits.status_code) == (422, 302)
    assert "13 characters; up to 12 are allowed. Take 1 off." in long.text
    assert 'data-maxlength="12"' in client.get(address(draft, "challenge")).text
