"""The shapes of what comes in and goes out, as JSON Schema (2020-12, the dialect of OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from urbact_calls.domain.vocabulary import (
    ApplicationState,
    CallPhase,
    Confidence,
    FindingOutcome,
    NetworkState,
    NetworkType,
    PartnerKind,
    PartnerRole,
    PlanKind,
    PublicState,
    RegionCategory,
    ReportKind,
    Verdict,
    Word,
)
from urbact_calls.exchange import FORMAT
from urbact_calls.exchange.reading import OPTIONAL, PARTNER_FIELDS, REQUIRED

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
YES_OR_NO: Schema = {"type": "boolean"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}
ANYTHING: Schema = {}

LARGEST_NUMBER = 2**31 - 1
"""The largest whole number that both databases count to."""


def record(**properties: Schema) -> Schema:
    """An object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def several(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def or_nothing(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(*words: type[Word] | str) -> Schema:
    """One of the codes of these vocabularies."""
    codes = [code for each in words for code in ([each] if isinstance(each, str) else [word.value for word in each])]
    return {"type": "string", "enum": list(dict.fromkeys(codes))}


def named(name: str) -> Schema:
    """A shape that stands once in the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def page_of(item: Schema) -> Schema:
    """Some items of a list; `next` is the address of those that follow, null at the end."""
    return record(items=several(item), next=or_nothing(TEXT))


_CALL: dict[str, Schema] = {
    "code": TEXT,
    "title": TEXT,
    "type": one_of(NetworkType),
    "phase": one_of(CallPhase),
    "opens_at": INSTANT,
    "closes_at": INSTANT,
    "is_historical": YES_OR_NO,
    "is_demonstration": YES_OR_NO,
}
_MEMBER: dict[str, Schema] = {
    "slug": TEXT,
    "name": TEXT,
    "seat_city": TEXT,
    "country": TEXT,
    "kind": one_of(PartnerKind),
    "role": one_of(PartnerRole),
}
_NETWORK: dict[str, Schema] = {
    "slug": TEXT,
    "name": TEXT,
    "type": one_of(NetworkType),
    "call": TEXT,
    "state": or_nothing(one_of(NetworkState)),
    "theme": or_nothing(TEXT),
    "themes": several(TEXT),
    "summary": or_nothing(TEXT),
    "starts_on": or_nothing(DAY),
    "ends_on": or_nothing(DAY),
    "website": or_nothing(TEXT),
    "is_demonstration": YES_OR_NO,
    "provenance": or_nothing(TEXT),
    "confidence": or_nothing(TEXT),
}
_FINDING: dict[str, Schema] = {
    "code": TEXT,
    "title": TEXT,
    "outcome": one_of(FindingOutcome),
    "message": TEXT,
    "source": TEXT,
}
_DOSSIER: Schema = {
    "type": "object",
    "description": f"One application in the exchange format {FORMAT}.",
    "properties": {
        **dict.fromkeys((*REQUIRED, *OPTIONAL), ANYTHING),
        "format": {"const": FORMAT},
        "id": TEXT,
        "call": TEXT,
        "acronym": TEXT,
        "title": TEXT,
        "submitted_at": INSTANT,
        "budget_total_eur": {"type": "string", "description": "Euros with a point before the cents, as text."},
        "partners": several(named("DossierPartner")),
        "language": TEXT,
        "declarations": {"type": "object", "additionalProperties": YES_OR_NO},
        "sections": {"type": "object"},
    },
    "required": list(REQUIRED),
    "additionalProperties": False,
}
_DOSSIER_PARTNER: Schema = record(
    **{
        **dict.fromkeys(PARTNER_FIELDS, TEXT),
        "role": one_of(PartnerRole),
        "kind": one_of(PartnerKind),
        "region_category": or_nothing(one_of(RegionCategory)),
        "letter_of_commitment": YES_OR_NO,
    }
)

SCHEMAS: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "properties": {
            "type": TEXT,
            "title": TEXT,
            "status": WHOLE,
            "detail": TEXT,
            "dossier": {"type": "string", "description": "The id of the dossier with the fault, or #n."},
            "place": {"type": "string", "description": "Where in the dossier the fault is."},
            "reference": {"type": "string", "description": "The number to give to the help desk."},
            "errors": several(named("Reason")),
        },
        "required": ["type", "title", "status", "reference", "errors"],
        "additionalProperties": False,
    },
    "Reason": {
        "type": "object",
        "properties": {"code": TEXT, "message": TEXT, "field": TEXT},
        "required": ["code", "message"],
        "additionalProperties": False,
    },
    "Call": record(**_CALL),
    "CallInFull": record(
        **_CALL,
        summary=TEXT,
        results=or_nothing({"type": "object"}),
        terms={"type": "object", "additionalProperties": named("Term")},
    ),
    "Term": record(value=ANYTHING, confidence=one_of(Confidence), source=or_nothing(TEXT)),
    "Member": record(**_MEMBER),
    "MemberInFull": record(
        **_MEMBER, coordinator=or_nothing(TEXT), contact=or_nothing(TEXT), plans=several(named("Plan"))
    ),
    "Plan": record(
        kind=one_of(PlanKind),
        title=or_nothing(TEXT),
        url=or_nothing(TEXT),
        published_on=or_nothing(DAY),
    ),
    "Network": record(**_NETWORK, members=several(named("Member"))),
    "UnnamedMember": record(country=TEXT, role=one_of(PartnerRole), note=TEXT, provenance=TEXT, confidence=TEXT),
    "NetworkInFull": record(
        **_NETWORK,
        members=several(named("MemberInFull")),
        unnamed_members=several(named("UnnamedMember")),
        recommendations=several(named("Recommendation")),
        stages=several(named("Stage")),
    ),
    "Recommendation": record(
        title=TEXT, text=or_nothing(TEXT), url=or_nothing(TEXT), published_on=DAY, city=or_nothing(TEXT)
    ),
    "Stage": record(label=TEXT, starts_on=or_nothing(DAY), ends_on=or_nothing(DAY)),
    "City": record(
        slug=TEXT,
        name=TEXT,
        seat_city=TEXT,
        country=TEXT,
        kind=one_of(PartnerKind),
        nuts2=or_nothing(TEXT),
        region_category=or_nothing(one_of(RegionCategory)),
        region_confidence=or_nothing(TEXT),
        latitude=or_nothing(NUMBER),
        longitude=or_nothing(NUMBER),
        provenance=or_nothing(TEXT),
        confidence=or_nothing(TEXT),
        networks=several(TEXT),
    ),
    "Dossier": _DOSSIER,
    "DossierPartner": _DOSSIER_PARTNER,
    "Examination": record(
        id=TEXT,
        verdict=one_of(Verdict),
        not_met=several(TEXT),
        warnings=several(TEXT),
        to_be_checked=several(TEXT),
        findings=several(record(code=TEXT, outcome=one_of(FindingOutcome), message=TEXT, source=TEXT)),
    ),
    "Started": record(
        reference=TEXT,
        state=one_of(PublicState),
        ignored=several(TEXT),
        not_kept=several(TEXT),
    ),
    "Finding": record(**_FINDING),
    "Action": record(
        name=TEXT,
        label=TEXT,
        href=TEXT,
        reason_required=YES_OR_NO,
        open=YES_OR_NO,
        seen=WHOLE,
        refusals=several(named("Reason")),
    ),
    "Report": record(
        kind=one_of(ReportKind),
        rulebook_version=TEXT,
        made_at=INSTANT,
        findings=several(named("Finding")),
    ),
    "Application": record(
        reference=TEXT,
        call=TEXT,
        acronym=TEXT,
        title=TEXT,
        state=one_of(PublicState, ApplicationState),
        state_label=TEXT,
        submitted_at=or_nothing(INSTANT),
        partners=several(
            record(name=TEXT, seat_city=TEXT, country=TEXT, role=one_of(PartnerRole), kind=one_of(PartnerKind))
        ),
        actions=several(named("Action")),
        advice=or_nothing(several(named("Finding"))),
        report=or_nothing(named("Report")),
    ),
    "Step": {
        "type": "object",
        "properties": {
            "reason": {"type": ["string", "null"], "maxLength": 2000},
            "seen": {"type": ["integer", "null"], "minimum": 0, "maximum": LARGEST_NUMBER},
        },
        "additionalProperties": False,
    },
}
