"""One address and one description for each public page, and a list of them all."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from config import Settings, SettingsError
from tests.factories.accounts import at
from tests.factories.calls import open_call
from tests.factories.networks import founded_network
from tests.query_count import statements
from tests.web_client import app_under_test
from urbact_calls.catalogue import views as catalogue
from urbact_calls.database import db
from urbact_calls.jobs import SilentNotifier

pytestmark = pytest.mark.usefixtures("session")
PLACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def paths(client):
    answer = client.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    root = catalogue.in_full("")
    return [str(place.text).removeprefix(root) for place in ElementTree.fromstring(answer.text).iter(PLACE)]  # noqa: S314 -- our own text


@pytest.mark.database("reference")
def test_every_public_page_is_listed_once(app, client):
    with app.test_request_context():
        listed = paths(client)

    assert len(listed) == len(set(listed))
    assert {
        "/",
        "/networks/",
        "/networks/biodivercity",
        "/cities/agen",
        "/get-involved/expert",
        "/calls/APN-2023",
    } <= set(listed)
    assert len([path for path in listed if path.startswith("/networks/")]) == 61
    for path in listed[:12] + listed[12::40]:
        assert client.get(path).status_code == 200, path


def test_the_demonstration_is_nothing_to_be_found(app, client, now):
    founded_network(open_call(db.session, now), now)

    with app.test_request_context():
        assert [path for path in paths(client) if "isola" in path or "DEMO" in path] == []


def test_the_list_asks_the_same_for_many_pages(client):
    with statements() as asked:
        client.get("/sitemap.xml")

    assert len(asked) <= 6


def test_robots_are_told_where_the_list_is(client):
    answer = client.get("/robots.txt")

    assert answer.mimetype == "text/plain"
    assert re.search(r"^Sitemap: https?://[^/]+/sitemap.xml$", answer.text, re.MULTILINE)
    assert "Disallow: /office/" in answer.text


def test_who_finds_a_weakness_reads_where_to_report_it(client, now):
    """The four lines that RFC 9116 asks for or advises, good for less than a year."""
    at(client, now)

    answer = client.get("/.well-known/security.txt")

    assert answer.mimetype == "text/plain"
    lines = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert lines.pop("Canonical").endswith("/.well-known/security.txt")
    assert lines == {
        "Contact": "mailto:security@example.org",
        "Expires": "2026-09-06T00:00:00Z",
        "Preferred-Languages": "en",
    }


def test_a_site_that_names_nobody_has_no_such_page(settings):
    with app_under_test(replace(settings, security_contact=""), SilentNotifier()) as app:
        assert app.test_client().get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize(
    ("given", "app_env", "expected"),
    [("", "demo", "mailto:security@example.org"), ("tel:+33-1", "production", "tel:+33-1"), ("", "production", "")],
)
def test_a_real_site_names_nobody_by_itself(given, app_env, expected):
    environment = {
        "APP_ENV": app_env, "SECURITY_CONTACT": given, "SECRET_KEY": "x" * 40, "DATABASE_URL": "postgresql://x/y",
        "REDIS_URL": "redis://x", "TRUSTED_HOSTS": "calls.example.org", "MAIL_URL": "smtp://x",
        "PUBLIC_URL": "https://calls.example.org", "PROXIES": "1", "OFFICE_ADDRESS": "office@example.org",
    }  # fmt: skip

    assert Settings.from_environment(environment).security_contact == expected


def test_a_contact_that_is_no_address_stops_the_start():
    with pytest.raises(SettingsError, match=r"SECURITY_CONTACT is “me”; it must begin with mailto:, https:// or tel:"):
        Settings.from_environment({"APP_ENV": "demo", "SECURITY_CONTACT": "me"})


@pytest.mark.database("reference")
@pytest.mark.parametrize(
    "address",
    ["/", "/networks/?type=ITN&theme=housing", "/networks/wish-cities", "/cities/?q=gdansk", "/cities/agen",
     "/experts/", "/get-involved/city", "/get-involved/local-group", "/calls/", "/calls/APN-2023", "/help"],
)  # fmt: skip
def test_a_public_page_has_one_title_a_description_an_address_and_a_way_back(client, address):
    page = client.get(address).text

    assert len(re.findall(r"<h1[ >]", page)) == 1
    [described] = re.findall(r'<meta name="description" content="([^"]+)">', page)
    assert len(described) > 20
    [canonical] = re.findall(r'<link rel="canonical" href="https?://[^/"]+([^"]*)">', page)
    assert canonical == address.partition("?")[0]
    assert address in ("/", "/help", "/calls/") or 'aria-label="Breadcrumb"' in page


def test_a_page_for_people_with_an_account_has_no_public_address(client):
    assert "canonical" not in client.get("/sign-in").text


@pytest.mark.database("reference")
def test_the_way_of_a_visitor(client):
    def links(page):
        return re.findall(r'href="(/[^"]*)"', page)

    assert "/networks/" in links(client.get("/").text)
    found = links(client.get("/networks/?q=gdansk").text)
    network = next(link for link in found if re.fullmatch(r"/networks/[a-z0-9-]+", link))
    page = client.get(network).text
    city = next(link for link in links(page) if link.startswith("/cities/") and link != "/cities/")
    way = next(link for link in links(client.get(city).text) if link.startswith("/get-involved/"))

    assert "National URBACT Point" in client.get(way).text
