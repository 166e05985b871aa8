"""The lives of the two kinds of sheets: an assessor's own, and the one that everybody signs
(External Assessment Panel of the programme: two independent sheets, then a consensus meeting)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from urbact_calls.domain.permissions import Actor, allocated_assessor, chair_of_this_panel, office
from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ApplicationState, ConsensusSheetState, IndividualSheetState
from urbact_calls.domain.workflow.machine import Act, Guard, Machine, Transition, guard


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetFacts:
    """What the guards of an individual sheet may read; `missing` holds titles of criteria in grid order."""

    application: ApplicationState
    declared_no_conflict: bool
    missing: tuple[str, ...]
    consensus_started: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsensusFacts:
    """What the guards of a consensus sheet may read. `signatures_missing` holds the names still to sign."""

    application: ApplicationState
    sheets_needed: int
    sheets_in: int
    missing: tuple[str, ...]
    signatures_missing: tuple[str, ...]


NOT_RUNNING = message("assessment.not_running", "Only an eligible application is assessed; it is now “{state}”.")


def assessment_runs(facts: SheetFacts | ConsensusFacts, actor: Actor, now: datetime) -> Refusal | None:
    if facts.application is ApplicationState.ELIGIBLE:
        return None
    return Refusal(NOT_RUNNING(state=facts.application.text))


UNDECLARED = message("assessment.undeclared", "First declare that you have no conflict of interest.")
conflict_is_declared: Guard[SheetFacts] = guard(UNDECLARED, lambda facts: facts.declared_no_conflict)

INCOMPLETE = message("assessment.incomplete", "Points and reasons are missing for: {missing:comma}.")
every_criterion_is_scored: Guard[SheetFacts | ConsensusFacts] = guard(INCOMPLETE, lambda facts: not facts.missing)

CONSENSUS_STARTED = message(
    "assessment.consensus_started", "The consensus sheet is signed; the individual sheets stay as they are."
)
consensus_has_not_started: Guard[SheetFacts] = guard(CONSENSUS_STARTED, lambda facts: not facts.consensus_started)

SHEETS_OPEN = message("assessment.sheets_open", "Sheets that are locked: {sheets_in} of {sheets_needed}.")
all_sheets_are_in: Guard[ConsensusFacts] = guard(SHEETS_OPEN, lambda facts: facts.sheets_in >= facts.sheets_needed)

SIGNATURES_MISSING = message("assessment.signatures_missing", "Still to sign: {signatures_missing:comma}.")
everybody_else_has_signed: Guard[ConsensusFacts] = guard(SIGNATURES_MISSING, lambda facts: not facts.signatures_missing)


INDIVIDUAL_SHEET: Machine[IndividualSheetState, SheetFacts] = Machine(
    name="individual_sheet",
    start=IndividualSheetState.OPEN,
    ends=frozenset({IndividualSheetState.SUBMITTED}),
    begins=Act(name="open_sheet", label="Sheet opened"),
    transitions=(
        Transition(
            name="submit_sheet",
            label="Lock the sheet",
            happened="Sheet locked",
            opens="consensus_sheet",
            done="Locked. You cannot change your sheet any more, unless the Joint Secretariat reopens it.",
            emphasis="primary",
            sources=frozenset({IndividualSheetState.OPEN}),
            target=IndividualSheetState.SUBMITTED,
            permission=allocated_assessor,
            guards=(assessment_runs, conflict_is_declared, every_criterion_is_scored),
            stamps="submitted_at",
        ),
        Transition(
            name="reopen_sheet",
            label="Reopen the sheet",
            happened="Sheet reopened",
            ends="signatures",
            clears="submitted_at",
            done="The sheet is open again. Signatures on the consensus sheet are taken away.",
            emphasis="warning",
            sources=frozenset({IndividualSheetState.SUBMITTED}),
            target=IndividualSheetState.OPEN,
            permission=office,
            guards=(assessment_runs, consensus_has_not_started),
            reason_required=True,
        ),
    ),
)

LOCK = INDIVIDUAL_SHEET.by_name["submit_sheet"]
REOPEN = INDIVIDUAL_SHEET.by_name["reopen_sheet"]

CONSENSUS_SHEET: Machine[ConsensusSheetState, ConsensusFacts] = Machine(
    name="consensus_sheet",
    start=ConsensusSheetState.OPEN,
    ends=frozenset({ConsensusSheetState.SIGNED}),
    begins=Act(name="open_consensus", label="Consensus sheet opened"),
    transitions=(
        Transition(
            name="sign",
            label="Sign the consensus sheet",
            happened="Consensus sheet signed",
            opens="signature",
            done="Signed. The last signature closes the assessment.",
            emphasis="primary",
            sources=frozenset({ConsensusSheetState.OPEN}),
            target=ConsensusSheetState.OPEN,
            permission=allocated_assessor | chair_of_this_panel,
            guards=(assessment_runs, all_sheets_are_in, every_criterion_is_scored),
        ),
        Transition(
            name="close",
            label="Everybody has signed",
            happened="Everybody has signed",
            sources=frozenset({ConsensusSheetState.OPEN}),
            target=ConsensusSheetState.SIGNED,
            permission=allocated_assessor | chair_of_this_panel,
            guards=(assessment_runs, all_sheets_are_in, every_criterion_is_scored, everybody_else_has_signed),
            announces=("assessment.close",),
            stamps="signed_at",
        ),
    ),
)

SIGN = CONSENSUS_SHEET.by_name["sign"]
CLOSE = CONSENSUS_SHEET.by_name["close"]
