"""Commands that load the reference data: past calls and their results, organisations, networks with members."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from urbact_calls.calls.models import Call
from urbact_calls.database import Base, transaction
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.slugs import free_slug, slug_of
from urbact_calls.domain.themes import fold_themes
from urbact_calls.domain.vocabulary import PartnerKind
from urbact_calls.networks.models import LocalGroup, Member, Network, NetworkStage, Plan, UnnamedMember
from urbact_calls.organisations.models import BETWEEN_NAMES, Organisation
from urbact_calls.places import commands as places
from urbact_calls.places.commands import Count, Tell
from urbact_calls.reference.gazetteer import names_of
from urbact_calls.reference.known_calls import call_codes, historic_results, historic_terms, source_addresses
from urbact_calls.reference.known_networks import KnownPartner, known_networks, known_partners, regions

HISTORICAL_CALLS = ("APN-2023", "ITN-2024", "TN-2025")
# Known in part: it stays unpublished until an officer has confirmed what is missing.
UNPUBLISHED_CALLS = ("AN-2026",)

SOURCE = ("provenance", "confidence")
NETWORK = attrgetter("network")

Row = dict[str, Any]
Key = tuple[Any, ...]
Table = TypeVar("Table", bound=Base)


def load(now: datetime, tell: Tell = lambda _: None) -> tuple[Count, ...]:
    """Brings the reference data but the places into the tables, in one commit; gives what was done to each table."""
    with transaction() as session:
        if not session.scalar(select(exists().select_from(Network))):
            tell("calls, organisations and networks")
        counts = [_load_calls(session, now), _load_organisations(session, now), _load_networks(session)]
        networks = dict(session.execute(select(Network.slug, Network.id)).all())
        counts += [_load_stages(session, networks), _load_members(session, networks)]
        counts.append(_load_unnamed_members(session, networks))
        counts += _load_local_groups_and_plans(session, networks)
        counts += _read_from_the_package(session, now)
        return tuple(counts)


def load_everything(now: datetime, tell: Tell = lambda _: None) -> tuple[Count, ...]:
    """As `load`, and the 64,000 places of the gazetteer, which take a second or two the first time."""
    counts = load(now, tell)
    with transaction() as session:
        return (*counts, places.load_places(session, now, tell))


def _read_from_the_package(session: Session, now: datetime) -> list[Count]:
    """Tables that no row of the database repeats: the program reads them where they are, and says what changed."""
    whole = (
        ("countries.csv", "countries", ("iso2",)),
        ("regions.csv", "regions", ("nuts2021",)),
        ("admin1_regions.csv", "regions of divisions", ("country_iso2", "admin1")),
        ("good_practices.csv", "Good Practices", ("title", "city", "country_iso2", "label_year")),
    )
    return [
        *(places.compare_table(session, file, label=label, key=key, now=now) for file, label, key in whole),
        places.compare_table(
            session,
            "uia_projects.csv",
            label="UIA projects",
            key=("acronym", "city", "call"),
            now=now,
            is_used=lambda row: row["implemented"] == "yes",
            reason="not implemented, so that its city cannot lead by it",
        ),
    ]


def _load_calls(session: Session, now: datetime) -> Count:
    calls = []
    for code in (*HISTORICAL_CALLS, *UNPUBLISHED_CALLS):
        terms = historic_terms(code)
        is_past = code in HISTORICAL_CALLS
        calls.append(
            {
                "code": code,
                "type": terms.network_type,
                "title": terms.title,
                "summary": "",
                "opens_at": terms.opens_at,
                "closes_at": terms.closes_at,
                "published_at": terms.opens_at if is_past else None,
                "is_historical": is_past,
                "is_demonstration": False,
                "terms": terms,
                "results": _results(code),
                "version": 0,
                "created_at": now,
            }
        )
    count = _upsert(
        session,
        Call,
        "calls",
        key=("code",),
        rows=calls,
        only_when_added=("created_at", "version"),
        # What an officer confirmed is better than what we read on a page.
        may_correct=lambda row: row["is_historical"] or row["version"] == 0,
        also_read=("version",),
    )
    others = len(call_codes()) - len(calls)
    return replace(count, left_out=others, reason="not a call for networks" if others else "")


def _results(code: str) -> dict[str, Any]:
    """The published figures of a call with the address they were read at."""
    return {
        name: {
            "value": value,
            "confidence": known.confidence,
            "words": known.confidence.label,
            "href": source_addresses().get(known.source),
        }
        for name, (value, known) in historic_results(code).items()
    }


def _load_organisations(session: Session, now: datetime) -> Count:
    gazetteer_names = _gazetteer_names()
    rows = {_organisation_key(partner): _organisation(partner, gazetteer_names, now) for partner in _named_partners()}
    taken = set(session.scalars(select(Organisation.slug)))
    known = set(session.execute(select(Organisation.country, Organisation.folded, Organisation.seat_city)).all())
    for key, row in rows.items():
        if key not in known:
            row["slug"] = free_slug(slug_of(row["name"]) or row["country"].lower(), row["country"], taken)
            taken.add(row["slug"])
    return _upsert(
        session,
        Organisation,
        "organisations",
        key=("country", "folded", "seat_city"),
        rows=rows.values(),
        only_when_added=("slug", "created_at"),
        # What a person registered or an officer verified is better than what we read on a page.
        may_correct=lambda row: row["provenance"] is not None and not row["is_verified"],
        also_read=("is_verified",),
    )


def _named_partners() -> Iterable[KnownPartner]:
    """The partners that the sources name; of one a page gives the country only."""
    return (partner for partner in known_partners() if partner.name)


def _organisation_key(partner: KnownPartner) -> Key:
    return (partner.country, fold(partner.name), partner.seat_city)


def _gazetteer_names() -> dict[int, str]:
    """What GeoNames calls the seats of the partners: Mantua for Mantova, Kochani for Kočani."""
    return names_of({partner.geonameid for partner in known_partners() if partner.geonameid is not None})


def _other_names(partner: KnownPartner, gazetteer_names: Mapping[int, str]) -> str:
    names = (partner.seat_city, gazetteer_names.get(partner.geonameid or 0, ""))
    return BETWEEN_NAMES.join(dict.fromkeys(fold(name) for name in names if name))


def _columns(known: object, *names: str) -> Row:
    """What a source says of a row under the names of its columns."""
    return {name: getattr(known, name) for name in names}


def _organisation(partner: KnownPartner, gazetteer_names: Mapping[int, str], now: datetime) -> Row:
    region = regions().get(partner.nuts2)
    confidence = region.confidence if region and partner.category else None
    if confidence and partner.nuts_basis == "knowledge":
        confidence = "medium"
    return {
        **_columns(partner, "name", "seat_city", "country", "latitude", "longitude", "geonameid", *SOURCE),
        "folded": fold(partner.name),
        "other_names": _other_names(partner, gazetteer_names),
        "kind": partner.kind or PartnerKind.CITY,
        "nuts2": partner.nuts2 or None,
        "region_category": partner.category,
        "region_confidence": confidence,
        "region_basis": "source" if region else None,
        "created_at": now,
    }


def _load_networks(session: Session) -> Count:
    rows = [
        {
            **_columns(known, "slug", "name", "type", "summary", *SOURCE),
            "folded": fold(known.name),
            "call_code": known.call,
            "theme": (theme := "; ".join(known.themes) or None),
            "themes_folded": fold_themes(theme),
            "summary_folded": fold(known.summary or ""),
            "starts_on": known.start,
            "ends_on": known.end,
        }
        for known in known_networks()
    ]
    return _upsert(
        session, Network, "networks", key=("slug",), rows=rows, may_correct=_is_sourced, also_read=("state",)
    )


def _is_sourced(row: Mapping[str, Any]) -> bool:
    """A network with provenance came from here; one that was founded in the program has none."""
    return row["provenance"] is not None


def _load_stages(session: Session, networks: Mapping[str, int]) -> Count:
    rows = [
        {"network_id": networks[known.slug], **asdict(stage)}
        for known in known_networks()
        for stage in KINDS[known.type].stages_in_time(known.start, known.end)
    ]
    return _upsert(session, NetworkStage, "stages", key=("network_id", "code"), rows=rows)


def _load_members(session: Session, networks: Mapping[str, int]) -> Count:
    organisations = _organisation_ids(session)
    # The lead partner first, then the order of the source.
    partners = sorted(_named_partners(), key=lambda partner: partner.role != "lead")
    rows = [
        {
            "network_id": networks[partner.network],
            "organisation_id": organisations[_organisation_key(partner)],
            "position": position,
            **_columns(partner, "role", *SOURCE),
        }
        for position, partner in _numbered(partners)
    ]
    return _upsert(
        session, Member, "members", key=("network_id", "organisation_id"), rows=rows, may_correct=_is_sourced
    )


def _load_unnamed_members(session: Session, networks: Mapping[str, int]) -> Count:
    """What a source counts without a name is kept as that: a member not known, with its source."""
    rows = [
        {
            "network_id": networks[partner.network],
            "number": number,
            **_columns(partner, "country", "role", "note", *SOURCE),
        }
        for number, partner in _numbered(partner for partner in known_partners() if not partner.name)
    ]
    return _upsert(session, UnnamedMember, "unnamed members", key=("network_id", "number"), rows=rows)


def _numbered(partners: Iterable[KnownPartner]) -> Iterator[tuple[int, KnownPartner]]:
    """Partners with their number in their network, from 1, in the order of networks and then as they come."""
    for _, members in groupby(sorted(partners, key=NETWORK), key=NETWORK):
        yield from enumerate(members, 1)


def _organisation_ids(session: Session) -> dict[Key, int]:
    columns = select(Organisation.country, Organisation.folded, Organisation.seat_city, Organisation.id)
    return {(country, folded, seat): id_ for country, folded, seat, id_ in session.execute(columns)}


def _load_local_groups_and_plans(session: Session, networks: Mapping[str, int]) -> list[Count]:
    """A Local Group for each member, and the plan that its role brings with it; all else of them is not known."""
    types = {networks[known.slug]: known.type for known in known_networks()}
    members = session.execute(
        select(Member.id, Member.network_id, Member.role).where(
            Member.network_id.in_(types), Member.provenance.is_not(None)
        )
    ).all()
    groups = [{"member_id": id_} for id_, _, _ in members]
    plans = [{"member_id": id_, "kind": KINDS[types[network]].plans[role]} for id_, network, role in members]
    return [
        _upsert(session, LocalGroup, "Local Groups", key=("member_id",), rows=groups),
        _upsert(session, Plan, "plans", key=("member_id", "kind"), rows=plans),
    ]


def _upsert(  # noqa: PLR0913 -- what one table needs; all keyword-only after the table
    session: Session,
    table: type[Table],
    label: str,
    *,
    key: Sequence[str],
    rows: Iterable[Row],
    only_when_added: Sequence[str] = (),
    may_correct: Callable[[Mapping[str, Any]], bool] = lambda row: True,
    also_read: Sequence[str] = (),
) -> Count:
    """Inserts the rows that are missing and updates those that differ, matched by their key columns."""
    wanted = {tuple(row[column] for column in key): row for row in rows}
    if not wanted:
        return Count(label)
    compared = [column for column in next(iter(wanted.values())) if column not in only_when_added]
    columns = dict.fromkeys((*key, *compared, *also_read, "id"))
    existing = {
        tuple(row[column] for column in key): dict(row)
        for row in session.execute(select(*(getattr(table, column) for column in columns))).mappings()
    }

    added = [row for where, row in wanted.items() if where not in existing]
    changed = [
        {"id": existing[where]["id"], **{column: row[column] for column in compared}}
        for where, row in wanted.items()
        if where in existing
        and may_correct(existing[where])
        and any(existing[where][column] != row[column] for column in compared)
    ]
    if added:
        session.execute(insert(table), added)
    if changed:
        session.execute(update(table), changed)
    return Count(label, len(added), len(changed), len(wanted) - len(added) - len(changed))
