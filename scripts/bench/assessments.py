"""Rows of the assessment of the benchmark: sheets, the ranking, decisions, and the networks that were founded."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from scripts.bench.applications import partner_row
from scripts.bench.shape import ASSESSORS, LATER, PARTNERS, TEXT, People, S, points_of, state_of, write
from urbact_calls.assessment.models import (
    Allocation,
    ConsensusPoints,
    ConsensusSheet,
    CriterionPoints,
    IndividualSheet,
    Ranking,
    Signature,
)
from urbact_calls.assessment.ranking import reads as ranking
from urbact_calls.calls.models import Call
from urbact_calls.database import transaction
from urbact_calls.decisions.meetings.models import Meeting
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.scoring import standing
from urbact_calls.domain.vocabulary import PlanKind
from urbact_calls.networks.models import LocalGroup, Member, Network, NetworkStage, Plan


def add_assessments(call: Call, numbers: range, people: People, now: datetime) -> None:
    """Two sheets for each eligible application, and a signed consensus sheet for those that are assessed."""
    grid = KINDS[call.type].grid
    chosen = [n for n in numbers if state_of(n) in (S.ELIGIBLE, *LATER)]
    pairs = [
        (2 * n + second, n, people.assessors[(n * 7 + 11 * second) % ASSESSORS]) for n in chosen for second in (0, 1)
    ]

    write(
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
    write(
        IndividualSheet,
        (
            {
                "id": key,
                "allocation_id": key,
                "state": "open" if state_of(n) is S.ELIGIBLE else "submitted",
                "total_points": grid.total(points_of(n)),
                "recommendation": TEXT[:300],
                "updated_at": now,
            }
            for key, n, _ in pairs
        ),
    )
    write(
        CriterionPoints,
        (
            {"sheet_id": key, "criterion": code, "points": given, "comment": TEXT[:300]}
            for key, n, _ in pairs
            for code, given in points_of(n).items()
        ),
    )
    _add_agreed(call, [pair for pair in pairs if state_of(pair[1]) in LATER], now)


def _add_agreed(call: Call, pairs: list[tuple[int, int, int]], now: datetime) -> None:
    """The signed consensus sheets; `pairs` are ids of sheets with application and assessor, two for each."""
    grid, terms = KINDS[call.type].grid, call.terms
    finished = [n for _, n, _ in pairs[::2]]
    write(
        ConsensusSheet,
        (
            {
                "id": n,
                "application_id": n,
                "call_id": call.id,
                "standing": standing(points_of(n), grid, terms),
                "state": "signed",
                "total_points": grid.total(points_of(n)),
                "recommendation": TEXT[:300],
                "opened_at": now,
                "signed_at": now,
            }
            for n in finished
        ),
    )
    write(
        ConsensusPoints,
        (
            {"sheet_id": n, "criterion": code, "points": given, "comment": TEXT[:300]}
            for n in finished
            for code, given in points_of(n).items()
        ),
    )
    write(
        Signature,
        ({"sheet_id": n, "user_id": user, "sheet_version": 1, "signed_at": now} for _, n, user in pairs),
    )


def add_decisions(call: Call, numbers: range, cities: tuple[int, ...], now: datetime) -> None:
    """The sealed ranking, what the committee decided, and the networks that were founded."""
    ranked = [n for n in numbers if state_of(n) in LATER]
    with transaction() as session:
        places = ranking.ranked(session, call)
        sealed = Ranking(
            call_id=call.id,
            sealed_at=now,
            fingerprint=ranking.fingerprint_of(places),
            partners_by_category=ranking.partners_by_category(session, ranking.of_ranked(call)),
            places=places,
        )
        meeting = Meeting(call_id=call.id, reference="BENCH-1", held_on=now.date(), created_at=now)
        session.add_all([sealed, meeting])
        session.flush()
        meeting_id = meeting.id
    write(
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
    kind, terms = KINDS[call.type], call.terms
    with transaction() as session:
        first = (session.scalar(select(Network.id).order_by(Network.id.desc()).limit(1)) or 0) + 1
        first_member = (session.scalar(select(Member.id).order_by(Member.id.desc()).limit(1)) or 0) + 1
    keys = {n: first + place for place, n in enumerate(numbers)}
    write(
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
    stages = kind.stages_in_time(terms.network_start, terms.network_end)
    write(
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
    members = [
        (first_member + place * PARTNERS + position - 1, keys[n], partner_row(n, position, cities))
        for place, n in enumerate(numbers)
        for position in range(1, PARTNERS + 1)
    ]
    _add_members(members, next(iter(kind.plans.values())))


def _add_members(members: list[tuple[int, int, dict[str, Any]]], plan: PlanKind) -> None:
    """`members` are id, network and partner of the application."""
    write(
        Member,
        (
            {
                "id": key,
                "network_id": network,
                "organisation_id": partner["organisation_id"],
                "role": partner["role"],
                "position": partner["position"],
            }
            for key, network, partner in members
        ),
    )
    write(LocalGroup, ({"member_id": key} for key, _, _ in members))
    write(Plan, ({"member_id": key, "kind": plan} for key, _, _ in members))
