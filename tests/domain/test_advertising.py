"""Names of organisations: no web or mail address, no amount of money, and every name that is known."""

from __future__ import annotations

import time

import pytest

from urbact_calls.domain.advertising import why_no_name
from urbact_calls.reference.tables import rows


@pytest.mark.parametrize(
    ("name", "code", "part"),
    [
        ("Win 9 000 EUR, see example.org/x", "name.address", "example.org/x"),
        ("City of Łódź www.example.org", "name.address", "www.example.org"),
        ("https://example.org", "name.address", "https://example.org"),
        ("Ask office@example.org", "name.address", "office@example.org"),
        ("Municipality EXAMPLE.COM", "name.address", "EXAMPLE.COM"),
        ("Come to t.me/prizes", "name.address", "t.me/prizes"),
        ("Δήμος παράδειγμα.xn--qxam", "name.address", "παράδειγμα.xn--qxam"),
        ("See ｅｘａｍｐｌｅ．ｏｒｇ", "name.address", "example.org"),
        ("Holiday-in-our.city", "name.address", "Holiday-in-our.city"),
        ("Виж пример.бг", "name.address", "пример.бг"),
        ("Δήμος παράδειγμα.ευ", "name.address", "παράδειγμα.ευ"),
        ("Win 9 000 EUR", "name.amount", "9 000 EUR"),
        ("Win ９０００ €", "name.amount", "9000 €"),
        ("Get €500 now", "name.amount", "€500"),
        ("EUR 12,000 for you", "name.amount", "EUR 12,000"),
        ("Fund of 3 million euros", "name.amount", "3 million euros"),
        ("5 000 zł dla ciebie", "name.amount", "5 000 zł"),
        ("Fonds mit 3 Mio. EUR", "name.amount", "3 Mio. EUR"),
        ("Get 9k€ now", "name.amount", "9k€"),
        ("Награда 100 лв.", "name.amount", "100 лв"),
        ("Vind 5.000 kr nu", "name.amount", "5.000 kr"),
    ],
)
def test_a_name_that_carries_a_message_is_refused_with_the_part(name, code, part):
    refusal = why_no_name(name)

    assert refusal is not None
    assert (refusal.code, dict(refusal.params)) == (code, {"part": part})


@pytest.mark.parametrize(
    "name",
    [
        "Hann.Münden",
        "San Giovanni V.no",
        "Hydro-Heritage Cities (H² CU.RE.N.T.)",
        "RESTART@URBACT",
        "Stadtwerke GmbH & Co.KG",
        "A.M.T. S.p.A.",
        "UEFA Euro 2012 Polska",
        "Euroregion Baltic",
        "Theatre4all",
        "Region 3 Alliance",
        "Agency of 27 municipalities",
    ],
)
def test_a_name_with_dots_signs_and_numbers_is_a_name(name):
    assert why_no_name(name) is None


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("network_partners.csv", ("partner_name", "seat_city")),
        ("networks.csv", ("name", "lead_partner")),
        ("good_practices.csv", ("city",)),
        ("uia_projects.csv", ("city",)),
        ("places.csv.gz", ("name",)),
        ("place_names.csv.gz", ("name",)),
    ],
)
def test_every_name_of_the_reference_data_passes(table, columns):
    refused = {row[column] for row in rows(table) for column in columns if why_no_name(row[column] or "")}

    assert refused == set()


@pytest.mark.parametrize("part", ["a", "a.", "1 ", "1,", "-", "a@", "a/", "é", " ", "www"])
def test_a_name_of_any_length_is_read_at_once(part):
    started = time.process_time()

    why_no_name(part * 100_000)

    assert time.process_time() - started < 0.5
