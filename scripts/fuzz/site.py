"""The site that is fuzzed: the world of the sweep, as if it were this month, and applications that people work on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

from scripts.fuzz.forms import Form, forms_and_links
from scripts.trials import databases_in
from tests.architecture import visits
from tests.architecture.access_matrix import MATRIX, ROLES
from tests.architecture.hands import WRITER, Hands, in_hand
from tests.architecture.swept_site import SweptSite, addresses, cookie_of, swept_site
from tests.factories.api import token_of
from tests.services_databases import Dialect
from urbact_calls.database import db

# Of the pages of one address, how many each role opens to look for forms; the one who writes opens every section.
PAGES_OF_AN_ADDRESS, PAGES_OF_THE_WRITER = 4, 30


@dataclass(frozen=True, slots=True)
class Asked:
    """The site, and what is in the hands of people there."""

    site: SweptSite
    hands: Hands

    @property
    def roles(self) -> tuple[str, ...]:
        return (*ROLES, *self.hands.people)


@contextlib.contextmanager
def asked_site(dialect: Dialect, folder: Path) -> Iterator[Asked]:
    """A site as in production with objects of every feature; a fault is answered as there, and not raised."""
    now = datetime.now(UTC).replace(microsecond=0)
    # So that calls closed some hours ago, and what came after is at hand.
    then = now - timedelta(days=30, hours=2)
    with databases_in(folder) as databases, databases.fresh(dialect) as url, swept_site(url, folder, then) as site:
        site.app.config["PROPAGATE_EXCEPTIONS"] = False
        with site.app.app_context():
            visits.fill_values(site.world)
            hands = in_hand(now)
            for role, user in hands.people.items():
                site.world.people[role] = user
                site.cookies[role] = cookie_of(site.app, role, site.world)
                site.tokens[role] = token_of(user)
            db.session.remove()
        yield Asked(site, hands)


def forms_of(asked: Asked, roles: Iterable[str]) -> list[Form]:
    """Every form that these roles are shown, on pages about their own objects and on those that they lead to."""
    found: dict[tuple[str, str, tuple[str, ...]], Form] = {}
    for role in roles:
        for form in _forms_of_role(asked, role):
            found.setdefault((role, form.action, tuple(one.name for one in form.fields)), form)
    return [*found.values()]


def _forms_of_role(asked: Asked, role: str) -> Iterator[Form]:
    site, begins = asked.site, asked.hands.begins.get(role, [])
    most = PAGES_OF_THE_WRITER if role == WRITER else PAGES_OF_AN_ADDRESS
    known = site.app.url_map.bind("localhost")
    client = site.app.test_client(use_cookies=False)
    opened: dict[str, int] = {}
    waiting = list(dict.fromkeys(["/", *_own_pages(site, role), *begins]))
    seen = set(waiting)
    for path in waiting:
        endpoint = known.match(path.partition("?")[0], "GET")[0]
        opened[endpoint] = opened.get(endpoint, 0) + 1
        if opened[endpoint] > most and path not in begins:
            continue
        answer = client.open(path, headers=site.identity(role, is_api=False), buffered=True)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        forms, links = forms_and_links(answer.text, role, path.partition("?")[0])
        yield from forms
        following = [urljoin(path, link).partition("#")[0] for link in links]
        new = [
            link for link in dict.fromkeys(following) if link not in seen and known.test(link.partition("?")[0], "GET")
        ]
        seen.update(new)
        waiting += new


def _own_pages(site: SweptSite, role: str) -> list[str]:
    """The pages that the matrix gives a role; other people begin where their objects are."""
    if role not in ROLES:
        return []
    pages = [each for each in addresses(site.app) if each.method == "GET" and not each.is_api]
    return [site.path(each, "own") for each in pages if role in MATRIX[each.name].own]
