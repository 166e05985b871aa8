"""A call with many applications in every state, written row by row: the commands would take hours for 10,000.

All figures and names are made up. What does not depend on the number of applications stays the same: 600 cities,
30 assessors, 8 partners and 10 texts of 1,000 characters in an application.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import RoleGrant, User
from urbact_calls.accounts.passwords import hashed
from urbact_calls.applications.models import (
    LETTER,
    Application,
    ApplicationAccess,
    BudgetLine,
    Document,
    Partner,
    Section,
    Submission,
)
from urbact_calls.applications.operations import build_dossier
from urbact_calls.assessment import ranking
from urbact_calls.assessment.models import (
    Allocation,
    ConsensusPoints,
    ConsensusSheet,
    CriterionPoints,
    IndividualSheet,
    PanelMember,
    Ranking,
    Signature,
)
from urbact_calls.audit.models import WorkflowEvent
from urbact_calls.calls.models import Call
from urbact_calls.calls.operations import demonstration_terms, publish
from urbact_calls.database import Base, db, transaction
from urbact_calls.decisions.models import Decision, Meeting
from urbact_calls.domain.eligibility.rulebook import RULEBOOK_VERSION, examine
from urbact_calls.domain.network_types import KINDS, rules_of
from urbact_calls.domain.network_types.kind import TICKED, Field, FieldKind
from urbact_calls.domain.scoring.ranking import standing
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import ApplicationState, NetworkType, Role
from urbact_calls.eligibility.models import Report, ReportFinding
from urbact_calls.networks.models import LocalGroup, Member, Network, NetworkStage, Plan
from urbact_calls.networks.stages import stages_in_time
from urbact_calls.organisations.models import Membership, Organisation

CODE = "APN-BENCH"
PASSWORD = "nine lanterns above the quiet quay"  # noqa: S105 -- of accounts that live as long as one benchmark
CITIES, ASSESSORS, PARTNERS, TEXTS = 600, 30, 8, 10
TEXT = ("The cities share one challenge and learn from each other how to meet it. " * 14)[:1000]
COUNTRIES = ("FR", "IT", "GR", "HU", "PT", "ES", "SI", "RO", "PL", "LT")
CHUNK = 4_000

S = ApplicationState
# Ten applications in a row; the tenth is approved, or has its network, while there is money: a call founds some
# dozens of networks however many cities apply.
MIX = (S.DRAFT, S.DRAFT, S.SUBMITTED, S.SUBMITTED, S.ELIGIBLE, S.ELIGIBLE, S.ASSESSED, S.ASSESSED, S.NOT_APPROVED)
MOST_APPROVED = 30
LATER = (S.ASSESSED, S.NOT_APPROVED, S.APPROVED, S.IN_NETWORK)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class World:
    """Where the measured pages are, and who opens them. `drafts` are for the clients that write, each with its lead."""

    lead: str
    officer: str
    assessor: str
    application: str
    network: str
    drafts: tuple[tuple[str, str], ...]


def state_of(number: int) -> ApplicationState:
    """The state of the application with this number in the call, counted from 1."""
    place, row = (number - 1) % 10, number // 10
    if place < len(MIX):
        return MIX[place]
    if row > MOST_APPROVED:
        return S.NOT_APPROVED
    return S.IN_NETWORK if row % 2 else S.APPROVED


def seed(count: int, now: datetime, say: Say) -> World:
    """Fills an empty database with a call of `count` applications; `say` hears how far it is."""
    with transaction() as session:
        call = _call(session, now)
        people = _people(session, call, now)
        cities = _cities(session, now, people)
    say("applications")
    numbers = range(1, count + 1)
    _applications(call, numbers, cities, people, now)
    say("submissions and reports")
    _handed_in(call, numbers, now)
    say("assessments")
    _assessed(call, numbers, people, now)
    say("decisions and networks")
    _decided(call, numbers, cities, now)
    _finish()
    drafts = itertools.islice((n for n in numbers if state_of(n) is S.DRAFT), 8)
    return World(
        lead="lead0@example.org",
        officer="officer@example.org",
        assessor="assessor0@example.org",
        application=reference(next(n for n in reversed(numbers) if state_of(n) is S.ELIGIBLE)),
        network=f"bench-{next(n for n in reversed(numbers) if state_of(n) is S.IN_NETWORK)}",
        drafts=tuple((reference(n), f"lead{(n - 1) % CITIES}@example.org") for n in drafts),
    )


def reference(number: int) -> str:
    return f"{CODE}-{number:05}"


def _write(model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Writes many rows of one table, some thousands at a time."""
    waiting = iter(rows)
    while chunk := list(itertools.islice(waiting, CHUNK)):
        with transaction() as session:
            session.execute(insert(model), chunk)


def _call(session: Session, now: datetime) -> Call:
    terms = replace(demonstration_terms(now), code=CODE, title="Call of the benchmark")
    return publish(
        session,
        terms=terms,
        network_type=NetworkType.APN,
        summary="A call of the benchmark.",
        published_at=min(terms.opens_at, now),
        now=now,
        is_demonstration=True,
    )


@dataclass(frozen=True, slots=True)
class People:
    leads: tuple[int, ...]
    assessors: tuple[int, ...]
    officer: int


def _people(session: Session, call: Call, now: datetime) -> People:
    # One hash for all: Argon2 is slow on purpose.
    password_hash = hashed(PASSWORD)

    def account(name: str, role: Role | None = None) -> User:
        grants = [RoleGrant(role=role.value, granted_at=now)] if role else []
        return User(
            email=f"{name}@example.org",
            name=name.capitalize(),
            password_hash=password_hash,
            created_at=now,
            confirmed_at=now,
            grants=grants,
        )

    leads = [account(f"lead{number}") for number in range(CITIES)]
    assessors = [account(f"assessor{number}", Role.ASSESSOR) for number in range(ASSESSORS)]
    officer = account("officer", Role.PROGRAMME_OFFICER)
    session.add_all([*leads, *assessors, officer])
    session.flush()
    session.add_all(PanelMember(call_id=call.id, user_id=each.id, invited_at=now) for each in assessors)
    return People(tuple(each.id for each in leads), tuple(each.id for each in assessors), officer.id)


def _cities(session: Session, now: datetime, people: People) -> tuple[int, ...]:
    cities = [
        Organisation(
            slug=f"bench-city-{number}",
            name=f"Bench city {number}",
            folded=f"bench city {number}",
            seat_city=f"Bench city {number}",
            country=COUNTRIES[number % len(COUNTRIES)],
            kind="city",
            category="CITY_MUNICIPALITY",
            region_category="less developed",
            is_verified=True,
            created_at=now,
        )
        for number in range(CITIES)
    ]
    session.add_all(cities)
    session.flush()
    session.add_all(
        Membership(user_id=user, organisation_id=city.id, requested_at=now, accepted_at=now)
        for user, city in zip(people.leads, cities, strict=True)
    )
    return tuple(city.id for city in cities)


def _applications(call: Call, numbers: range, cities: tuple[int, ...], people: People, now: datetime) -> None:
    """The form, the partners, the budget and the letters of all; application n has the id n."""
    sections = _answers(call)
    _write(
        Application,
        (
            {
                "id": n,
                "reference": reference(n),
                "call_id": call.id,
                "number": n,
                "acronym": f"BENCH{n}",
                "title": f"Network {n} of the benchmark",
                "state": state_of(n),
                "version": 1,
                "submission_count": 0 if state_of(n) is S.DRAFT else 1,
                "created_at": now,
                "created_by": people.leads[(n - 1) % CITIES],
                "submitted_at": None if state_of(n) is S.DRAFT else now,
                "eligibility_declared_at": now if state_of(n) in (S.ELIGIBLE, *LATER) else None,
                "assessed_at": now if state_of(n) in LATER else None,
                "decided_at": now if state_of(n) in LATER[1:] else None,
            }
            for n in numbers
        ),
    )
    _write(
        ApplicationAccess,
        (
            {"application_id": n, "user_id": people.leads[(n - 1) % CITIES], "role": "lead", "granted_at": now}
            for n in numbers
        ),
    )
    _write(
        Section,
        (
            {"application_id": n, "code": code, "answers": answers, "version": 1, "updated_at": now}
            for n in numbers
            for code, answers in sections.items()
        ),
    )
    _write(Partner, (_partner(n, position, cities) for n in numbers for position in range(1, PARTNERS + 1)))
    partners = range(1, len(numbers) * PARTNERS + 1)
    _write(
        BudgetLine,
        (
            {"partner_id": partner, "category": category, "amount_cents": cents}
            for partner in partners
            for category, cents in (("STAFF", 40_000_00), ("TRAVEL_ACCOMMODATION", 9_000_00))
        ),
    )
    _write(Document, (_letter(partner, now) for partner in partners))


def _answers(call: Call) -> dict[str, dict[str, Any]]:
    """Ten texts of 1,000 characters, and the short answers of an application that is complete."""
    texts = itertools.count(1)

    def answer(field: Field) -> str:
        if field.kind is FieldKind.TICK:
            return TICKED
        if field.choices:
            return field.choices[0].code
        long = field.kind is FieldKind.TEXT and (field.limit or 0) >= len(TEXT) and next(texts) <= TEXTS
        return TEXT if long else "A short answer."[: field.limit]

    kind = KINDS[call.network_type]
    return {section.code: {field.code: answer(field) for field in section.fields} for section in kind.sections}


def _partner(n: int, position: int, cities: tuple[int, ...]) -> dict[str, Any]:
    # The partners of an application lie apart, so that each city is in as many applications as any other.
    city = cities[(n - 1 + (position - 1) * 71) % CITIES]
    return {
        "id": (n - 1) * PARTNERS + position,
        "application_id": n,
        "organisation_id": city,
        "role": "lead" if position == 1 else "partner",
        "position": position,
        "may_edit": True,
    }


def _letter(partner: int, now: datetime) -> dict[str, Any]:
    return {
        "partner_id": partner,
        "kind": LETTER,
        "storage_key": uuid.uuid4().hex,
        "filename": "letter.pdf",
        "media_type": "application/pdf",
        "size": 1000,
        "sha256": f"{partner:064x}",
        "uploaded_at": now,
    }


def _handed_in(call: Call, numbers: range, now: datetime) -> None:
    """Submissions with their dossier, the official report with a finding per rule, and the record of what happened."""
    session = db.session()
    sample = session.scalars(select(Application).where(Application.state != S.DRAFT).limit(1)).one()
    dossier = build_dossier(session, sample, now.replace(microsecond=0), other_applications=())
    terms = CallTerms.from_json(call.terms)
    named = set(rules_of(terms))
    findings = [each for each in examine(dossier, terms, rules_of(terms)).findings if each.code in named]
    session.rollback()
    handed_in = [n for n in numbers if state_of(n) is not S.DRAFT]
    kept = dossier.to_json()
    _write(
        Submission,
        (
            {
                "id": n,
                "application_id": n,
                "number": 1,
                "dossier": {**kept, "acronym": f"BENCH{n}", "title": f"Network {n} of the benchmark"},
                "fingerprint": f"{n:064x}",
                "budget_cents": PARTNERS * 49_000_00,
                "received_at": now,
                "committed_at": now,
            }
            for n in handed_in
        ),
    )
    _write(
        Report,
        (
            {
                "id": n,
                "application_id": n,
                "submission_id": n,
                "kind": "official",
                "rulebook_version": RULEBOOK_VERSION,
                "verdict": "eligible",
                "dossier": kept,
                "made_at": now,
            }
            for n in handed_in
        ),
    )
    _write(
        ReportFinding,
        (
            {
                "report_id": n,
                "position": position,
                "code": each.code,
                "title": each.title,
                "outcome": each.outcome,
                "message": each.message,
                "fix": each.fix,
                "source": each.source,
                "is_blocking": each.blocking,
                "is_curable": each.curable,
                "settled_outcome": None if state_of(n) is S.SUBMITTED else "met",
            }
            for n in handed_in
            for position, each in enumerate(findings, 1)
        ),
    )
    _write(WorkflowEvent, _events(numbers, now))


STEPS = (S.DRAFT, S.SUBMITTED, S.ELIGIBLE, S.ASSESSED)
NAMES = {S.DRAFT: "start", S.SUBMITTED: "submit", S.ELIGIBLE: "declare_eligible", S.ASSESSED: "close_assessment"}


def _events(numbers: range, now: datetime) -> Iterator[dict[str, Any]]:
    for n in numbers:
        state = state_of(n)
        steps = STEPS[: STEPS.index(state) + 1] if state in STEPS else STEPS
        for number, target in enumerate(steps, 1):
            yield {
                "object_ref": reference(n),
                "number": number,
                "machine": "application",
                "transition": NAMES[target],
                "source": steps[number - 2] if number > 1 else None,
                "target": target,
                "at": now + timedelta(seconds=number),
            }


def _assessed(call: Call, numbers: range, people: People, now: datetime) -> None:
    """Two sheets for each eligible application, and a signed consensus sheet for those that are assessed."""
    grid, terms = KINDS[call.network_type].grid, CallTerms.from_json(call.terms)
    chosen = [n for n in numbers if state_of(n) in (S.ELIGIBLE, *LATER)]
    pairs = [
        (2 * n + second, n, people.assessors[(n * 7 + 11 * second) % ASSESSORS]) for n in chosen for second in (0, 1)
    ]

    _write(
        Allocation,
        (
            {
                "id": key,
                "application_id": n,
                "user_id": user,
                "due_on": date.today() + timedelta(days=n % 30),  # noqa: DTZ011 -- any day of the next weeks
                "allocated_at": now,
                "conflict": "none",
                "declared_at": now,
            }
            for key, n, user in pairs
        ),
    )
    _write(
        IndividualSheet,
        (
            {
                "id": key,
                "allocation_id": key,
                "state": "open" if state_of(n) is S.ELIGIBLE else "submitted",
                "total_points": grid.total(_points(n)),
                "recommendation": TEXT[:300],
                "updated_at": now,
            }
            for key, n, _ in pairs
        ),
    )
    _write(
        CriterionPoints,
        (
            {"sheet_id": key, "criterion": code, "points": given, "comment": TEXT[:300]}
            for key, n, _ in pairs
            for code, given in _points(n).items()
        ),
    )
    finished = [n for n in chosen if state_of(n) in LATER]
    _write(
        ConsensusSheet,
        (
            {
                "id": n,
                "application_id": n,
                "call_id": call.id,
                "standing": standing(_points(n), grid, terms),
                "state": "signed",
                "total_points": grid.total(_points(n)),
                "recommendation": TEXT[:300],
                "opened_at": now,
                "signed_at": now,
            }
            for n in finished
        ),
    )
    _write(
        ConsensusPoints,
        (
            {"sheet_id": n, "criterion": code, "points": given, "comment": TEXT[:300]}
            for n in finished
            for code, given in _points(n).items()
        ),
    )
    _write(
        Signature,
        (
            {"sheet_id": n, "user_id": user, "sheet_version": 1, "signed_at": now}
            for _, n, user in pairs
            if state_of(n) in LATER
        ),
    )


def _points(n: int) -> dict[str, int]:
    """Points of the application with this number, the same on each of its sheets."""
    codes = KINDS[NetworkType.APN].grid.codes
    return {code: 2 + (n * 7 // (place + 1)) % 4 for place, code in enumerate(codes)}


def _decided(call: Call, numbers: range, cities: tuple[int, ...], now: datetime) -> None:
    """The sealed ranking, what the committee decided, and the networks that were founded."""
    ranked = [n for n in numbers if state_of(n) in LATER]
    with transaction() as session:
        lines = ranking.ranked(session, call)
        sealed = Ranking(
            call_id=call.id,
            sealed_at=now,
            fingerprint=ranking.fingerprint_of(lines),
            partners_by_category=ranking.partners_by_category(session, ranking.of_ranked(call)),
            places=ranking.places_of(lines),
        )
        meeting = Meeting(call_id=call.id, reference="BENCH-1", held_on=now.date(), created_at=now)
        session.add_all([sealed, meeting])
        session.flush()
        meeting_id = meeting.id
    _write(
        Decision,
        (
            {
                "application_id": n,
                "meeting_id": meeting_id,
                "outcome": "not_approved" if state_of(n) is S.NOT_APPROVED else "approved",
                "reasons": TEXT[:200],
                "recorded_at": now,
                "announced_at": now,
            }
            for n in ranked
            if state_of(n) is not S.ASSESSED
        ),
    )
    _networks(call, [n for n in numbers if state_of(n) is S.IN_NETWORK], cities, now)


def _networks(call: Call, numbers: list[int], cities: tuple[int, ...], now: datetime) -> None:
    kind, terms = KINDS[call.network_type], CallTerms.from_json(call.terms)
    with transaction() as session:
        first = (session.scalar(select(Network.id).order_by(Network.id.desc()).limit(1)) or 0) + 1
        first_member = (session.scalar(select(Member.id).order_by(Member.id.desc()).limit(1)) or 0) + 1
    keys = {n: first + place for place, n in enumerate(numbers)}
    members = [
        (first_member + place * PARTNERS + position - 1, n, _partner(n, position, cities))
        for place, n in enumerate(numbers)
        for position in range(1, PARTNERS + 1)
    ]
    _write(
        Network,
        (
            {
                "id": keys[n],
                "slug": f"bench-{n}",
                "name": f"Bench {n}",
                "folded": f"bench {n}",
                "type": call.type,
                "call_code": call.code,
                "application_id": n,
                "is_demonstration": True,
                "state": "active",
                "summary": TEXT,
                "starts_on": terms.network_start,
                "ends_on": terms.network_end,
                "founded_at": now,
                "activated_at": now,
            }
            for n in numbers
        ),
    )
    _write(
        Member,
        (
            {
                "id": key,
                "network_id": keys[n],
                "organisation_id": partner["organisation_id"],
                "role": partner["role"],
                "position": partner["position"],
            }
            for key, n, partner in members
        ),
    )
    _write(LocalGroup, ({"member_id": key} for key, _, _ in members))
    _write(Plan, ({"member_id": key, "kind": next(iter(kind.plans.values()))} for key, _, _ in members))
    stages = stages_in_time(kind, terms.network_start, terms.network_end)
    _write(
        NetworkStage,
        (
            {
                "network_id": keys[n],
                "position": stage.position,
                "code": stage.code,
                "label": stage.label,
                "starts_on": stage.starts_on,
                "ends_on": stage.ends_on,
            }
            for n in numbers
            for stage in stages
        ),
    )


def _finish() -> None:
    """Moves the counters behind the ids that were given, and lets the planner know how large the tables are."""
    engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            key = table.autoincrement_column
            if key is not None:
                connection.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key.name}'), "  # noqa: S608
                        f"coalesce((SELECT max({key.name}) FROM {table.name}), 1))"
                    )
                )
        connection.execute(text("VACUUM ANALYZE"))


def utc_now() -> datetime:
    return datetime.now(UTC)
