"""Whatever is typed or uploaded into an application: no fault, a message beside the field, nothing typed is lost,
and nothing changes on a refusal."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from tests.corpus import ALLOWED_STATUSES, DECOMPOSED, EMOJI, MARKS, NAMES, RAW_BODIES, UNREADABLE, structures
from tests.factories import applications as make
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.web_client import CleanClient
from urbact_calls.applications.models import Document, Partner, PlannedCost, SavedSection
from urbact_calls.database import db
from urbact_calls.domain.entries import tidy
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.network_types.fields import FieldKind
from urbact_calls.domain.vocabulary import NetworkType
from urbact_calls.factory import LARGEST_REQUEST
from urbact_calls.record.models import FieldChange

SECTIONS = KINDS[NetworkType.APN].sections
# It has a field of every kind but a tick.
IDENTITY = SECTIONS[0]
# What a list of choices meets; it has nothing to keep of a text.
FORGED = ["", "x", "<script>", "\x00", "ZZ", "fr", "FR10 ", "１"]
FORM = "application/x-www-form-urlencoded"


class Typed(HTMLParser):
    """What stands in the fields of a page, and which fields have a message."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.values: dict[str, str] = {}
        self.errors: set[str] = set()
        self._area: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if tag == "input" and found.get("name") and found.get("type") not in ("checkbox", "radio"):
            self.values[found["name"]] = found.get("value") or ""
        if tag == "textarea":
            # One that is only to be read has no name.
            self._area = found.get("name") or found["id"]
            self.values[self._area] = ""
        if (found.get("id") or "").endswith("-error"):
            self.errors.add(found["id"].removesuffix("-error"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # A browser takes the first line feed of a text area for markup.
            self.values[self._area] = self.values[self._area].removeprefix("\r\n").removeprefix("\n")
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.values[self._area] += data


@pytest.fixture
def draft(session, now: datetime) -> Draft:
    return make.draft(open_call(db.session, now), now)


def post(client: CleanClient, path: str, form: dict[str, str] | list[tuple[str, str]]):
    return client.post(path, data=urlencode(form).encode(), content_type=FORM)


def stored_version() -> str:
    db.session.rollback()
    return str(db.session.scalar(select(SavedSection.version)) or 0)


def record() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(FieldChange.id)))


def stored_answers() -> dict[str, str]:
    db.session.rollback()
    return db.session.scalar(select(SavedSection.answers)) or {}


def test_anything_in_any_field_of_a_section(lead: CleanClient, draft: Draft, everything: Sequence[str]):
    section = IDENTITY
    path = f"/applications/{draft.reference}/sections/{section.code}"
    for entry in everything:
        before = stored_answers()

        answer = post(lead, path, {field.code: entry for field in section.fields} | {"version": stored_version()})

        assert answer.status_code in ALLOWED_STATUSES, (section.code, entry[:80])
        if answer.status_code == 422:
            shown, after = Typed(answer.text), stored_answers()
            assert shown.errors, entry[:80]
            assert {code: after.get(code, "") for code in shown.errors} == {
                code: before.get(code, "") for code in shown.errors
            }
            lines, areas = ([f.code for f in section.fields if f.kind is k] for k in (FieldKind.LINE, FieldKind.TEXT))
            assert {code: shown.values[code] for code in lines} == dict.fromkeys(lines, tidy(entry, is_line=True))
            assert {code: shown.values[code] for code in areas} == dict.fromkeys(areas, tidy(entry))


@pytest.mark.parametrize("entry", ["a\x00b", "\ufeff", "x" * 10_000, "<script>alert(1)</script>", "\n" * 10_000])
def test_every_section_says_what_is_wrong_and_keeps_it(lead: CleanClient, draft: Draft, entry: str):
    for section in SECTIONS:
        path = f"/applications/{draft.reference}/sections/{section.code}"

        answer = post(lead, path, {field.code: entry for field in section.fields} | {"version": "0"})

        assert answer.status_code in {302, 422}
        if answer.status_code == 422:
            shown = Typed(answer.text)
            assert shown.errors
            kept = {tidy(entry), tidy(entry, is_line=True)}
            assert {shown.values[name] for name in shown.errors if name in shown.values} <= kept


@pytest.mark.parametrize("entry", [*NAMES, *DECOMPOSED, *EMOJI, *MARKS])
def test_what_people_write_is_kept_letter_by_letter(lead: CleanClient, draft: Draft, entry: str):
    path = f"/applications/{draft.reference}/sections/identity"

    answer = post(lead, path, {"title": entry, "abstract": f"{entry}\r\n\r\n{entry}", "version": "0"})

    assert answer.status_code == 302
    kept = db.session.scalars(select(SavedSection)).one().answers
    assert (kept["title"], kept["abstract"]) == (tidy(entry, is_line=True), tidy(f"{entry}\n\n{entry}"))
    shown = Typed(lead.get(path).text).values
    assert (shown["title"], shown["abstract"]) == (kept["title"], kept["abstract"])


@pytest.mark.parametrize("entry", UNREADABLE, ids=ascii)
def test_what_cannot_be_read_is_refused_beside_its_field(lead: CleanClient, draft: Draft, entry: str):
    answer = post(
        lead, f"/applications/{draft.reference}/sections/identity", {"title": "Fine", "abstract": entry, "version": "0"}
    )

    assert answer.status_code == 422
    shown = Typed(answer.text)
    assert (shown.errors, shown.values["title"]) == ({"abstract"}, "Fine")


def test_what_is_right_is_kept_although_something_else_is_not_and_the_rest_is_named(lead: CleanClient, draft: Draft):
    path = f"/applications/{draft.reference}/sections/identity"

    answer = post(lead, path, {"title": "Quiet nights", "abstract": "A bell \x07 rings", "version": "0"})

    assert answer.status_code == 422
    kept = db.session.scalars(select(SavedSection)).one()
    assert (kept.answers["title"], kept.answers["abstract"]) == ("Quiet nights", "")
    assert "Your other answers are saved." in answer.text
    assert ">Abstract: Take out character 8: U+0007" in answer.text
    shown = Typed(answer.text).values
    assert (shown["abstract"], shown["version"]) == ("A bell \x07 rings", str(kept.version))
    mended = post(lead, path, {"title": "Quiet nights", "abstract": "A bell rings", "version": shown["version"]})
    assert mended.status_code == 302


def test_where_nothing_is_right_nothing_is_saved(lead: CleanClient, draft: Draft):
    answer = post(lead, f"/applications/{draft.reference}/sections/identity", {"abstract": "\x07", "version": "0"})

    assert answer.status_code == 422
    assert "Your other answers are saved." not in answer.text
    assert db.session.scalars(select(SavedSection)).all() == []


def test_one_character_more_than_the_limit_is_refused_and_kept(lead: CleanClient, draft: Draft):
    path = f"/applications/{draft.reference}/sections/identity"
    # Four bytes and two UTF-16 units each, and one character.
    fits, too_long = "🏙" * 2000, "🏙" * 2001

    assert post(lead, path, {"abstract": fits, "version": "0"}).status_code == 302
    answer = post(lead, path, {"abstract": too_long, "version": "1"})

    assert answer.status_code == 422
    assert "2,001 characters; up to 2,000 are allowed. Take 1 off." in answer.text
    assert Typed(answer.text).values["abstract"] == too_long


def test_any_structure_of_a_section_and_of_the_budget(lead: CleanClient, draft: Draft):
    partner = make.row(draft.reference).partners[0].id
    forms = {
        "sections/identity": {"title": "A", "acronym": "B", "policy_objectives": "PO1", "version": "0"},
        "budget": {f"amount-{partner}-STAFF": "100", f"amount-{partner}-EQUIPMENT": "5", "version": "1"},
        "partners": {"organisation": "agen", "version": "1"},
        "partners/new": {"name": "A", "seat_city": "B", "country": "FR", "category": "CITY_METRO", "version": "1"},
        f"partners/{partner}/editing": {"may_edit": "yes", "version": "1"},
    }
    for path, form in forms.items():
        for variant in structures(form):
            answer = post(lead, f"/applications/{draft.reference}/{path}", variant)
            assert answer.status_code in ALLOWED_STATUSES | {404}, (path, variant[:3])
        for body, kind in RAW_BODIES if path in ("sections/identity", "budget") else []:
            answer = lead.post(f"/applications/{draft.reference}/{path}", data=body, content_type=kind)
            assert answer.status_code in ALLOWED_STATUSES | {404}, (path, body[:60], kind)

    assert make.row(draft.reference).state == "draft"


def test_anything_in_a_cell_of_the_budget(lead: CleanClient, draft: Draft, everything: Sequence[str]):
    partner = make.row(draft.reference).partners[0].id
    path, cell, other = (
        f"/applications/{draft.reference}/budget",
        f"amount-{partner}-STAFF",
        f"amount-{partner}-EQUIPMENT",
    )
    for entry in everything:
        before = planned("STAFF")

        form = {cell: entry, other: "7,000.50", "version": str(make.row(draft.reference).version)}
        answer = post(lead, path, form)

        assert answer.status_code in ALLOWED_STATUSES, entry[:80]
        if answer.status_code == 422:
            assert (planned("STAFF"), planned("EQUIPMENT")) == (before, 7_000_50)
            shown = Typed(answer.text)
            assert shown.errors == {cell}, entry[:80]
            assert (shown.values[cell], shown.values[other]) == (tidy(entry, is_line=True), "7,000.50")


def planned(category: str) -> int | None:
    db.session.rollback()
    return db.session.scalar(select(PlannedCost.amount_cents).where(PlannedCost.category == category))


def test_amounts_that_can_be_read_are_kept_beside_one_that_cannot(lead: CleanClient, draft: Draft):
    partner, path = make.row(draft.reference).partners[0].id, f"/applications/{draft.reference}/budget"
    staff, equipment = f"amount-{partner}-STAFF", f"amount-{partner}-EQUIPMENT"

    answer = post(lead, path, {staff: "many", equipment: "7,000.50", "version": "1"})

    assert answer.status_code == 422
    assert (planned("STAFF"), planned("EQUIPMENT")) == (None, 7_000_50)
    assert "Your other answers are saved." in answer.text
    shown = Typed(answer.text)
    assert (shown.errors, shown.values[staff]) == ({staff}, "many")
    mended = {staff: "100", equipment: "7,000.50", "version": shown.values["version"]}
    assert post(lead, path, mended).status_code == 302
    assert planned("STAFF") == 100_00


@pytest.mark.parametrize("pressed", [{}, {"add_up": "1"}])
def test_no_amount_is_saved_where_none_can_be_read_or_where_they_are_only_added_up(
    lead: CleanClient, draft: Draft, pressed: dict[str, str]
):
    partner, path = make.row(draft.reference).partners[0].id, f"/applications/{draft.reference}/budget"
    right = {f"amount-{partner}-EQUIPMENT": "5"} if pressed else {}

    answer = post(lead, path, {f"amount-{partner}-STAFF": "many", "version": "1", **right, **pressed})

    assert answer.status_code == 422
    assert "Your other answers are saved." not in answer.text
    assert (planned("STAFF"), planned("EQUIPMENT")) == (None, None)


@pytest.mark.parametrize(("typed", "cents"), [("0", 0), ("0,00", 0), ("-0", 0), ("€", None), ("", None)])
def test_an_amount_of_nothing_is_not_an_empty_cell(lead: CleanClient, draft: Draft, typed: str, cents: int | None):
    partner, path = make.row(draft.reference).partners[0].id, f"/applications/{draft.reference}/budget"
    cell = f"amount-{partner}-STAFF"

    assert post(lead, path, {cell: typed, "version": "1"}).status_code == 302

    assert planned("STAFF") == cents
    assert Typed(lead.get(path).text).values[cell] == ("" if cents is None else "0")


@pytest.mark.parametrize("typed", ["five", "11,5oo", "1 500 50", "$5", "1e3", "1.500,50,1"])
def test_an_amount_that_is_refused_is_told_with_an_example(lead: CleanClient, draft: Draft, typed: str):
    partner = make.row(draft.reference).partners[0].id
    cell = f"amount-{partner}-STAFF"

    answer = post(lead, f"/applications/{draft.reference}/budget", {cell: typed, "version": "1"})

    assert answer.status_code == 422
    assert "Type an amount in euros, for example 1500 or 1500.50." in answer.text
    shown = Typed(answer.text)
    assert (shown.errors, shown.values[cell]) == ({cell}, typed)


@pytest.mark.parametrize("typed", ["-1", "−1500", "–5", "- 7,50", "-€5", "€ -5"])
def test_an_amount_below_zero_is_refused_beside_its_cell(lead: CleanClient, draft: Draft, typed: str):
    partner = make.row(draft.reference).partners[0].id
    cell = f"amount-{partner}-STAFF"

    answer = post(lead, f"/applications/{draft.reference}/budget", {cell: typed, "version": "1"})

    shown = Typed(answer.text)
    assert (answer.status_code, shown.errors, shown.values[cell]) == (422, {cell}, typed)
    assert planned("STAFF") is None


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("1500,5", 1500_50), ("1 500,50", 1500_50), ("1’500.50", 1500_50), ("€ 1 500", 1500_00), ("+5", 5_00), ("-0", 0)],
)
def test_amounts_as_europe_writes_them(lead: CleanClient, draft: Draft, typed: str, cents: int):
    partner = make.row(draft.reference).partners[0].id

    answer = post(lead, f"/applications/{draft.reference}/budget", {f"amount-{partner}-STAFF": typed, "version": "1"})

    assert answer.status_code == 302
    assert db.session.scalars(select(PlannedCost.amount_cents)).one() == cents


def test_a_foreign_partner_in_the_grid_changes_nothing(lead: CleanClient, draft: Draft, now: datetime):
    other = make.draft(open_call(db.session, now, "APN-TWO"), now, make.city("Serres", now, "GR"))
    foreign = make.row(other.reference).partners[0].id

    answer = post(lead, f"/applications/{draft.reference}/budget", {f"amount-{foreign}-STAFF": "100", "version": "1"})

    assert answer.status_code == 302
    assert db.session.scalars(select(PlannedCost)).all() == []


@pytest.mark.parametrize("field", ["name", "seat_city", "country", "category", "nuts2"])
def test_anything_about_a_new_partner(lead: CleanClient, draft: Draft, field: str, everything: Sequence[str]):
    good = {"name": "Serres", "seat_city": "Serres", "country": "GR", "category": "CITY_MUNICIPALITY", "nuts2": ""}
    for entry in everything if field == "name" else FORGED + UNREADABLE:
        form = good | {field: entry, "version": str(make.row(draft.reference).version)}
        answer = post(lead, f"/applications/{draft.reference}/partners/new", form)

        assert answer.status_code in ALLOWED_STATUSES, (field, entry[:80])
        if answer.status_code == 422:
            shown = Typed(answer.text)
            assert shown.errors, (field, entry[:80])
            typed = [tidy(form[name], is_line=True) for name in ("name", "seat_city")]
            assert [shown.values["name"], shown.values["seat_city"]] == typed


@pytest.mark.parametrize(
    "query",
    ["name=a%00b", "name=%", "name=" + "x" * 5000, "name=%E2%80%AE", "country=%%", "after=%27", "after=%00", "%00=x"],
)
def test_anything_in_the_search(lead: CleanClient, draft: Draft, query: str):
    assert lead.get(f"/applications/{draft.reference}/partners?{query}").status_code in {200, 400}
    assert lead.get(f"/applications/?{query}").status_code in {200, 400}


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [
        (b"", "letter.pdf", 415),
        (b"GIF89a", "letter.pdf", 415),
        (make.pdf()[:300], "letter.pdf", 415),
        (b"%PDF-" + b"x" * 5_000_000, "letter.pdf", 413),
        (b"%PDF-" + b"x" * 9_000_000, "letter.pdf", 413),
        (b"%PDF-" + b"x" * LARGEST_REQUEST, "letter.pdf", 413),
        (make.pdf(), "", 422),
        (make.pdf(), "x" * 300 + ".exe", 302),
        (make.pdf(), "a\u202efdp.exe", 302),
        (make.pdf(), 'a"b;c.pdf', 302),
    ],
)
def test_any_file_as_a_letter(lead: CleanClient, draft: Draft, content: bytes, name: str, status: int):
    partner = make.row(draft.reference).partners[0].id

    answer = lead.post(
        f"/applications/{draft.reference}/documents/{partner}",
        data={f"p{partner}-letter": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )

    # A request that is too large is not read to its end, and nobody else closes its file.
    answer.request.environ["wsgi.input"].close()
    assert answer.status_code == status
    if status == 302:
        kept = db.session.scalars(select(Document)).one()
        assert kept.filename.endswith(".pdf")
        assert len(kept.filename) <= 120
    else:
        assert f"p{partner}-letter" in Typed(answer.text).errors
        assert db.session.scalars(select(Document)).all() == []


def test_any_structure_of_an_upload(lead: CleanClient, draft: Draft):
    partner = make.row(draft.reference).partners[0].id
    path = f"/applications/{draft.reference}/documents/{partner}"
    for form in ({}, {"letter": "text"}, {f"p{partner}-letter": "text"}):
        assert post(lead, path, form).status_code == 422
    for body, kind in RAW_BODIES:
        assert lead.post(path, data=body, content_type=kind).status_code in ALLOWED_STATUSES, (body[:60], kind)
    for number in ("0", "2147483647", "2147483648", "9" * 30, "-1", "x", "１"):
        assert lead.post(f"/applications/{draft.reference}/documents/{number}", data={}).status_code in {404, 422}

    assert db.session.scalars(select(Document)).all() == []


def test_a_letter_of_another_application_is_not_found(lead: CleanClient, draft: Draft, now: datetime):
    cities = make.ten_cities(now, " upon Elsewhere")
    other = make.complete_draft(open_call(db.session, now, "APN-TWO"), now, cities)
    foreign = db.session.scalars(
        select(Partner.id).where(Partner.application_id != make.row(draft.reference).id)
    ).first()

    for reference in (draft.reference, other.reference):
        assert lead.get(f"/applications/{reference}/documents/{foreign}").status_code == 404
