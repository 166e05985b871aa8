"""Database of the measured check: a call that has just closed, with nothing but submitted applications.

Each has a lead partner of its own and seven others, so that every city leads one application and takes part in seven:
what a report says of the others then depends on the call as it does in life. The rows are those of the benchmark; the
dossiers, which are long and of which no two name the same cities, come by COPY.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from scripts.bench import rows
from scripts.bench.world import (
    CODE,
    COUNTRIES,
    PASSWORD,
    SIZES,
    add_call,
    answered,
    answers_of,
    as_bulk,
    make_tables,
    run_all,
    vacuum,
)
from scripts.trials import say
from urbact_calls.accounts.commands.passwords import hashed
from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.dossier import build_dossier
from urbact_calls.calls.definition.commands import demonstration_terms
from urbact_calls.calls.models import Call
from urbact_calls.database import transaction
from urbact_calls.domain import serialization
from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.vocabulary import ApplicationState

PARTNERS = SIZES["partners"]
# Texts of 1,000 characters that each partner writes about itself.
PROFILE_TEXTS = 4
# Cities whose applications are in a row are not partners of each other.
APART = 71
SUBMITTED_BEFORE_CLOSING = timedelta(hours=1)

_COPY = (
    "COPY submission (application_id, number, dossier, fingerprint, budget_cents, received_at, committed_at) FROM STDIN"
)
_EVENTS = """
    INSERT INTO workflow_event (subject_kind, subject_id, number, transition, source, target, version, at)
    SELECT 'application', id, step, transition, source, target, step, :submitted
    FROM application
    CROSS JOIN (VALUES (1, 'start_draft', NULL, 'draft'), (2, 'submit', 'draft', 'submitted'))
         AS taken (step, transition, source, target)
    ORDER BY id, step
"""
# A city and its country in the dossier of all: "\ue000" and "\ue001" with the number of the partner, from 0.
_PLACE = re.compile(r"[\ue000\ue001]\d|#")


def fill(count: int, closes_at: datetime) -> None:
    """Makes the tables in the empty database of the current app, and fills them with a call of `count` applications,
    all submitted an hour before it closed."""
    submitted = closes_at - SUBMITTED_BEFORE_CLOSING
    make_tables(submitted)
    terms = replace(
        demonstration_terms(closes_at),
        code=CODE,
        title="Call of the measured check",
        opens_at=closes_at - timedelta(days=60),
        closes_at=closes_at,
    )
    with transaction() as session:
        call = add_call(session, terms, terms.opens_at)
        as_bulk(session)
        given: dict[str, Any] = {**SIZES, "call": call.id, "code": CODE, "now": submitted, "submitted": submitted}
        given |= {"cities": max(count, APART * PARTNERS), "password_hash": hashed(PASSWORD)}
        given |= {"countries": [*COUNTRIES], "states": [ApplicationState.SUBMITTED] * count}
        given |= {"answers": answers_of(call)}
        say(f"{count:,} applications")
        run_all(session, [*rows.PEOPLE_AND_CITIES, *rows.APPLICATIONS, _EVENTS], given)
        say("their dossiers")
        _copy_submissions(session, call, given)
    vacuum()


def _copy_submissions(session: Session, call: Call, given: Mapping[str, Any]) -> None:
    ids = session.execute(select(Application.id, Application.number).order_by(Application.id)).all()
    first = session.get_one(Application, ids[0].id)
    dossier = _of_all(build_dossier(session, first, given["submitted"], other_applications=()), call)
    parts = _parts(json.dumps(serialization.to_json(dossier), ensure_ascii=False))
    cents = dossier.budget_total.cents if dossier.budget_total else None
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for application_id, number in ids:
            written = "".join(_written(part, number, given["cities"]) for part in parts)
            when = given["submitted"].isoformat()
            copy.write_row((application_id, 1, written, f"{number:064x}", cents, when, when))


def _of_all(dossier: Dossier, call: Call) -> Dossier:
    """The dossier of the first application with signs for what differs in each, and profiles of all partners."""
    kind = KINDS[call.type]
    partners = tuple(
        replace(each, name=f"\ue000{place}", seat_city=f"\ue000{place}", country=f"\ue001{place}")
        for place, each in enumerate(dossier.partners)
    )
    profiles = tuple(answered(kind.sections_of(each.role), PROFILE_TEXTS) for each in partners)
    return replace(
        dossier,
        acronym="CHECK#",
        title="Network # of the measured check",
        partners=partners,
        profiles=profiles,
        sections_missing=(),
    )


def _parts(written: str) -> list[str]:
    """The dossier cut at its signs, each of which is a part of its own."""

    def cut() -> Iterator[str]:
        end = 0
        for sign in _PLACE.finditer(written):
            yield from (written[end : sign.start()], sign[0])
            end = sign.end()
        yield written[end:]

    return list(cut())


def _written(part: str, number: int, cities: int) -> str:
    """What stands for a sign in the dossier of the application with this number; any other part is itself."""
    if part == "#":
        return str(number)
    if part[:1] not in ("\ue000", "\ue001"):
        return part
    city = (number - 1 + int(part[1:]) * APART) % cities
    return f"Bench city {city}" if part[0] == "\ue000" else COUNTRIES[city % len(COUNTRIES)]
