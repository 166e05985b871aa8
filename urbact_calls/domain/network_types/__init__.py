"""The network types. The package finds its modules, so that a new type is one file with a `KIND`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from urbact_calls.domain.network_types.kind import Choice, Field, FieldKind, NetworkKind, Section, Stage
from urbact_calls.domain.scoring import Grid
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import NetworkType

__all__ = [
    "KINDS",
    "Choice",
    "Field",
    "FieldKind",
    "NetworkKind",
    "Section",
    "Stage",
    "kind_of",
    "rules_of",
    "scoring_grid",
]

# A call for the Good Practice label founds no network; its rules are E01 to E04 and E12 (`calls.yaml`, GP-2024).
LABEL_CALL_RULES = (
    "submission.on_time",
    "submission.complete",
    "submission.in_english",
    "lead_partner.is_city",
    "geography.eligible_countries",
)


def _discover() -> Mapping[NetworkType, NetworkKind]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return by_type(module.KIND for module in modules if hasattr(module, "KIND"))


def by_type(kinds: Iterable[NetworkKind]) -> Mapping[NetworkType, NetworkKind]:
    """The kinds by their type, in the order of the vocabulary. Raises ValueError for two of one type."""
    found: dict[NetworkType, NetworkKind] = {}
    for kind in sorted(kinds, key=lambda kind: list(NetworkType).index(kind.type)):
        if kind.type in found:
            raise ValueError(f"two modules of domain/network_types describe the type {kind.type}")
        found[kind.type] = kind
    return MappingProxyType(found)


KINDS: Mapping[NetworkType, NetworkKind] = _discover()


def kind_of(terms: CallTerms) -> NetworkKind | None:
    """The type of network that a call founds, with the call's limits and scale; None for a call that founds none."""
    if terms.network_type is None:
        return None
    return _of_call(terms.network_type, frozenset(terms.text_limits.items()), terms.scale_max)


@lru_cache(maxsize=64)
def _of_call(network_type: NetworkType, limits: frozenset[tuple[str, int]], scale_max: int) -> NetworkKind:
    # Asked for many times in a request, and the terms of a call hardly ever change.
    kind = KINDS[network_type].with_limits(dict(limits))
    return replace(kind, grid=replace(kind.grid, scale_max=scale_max))


def scoring_grid(terms: CallTerms) -> Grid:
    """The criteria of a call's type on the scale of the call. Raises ValueError for a call that founds no network."""
    kind = kind_of(terms)
    if kind is None:
        raise ValueError(f"nothing is scored in {terms.code}: it founds no network")
    return kind.grid


def rules_of(terms: CallTerms) -> tuple[str, ...]:
    """The rule codes that a call of this kind names."""
    kind = kind_of(terms)
    return LABEL_CALL_RULES if kind is None else kind.rules
