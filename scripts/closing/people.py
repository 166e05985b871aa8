"""Leads who submit in the last moment, as their browsers do it: over connections that are open, in a session that they
have, and following where they are sent until they see their receipt."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from scripts.closing.world import LastMinuteDraft

# Firefox and Chrome give up after five minutes.
BROWSER_PATIENCE = 300.0
# What the session of a signed-in person holds beside the key; any will do.
CSRF = "0123456789abcdef0123456789abcdef01234567"


@dataclass(slots=True)
class Page:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        is_compressed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if is_compressed else self.body).decode("utf-8", "replace")


@dataclass(slots=True)
class Told:
    """What one lead was told: the first answer, the last page, and how long after sending each came."""

    draft: LastMinuteDraft
    sent_at: float
    first: Page | None = None
    last: Page | None = None
    first_after: float = 0.0
    last_after: float = 0.0
    was_kept: bool = False
    problem: str = ""


@dataclass(slots=True)
class LastMinuteBrowser:
    """One browser of one lead."""

    port: int
    draft: LastMinuteDraft
    cookie: str
    token: str
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None)

    async def open(self) -> None:
        """A connection that stays open, as after reading a page."""
        self.streams = await self._connected()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def submit(self, at: float) -> Told:
        """Sends the form at an instant, seconds since 1970, and reads what comes of it."""
        fields = urlencode({"csrf_token": self.token, "seen": "1"}).encode()
        form = self._request("POST", f"/applications/{self.draft.reference}/transitions/submit", fields)
        await asyncio.sleep(max(0.0, at - time.time()))
        told = Told(self.draft, time.time())
        try:
            async with asyncio.timeout(BROWSER_PATIENCE):
                page = told.first = await self._ask(form)
                told.first_after = time.time() - told.sent_at
                told.last = await self._follow(page, told)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as problem:
            told.problem = f"{type(problem).__name__}: {problem}"
        told.last_after = time.time() - told.sent_at
        return told

    async def close(self) -> None:
        if self.streams:
            self.streams[1].close()
            with contextlib.suppress(OSError):
                await self.streams[1].wait_closed()

    async def _follow(self, page: Page, told: Told) -> Page:
        """Goes where the page sends its reader, at once or after the seconds that it names."""
        while True:
            if page.status in (HTTPStatus.FOUND, HTTPStatus.SEE_OTHER):
                address = page.headers["location"]
            elif refresh := page.headers.get("refresh"):
                told.was_kept = True
                seconds, _, address = refresh.partition("; url=")
                await asyncio.sleep(float(seconds))
            else:
                return page
            page = await self._ask(self._request("GET", address))

    def _request(self, method: str, address: str, body: bytes = b"") -> bytes:
        lines = [
            f"{method} {address} HTTP/1.1",
            *("Host: localhost", "Accept: text/html", "Accept-Encoding: gzip", f"Cookie: {self.cookie}"),
        ]
        if body:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body

    async def _ask(self, request: bytes) -> Page:
        """Sends a request; over a new connection where the server has closed the one that was kept."""
        if self.streams is None or self.streams[0].at_eof():
            self.streams = await self._connected()
        reader, writer = self.streams
        writer.write(request)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:-1])}
        page = Page(int(lines[0].split()[1]), headers, await _body(reader, headers))
        for cookie in [value for name, value in headers.items() if name == "set-cookie"]:
            self.cookie = cookie.partition(";")[0]
        if headers.get("connection", "").lower() == "close":
            await self.close()
            self.streams = None
        return page


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    if headers.get("transfer-encoding") != "chunked":
        return await reader.read()
    parts = []
    while length := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(length))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)


def browsers(app: Flask, port: int, drafts: list[LastMinuteDraft]) -> list[LastMinuteBrowser]:
    """A browser for each draft, in which its lead is signed in; `app` has the secret of the site."""
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    if signer is None:
        raise ValueError("the site has no secret")
    name = app.config["SESSION_COOKIE_NAME"]
    token = str(URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token").dumps(CSRF))
    return [
        LastMinuteBrowser(
            *(port, each),
            cookie=f"{name}={signer.dumps({'_user_id': each.key, '_fresh': True, 'csrf_token': CSRF})}",
            token=token,
        )
        for each in drafts
    ]


async def rush(people: list[LastMinuteBrowser], closing: datetime, late: LastMinuteBrowser, after: float) -> list[Told]:
    """All submit within the last second before the hour, evenly spread, and `late` so many seconds after it; the last
    one told of is that one."""
    hour = closing.timestamp()
    # Shortly before: servers close connections over which nothing comes.
    await asyncio.sleep(max(0.0, hour - 4 - time.time()))
    await asyncio.gather(*(each.open() for each in people))
    # The last one leaves some milliseconds before the hour, so that it is here before it.
    moments = [hour - 1 + 0.97 * number / len(people) for number in range(len(people))]
    submissions = [person.submit(moment) for person, moment in zip(people, moments, strict=True)]
    told = await asyncio.gather(*submissions, late.submit(hour + after))
    await asyncio.gather(*(each.close() for each in [*people, late]))
    return list(told)
