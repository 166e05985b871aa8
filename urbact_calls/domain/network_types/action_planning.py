"""Action Planning Networks: cities with a common challenge each write an Integrated Action Plan (`domain.md` 2.1)."""

from urbact_calls.domain.network_types import form, profile
from urbact_calls.domain.network_types.codes import EVERY_NETWORK
from urbact_calls.domain.network_types.criteria import grid
from urbact_calls.domain.network_types.kind import NetworkKind, Stage
from urbact_calls.domain.vocabulary import Confidence, NetworkType, PartnerRole, PlanKind

KIND = NetworkKind(
    type=NetworkType("APN"),
    plans={
        PartnerRole.LEAD: PlanKind.INTEGRATED_ACTION_PLAN,
        PartnerRole.PARTNER: PlanKind.INTEGRATED_ACTION_PLAN,
    },
    stages=(
        Stage(code="activation", label="Activation", months=7, confidence=Confidence.SEEN),
        Stage(code="planning_actions", label="Planning actions", months=12),
        Stage(code="preparing_implementation", label="Preparing implementation", months=9),
        Stage(code="finale", label="Finale", months=3),
    ),
    sections=form.sections_with(form.CHALLENGE),
    partner_sections=profile.EVERY_PARTNER,
    rules=EVERY_NETWORK,
    grid=grid(C1=20, C2=20, C3=25, C4=20, C5=15),
)
