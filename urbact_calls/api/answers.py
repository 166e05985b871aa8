"""Answers of the API: calls, networks, cities and applications as JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AliasChoices, BeforeValidator, Field, PlainSerializer, ValidationInfo, WithJsonSchema

from urbact_calls.domain.serialization import to_json
from urbact_calls.domain.terms import TERM_NAMES, CallTerms, Provenance
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
)
from urbact_calls.domain.workflow.application import APPLICATION
from urbact_calls.exchange.examination import AnswerFields
from urbact_calls.exchange.strict_fields import Given

Item = TypeVar("Item")
Instant = Annotated[
    datetime, PlainSerializer(datetime.isoformat), WithJsonSchema({"type": "string", "format": "date-time"})
]
Said = Annotated[str, BeforeValidator(str)]
"""A text in words."""


class ReasonOut(AnswerFields):
    """One reason of a refusal."""

    code: str = Field(examples=["sections.missing"])
    message: Said = Field(examples=["“Challenge” is not filled."])


class FieldReasonOut(ReasonOut):
    """One reason of a refusal; `field` is what it is about."""

    field: Given[str] = None


class ProblemOut(AnswerFields):
    """A problem as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: Given[str] = None
    dossier: Given[str] = Field(None, description="The id of the dossier with the fault, or #n.")
    place: Given[str] = Field(None, description="Where in the dossier the fault is.")
    reference: str = Field(description="The number to give when asking about it.")
    errors: list[FieldReasonOut]


class PageOut(AnswerFields, Generic[Item]):
    """Some items of a list; `next` is the address of those that follow, null at the end."""

    items: list[Item]
    next: str | None


def _now(value: Any, info: ValidationInfo) -> Any:
    """What a method of a row says at the instant of the request, which is the context of the validation."""
    return value(info.context) if callable(value) else value


class CallOut(AnswerFields):
    """A call in a list."""

    code: str
    title: str
    type: NetworkType
    phase: Annotated[CallPhase, BeforeValidator(_now)]
    opens_at: Instant
    closes_at: Instant
    is_historical: bool
    is_demonstration: bool


class TermOut(AnswerFields):
    """A term of a call, how well it is known, and where from."""

    value: Any
    confidence: Confidence
    source: str | None


def _with_sources(terms: Any) -> dict[str, Any]:
    if not isinstance(terms, CallTerms):
        return dict(terms)
    values, unknown = to_json(terms), Provenance(Confidence.UNKNOWN)
    known = {name: terms.provenance.get(name, unknown) for name in TERM_NAMES}
    return {
        name: TermOut(value=values[name], confidence=each.confidence, source=each.source or None)
        for name, each in known.items()
    }


class CallInFullOut(CallOut):
    """A call with each of its terms."""

    summary: str
    results: dict[str, Any] | None
    terms: Annotated[dict[str, TermOut], BeforeValidator(_with_sources)] = Field(
        examples=[{"partners_max": {"value": 10, "confidence": "S", "source": "Terms of Reference, 3.1"}}]
    )


class PlanOut(AnswerFields):
    """A plan of a member; what is not published yet is null."""

    kind: PlanKind
    title: str | None
    url: str | None
    published_on: date | None


class BodyOut(AnswerFields):
    """An organisation."""

    name: str
    seat_city: str
    country: str
    kind: PartnerKind


class PartnerOut(BodyOut):
    """A partner of an application."""

    role: PartnerRole


class MemberOut(PartnerOut):
    """A member of a network."""

    slug: str


class MemberInFullOut(MemberOut):
    """A member with its local group and what it plans."""

    coordinator: str | None
    contact: str | None
    plans: list[PlanOut]


class UnnamedMemberOut(AnswerFields):
    """A member of which only the country is known."""

    country: str
    role: PartnerRole
    note: str
    provenance: str
    confidence: str


class RecommendationOut(AnswerFields):
    """What a network recommends to others."""

    title: str
    text: str | None
    url: str | None
    published_on: date
    city: str | None


class StageOut(AnswerFields):
    """A stage in the life of a network."""

    label: str = Field(examples=["Planning"])
    starts_on: date | None
    ends_on: date | None


def _firsts(pairs: Any) -> list[str]:
    return [each if isinstance(each, str) else each[0] for each in pairs]


def _slugs(networks: Any) -> list[str]:
    return [each if isinstance(each, str) else each.slug for each in networks]


class NetworkHeadOut(AnswerFields):
    """What is said of every network."""

    slug: str
    name: str = Field(examples=["Green Ports"])
    type: NetworkType
    call: str = Field(validation_alias=AliasChoices("call_code", "call"))
    state: NetworkState | None
    theme: str | None
    themes: Annotated[list[str], BeforeValidator(_firsts)]
    summary: str | None
    starts_on: date | None
    ends_on: date | None
    website: str | None
    is_demonstration: bool
    provenance: str | None
    confidence: str | None


class NetworkOut(NetworkHeadOut):
    """A network in a list."""

    members: list[MemberOut]


class NetworkInFullOut(NetworkHeadOut):
    """A network with what each member plans, and its stages."""

    members: list[MemberInFullOut]
    unnamed_members: list[UnnamedMemberOut] = Field(validation_alias=AliasChoices("unnamed", "unnamed_members"))
    recommendations: list[RecommendationOut]
    stages: list[StageOut]


class CityOut(BodyOut):
    """A member of networks, with the slugs of those."""

    slug: str
    nuts2: str | None
    region_category: RegionCategory | None
    region_confidence: str | None
    latitude: float | None
    longitude: float | None
    provenance: str | None
    confidence: str | None
    networks: Annotated[list[str], BeforeValidator(_slugs)]


class StartedOut(AnswerFields):
    """A draft that was started, and what of the dossier it does not hold."""

    reference: str
    state: PublicState
    ignored: list[str]
    not_kept: list[str]


class FindingOut(AnswerFields):
    """The answer of one rule as it stands now: an officer's word, else the program's."""

    code: str = Field(examples=["partnership.size"])
    title: Said = Field(examples=["Size of the partnership"])
    outcome: FindingOutcome = Field(validation_alias=AliasChoices("current_outcome", "outcome"))
    message: Said
    source: str


class ReportOut(AnswerFields):
    """What the rules said about a submitted application."""

    kind: ReportKind
    rulebook_version: str
    made_at: Instant
    findings: list[FindingOut]


class ActionOut(AnswerFields):
    """A step that the owner of the token may know of; `refusals` close it, `seen` is sent back with it."""

    name: str = Field(examples=[APPLICATION.transitions[0].name])
    label: str
    href: str
    reason_required: bool
    open: bool
    seen: int
    refusals: list[ReasonOut]


class ApplicationHeadOut(AnswerFields):
    """An application in a list."""

    reference: str
    call: str
    acronym: str
    title: str
    state: PublicState | ApplicationState
    state_label: str
    submitted_at: Instant | None


class ApplicationOut(ApplicationHeadOut):
    """An application as its reader may see it now; `advice` is the rule book on a draft, `report` what follows."""

    partners: list[PartnerOut]
    actions: list[ActionOut]
    advice: list[FindingOut] | None
    report: ReportOut | None
