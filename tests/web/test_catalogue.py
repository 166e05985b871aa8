"""The public catalogue: what it finds, what it never shows, and how much it asks the database."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.factories.applications import city, complete_draft
from tests.factories.calls import open_call
from tests.factories.networks import approved_draft, founded_network, past_network
from tests.query_count import statements
from urbact_calls.catalogue.reads import catalogue_search, networks_and_cities
from urbact_calls.catalogue.reads.catalogue_search import CatalogueFilters
from urbact_calls.catalogue.reads.networks_and_cities import stage_bars, standing
from urbact_calls.catalogue.reads.published_columns import NetworkShown, StageShown
from urbact_calls.database import Base, db, transaction
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import NetworkState, NetworkType
from urbact_calls.eligibility.reports.models import ReportFinding
from urbact_calls.networks.models import LocalGroup, Network
from urbact_calls.organisations.models import Organisation

ASKED = CatalogueFilters("lodz", NetworkType.APN, "PL", "mobility")
QUERIES = (
    networks_and_cities.networks_query(ASKED),
    networks_and_cities.network_query("x"),
    networks_and_cities.every_network_query(),
    networks_and_cities.networks_of_query([1]),
    networks_and_cities.members_query([1]),
    networks_and_cities.unnamed_query(1),
    networks_and_cities.local_groups_query(1),
    networks_and_cities.plans_query(1),
    networks_and_cities.stages_query(1),
    networks_and_cities.recommendations_query(1),
    catalogue_search.types_query(ASKED),
    catalogue_search.themes_query(ASKED),
    catalogue_search.countries_query(ASKED),
    networks_and_cities.cities_query(ASKED),
    networks_and_cities.city_query("x"),
    catalogue_search.city_countries_query(ASKED),
    networks_and_cities.totals_query(),
    networks_and_cities.network_slugs_query(),
    networks_and_cities.city_slugs_query(),
)
PUBLISHED_TABLES = {
    *("network", "member", "unnamed_member", "local_group", "plan", "recommendation", "network_stage", "organisation"),
    # The gazetteer: the names of places.
    *("european_place", "place_name"),
}
PRIVATE = set(Base.metadata.tables) - PUBLISHED_TABLES
PUBLIC_PAGES = ("/", "/networks/", "/cities/", "/calls/", "/get-involved/city", "/help")


def test_every_query_of_the_catalogue_is_read_here():
    built = {
        name for module in (networks_and_cities, catalogue_search) for name in vars(module) if name.endswith("_query")
    }
    assert len(built) == len(QUERIES)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: str(query)[:60])
def test_no_query_of_the_catalogue_touches_an_application(query):
    asked = {
        "application",
        "partner",
        "document",
        "user_account",
        Decision.__tablename__,
        ReportFinding.__tablename__,
    }
    assert asked <= PRIVATE
    mentioned = set(re.findall(r"\w+", str(query)))

    assert mentioned & PRIVATE == set()
    assert "application_id" not in mentioned


@pytest.mark.usefixtures("session")
def test_what_is_in_an_application_stays_there(client, now):
    call = open_call(db.session, now)
    draft = complete_draft(call, now)
    with transaction() as session:
        session.execute(update(Organisation).values(provenance="https://example.org/agen"))

    pages = [client.get(address).text for address in PUBLIC_PAGES]

    for secret in (draft.reference, "ISOLA", "Breaking Isolation", draft.lead.email, "Škofja Loka"):
        assert [address for address, page in zip(PUBLIC_PAGES, pages, strict=True) if secret in page] == []
    assert client.get(f"/cities/{draft.organisation.slug}").status_code == 404


@pytest.mark.usefixtures("session")
def test_an_approved_application_is_not_public_until_the_network_exists(client, now):
    call = open_call(db.session, now)
    approved_draft(call, now)
    assert client.get("/networks/isola").status_code == 404
    assert "ISOLA" not in client.get("/networks/").text


@pytest.mark.usefixtures("session")
def test_a_demonstration_network_says_so_and_is_nobodys_record(client, now):
    draft, _ = founded_network(open_call(db.session, now), now)

    page = client.get("/networks/isola").text

    assert "Demonstration. This network was made to try the site." in page
    assert "Škofja Loka" in page
    assert draft.reference not in page
    assert client.get(f"/cities/{draft.organisation.slug}").status_code == 404
    assert "Škofja Loka" not in client.get("/cities/").text
    assert "ISOLA" not in client.get("/").text


@pytest.mark.usefixtures("session")
def test_demonstration_networks_are_listed_apart_from_real_ones(client, now):
    """In no count, no choice of a filter and no feed of those that exist."""
    past_network("Quiet Nights", now, city("Łódź", now, "PL"))
    founded_network(open_call(db.session, now), now)

    real, apart = client.get("/networks/").text, client.get("/networks/?demonstration=1").text

    assert ("Quiet Nights" in real, "ISOLA" in real) == (True, False)
    assert ("Quiet Nights" in apart, "ISOLA" in apart) == (False, True)
    assert "1 network</h2>" in real
    assert '<option value="SI"' not in real
    assert "None of them exists" in apart
    assert 'href="/networks/?demonstration=1"' in real
    assert [each["name"] for each in client.get("/api/v1/networks").json["items"]] == ["Quiet Nights"]
    assert [each["name"] for each in client.get("/api/v1/networks?demonstration=1").json["items"]] == ["ISOLA"]


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("typed", ["%", "_", "***", '"', "…", "🙂"])
def test_signs_alone_find_nothing_and_that_is_said(client, now, typed):
    past_network("Quiet Nights", now, city("Łódź", now, "PL"))

    page = client.get("/networks/", query_string={"q": typed})

    assert (page.status_code, "Quiet Nights" in page.text) == (200, False)
    assert "There is no letter and no digit in what you typed." in page.text
    cities = client.get("/cities/", query_string={"q": typed}).text
    assert ("No city found" in cities, "/cities/lodz" in cities) == (True, False)
    assert client.get("/api/v1/networks", query_string={"q": typed}).json["items"] == []
    assert client.get("/api/v1/cities", query_string={"q": typed}).json["items"] == []


@pytest.mark.usefixtures("session")
def test_a_network_is_found_by_a_word_of_its_summary(client, now):
    """However it is spelled."""
    past_network("Quiet Nights", now, summary="Bäckereien open later.")

    assert "Quiet Nights" in client.get("/networks/?q=backereien").text
    assert "Quiet Nights" in client.get("/networks/?q=LATER+quiet").text
    assert "Quiet Nights" not in client.get("/networks/?q=noise").text


@pytest.mark.usefixtures("session")
def test_nothing_is_said_of_demonstration_networks_where_there_are_none(client, now):
    past_network("Quiet Nights", now, city("Łódź", now, "PL"))

    assert "emonstration" not in client.get("/networks/").text.partition("<main")[2]


@pytest.mark.usefixtures("session")
def test_the_contact_of_a_local_group_is_public_once_it_is_given(client, now):
    network = past_network("Quiet Nights", now, city("Łódź", now, "PL"))
    assert "contact of the Local Group is not known to us" in client.get("/networks/quiet-nights").text

    with transaction() as session:
        member_id = network.members[0].id
        session.execute(update(LocalGroup).where(LocalGroup.member_id == member_id).values(contact="group@example.org"))

    assert "group@example.org" in client.get("/networks/quiet-nights").text


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("words", ["Lodz", "łódź", "LODZ", "Lódz", "łod"])
def test_a_city_is_found_however_it_is_typed(client, now, words):
    past_network("Quiet Nights", now, city("Łódź", now, "PL"))
    past_network("Loud Days", now, city("Agen", now))

    assert names(client.get("/networks/", query_string={"q": words}).text) == ["Quiet Nights"]
    cities = client.get("/cities/", query_string={"q": words}).text
    assert ("Łódź" in cities, "Agen" in cities) == (True, False)


@pytest.mark.database("reference")
@pytest.mark.usefixtures("session")
class TestReference:
    def test_networks_are_found_by_type_and_country(self, client):
        shown = names(client.get("/networks/?type=ITN&country=IT").text)

        assert "2Nite" in shown
        assert "Cities After Dark" not in shown

    def test_filters_that_do_not_exist_ask_for_nothing(self, client):
        everything = names(client.get("/networks/").text)

        for asked in ("type=XXX", "country=ZZZ", "type=&country=", "q=%20"):
            assert names(client.get(f"/networks/?{asked}").text) == everything

    @pytest.mark.parametrize(
        ("name", "place", "theme"),
        [
            ("BiodiverCity", "Dunaujvaros", "green-infrastructure"),
            ("Breaking Isolation", "Agen", "loneliness"),
            ("GenProcure", "Vila Nova de Famalicao", "public-procurement"),
            ("SCHOOLHOODS", "Rethymno", "active-school-travel"),
            ("Remote-IT", "dubrovnik", "remote-work"),
            ("Beyond the Urban", "Vic", "urban-rural-links"),
            ("ARCHETHICS", "Cesena", "cultural-heritage"),
            ("U.R. Impact", "Cinisello Balsamo", "social-impact"),
        ],
    )
    def test_the_networks_of_the_seed_are_found_by_name_city_and_theme(self, client, name, place, theme):
        for asked in (
            {"q": name}, {"q": name.lower()[:-2]}, {"q": place}, {"q": place.upper()}, {"theme": theme},
            {"q": theme.replace("-", " ")}, {"q": f"{theme[:6]} {place}", "type": "APN"},
        ):  # fmt: skip
            assert name in names(client.get("/networks/", query_string=asked).text), asked

    def test_the_seat_and_its_name_in_the_gazetteer_are_searched_too(self, client):
        # DURA sits in Dubrovnik; GeoNames calls Mantova Mantua and Kočani Kochani.
        assert names(client.get("/networks/?q=dubrovnik+remote").text) == ["Remote-IT"]
        for asked, found in (
            ("mantua", "Mantova"),
            ("kochani", "Kočani"),
            ("gdansk", "Gdańsk</a>"),
            ("dubrov", "(DURA)"),
        ):
            assert found in client.get(f"/cities/?q={asked}").text

    def test_filters_combine_and_count_beside_each_other(self, client):
        page = client.get("/networks/?type=APN&theme=mobility&country=LT").text

        assert names(page) == ["PUMA", "S.M.ALL"]
        assert "2 networks found" in page
        assert '<option value="mobility" selected>Mobility (2)</option>' in page
        assert '<option value="LT" selected>Lithuania (2)</option>' in page
        assert re.search(r'value="ITN">[^<]+<span class="count">0</span>', page)

    def test_a_network_whose_theme_is_not_known_says_so(self, client):
        assert "<dt>Themes</dt><dd>Not known</dd>" in client.get("/networks/theatre4all").text
        assert "Theatre4all" not in names(client.get("/networks/?theme=theatre").text)

    @pytest.mark.parametrize("words", ["%", "_", "\\", "'", "a" * 500, "„“", "😀"])
    def test_any_word_can_be_searched(self, client, words):
        assert client.get("/networks/", query_string={"q": words}).status_code == 200
        assert client.get("/cities/", query_string={"q": words, "after": words}).status_code == 200

    def test_nothing_found_offers_the_way_back(self, client):
        page = client.get("/networks/?q=nowhere-at-all").text

        assert "Nothing matches “nowhere-at-all”" in page
        assert 'href="/networks/"' in page

    def test_all_pages_together_show_every_network_once(self, client):
        address, seen = "/networks/", []
        for _ in range(5):
            page = client.get(address).text
            seen += names(page)
            more = re.search(r'href="(/networks/\?after=[^"]+)"', page)
            if more is None:
                break
            address = more[1]

        assert len(seen) == len(set(seen)) == 60

    def test_a_network_shows_what_is_known_and_says_what_is_not(self, client):
        page = client.get("/networks/cities-after-dark").text

        assert "Braga, Portugal" in page
        assert "<dt>State</dt><dd>Ended on 31 December 2025, by its published dates.</dd>" in page
        assert "10 known to us, in 10 countries" in page
        assert 'href="https://urbact.eu/networks/cities-after-dark"' in page

    def test_a_network_without_a_known_lead_partner(self, client):
        assert "<dt>Lead partner</dt><dd>Not known</dd>" in client.get("/networks/spark").text

    def test_every_network_and_city_has_a_page(self, client):
        for prefix, column in (("/networks/", Network.slug), ("/cities/", Organisation.slug)):
            for slug in db.session.scalars(select(column).order_by(column)).all()[::7]:
                assert client.get(prefix + slug).status_code == 200, slug

    def test_a_city_names_its_networks(self, client):
        page = client.get("/cities/braga").text

        assert "Cities After Dark" in page
        assert "PT11" in page

    def test_the_first_page_counts_what_is_there(self, client):
        page = client.get("/").text

        assert "<b>60</b>" in page
        assert "<b>25 of 39</b>" in page
        assert "No call is open now" in page


def names(page: str) -> list[str]:
    """The networks on a page of cards."""
    return re.findall(r'<h3><a href="/networks/[^"]+">([^<]+)</a>', page)


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("address", ["/", "/networks/", "/cities/", "/networks/network-1", "/cities/place-1"])
def test_a_page_asks_the_same_for_one_row_and_three(client, now, address):
    def place(number):
        row = city(f"Place {number}", now)
        with transaction() as session:
            session.execute(update(Organisation).where(Organisation.id == row.id).values(slug=f"place-{number}"))
        return row

    first = place(1)
    past_network("Network 1", now, first)
    with statements() as one:
        assert client.get(address).status_code == 200
    others = [place(number) for number in (2, 3)]
    past_network("Network 2", now, first, *others)
    past_network("Network 3", now, others[0], first)
    with transaction() as session:
        network = session.scalars(select(Network).where(Network.slug == "network-1")).one()
        network.summary = "One\n\nTwo"
    with statements() as three:
        assert client.get(address).status_code == 200

    assert len(one) == len(three)


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    "address",
    ["/", "/networks/", "/cities/", "/get-involved/city", "/get-involved/expert", "/get-involved/local-group",
     "/accessibility", "/privacy", "/help"],
)  # fmt: skip
def test_every_page_opens_on_an_empty_site(client, address):
    assert client.get(address).status_code == 200


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("address", ["/networks/none", "/cities/none", "/get-involved/nobody", "/networks/%00"])
def test_what_does_not_exist_is_not_found(client, address):
    assert client.get(address).status_code in (400, 404)


@pytest.mark.usefixtures("session")
def test_the_first_page_counts_down_to_the_next_closing(client):
    now = datetime.now(UTC)
    open_call(db.session, now, "APN-LATER", closes_at=now + timedelta(days=40))
    open_call(db.session, now, closes_at=now + timedelta(days=22))

    page = client.get("/").text

    assert "<b>22</b>days left" in page
    assert page.index("/calls/APN-DEMO") < page.index("/calls/APN-LATER")


def network_of(stages, starts_on, ends_on):
    return NetworkShown(
        slug="x", name="X", type=NetworkType.APN, call_code="APN-2023", is_demonstration=False, state=None, theme=None,
        summary=None, starts_on=starts_on, ends_on=ends_on, envelope_cents=None, website=None, provenance=None,
        confidence=None, stages=stages,
    )  # fmt: skip


def test_bars_are_true_to_time_where_time_is_known():
    stages = (
        StageShown("First", date(2023, 6, 1), date(2023, 12, 31)),
        StageShown("Second", date(2024, 1, 1), date(2024, 12, 31)),
        StageShown("Third", None, None),
    )

    drawn = stage_bars(network_of(stages, date(2023, 6, 1), date(2025, 12, 31)), date(2024, 7, 1))

    assert [(bar.months, bar.gone) for bar in drawn] == [(7, 7), (12, 6.0), (6, 0)]
    assert drawn[2].words == "dates not known"


def test_after_its_last_day_every_stage_of_a_network_is_over():
    stages = (StageShown("First", None, None), StageShown("Last", None, date(2025, 12, 31)))

    drawn = stage_bars(network_of(stages, None, date(2025, 12, 31)), date(2026, 1, 1))

    assert [bar.words for bar in drawn] == ["dates not known, done", "until 31 December 2025, begin not known, done"]


PARTS = (StageShown("First", date(2023, 6, 1), date(2023, 12, 31)), StageShown("Last", date(2024, 1, 1), None))


@pytest.mark.parametrize(
    ("stages", "starts_on", "ends_on", "said"),
    [
        ((), None, None, None),
        ((), None, date(2025, 12, 31), "Ended on 31 December 2025, by its published dates."),
        ((), date(2026, 7, 1), None, "Begins on 1 July 2026, by its published dates."),
        ((), date(2025, 7, 1), date(2027, 7, 1), "Running, by its published dates."),
        ((), date(2025, 7, 1), None, None),
        (PARTS[:1], None, None, "Ended on 31 December 2023, by its published dates."),
        (PARTS, None, None, None),
        (PARTS, None, date(2026, 3, 10), "Running, by its published dates."),
    ],
)
def test_the_state_of_a_network_follows_from_its_published_dates(stages, starts_on, ends_on, said):
    """A stage whose end nobody knows may still go on, so that it says nothing."""
    found = standing(network_of(stages, starts_on, ends_on), date(2026, 3, 10))

    assert (say(found) if found else None) == said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (NetworkState.FORMING, "Ended on 31 December 2025, by its published dates."),
        (NetworkState.ACTIVE, "Ended on 31 December 2025, by its published dates."),
        (NetworkState.COMPLETED, None),
    ],
)
def test_a_network_that_nobody_has_closed_is_said_to_have_ended(state, said):
    over = replace(network_of((), date(2023, 6, 1), date(2025, 12, 31)), state=state)

    found = standing(over, date(2026, 3, 10))

    assert (say(found) if found else None) == said
    assert standing(over, date(2025, 3, 10)) is None


@pytest.mark.database("reference")
def test_a_member_that_the_source_does_not_name_stands_there_as_not_known(client):
    page = client.get("/networks/biodivercity").get_data(as_text=True)
    row = re.search(r'<tr class="row--unnamed">.*?</tr>', page, re.DOTALL)

    assert row is not None
    words = re.sub(r"<[^>]+>", " ", row[0])
    assert "Name not known" in words
    assert "Bosnia and Herzegovina" in words
    assert 'href="https://urbact.eu/networks/biodivercity"' in row[0]
    assert "10 known to us" in page
