"""What a browser asks for to show a page: the page, and the style sheets, scripts, pictures and fonts that it names.

The first view is that of somebody who was never here; the next one asks only for what may not be kept.
"""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from scripts.bench.client import BenchError, Client

# Of those of a page that a browser fetches without being asked for them by the reader.
LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload"}
MAX_AGE = re.compile(r"max-age=(\d+)")


@dataclass(frozen=True, slots=True)
class PageView:
    """Requests, bytes as they were sent, and milliseconds, one request after the other over one connection."""

    requests: int
    bytes: int
    ms: float


class _Assets(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        address = None
        if tag == "link" and LOADED_LINKS & set((said.get("rel") or "").split()):
            address = said.get("href")
        elif tag in ("script", "img"):
            address = said.get("src")
        if address and not address.startswith("data:"):
            self.found[address] = None


class Browser:
    """One visitor, with a connection and a cache. `client` holds the session, if there is one."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.kept: set[str] = set()

    def view(self, path: str) -> PageView:
        """Shows a page. Raises BenchError if it, or what it names, is not there."""
        began = time.perf_counter()
        body, size = self._get(path, may_keep=False)
        requests, total = 1, size
        for asset in self._assets(path, body):
            if asset not in self.kept:
                requests, total = requests + 1, total + self._get(asset)[1]
        return PageView(requests, total, 1000 * (time.perf_counter() - began))

    @staticmethod
    def _assets(path: str, page: bytes) -> Iterator[str]:
        parser = _Assets()
        parser.feed(page.decode())
        for each in parser.found:
            address = urlsplit(urljoin(path, each))
            if not address.netloc:
                yield address.path

    def _get(self, path: str, *, may_keep: bool = True) -> tuple[bytes, int]:
        connection = self.client.connection
        connection.request("GET", path, headers={**self.client.headers(), "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        sent = answer.read()
        if answer.status != 200:
            raise BenchError(f"Status {answer.status} of {path}, which a page names.")
        age = MAX_AGE.search(answer.headers.get("Cache-Control") or "")
        if may_keep and age is not None and int(age[1]) > 0:
            self.kept.add(path)
        body = gzip.decompress(sent) if answer.headers.get("Content-Encoding") == "gzip" else sent
        return body, len(sent)
