"""The life of an application, from draft to network (the programme's process: External Assessment Panel,
eligibility by the Joint Secretariat, decision by the Monitoring Committee; Reg. (EU) 2021/1059, Article 22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from urbact_calls.domain.permissions import (
    Actor,
    competes,
    lead_applicant,
    programme_manager,
    programme_officer,
    system,
)
from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.text import QUOTED, Text, message
from urbact_calls.domain.vocabulary import ApplicationState as S
from urbact_calls.domain.vocabulary import DecisionOutcome
from urbact_calls.domain.workflow.assessment import SHEETS_OPEN
from urbact_calls.domain.workflow.machine import Act, Guard, Machine, Transition, guard


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What the guards of an application may read, from the features that know it.

    `sections_missing` holds labels of sections in form order, `open_findings` and `unmet_findings` hold the
    titles of rules of the official report, as people read them, `regions_unconfirmed` names partners whose
    category of region no officer has confirmed, `first_declaration_by` is the officer who declared first (a second
    one confirms), `declared_outcome` is what that officer declared.
    """

    state: S
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
    clarifications_asked: int = 0
    cure_rounds: int = 1
    clarification_due: datetime | None = None
    sheets_needed: int = 2
    sheets_in: int = 0
    consensus_signed: bool = False
    announced_outcome: DecisionOutcome | None = None
    network_founded: bool = False
    first_declaration_by: int | None = None
    first_declaration_of: str | None = None


_MOST_NAMED = 2

CLARIFICATION_ROUND = "clarification_round"
"""What a call has once for each application: a question with a time to answer."""
ELIGIBLE, INELIGIBLE = "eligible", "ineligible"  # what a first officer proposes and a second one confirms


CLOSED = message("call.closed", "The call closed on {closes_at}.")
call_is_open: Guard[CaseFacts] = guard(CLOSED, lambda facts: facts.call_is_open)

MISSING = message("sections.missing", "Still to fill in: {sections_missing:comma}.")
sections_are_complete: Guard[CaseFacts] = guard(MISSING, lambda facts: not facts.sections_missing)

NO_OFFICIAL_REPORT = message("eligibility.no_official_report", "The official report is made after the call has closed.")
official_report_exists: Guard[CaseFacts] = guard(NO_OFFICIAL_REPORT, lambda facts: facts.official_report)

FINDINGS_OPEN = message(
    "eligibility.findings_open",
    "Settle these {count} findings ({titles:comma}) first.",
    one="Settle this finding ({titles:comma}) first.",
)
MANY_FINDINGS_OPEN = message(
    "eligibility.findings_open/many", "Settle these {number} findings ({titles:comma} and {more} more) first."
)


def nothing_open_or_unmet(facts: CaseFacts, actor: Actor, now: datetime) -> Refusal | None:
    waiting = facts.open_findings + facts.unmet_findings
    if not waiting:
        return None
    # The first titles and how many more there are: all of twenty would not be read.
    titles = tuple(QUOTED(words=title) for title in waiting[:_MOST_NAMED])
    more = len(waiting) - len(titles)
    if more:
        return Refusal(MANY_FINDINGS_OPEN(number=len(waiting), titles=titles, more=more))
    return Refusal(FINDINGS_OPEN(count=len(waiting), titles=titles))


REGIONS_UNCONFIRMED = message(
    "eligibility.regions_unconfirmed", "Confirm the region of these partners first: {regions_unconfirmed:comma}."
)
# Category and rate follow from the region, and the verdict from them: a person has looked at each (A2, item 3).
regions_are_confirmed: Guard[CaseFacts] = guard(REGIONS_UNCONFIRMED, lambda facts: not facts.regions_unconfirmed)

NOTHING_UNMET = message(
    "eligibility.nothing_unmet", "A person must first confirm at least one finding as not met; nothing else excludes."
)
a_confirmed_unmet_finding: Guard[CaseFacts] = guard(NOTHING_UNMET, lambda facts: facts.confirmed_unmet_findings)

NOT_CURABLE = message("eligibility.not_curable", "Only findings that the call allows to be cured can be clarified.")
only_curable_findings_open: Guard[CaseFacts] = guard(NOT_CURABLE, lambda facts: facts.only_curable_open)

NO_ROUND = message("eligibility.round_used/none", "This call has no round of clarification.")
ROUND_USED = message(
    "eligibility.round_used",
    "The {count} rounds of clarification of this call have been used.",
    one="The one round of clarification of this call has been used.",
)


def a_clarification_round_is_left(facts: CaseFacts, actor: Actor, now: datetime) -> Refusal | None:
    if facts.clarifications_asked < facts.cure_rounds:
        return None
    return Refusal(ROUND_USED(count=facts.cure_rounds) if facts.cure_rounds else NO_ROUND())


LATE = message("clarification.late", "The time to answer has passed.")


def before_clarification_is_due(facts: CaseFacts, actor: Actor, now: datetime) -> Refusal | None:
    if facts.clarification_due is None or now <= facts.clarification_due:
        return None
    return Refusal(LATE())


RUNNING = message("clarification.running", "The applicant still has time to answer.")


def clarification_is_overdue(facts: CaseFacts, actor: Actor, now: datetime) -> Refusal | None:
    if facts.clarification_due is not None and now > facts.clarification_due:
        return None
    return Refusal(RUNNING())


FIRST_OFFICER = message("eligibility.first_officer", "A first officer proposes this; then a second one confirms it.")
SECOND_OFFICER = message("eligibility.second_officer", "You proposed this. Another officer confirms it.")


def second_officer_confirms(outcome: str) -> Guard[CaseFacts]:
    """Two officers declare: the first proposes, another one confirms the same (four-eyes principle)."""

    def another_officer_has_proposed(facts: CaseFacts, actor: Actor, now: datetime) -> Refusal | None:
        if facts.first_declaration_of != outcome:
            return Refusal(FIRST_OFFICER())
        if facts.first_declaration_by == actor.user_id:
            return Refusal(SECOND_OFFICER())
        return None

    return another_officer_has_proposed


PROPOSED = message("eligibility.proposed", "This has been proposed; another officer confirms it.")


def not_proposed_yet(outcome: str) -> Guard[CaseFacts]:
    return guard(PROPOSED, lambda facts: facts.first_declaration_of != outcome)


NOT_SIGNED = message("assessment.not_signed", "The consensus sheet is not signed by everybody yet.")


def both_sheets_and_consensus(facts: CaseFacts, actor: Actor, now: datetime) -> Refusal | None:
    if facts.sheets_in < facts.sheets_needed:
        return Refusal(SHEETS_OPEN(sheets_in=facts.sheets_in, sheets_needed=facts.sheets_needed))
    if not facts.consensus_signed:
        return Refusal(NOT_SIGNED())
    return None


NOT_ANNOUNCED = message("decision.not_announced", "The decision has not been announced.")


def announced(outcome: DecisionOutcome) -> Guard[CaseFacts]:
    return guard(NOT_ANNOUNCED, lambda facts: facts.announced_outcome is outcome)


NETWORK_MISSING = message("network.missing", "The network has not been founded.")
network_exists: Guard[CaseFacts] = guard(NETWORK_MISSING, lambda facts: facts.network_founded)


def _decided(  # noqa: PLR0913 -- what differs between the outcomes
    name: str, label: str, happened: str, target: S, outcome: DecisionOutcome, *more: str
) -> Transition[S, CaseFacts]:
    return Transition(
        name=name,
        label=label,
        happened=happened,
        carries_out=outcome,
        sources=frozenset({S.ASSESSED, S.RESERVE, S.POSTPONED}) - {target},
        target=target,
        permission=system,
        guards=(announced(outcome),),
        announces=("mail:decision.announced", *more),
        stamps="decided_at",
    )


_SUBMITTED = frozenset({S.SUBMITTED})
# Complaints come by letter: whoever takes an application back says which one was upheld.
_COMPLAINT = "For a complaint that was upheld. Say which one and why: all who work on the application read it."
_CHECKED = (official_report_exists, regions_are_confirmed)
_ENDS = frozenset({S.IN_NETWORK, S.WITHDRAWN, S.INELIGIBLE, S.NOT_APPROVED})

APPLICATION: Machine[S, CaseFacts] = Machine(
    name="application",
    start=S.DRAFT,
    ends=_ENDS,
    begins=Act(name="start_draft", label="Draft started"),
    transitions=(
        Transition(
            name="submit",
            label="Submit the application",
            happened="Submitted",
            freezes="submission",
            ends_proposals=True,
            done="Submitted. The receipt is below, and on its way by e-mail.",
            note="You get a receipt at once. You can reopen it until the call closes.",
            emphasis="primary",
            reviewed=True,
            sources=frozenset({S.DRAFT}),
            target=S.SUBMITTED,
            permission=lead_applicant,
            guards=(call_is_open, sections_are_complete),
            announces=("eligibility.examine", "mail:application.submitted"),
            stamps="submitted_at",
        ),
        Transition(
            name="reopen",
            label="Reopen as a draft",
            happened="Reopened as a draft",
            ends_proposals=True,
            done="Reopened as a draft. It does not count as submitted until you submit it again.",
            note="It then no longer counts as submitted, until you submit it again.",
            emphasis="warning",
            sources=_SUBMITTED,
            target=S.DRAFT,
            permission=lead_applicant,
            guards=(call_is_open,),
            announces=("mail:application.reopened",),
        ),
        Transition(
            name="ask_clarification",
            label="Ask the applicant for clarification",
            happened="Clarification asked",
            uses_up=CLARIFICATION_ROUND,
            ends_proposals=True,
            sources=_SUBMITTED,
            target=S.CLARIFICATION,
            permission=programme_officer,
            guards=(official_report_exists, only_curable_findings_open, a_clarification_round_is_left),
            announces=("mail:clarification.asked",),
            reason_required=True,
        ),
        Transition(
            name="answer_clarification",
            label="Send the answer",
            happened="Clarification answered",
            freezes="submission",
            emphasis="primary",
            sources=frozenset({S.CLARIFICATION}),
            target=S.SUBMITTED,
            permission=lead_applicant,
            guards=(before_clarification_is_due,),
            announces=("eligibility.official", "mail:clarification.answered"),
        ),
        Transition(
            name="clarification_lapsed",
            label="The time to answer has passed",
            happened="Time to answer has passed",
            sources=frozenset({S.CLARIFICATION}),
            target=S.SUBMITTED,
            permission=system,
            guards=(clarification_is_overdue,),
            announces=("mail:clarification.lapsed",),
        ),
        Transition(
            name="propose_eligible",
            label="Propose: eligible",
            happened="Proposed: eligible",
            internal=True,
            proposes=ELIGIBLE,
            emphasis="primary",
            sources=_SUBMITTED,
            target=S.SUBMITTED,
            permission=programme_officer,
            guards=(*_CHECKED, nothing_open_or_unmet, not_proposed_yet(ELIGIBLE)),
        ),
        Transition(
            name="declare_eligible",
            label="Confirm: eligible",
            happened="Declared eligible",
            decides=True,
            ends_proposals=True,
            emphasis="primary",
            sources=_SUBMITTED,
            target=S.ELIGIBLE,
            permission=programme_officer,
            guards=(*_CHECKED, nothing_open_or_unmet, second_officer_confirms(ELIGIBLE)),
            announces=("mail:eligibility.announced",),
            stamps="eligibility_declared_at",
        ),
        Transition(
            name="propose_ineligible",
            label="Propose: not eligible",
            happened="Proposed: not eligible",
            internal=True,
            proposes=INELIGIBLE,
            sources=_SUBMITTED,
            target=S.SUBMITTED,
            permission=programme_officer,
            guards=(*_CHECKED, a_confirmed_unmet_finding, not_proposed_yet(INELIGIBLE)),
            reason_required=True,
        ),
        Transition(
            name="declare_ineligible",
            label="Confirm: not eligible",
            happened="Declared not eligible",
            decides=True,
            ends_proposals=True,
            emphasis="warning",
            sources=_SUBMITTED,
            target=S.INELIGIBLE,
            permission=programme_officer,
            guards=(*_CHECKED, a_confirmed_unmet_finding, second_officer_confirms(INELIGIBLE)),
            announces=("mail:eligibility.announced",),
            stamps="eligibility_declared_at",
            reason_required=True,
        ),
        Transition(
            name="reinstate_eligibility",
            label="Take back to the eligibility check",
            happened="Taken back to the eligibility check",
            decides=True,
            ends_proposals=True,
            clears="eligibility_declared_at",
            note=_COMPLAINT,
            emphasis="warning",
            sources=frozenset({S.INELIGIBLE}),
            target=S.SUBMITTED,
            permission=programme_manager,
            announces=("mail:application.taken_back",),
            reason_required=True,
        ),
        Transition(
            name="reinstate_assessment",
            label="Take back to the decision",
            happened="Taken back to the decision",
            decides=True,
            clears="decided_at",
            note=_COMPLAINT,
            emphasis="warning",
            sources=frozenset({S.NOT_APPROVED}),
            target=S.ASSESSED,
            permission=programme_manager & ~competes,
            announces=("mail:application.taken_back",),
            reason_required=True,
        ),
        Transition(
            name="close_assessment",
            label="Close the assessment",
            happened="Assessment closed",
            sources=frozenset({S.ELIGIBLE}),
            target=S.ASSESSED,
            permission=system,
            guards=(both_sheets_and_consensus,),
            stamps="assessed_at",
        ),
        _decided("approve", "Approve", "Approved", S.APPROVED, DecisionOutcome.APPROVED, "network.found"),
        _decided(
            "approve_with_conditions",
            "Approve with conditions",
            "Approved with conditions",
            S.APPROVED_WITH_CONDITIONS,
            DecisionOutcome.APPROVED_WITH_CONDITIONS,
        ),
        _decided("put_on_reserve", "Put on the reserve list", "", S.RESERVE, DecisionOutcome.RESERVE),
        _decided("refuse", "Do not approve", "Not approved", S.NOT_APPROVED, DecisionOutcome.NOT_APPROVED),
        _decided("postpone", "Postpone", "Decision postponed", S.POSTPONED, DecisionOutcome.POSTPONED),
        Transition(
            name="conditions_met",
            label="The conditions are met",
            happened="Conditions met",
            decides=True,
            emphasis="primary",
            sources=frozenset({S.APPROVED_WITH_CONDITIONS}),
            target=S.APPROVED,
            permission=programme_officer & ~competes,
            announces=("mail:decision.conditions_met", "network.found"),
            reason_required=True,
        ),
        Transition(
            name="conditions_missed",
            label="The conditions are not met",
            happened="Conditions not met",
            decides=True,
            emphasis="warning",
            sources=frozenset({S.APPROVED_WITH_CONDITIONS}),
            target=S.NOT_APPROVED,
            permission=programme_officer & ~competes,
            announces=("mail:decision.conditions_missed",),
            reason_required=True,
        ),
        Transition(
            name="found_network",
            label="The network is founded",
            happened="Network founded",
            sources=frozenset({S.APPROVED}),
            target=S.IN_NETWORK,
            permission=system,
            guards=(network_exists,),
        ),
        Transition(
            name="withdraw",
            label="Withdraw the application",
            happened="Withdrawn",
            done="Withdrawn.",
            note="This ends the application for good. Say why in a few words.",
            emphasis="warning",
            sources=frozenset(S) - _ENDS,
            target=S.WITHDRAWN,
            permission=lead_applicant,
            announces=("mail:application.withdrawn",),
            reason_required=True,
        ),
    ),
)

CLOSE_ASSESSMENT = APPLICATION.by_name["close_assessment"]
LET_CLARIFICATION_LAPSE = APPLICATION.by_name["clarification_lapsed"]
FOUND_NETWORK = APPLICATION.by_name["found_network"]

DECISION_TRANSITIONS = {t.carries_out: t for t in APPLICATION.transitions if t.carries_out is not None}
"""The transition that carries out each outcome of the Monitoring Committee."""
