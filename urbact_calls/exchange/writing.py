"""From dossiers to the exchange format; what `read` reads, `write` gives back."""

from __future__ import annotations

from typing import Any

from urbact_calls.domain.dossier import BudgetFacts, Dossier, PartnerFacts
from urbact_calls.domain.network_types.form import DECLARATIONS
from urbact_calls.exchange.reading import FORMAT


def write(dossier: Dossier, *, name: str | None = None) -> dict[str, Any]:
    """A dossier as an object of the exchange format; what is not given is left out.

    `name` becomes the `id`. What the register said is not written: whoever reads the dossier asks it again.
    """
    fields: dict[str, Any] = {
        "format": FORMAT,
        "id": name,
        "call": dossier.call,
        "acronym": dossier.acronym,
        "title": dossier.title,
        "submitted_at": dossier.submitted_at.isoformat() if dossier.submitted_at else None,
        "budget_total_eur": dossier.budget_total.plain if dossier.budget_total is not None else None,
        "partners": [_partner(partner) for partner in dossier.partners],
        "other_applications": _others(dossier),
        "practice": _practice(dossier.practices),
        "sections": _sections(dossier),
        "declarations": dict(dossier.declarations) if dossier.declarations is not None else None,
        "language": dossier.language,
        "budget": _budget(dossier.budget) if dossier.budget is not None else None,
        "schedule": _schedule(dossier),
    }
    return {field: value for field, value in fields.items() if value is not None}


def _partner(partner: PartnerFacts) -> dict[str, Any]:
    return {
        "name": partner.name,
        "seat_city": partner.seat_city,
        "country": partner.country,
        "role": partner.role.value,
        "kind": partner.kind.value,
        "nuts2": partner.nuts2,
        "region_category": partner.region_category.value if partner.region_category else None,
        # The format has no third answer: a letter nobody has seen is not attached.
        "letter_of_commitment": bool(partner.letter_of_commitment),
    }


def _others(dossier: Dossier) -> list[dict[str, Any]] | None:
    if dossier.other_applications is None:
        return None
    return [
        {"call": other.call, "title": other.title, "lead": [other.lead_name, other.lead_country]}
        for other in dossier.other_applications
    ]


def _practice(practices: tuple[str, ...] | None) -> str | list[str] | None:
    if practices is None:
        return None
    return practices[0] if len(practices) == 1 else list(practices)


def _sections(dossier: Dossier) -> dict[str, dict[str, str]] | None:
    if dossier.sections is None:
        return None
    return {code: dict(answers) for code, answers in dossier.sections.items() if code != DECLARATIONS.code}


def _budget(budget: BudgetFacts) -> dict[str, Any]:
    written: dict[str, Any] = {
        "lines": [
            {"partner": line.partner, "category": line.category.value, "amount_cents": line.amount.cents}
            for line in budget.lines
        ]
    }
    if budget.financing is not None:
        written["financing"] = [
            {
                "partner": line.partner,
                "fund": line.fund.value,
                "fund_cents": line.fund_amount.cents,
                "own_cents": line.own_amount.cents,
            }
            for line in budget.financing
        ]
    return written


def _schedule(dossier: Dossier) -> dict[str, str] | None:
    if dossier.schedule is None:
        return None
    return {"start": dossier.schedule.start.isoformat(), "end": dossier.schedule.end.isoformat()}
