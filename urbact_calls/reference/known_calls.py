"""The terms of the calls that were published, and of the demonstration calls, from `tables/calls.json`.

In that table `v` is a value, `c` its confidence, `s` the key of its source. Local times there are Paris wall time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from urbact_calls.domain.money import Euro, Rate
from urbact_calls.domain.network_types import KINDS
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
# No limit was read in any call; the form of each type has defaults of this program (`domain.md` 6.2).
_UNPUBLISHED_LIMITS = Provenance(
    Confidence.DEFAULT, note="the programme has not published the limits of its form; these are defaults"
)
_CURABLE = {"E14": "documents.lead_letter", "E15": "documents.partner_letters"}
_WEAKEST_FIRST = (
    Confidence.UNKNOWN,
    Confidence.DEFAULT,
    Confidence.KNOWN_LOW,
    Confidence.KNOWN_MEDIUM,
    Confidence.KNOWN_HIGH,
    Confidence.DERIVED,
    Confidence.SEEN,
)

Node = Mapping[str, Any]


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
    reading = _Reading(call)
    _read_identity(reading, call)
    _read_partnership(reading, call)
    _read_money(reading, call)
    _read_procedure(reading, call)
    network_type = NetworkType(call["type"]) if call["type"] in list(NetworkType) else None
    reading.values["text_limits"] = KINDS[network_type].limits if network_type else {}
    reading.provenance["text_limits"] = _UNPUBLISHED_LIMITS if network_type else _provenance(None)
    return CallTerms(code=code, network_type=network_type, provenance=reading.provenance, **reading.values)


# No ceiling of expertise was published for this type; without one nobody could try how an expert is appointed.
_DEMO_VALUES: Mapping[str, Mapping[str, Any]] = {"ITN-DEMO": {"expertise_envelope": Euro.whole(100_000)}}


def demo_terms(opens_at: datetime, closes_at: datetime, code: str = DEMO_CODE) -> CallTerms:
    """A demonstration call: the terms of a past call with dates of today, open figures confirmed as a demonstration.

    The network starts on the first day of the third month after closing and lasts as long as in the past call.
    Raises KeyError for a code that is none of `DEMO_BASES`.
    """
    base = historic_terms(DEMO_BASES[code])
    shown = Provenance(Confidence.CONFIRMED, DEMO_SOURCE)
    start = _first_of_month(closes_at.date(), months=3)
    dates: dict[str, Any] = {
        "title": f"{base.title} (demonstration)",
        "opens_at": opens_at,
        "closes_at": closes_at,
        "network_start": start,
        "network_end": _first_of_month(start, months=base.duration_months or 0) - timedelta(days=1),
        "decision_date": closes_at.date() + timedelta(days=60),
        **_DEMO_VALUES.get(code, {}),
    }
    provenance = {
        name: base.provenance[name] if base.is_confirmed(name) and name not in dates else shown for name in TERM_NAMES
    }
    return replace(base, code=code, provenance=provenance, **dates)


@dataclass(frozen=True, slots=True)
class CallResult:
    """A published figure about the outcome of a call, with its confidence and the key of its source."""

    value: int
    confidence: Confidence
    source: str


@cache
def historic_results(code: str) -> Mapping[str, CallResult]:
    """What came out of a published call, by name (`proposals`, `approved`, ...); empty where nothing is known."""
    stats: Mapping[str, Node] = _calls()[code]["stats"]
    return {
        name: CallResult(node["v"], Confidence(node["c"]), node.get("s", ""))
        for name, node in stats.items()
        if node["v"] is not None
    }


@cache
def source_addresses() -> Mapping[str, str]:
    """The address behind every source key of the terms."""
    addresses: Mapping[str, str] = document("sources.json")
    return addresses


class _Reading:
    """Values and provenance of one call, gathered term by term."""

    def __init__(self, call: Node) -> None:
        self.call = call
        self.values: dict[str, Any] = {}
        self.provenance: dict[str, Provenance] = {}

    def take(self, term: str, node: Node | None, convert: Callable[[Any], Any] = lambda value: value) -> None:
        """Read one term from a node with `v`, `c`, `s` and `note`; null stays None."""
        value = None if node is None else node["v"]
        self.values[term] = None if value is None else convert(value)
        self.provenance[term] = _provenance(node)

    def put(self, term: str, value: object, nodes: Iterable[Node]) -> None:
        """Enter a term made of several nodes; it is as sure as the weakest of them."""
        self.values[term] = value
        self.provenance[term] = min(
            (_provenance(node) for node in nodes),
            key=lambda each: _WEAKEST_FIRST.index(each.confidence),
            default=Provenance(Confidence.DERIVED, note="the call has none"),
        )


def _provenance(node: Node | None) -> Provenance:
    if node is None:
        return Provenance(Confidence.DERIVED, note="the call has none")
    return Provenance(Confidence(node["c"]), node.get("s", ""), node.get("note", ""))


def _read_identity(reading: _Reading, call: Node) -> None:
    reading.take("title", call["title"])
    reading.take("opens_at", call["opens_at"], _instant)
    reading.take("closes_at", call["closes_at"], _instant)
    for term in ("network_start", "network_end", "decision_date"):
        reading.take(term, call[term], date.fromisoformat)
    reading.take("duration_months", call["duration_months"])
    reading.take("networks_max", call["networks_max"])


def _read_partnership(reading: _Reading, call: Node) -> None:
    groups = document("calls.json")["shared"]["country_groups"]
    members = {CountryGroup(group): tuple(node["v"]) for group, node in groups.items()}
    reading.put("country_groups", members, groups.values())
    reading.take("admitted_groups", call["eligible_country_groups"], lambda codes: tuple(map(CountryGroup, codes)))

    plain = {
        "partners_min": "partners_min",
        "partners_max": "partners_max",
        "countries_min": "countries_min",
        "per_country_max": "max_pp_per_country",
        "non_city_max": "non_city_max",
        "agency_counts_as_city": "agency_counts_as_city",
        "lead_max": "lead_max_per_city",
        "participation_max": "participation_max_per_city",
        "ipa_max": "ipa_max",
        "ndici_max": "ndici_max",
        "ipa_can_lead": "ipa_can_lead",
    }
    for term, key in plain.items():
        reading.take(term, call[key])
    counts_lead = call["max_pp_per_country"].get("counts_lead_partner", {"v": True, "c": "D", "note": "no limit"})
    reading.take("per_country_counts_lead", counts_lead)
    reading.put("lead_label", _lead_label(call["lead_partner_rule"]), [call["lead_partner_rule"]])

    balance = call["regional_balance"] or {}
    reading.take("balance_share", balance.get("ld_tr_share_min"), _rate)
    for term, key, usual in (
        ("ipa_ndici_count_as", "ipa_ndici_count_as", "LD"),
        ("no_ch_count_as", "no_ch_count_as", "MD"),
    ):
        reading.take(term, balance.get(key, {"v": usual, "c": "D", "note": "no balance"}), _REGIONS.__getitem__)


def _read_money(reading: _Reading, call: Node) -> None:
    for term, key in (
        ("budget_ceiling", "budget_cap_eur"),
        ("expertise_envelope", "expertise_cap_eur"),
        ("expert_daily_fee", "expert_daily_fee_eur"),
        ("call_budget", "call_budget_eur"),
    ):
        reading.take(term, call[key], Euro.whole)
    reading.take("expert_days_max", call["expert_days_cap"])

    rates = call["cofinancing"] or {}
    reading.put(
        "cofinancing",
        tuple(
            CofinancingTerm(key=str(_REGIONS.get(key, key)), fund=Fund(node["fund"]), rate=_rate(node["v"]))
            for key, node in rates.items()
        ),
        rates.values(),
    )
    costs = call["cost_categories"]
    methods = [node for cost in costs for node in (cost.get("method"), cost.get("rate")) if node]
    reading.put("cost_categories", tuple(map(_cost_term, costs)), methods)


def _read_procedure(reading: _Reading, call: Node) -> None:
    procedure, scoring = call["procedure"], call["scoring"]
    reading.take("tolerance_seconds", procedure["grace_seconds"])
    reading.take("cure_rounds", procedure["cure_rounds"])
    reading.take("cure_working_days", procedure["cure_period_working_days"])
    reading.take("curable", procedure["curable_rules"], lambda ids: tuple(_CURABLE[each] for each in ids))

    switches = {code: (call[key] or {}).get("blocking", True) for key, code in _SWITCHED_RULES.items()}
    values = {code: switch["v"] if isinstance(switch, Mapping) else switch for code, switch in switches.items()}
    known = [switch for switch in switches.values() if isinstance(switch, Mapping)]
    reading.put("advisory", tuple(sorted(code for code, blocks in values.items() if not blocks)), known)

    for term, key in (
        ("scale_max", "scale_max"),
        ("assessors_per_application", "assessors_per_application"),
        ("divergence_alert", "divergence_alert_points"),
        ("criterion_threshold", "criterion_threshold"),
        ("overall_threshold", "overall_threshold"),
    ):
        reading.take(term, scoring[key])
    reading.take("tie_break", scoring["tie_break"], tuple)


def _lead_label(node: Node) -> LabelRequirement | None:
    if "register" not in node:
        return None
    return LabelRequirement(LabelRegister(node["register"]), node.get("label_year"))


def _cost_term(cost: Node) -> CostTerm:
    return CostTerm(
        category=CostCategory(cost["code"]),
        allowed=cost["allowed"],
        method=CostMethod(cost["method"]["v"]) if "method" in cost else CostMethod.REAL_COST,
        rate=_rate(cost["rate"]["v"]) if "rate" in cost else None,
        rate_ceiling=_rate(cost["rate_ceiling"]["v"]) if "rate_ceiling" in cost else None,
    )


def _rate(share: float) -> Rate:
    # The table writes shares with two decimals; rounding takes off what binary fractions add.
    return Rate(round(share * 10_000))


def _instant(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)


def _first_of_month(day: date, *, months: int) -> date:
    """The first day of the month that lies so many months after a day's month."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, 1)
