"""Facts of one application that guards may read: built by the features that know them, frozen, never a query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from urbact_calls.domain.text import Text
from urbact_calls.domain.vocabulary import ApplicationState, DecisionOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """The facts of one application at one moment, from the features that know them.

    `sections_missing` holds labels of sections in form order, `open_findings` and `unmet_findings` hold the
    titles of rules of the official report, as people read them, `regions_unconfirmed` names partners whose
    category of region no officer has confirmed, `first_declaration_by` is the officer who declared first (a second
    one confirms), `declared_outcome` is what that officer declared.
    """

    state: ApplicationState
    call_is_open: bool
    closes_at: datetime
    received_at: datetime | None = None
    sections_missing: tuple[str, ...] = ()
    official_report: bool = False
    open_findings: tuple[Text, ...] = ()
    unmet_findings: tuple[Text, ...] = ()
    confirmed_unmet_findings: tuple[Text, ...] = ()
    only_curable_open: bool = False
    regions_unconfirmed: tuple[str, ...] = ()
    clarification_used: bool = False
    clarification_due: datetime | None = None
    sheets_needed: int = 2
    sheets_in: int = 0
    consensus_signed: bool = False
    announced_outcome: DecisionOutcome | None = None
    network_founded: bool = False
    first_declaration_by: int | None = None
    first_declaration_of: str | None = None
    complaint_upheld: bool = False
