"""Asks for every address of the program as everybody, and looks for words that he or she may not read."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import io
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select
from werkzeug.routing import Rule

from tests.journeys.canaries import Canary, found_in, kept_secrets
from tests.journeys.people import Cast, account_of
from tests.journeys.plots import EXPERT, NEWCOMERS, PLOTS, SKILLS, Plot
from tests.services_databases import settings_for
from urbact_calls.accounts.commands.tokens import create_token
from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application, SubmittedFile
from urbact_calls.applications.submission.models import Submission
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import PartnerRole
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.factory import create_app
from urbact_calls.jobs import Job
from urbact_calls.messages.models import Delivery
from urbact_calls.networks.models import ExpertApplication, Member, Network
from urbact_calls.organisations.models import Organisation
from urbact_calls.subjects import is_about

# How often a page is asked again that says when.
MOST_TIMES = 10

VISITORS = (
    *("public", "APN-DEMO", "TN-DEMO", "ITN-DEMO", "partner", "lead", "assessor1", "assessor2", "substitute", "chair"),
    *("newcomer", "committee", "auditor", "officer1", "managing-authority", "national-point", "administrator"),
)
"""Everybody who asks: the public; those who lead one application and are strangers to the two others; a partner of
one who was taken out of another; a city that only has a draft; assessors with, without and instead; and the offices."""

NOT_ASKED = {
    "messages.mailbox": "shows all messages, in the demonstration only, to whoever tries it",
    "messages.message": "the same",
    "messages.message_html": "the same",
}
PUBLIC = ("catalogue", "metrics")
"""Features that show the same to everybody, so that a few need to ask: the public, an applicant, an officer."""

READERS_OF_THE_PUBLIC = ("public", "APN-DEMO", "officer1")
PUBLIC_SEARCHES = ("/networks/?q=", "/cities/?q=", "/get-involved/town?q=")
SEARCHES = (
    *("/organisations/?q=", "/accounts/?q=", "/eligibility/?q="),
    *("/office/deliveries/?address=", "/office/deliveries/?about="),
)
METRICS_TOKEN = "forty-two-counters-in-a-row"
READ: dict[str, list[str]] = {}
"""PDFs that were read already, by their fingerprint: many may save the same one."""

# Enough to find it, and not the word itself: what was typed stands in the page again.
TYPED = tuple(word[:6] for word in (PLOTS[0].word, SKILLS, PLOTS[0].lead.name.split()[1], PLOTS[0].lead.email))


SOME_VISITORS = (
    *("public", "APN-DEMO", "lead", "assessor1", "chair"),
    *("committee", "auditor", "officer1", "administrator"),
)
"""Enough for one moment in the tests: those who own what is looked for, a stranger and the offices."""


def crawl(
    cast: Cast,
    references: Mapping[Plot, str],
    canaries: Iterable[Canary],
    *,
    features: str = "",
    wanted: Sequence[str] = VISITORS,
) -> None:
    """Everybody reads what may be read, the owners among them, and nobody anything else.

    `features` names those whose pages are asked for, where not all are; `wanted` who asks.
    """
    canaries = tuple(canaries)
    words = {canary.word for canary in canaries}
    seen: dict[str, set[str]] = defaultdict(set)
    where: dict[tuple[str, str], str] = {}
    # Everybody is signed in first, so that all cookies are known when the first page is read.
    visitors = [name for name in wanted if name not in NEWCOMERS or name in cast.known]
    cookies = {name: "" if name == "public" else cast.person(name, draws=False).cookie() for name in visitors}
    paths = addresses(cast, references, features.split())
    secrets = set(kept_secrets(cast))
    for name in visitors:
        with contextlib.closing(http.client.HTTPConnection("localhost", cast.program.port, timeout=60)) as connection:
            for path, is_public in paths.items():
                if is_public and name not in READERS_OF_THE_PUBLIC:
                    continue
                # A page that does not exist gives back the address that was asked for.
                cast.asked += 1
                text = answer_to(connection, path, cookies[name], cast.tokens.get(name)).replace(path, "")
                for word in found_in(text, words | secrets):
                    seen[word].add(name)
                    where.setdefault((word, name), path)

    leaked = [
        f"{name} reads “{canary.word}” on {where[canary.word, name]}"
        for canary in canaries
        for name in sorted(seen[canary.word] - canary.may)
    ]
    leaked += [f"{name} reads a secret on {where[word, name]}" for word in secrets for name in seen[word]]
    leaked += [
        f"{canary.owner} does not find “{canary.word}”: the search finds nothing"
        for canary in canaries
        if canary.owner not in seen[canary.word]
    ]
    assert leaked == [], "\n".join(leaked)


def answer_to(connection: http.client.HTTPConnection, path: str, cookie: str, token: str | None) -> str:
    """What one gets there: head and body as text, also of files. Programs are known by a token, people by a cookie."""
    headers = {"Cookie": cookie} if cookie else {}
    if path.startswith("/api/"):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
    if path == "/metrics":
        headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    for _ in range(MOST_TIMES):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.getheader("Refresh") is None:
            break
        # A document that is being made: the page asks again by itself.
        seconds, _, path = answer.headers["Refresh"].partition("; url=")
        time.sleep(int(seconds))
    assert answer.status < 500, f"{path} answered {answer.status}"
    # A new cookie of its own may come with each answer.
    head = [f"{name}: {value}" for name, value in answer.getheaders() if name != "Set-Cookie"]
    return "\n".join([*head, body.decode("utf-8", "replace"), *pages_of(body)])


def pages_of(body: bytes) -> list[str]:
    """The text of a PDF, whose own is packed; nothing for what is none."""
    if not body.startswith(b"%PDF"):
        return []
    key = hashlib.sha256(body).hexdigest()
    if key not in READ:
        READ[key] = [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]
    return READ[key]


def addresses(cast: Cast, references: Mapping[Plot, str], features: Sequence[str]) -> dict[str, bool]:
    """Every address that is asked with GET, for each application with what belongs to it; and searches.

    For each whether it is among the `PUBLIC`.
    """
    app = create_app(settings_for(cast.program.database_url, cast.program.folder / "crawl", app_env="demo"))
    assert set(features) <= set(app.blueprints), "a feature without pages"
    with app.app_context():
        for name in set(VISITORS[1:]) - set(cast.tokens):
            if name not in NEWCOMERS or name in cast.known:
                cast.tokens[name] = create_token(account_of(name).email, "The crawl", datetime.now(UTC)).text
        found = {
            path: is_public
            for plot, reference in references.items()
            for path, is_public in paths_of(app, values_of(plot, reference), features)
        }
        if not features:
            found |= {f"/office/deliveries/{number}": False for number in messages_of_each_kind()}
        db.session.remove()
        db.engine.dispose()
    if not features:
        found |= {search + quote(typed): False for search in SEARCHES for typed in TYPED}
        found |= {search + quote(typed): True for search in PUBLIC_SEARCHES for typed in TYPED}
    return found


def messages_of_each_kind() -> set[int]:
    """One of each kind, and the letters with the decisions."""
    newest = select(func.max(Delivery.id))
    letters = newest.where(Delivery.email_key == "decision.announced").group_by(
        Delivery.subject_kind, Delivery.subject_id
    )
    return {*db.session.scalars(newest.group_by(Delivery.email_key)), *db.session.scalars(letters)}


def paths_of(app: Flask, values: Mapping[str, Any], features: Sequence[str]) -> Iterator[tuple[str, bool]]:
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        feature = rule.endpoint.partition(".")[0]
        is_wanted = not features or feature in features
        if "GET" in (rule.methods or ()) and rule.endpoint not in NOT_ASKED and is_wanted:
            parts = {name: value(values, rule, name) for name in rule.arguments}
            yield adapter.build(rule.endpoint, parts), feature in PUBLIC


def value(values: Mapping[str, Any], rule: Rule, name: str) -> Any:
    """What stands in an address: for this page, for its feature, or everywhere."""
    feature = rule.endpoint.partition(".")[0]
    for key in (f"{rule.endpoint}.{name}", f"{feature}.{name}", name):
        if key in values:
            return values[key]
    raise AssertionError(f"{rule.rule}: say in values_of what “{name}” is")


NOTHING_TO_FIND = {
    "place_id": 1,
    "delivery_id": 1,
    "recommendation_id": 1,
    "plan_id": 1,
    "member_id": 1,
    "field": "letter",
    "term": "partners_min",
    "audience": "local-group",
    "token": "no-such-token",
    "key": "no-such-key",
}
"""Parts of addresses that lead to no page about the applications, or to none before there is a network."""


def values_of(plot: Plot, reference: str) -> dict[str, Any]:
    """The parts of addresses that lead to one application and what became of it."""
    session = db.session
    application = session.scalars(select(Application).where(Application.reference == reference)).one()
    lead = next(partner for partner in application.partners if partner.role == PartnerRole.LEAD)
    city = session.get_one(Organisation, lead.organisation_id)
    # The expert of the story, once he or she is there.
    profile = session.scalars(
        select(ExpertProfile).join(User, User.id == ExpertProfile.user_id).order_by((User.name == EXPERT.name).desc())
    ).first()
    assert profile is not None
    candidate = session.scalars(select(ExpertApplication.id).order_by(ExpertApplication.id.desc())).first()
    job = session.scalars(
        select(Job.id).where(is_about(Job, SubjectKind.APPLICATION, application.id)).order_by(Job.id.desc())
    ).first()
    file = session.scalars(
        select(SubmittedFile.id).join(Submission).where(Submission.application_id == application.id)
    ).first()
    return {
        **NOTHING_TO_FIND,
        "reference": reference,
        "code": session.get_one(Call, application.call_id).code,
        "section": "methodology",
        "applications.partner_section.section": "organisation",
        "partner_id": lead.id,
        "user_id": application.created_by,
        "slug": plot.slug,
        "organisations.slug": city.slug,
        "catalogue.city.slug": city.slug,
        "catalogue.expert.slug": profile.slug,
        "profile_id": profile.id,
        "application_id": candidate or 1,
        "job_id": job or 1,
        "number": 1,
        "file_id": file or 1,
        **values_of_network(application.id),
    }


def values_of_network(application_id: int) -> dict[str, Any]:
    """The same for the network that an application became."""
    session = db.session
    network = session.scalars(select(Network).where(Network.application_id == application_id)).first()
    if network is None:
        return {}
    member = session.scalars(select(Member).where(Member.network_id == network.id).order_by(Member.id)).first()
    assert member is not None
    return {"slug": network.slug, "member_id": member.id, "plan_id": member.plans[0].id}
