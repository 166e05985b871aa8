"""Action Networks, the fourth type (2026): cities that own a plan carry out its actions (`domain.md` 2.4)."""

from urbact_calls.domain.network_types import form
from urbact_calls.domain.network_types.codes import EVERY_NETWORK
from urbact_calls.domain.network_types.criteria import grid
from urbact_calls.domain.network_types.kind import Field, NetworkKind, Section, Stage
from urbact_calls.domain.vocabulary import NetworkType, PartnerRole, PlanKind

STRATEGIES = Section(
    code="strategies",
    label="Plans to act on",
    hint="For each partner, the strategy or plan that it will carry out.",
    criterion="C1",
    fields=(Field(code="strategies", label="Existing strategies and plans", limit=6000),),
)

KIND = NetworkKind(
    type=NetworkType.AN,
    plans={PartnerRole.LEAD: PlanKind.IMPLEMENTED_ACTIONS, PartnerRole.PARTNER: PlanKind.IMPLEMENTED_ACTIONS},
    stages=(
        Stage(code="ignition", label="Ignition", months=6),
        Stage(code="action", label="Action", months=21),
        Stage(code="closing", label="Closing", months=3),
    ),
    sections=(
        form.IDENTITY,
        form.CHALLENGE,
        STRATEGIES,
        form.EU_CONTEXT,
        form.CROSS_CUTTING,
        form.EXPECTED_RESULTS,
        form.RATIONALE,
        form.METHODOLOGY,
        form.WORK_PLAN,
        form.LEADERSHIP,
        form.EXPERTISE,
        form.BUDGET_JUSTIFICATION,
        form.DECLARATIONS,
    ),
    rules=EVERY_NETWORK,
    grid=grid(C1=20, C2=20, C3=30, C4=15, C5=15),
)
