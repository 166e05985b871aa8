"""What goes out: calls, networks, cities and applications as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from flask import url_for

from urbact_calls.applications.models import Application
from urbact_calls.applications.outline import Advice, Outline
from urbact_calls.calls.models import Call
from urbact_calls.catalogue.published import CityShown, MemberShown, NetworkShown
from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.terms import TERM_NAMES
from urbact_calls.domain.vocabulary import Confidence, Word
from urbact_calls.domain.workflow.machine import Offer
from urbact_calls.eligibility.models import Report

Json = dict[str, Any]


def call(row: Call, now: datetime) -> Json:
    """A call in a list."""
    return {
        "code": row.code,
        "title": row.title,
        "type": row.type,
        "phase": row.phase(now).value,
        "opens_at": row.opens_at.isoformat(),
        "closes_at": row.closes_at.isoformat(),
        "is_historical": row.is_historical,
        "is_demonstration": row.is_demonstration,
    }


def call_in_full(row: Call, now: datetime) -> Json:
    """A call with each of its terms and where it is known from."""
    terms = row.terms
    values = terms.to_json()
    known = terms.provenance
    return {
        **call(row, now),
        "summary": row.summary,
        "results": row.results,
        "terms": {
            name: {
                "value": values[name],
                "confidence": (known[name].confidence if name in known else Confidence.UNKNOWN).value,
                "source": known[name].source or None if name in known else None,
            }
            for name in TERM_NAMES
        },
    }


def network(shown: NetworkShown) -> Json:
    """A network in a list."""
    return {**_network(shown), "members": [_member(each) for each in shown.members]}


def network_in_full(shown: NetworkShown) -> Json:
    """A network with what each member plans, and its stages."""
    members = [
        {
            **_member(each),
            "coordinator": each.coordinator,
            "contact": each.contact,
            "plans": [
                {
                    "kind": plan.kind.value,
                    "title": plan.title,
                    "url": plan.url,
                    "published_on": _day(plan.published_on),
                }
                for plan in each.plans
            ],
        }
        for each in shown.members
    ]
    stages = [
        {"label": each.label, "starts_on": _day(each.starts_on), "ends_on": _day(each.ends_on)} for each in shown.stages
    ]
    recommendations = [
        {
            "title": each.title,
            "text": each.text,
            "url": each.url,
            "published_on": _day(each.published_on),
            "city": each.city,
        }
        for each in shown.recommendations
    ]
    unnamed = [
        {
            "country": each.country,
            "role": each.role.value,
            "note": each.note,
            "provenance": each.provenance,
            "confidence": each.confidence,
        }
        for each in shown.unnamed
    ]
    return {
        **_network(shown),
        "members": members,
        "unnamed_members": unnamed,
        "recommendations": recommendations,
        "stages": stages,
    }


def _network(shown: NetworkShown) -> Json:
    return {
        "slug": shown.slug,
        "name": shown.name,
        "type": shown.type.value,
        "call": shown.call_code,
        "state": shown.state.value if shown.state else None,
        "theme": shown.theme,
        "themes": [code for code, _ in shown.themes],
        "summary": shown.summary,
        "starts_on": _day(shown.starts_on),
        "ends_on": _day(shown.ends_on),
        "website": shown.website,
        "is_demonstration": shown.is_demonstration,
        "provenance": shown.provenance,
        "confidence": shown.confidence,
    }


def _member(shown: MemberShown) -> Json:
    return {
        "slug": shown.slug,
        "name": shown.name,
        "seat_city": shown.seat_city,
        "country": shown.country,
        "kind": shown.kind.value,
        "role": shown.role.value,
    }


def city(shown: CityShown) -> Json:
    """A member of networks, with the slugs of those."""
    return {
        "slug": shown.slug,
        "name": shown.name,
        "seat_city": shown.seat_city,
        "country": shown.country,
        "kind": shown.kind.value,
        "nuts2": shown.nuts2,
        "region_category": shown.region_category.value if shown.region_category else None,
        "region_confidence": shown.region_confidence,
        "latitude": shown.latitude,
        "longitude": shown.longitude,
        "provenance": shown.provenance,
        "confidence": shown.confidence,
        "networks": [each.slug for each in shown.networks],
    }


def application(  # noqa: PLR0913 -- what differs from reader to reader, all keyword-only
    outline: Outline,
    *,
    state: Word,
    offers: Iterable[Offer],
    seen: int,
    advice: Iterable[Advice] | None,
    report: Report | None,
) -> Json:
    """An application as its reader may see it now; `seen` is how many events that reader knows of."""
    row = outline.application
    return {
        "reference": row.reference,
        "call": row.call.code,
        "acronym": row.acronym,
        "title": row.title,
        "state": state.value,
        "state_label": state.label,
        "submitted_at": row.submitted_at.isoformat() if row.submitted_at else None,
        "partners": [
            {
                "name": facts.name,
                "seat_city": facts.seat_city,
                "country": facts.country,
                "role": facts.role.value,
                "kind": facts.kind.value,
            }
            for facts in outline.dossier.partners
        ],
        "actions": [_action(row, offer, seen) for offer in offers],
        "advice": None if advice is None else [_advice(each) for each in advice],
        "report": _report(report) if report else None,
    }


def _action(row: Application, offer: Offer, seen: int) -> Json:
    return {
        "name": offer.name,
        "label": offer.label,
        "href": url_for("api.take_transition", reference=row.reference, name=offer.name),
        "reason_required": offer.reason_required,
        "open": offer.is_open,
        "seen": seen,
        "refusals": [_reason(each) for each in offer.refusals],
    }


def _reason(refusal: Refusal) -> Json:
    return {"code": refusal.code, "message": refusal.message}


def _advice(advice: Advice) -> Json:
    return {
        "code": advice.code,
        "title": advice.title,
        "outcome": advice.outcome.value,
        "message": advice.message,
        "source": advice.source,
    }


def _report(report: Report) -> Json:
    """Each finding as it stands now: an officer's word, else the program's."""
    return {
        "kind": report.kind,
        "rulebook_version": report.rulebook_version,
        "made_at": report.made_at.isoformat(),
        "findings": [
            {
                "code": finding.code,
                "title": finding.title,
                "outcome": finding.current_outcome.value,
                "message": finding.message,
                "source": finding.source,
            }
            for finding in report.findings
        ],
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
