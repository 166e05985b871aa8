"""The life of a network: forming, active, completed."""

from __future__ import annotations

from dataclasses import dataclass

from urbact_calls.domain.permissions import lead_applicant, office
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import NetworkState as S
from urbact_calls.domain.workflow.machine import Act, Guard, Machine, Transition, guard


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFacts:
    """What the guards of a network may read."""

    has_lead_expert: bool
    agreements_missing: tuple[str, ...]
    ends_on_has_passed: bool


NO_LEAD_EXPERT = message("network.no_lead_expert", "Appoint a lead expert first.")
lead_expert_is_appointed: Guard[NetworkFacts] = guard(NO_LEAD_EXPERT, lambda facts: facts.has_lead_expert)

AGREEMENTS_MISSING = message("network.agreements_missing", "Agreements still missing: {agreements_missing:comma}.")
agreements_are_uploaded: Guard[NetworkFacts] = guard(AGREEMENTS_MISSING, lambda facts: not facts.agreements_missing)

RUNNING = message("network.running", "The last day of the network has not passed.")
network_has_ended: Guard[NetworkFacts] = guard(RUNNING, lambda facts: facts.ends_on_has_passed)


SEARCH_OPENED = Act(name="open_expert_search", label="A search for an expert was opened")
SEARCH_CLOSED = Act(name="close_expert_search", label="A search for an expert was closed")

NETWORK: Machine[S, NetworkFacts] = Machine(
    name="network",
    start=S.FORMING,
    ends=frozenset({S.COMPLETED}),
    begins=Act(name="begin_network", label="The network was founded"),
    notes=(SEARCH_OPENED, SEARCH_CLOSED),
    transitions=(
        Transition(
            name="activate",
            label="Start the network",
            happened="Network started",
            emphasis="primary",
            sources=frozenset({S.FORMING}),
            target=S.ACTIVE,
            permission=lead_applicant | office,
            guards=(lead_expert_is_appointed, agreements_are_uploaded),
            announces=("mail:network.active",),
            stamps="activated_at",
        ),
        Transition(
            name="complete",
            label="Close the network",
            happened="Network closed",
            note="Searches for experts that are still open end with it, and those who applied are told.",
            ends="searches",
            sources=frozenset({S.ACTIVE}),
            target=S.COMPLETED,
            permission=office,
            guards=(network_has_ended,),
            stamps="completed_at",
        ),
    ),
)
