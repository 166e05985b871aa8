"""The terms of the calls that were published, and of the demonstration calls, from `tables/calls.json`.

In that table `v` is a value, `c` its confidence, `s` the key of its source. Local times there are Paris wall time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from urbact_calls.domain.money import Euro, Rate
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.network_types.kind import months_later
from urbact_calls.domain.terms import (
    TERM_NAMES,
    CallTerms,
    CofinancingTerm,
    CostMethod,
    CostTerm,
    LabelRegister,
    LabelRequirement,
    Provenance,
)
from urbact_calls.domain.vocabulary import Confidence, CostCategory, CountryGroup, Fund, NetworkType, RegionCategory
from urbact_calls.domain.words import PARIS
from urbact_calls.reference.tables import document

DEMO_CODE = "APN-DEMO"
# Each demonstration call, with the call whose terms it copies.
DEMO_BASES = {DEMO_CODE: "APN-2023", "TN-DEMO": "TN-2025", "ITN-DEMO": "ITN-2024"}
DEMO_SOURCE = "demonstration value, not a programme figure"

_REGIONS = {
    "LD": RegionCategory.LESS_DEVELOPED,
    "TR": RegionCategory.TRANSITION,
    "MD": RegionCategory.MORE_DEVELOPED,
}
# Rules whose blocking is a switch of the call, by the place of the switch in the table.
_SWITCHED_RULES = {
    "max_pp_per_country": "geography.one_per_country",
    "participation_max_per_city": "partnership.participations",
    "regional_balance": "geography.regional_balance",
}
_CURABLE = {"E14": "documents.lead_letter", "E15": "documents.partner_letters"}
_THE_CALL_HAS_NONE = Provenance(Confidence.DERIVED, note="the call has none")
# No limit was read in any call; the form of each type has defaults of this program (`domain.md` 6.2).
_UNPUBLISHED_LIMITS = Provenance(
    Confidence.DEFAULT, note="the programme has not published the limits of its form; these are defaults"
)

Node = Mapping[str, Any]


def _same(value: Any) -> Any:
    return value


def _rate(share: float) -> Rate:
    # The table writes shares with two decimals; rounding takes off what binary fractions add.
    return Rate(round(share * 10_000))


def _instant(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=PARIS).astimezone(UTC)


# Each term that stands in one node of the table: where, and what its value is for us.
_IN_ONE_NODE: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "title": ("title", _same),
    "opens_at": ("opens_at", _instant),
    "closes_at": ("closes_at", _instant),
    "tolerance_seconds": ("procedure.grace_seconds", _same),
    "network_start": ("network_start", date.fromisoformat),
    "network_end": ("network_end", date.fromisoformat),
    "decision_date": ("decision_date", date.fromisoformat),
    "duration_months": ("duration_months", _same),
    "networks_max": ("networks_max", _same),
    "partners_min": ("partners_min", _same),
    "partners_max": ("partners_max", _same),
    "countries_min": ("countries_min", _same),
    "per_country_max": ("max_pp_per_country", _same),
    "per_country_counts_lead": ("max_pp_per_country.counts_lead_partner", _same),
    "non_city_max": ("non_city_max", _same),
    "agency_counts_as_city": ("agency_counts_as_city", _same),
    "lead_max": ("lead_max_per_city", _same),
    "participation_max": ("participation_max_per_city", _same),
    "admitted_groups": ("eligible_country_groups", lambda codes: tuple(map(CountryGroup, codes))),
    "ipa_can_lead": ("ipa_can_lead", _same),
    "ipa_max": ("ipa_max", _same),
    "ndici_max": ("ndici_max", _same),
    "balance_share": ("regional_balance.ld_tr_share_min", _rate),
    "ipa_ndici_count_as": ("regional_balance.ipa_ndici_count_as", _REGIONS.__getitem__),
    "no_ch_count_as": ("regional_balance.no_ch_count_as", _REGIONS.__getitem__),
    "budget_ceiling": ("budget_cap_eur", Euro.whole),
    "expertise_envelope": ("expertise_cap_eur", Euro.whole),
    "expert_days_max": ("expert_days_cap", _same),
    "expert_daily_fee": ("expert_daily_fee_eur", Euro.whole),
    "call_budget": ("call_budget_eur", Euro.whole),
    "cure_rounds": ("procedure.cure_rounds", _same),
    "cure_working_days": ("procedure.cure_period_working_days", _same),
    "curable": ("procedure.curable_rules", lambda ids: tuple(_CURABLE[each] for each in ids)),
    "scale_max": ("scoring.scale_max", _same),
    "assessors_per_application": ("scoring.assessors_per_application", _same),
    "divergence_alert": ("scoring.divergence_alert_points", _same),
    "criterion_threshold": ("scoring.criterion_threshold", _same),
    "overall_threshold": ("scoring.overall_threshold", _same),
    "tie_break": ("scoring.tie_break", tuple),
}
# What stands for a node that not every call has.
_WITHOUT: Mapping[str, Node] = {
    "max_pp_per_country.counts_lead_partner": {"v": True, "c": "D", "note": "no limit"},
    "regional_balance.ipa_ndici_count_as": {"v": "LD", "c": "D", "note": "no balance"},
    "regional_balance.no_ch_count_as": {"v": "MD", "c": "D", "note": "no balance"},
}


@cache
def _calls() -> Mapping[str, Node]:
    return {call["code"]: call for call in document("calls.json")["calls"]}


def call_codes() -> tuple[str, ...]:
    """The codes of the published calls, in the order of the table."""
    return tuple(_calls())


@cache
def historic_terms(code: str) -> CallTerms:
    """The terms of a published call, as far as they are known; raises KeyError for a code that is not one."""
    call = _calls()[code]
    network_type = NetworkType.with_code(call["type"])
    values: dict[str, Any] = {"text_limits": KINDS[network_type].limits if network_type else {}}
    provenance = {"text_limits": _UNPUBLISHED_LIMITS if network_type else _THE_CALL_HAS_NONE}
    for term, (place, convert) in _IN_ONE_NODE.items():
        node = _node(call, place)
        value = node["v"] if node else None
        values[term] = None if value is None else convert(value)
        provenance[term] = _provenance(node) if node else _THE_CALL_HAS_NONE
    for term, (value, nodes) in _in_several_nodes(call).items():
        values[term] = value
        # As sure as the weakest of them; confidences stand in their order, the surest first.
        known = map(_provenance, nodes)
        weakness = list(Confidence).index
        provenance[term] = max(known, key=lambda each: weakness(each.confidence), default=_THE_CALL_HAS_NONE)
    return CallTerms(code=code, network_type=network_type, provenance=provenance, **values)


def terms_of_type(network_type: NetworkType, codes: Iterable[str] | None = None) -> CallTerms:
    """The terms of the first published call of a network type, with `codes` of these calls only.

    A type that has no published call yet gets those of the newest call that founds networks, with its own limits of
    texts.
    """
    known = [historic_terms(code) for code in (call_codes() if codes is None else codes)]
    of_networks = [terms for terms in known if terms.network_type is not None]
    own = next((terms for terms in of_networks if terms.network_type is network_type), None)
    if own is not None:
        return own
    newest = max(of_networks, key=lambda terms: terms.opens_at)
    return replace(newest, network_type=network_type, text_limits=KINDS[network_type].limits)


# No ceiling of expertise was published for this type; without one nobody could try how an expert is appointed.
_DEMO_VALUES: Mapping[str, Mapping[str, Any]] = {"ITN-DEMO": {"expertise_envelope": Euro.whole(100_000)}}


def demo_terms(opens_at: datetime, closes_at: datetime, code: str = DEMO_CODE) -> CallTerms:
    """A demonstration call: the terms of a past call with dates of today, open figures confirmed as a demonstration.

    The network starts on the first day of the third month after closing and lasts as long as in the past call.
    Raises KeyError for a code that is none of `DEMO_BASES`.
    """
    base = historic_terms(DEMO_BASES[code])
    shown = Provenance(Confidence.CONFIRMED, DEMO_SOURCE)
    start = months_later(closes_at.date().replace(day=1), 3)
    dates: dict[str, Any] = {
        "title": f"{base.title} (demonstration)",
        "opens_at": opens_at,
        "closes_at": closes_at,
        "network_start": start,
        "network_end": months_later(start, base.duration_months or 0) - timedelta(days=1),
        "decision_date": closes_at.date() + timedelta(days=60),
        **_DEMO_VALUES.get(code, {}),
    }
    provenance = {
        name: base.provenance[name] if base.is_confirmed(name) and name not in dates else shown for name in TERM_NAMES
    }
    return replace(base, code=code, provenance=provenance, **dates)


@cache
def historic_results(code: str) -> Mapping[str, tuple[int, Provenance]]:
    """The published figures about the outcome of a call, by name (`proposals`, `approved`, ...), with their source."""
    stats: Mapping[str, Node] = _calls()[code]["stats"]
    return {name: (node["v"], _provenance(node)) for name, node in stats.items() if node["v"] is not None}


@cache
def source_addresses() -> Mapping[str, str]:
    """The address behind every source key of the terms."""
    addresses: Mapping[str, str] = document("sources.json")
    return addresses


def _provenance(node: Node) -> Provenance:
    return Provenance(Confidence(node["c"]), node.get("s", ""), node.get("note", ""))


def _node(call: Node, place: str) -> Node | None:
    """The node at a place such as `scoring.scale_max`; None if the call has nothing of what it is a part of."""
    part, _, key = place.rpartition(".")
    whole: Node | None = call[part] if part else call
    if place in _WITHOUT:
        return (whole or {}).get(key, _WITHOUT[place])
    return whole[key] if whole else None


def _in_several_nodes(call: Node) -> dict[str, tuple[Any, Iterable[Node]]]:
    """The value of each term that is made of several nodes, with those nodes."""
    groups = document("calls.json")["shared"]["country_groups"]
    label, rates, costs = call["lead_partner_rule"], call["cofinancing"] or {}, call["cost_categories"]
    asked = LabelRequirement(LabelRegister(label["register"]), label.get("label_year")) if "register" in label else None
    switches = {code: (call[key] or {}).get("blocking", True) for key, code in _SWITCHED_RULES.items()}
    blocks = {code: switch["v"] if isinstance(switch, Mapping) else switch for code, switch in switches.items()}
    return {
        "country_groups": (
            {CountryGroup(group): tuple(node["v"]) for group, node in groups.items()},
            groups.values(),
        ),
        "lead_label": (asked, [label]),
        "cofinancing": (
            tuple(
                CofinancingTerm(key=str(_REGIONS.get(key, key)), fund=Fund(node["fund"]), rate=_rate(node["v"]))
                for key, node in rates.items()
            ),
            rates.values(),
        ),
        "cost_categories": (
            tuple(map(_cost_term, costs)),
            [node for cost in costs for node in (cost.get("method"), cost.get("rate")) if node],
        ),
        "advisory": (
            tuple(sorted(code for code in blocks if not blocks[code])),
            [switch for switch in switches.values() if isinstance(switch, Mapping)],
        ),
    }


def _cost_term(cost: Node) -> CostTerm:
    return CostTerm(
        category=CostCategory(cost["code"]),
        allowed=cost["allowed"],
        method=CostMethod(cost["method"]["v"]) if "method" in cost else CostMethod.REAL_COST,
        rate=_rate(cost["rate"]["v"]) if "rate" in cost else None,
        rate_ceiling=_rate(cost["rate_ceiling"]["v"]) if "rate_ceiling" in cost else None,
    )
