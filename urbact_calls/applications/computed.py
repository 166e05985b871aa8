"""What the form shows and nobody types: the summary of an application, and what is known of an organisation."""

from __future__ import annotations

from urbact_calls.applications.models import Partner
from urbact_calls.applications.outline import Outline, partners_from
from urbact_calls.domain.money import total
from urbact_calls.domain.text import MONTHS, say
from urbact_calls.domain.vocabulary import Fund
from urbact_calls.reference.networks import regions
from urbact_calls.web.filters import day

NOT_KNOWN = "Not known"


def summary_of(outline: Outline) -> list[tuple[str, str]]:
    """Call, type, dates, partnership, budget and who pays, each in words."""
    terms, dossier = outline.terms, outline.dossier
    lines = [
        ("Call", f"{outline.application.call.code}, {terms.title}"),
        ("Type of network", terms.network_type.label if terms.network_type else NOT_KNOWN),
        ("Start", day(terms.network_start) if terms.network_start else NOT_KNOWN),
        ("End", day(terms.network_end) if terms.network_end else NOT_KNOWN),
        ("Duration", say(MONTHS(count=terms.duration_months)) if terms.duration_months else NOT_KNOWN),
        (
            "Partnership",
            say(partners_from(dossier)),
        ),
        ("Budget", str(dossier.budget.total) if dossier.budget else "Nothing planned yet"),
    ]
    financing = dossier.budget.financing if dossier.budget else None
    for fund in Fund:
        paid = total([line.fund_amount for line in financing or () if line.fund is fund])
        if paid:
            lines.append((fund.label, str(paid)))
    if financing:
        lines.append(("Own contribution of the partners", str(total([line.own_amount for line in financing]))))
    return lines


def known_of(partner: Partner) -> list[tuple[str, str]]:
    """What stands with the organisation of a partner; unknown stays unknown."""
    organisation = partner.organisation
    region = regions().get(organisation.nuts2 or "")
    return [
        ("Name", organisation.name),
        ("Seat", f"{organisation.seat_city}, {organisation.country}"),
        ("What it is", organisation.category.label if organisation.category else NOT_KNOWN),
        ("Region (NUTS 2)", f"{region.name} ({region.nuts2})" if region else organisation.nuts2 or NOT_KNOWN),
        ("Category of the region", organisation.region_category or NOT_KNOWN),
    ]
