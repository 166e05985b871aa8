"""HTTP client of the benchmark: signs in like a person and asks for one page again and again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection
from io import BytesIO
from statistics import quantiles
from urllib.parse import urlencode

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from scripts.bench.site import QUERIES_HEADER

HEADERS = {"Host": "localhost", "Accept": "text/html"}
# Each page is asked for so often, however short the time: of five answers half say nothing.
LEAST_ANSWERS = 20


class BenchError(Exception):
    """The benchmark cannot go on; the message says why."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    body: str
    size: int
    queries: int
    location: str


@dataclass(frozen=True, slots=True)
class TimingFigures:
    """Milliseconds of half and of 95 of 100 answers, answers per second, bytes and queries of the largest answer, and
    milliseconds of the processor for each: of the web workers, and of the connections of the database."""

    p50: float
    p95: float
    per_second: float
    bytes: int
    queries: int
    cpu: float
    database_cpu: float


Used = Callable[[], tuple[float, float]]
"""Gives the seconds of the processor that web workers, and connections of the database, have used so far."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks for one page once; what status it is to have, and what has been used of the processor for it."""

    ask: Callable[[], HttpAnswer]
    expected: int
    used: Used


class Client:
    """One browser: a connection that stays open, and its cookies."""

    def __init__(self, port: int, cookies: Iterable[tuple[str, str]] = (), *, timeout: float = 60.0) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.cookies = dict(cookies)

    def close(self) -> None:
        """Ends the connection."""
        self.connection.close()

    def ask(self, path: str, fields: dict[str, str] | None = None) -> HttpAnswer:
        """Gets a page, or sends a form."""
        headers = self.headers()
        if fields is None:
            self.connection.request("GET", path, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            self.connection.request("POST", path, urlencode(fields), headers)
        return self._answer()

    def send_file(self, path: str, fields: dict[str, str], name: str, content: bytes) -> HttpAnswer:
        """Sends a form with a file in the field `name`."""
        boundary, body = encode_multipart({**fields, name: FileStorage(BytesIO(content), "file.pdf")})
        headers = {**self.headers(), "Content-Type": f"multipart/form-data; boundary={boundary}"}
        self.connection.request("POST", path, body, headers)
        return self._answer()

    def headers(self) -> dict[str, str]:
        """Those of every request: host, what is accepted, cookies."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {**HEADERS, **({"Cookie": cookies} if cookies else {})}

    def _answer(self) -> HttpAnswer:
        answer = self.connection.getresponse()
        body = answer.read()
        for header in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return HttpAnswer(
            status=answer.status,
            body=body.decode("utf-8", "replace"),
            size=len(body),
            queries=int(answer.headers.get(QUERIES_HEADER) or 0),
            location=answer.headers.get("Location") or "",
        )

    def sign_in(self, email: str, password: str) -> None:
        page = self.ask("/sign-in")
        fields = {"csrf_token": hidden(page.body, "csrf_token"), "email": email, "password": password}
        if self.ask("/sign-in", fields).status != 302:
            raise BenchError(f"{email} could not sign in.")


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    for tag in re.findall(r"<input[^>]*>", page):
        if f'name="{name}"' in tag and (found := re.search(r'value="([^"]*)"', tag)):
            return unescape(found[1])
    raise BenchError(f"The page has no field {name}.")


@dataclass
class Tally:
    """What was seen of one page while it was asked for."""

    times: list[float] = field(default_factory=list)
    bytes: int = 0
    queries: int = 0

    def ask(self, asker: Asker) -> None:
        """Asks once. Raises BenchError for another status, or if no answer comes in time."""
        began = time.perf_counter()
        try:
            answer = asker.ask()
        except TimeoutError:
            raise BenchError(f"No answer within {time.perf_counter() - began:.0f} s.") from None
        self.times.append(time.perf_counter() - began)
        if answer.status != asker.expected:
            raise BenchError(f"Status {answer.status} instead of {asker.expected}: {answer.body[:300]}")
        self.bytes, self.queries = max(self.bytes, answer.size), max(self.queries, answer.queries)

    def figures(self, spent: float, used: tuple[float, float]) -> TimingFigures:
        """The figures after so many seconds of asking, for which so much of the processor was used."""
        times = self.times
        cuts = quantiles(times, n=20) if len(times) > 1 else [times[0]] * 19
        web, database = (1000 * seconds / len(times) for seconds in used)
        return TimingFigures(
            1000 * cuts[9], 1000 * cuts[18], len(times) / spent, self.bytes, self.queries, web, database
        )


def measure(askers: Sequence[Asker], *, seconds: float) -> TimingFigures:
    """Lets each asker ask one server without a pause for some seconds, all at once. Raises BenchError for another
    status."""
    _warm_up(askers)
    tally, before, began = Tally(), askers[0].used(), time.perf_counter()

    def work(asker: Asker) -> None:
        while time.perf_counter() < began + seconds:
            tally.ask(asker)

    with ThreadPoolExecutor(len(askers)) as threads:
        # Read, so that what one of them has raised is raised here.
        list(threads.map(work, askers))
    return tally.figures(time.perf_counter() - began, _since(before, askers[0]))


def measure_in_turn(askers: Sequence[Asker], seconds: float) -> list[TimingFigures]:
    """Lets askers of different servers ask one after the other, again and again, for so many seconds each and often
    enough; gives the figures of each. Raises BenchError for another status."""
    _warm_up(askers)
    tallies, before = [Tally() for _ in askers], [asker.used() for asker in askers]
    until = time.perf_counter() + seconds * len(askers)
    while time.perf_counter() < until or len(tallies[0].times) < LEAST_ANSWERS:
        for tally, asker in zip(tallies, askers, strict=True):
            tally.ask(asker)
    return [
        tally.figures(sum(tally.times), _since(used, asker))
        for tally, used, asker in zip(tallies, before, askers, strict=True)
    ]


def _since(before: tuple[float, float], asker: Asker) -> tuple[float, float]:
    web, database = asker.used()
    # A connection of the database that has ended meanwhile takes what it has used with it.
    return web - before[0], max(0.0, database - before[1])


def _warm_up(askers: Sequence[Asker]) -> None:
    for asker in askers:
        for _ in range(3):
            Tally().ask(asker)
