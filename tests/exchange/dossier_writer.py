"""Writer of the exchange format for tests: from dossiers to text; what `read` reads, `write` gives back."""

from __future__ import annotations

from typing import Any

from urbact_calls.domain.dossier import Dossier, OtherApplication
from urbact_calls.domain.network_types.form import DECLARATIONS
from urbact_calls.domain.serialization import to_json
from urbact_calls.exchange.dossier_reader import FORMAT


def write(dossier: Dossier, *, name: str | None = None) -> dict[str, Any]:
    """A dossier as an object of the exchange format; what is not given is left out.

    `name` becomes the `id`. What the registers said is not written: whoever reads the dossier asks them again. The
    format names who leads other applications: of what an official check knows of them, those that the lead partner
    leads are written.
    """
    facts = to_json(dossier)
    others, practices, sections = _others(dossier), facts["practices"], facts["sections"]
    fields: dict[str, Any] = {
        "format": FORMAT,
        "id": name,
        "call": dossier.call,
        "acronym": facts["acronym"],
        "title": facts["title"],
        "submitted_at": facts["submitted_at"],
        "budget_total_eur": dossier.budget_total.plain if dossier.budget_total is not None else None,
        # The format has no third answer: a letter nobody has seen is not attached.
        "partners": [
            {
                **{field: value for field, value in each.items() if field != "region"},
                "letter_of_commitment": bool(each["letter_of_commitment"]),
            }
            for each in facts["partners"]
        ],
        "other_applications": None
        if others is None
        else [{"call": each.call, "title": each.title, "lead": [each.lead_name, each.lead_country]} for each in others],
        "practice": practices[0] if practices is not None and len(practices) == 1 else practices,
        "sections": None
        if sections is None
        else {code: answers for code, answers in sections.items() if code != DECLARATIONS.code},
        "declarations": facts["declarations"],
        "language": facts["language"],
        "budget": None
        if facts["budget"] is None
        else {part: _in_cents(lines) for part, lines in facts["budget"].items() if lines is not None},
        "schedule": facts["schedule"],
    }
    return {field: value for field, value in fields.items() if value is not None}


def _others(dossier: Dossier) -> tuple[OtherApplication, ...] | None:
    known, lead = dossier.others_at_closing, dossier.lead
    if known is None:
        return dossier.other_applications
    return tuple(
        OtherApplication(call=dossier.call, title=title, lead_name=lead.name, lead_country=lead.country)
        for title in known.titles
    )


def _in_cents(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines of a budget whose amounts say that they are cents: `fund_amount` is `fund_cents` there."""
    names = {"amount": "amount_cents", "fund_amount": "fund_cents", "own_amount": "own_cents"}
    return [{names.get(name, name): value for name, value in line.items()} for line in lines]
