"""Names of partners in messages."""

from collections.abc import Iterable

from urbact_calls.domain.dossier import PartnerFacts


def named(partner: PartnerFacts) -> str:
    return f"{partner.name} ({partner.country})"


def all_named(partners: Iterable[PartnerFacts]) -> tuple[str, ...]:
    return tuple(named(partner) for partner in partners)
