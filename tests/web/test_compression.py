"""Pages come compressed, and the token of their forms looks different in each of them."""

from __future__ import annotations

import gzip
import re

import brotli
import pytest

from tests.factories.accounts import person, sign_in
from tests.web_client import CleanClient
from urbact_calls.web.csrf import masked, unmasked

pytestmark = pytest.mark.usefixtures("session")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.mark.parametrize(("coding", "read"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_page_comes_compressed_to_whoever_takes_it(client: CleanClient, coding, read):
    plain = client.get("/privacy")

    answer = client.get("/privacy", headers={"Accept-Encoding": coding})

    assert read(answer.data).decode() == plain.text
    assert len(answer.data) * 2 < len(plain.data)
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert {"Accept-Encoding", "Cookie"} <= answer.vary.as_set(preserve_casing=True)
    assert "Content-Encoding" not in plain.headers


def test_what_is_short_stays_as_it_is(client: CleanClient):
    assert "Content-Encoding" not in client.get("/healthz", headers={"Accept-Encoding": "br"}).headers


def test_the_token_looks_different_in_each_page_and_is_taken_from_each(client: CleanClient):
    sign_in(client, person())
    first, second = (TOKEN.findall(client.get("/account").text) for _ in range(2))

    assert first
    assert not {*first} & {*second}
    for token in (first[0], second[0]):
        answer = client.post_from_elsewhere("/account", data={"csrf_token": token, "name": "Anna Nowak"})
        assert answer.status_code != 400


@pytest.mark.parametrize("token", ["", "x", "AAAA", "é", "a.b.c", "____"])
def test_what_is_no_token_is_refused_as_any_other(client: CleanClient, token: str):
    sign_in(client, person())

    assert client.post_from_elsewhere("/account", data={"csrf_token": token, "name": "Anna"}).status_code == 400


def test_a_masked_token_is_the_token_again():
    assert unmasked(masked("payload.time.signature")) == "payload.time.signature"
    assert masked("payload.time.signature") != masked("payload.time.signature")
