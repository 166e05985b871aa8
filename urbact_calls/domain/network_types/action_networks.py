"""Action Networks, the fourth type (2026): cities that own a plan carry out its actions (`domain.md` 2.4)."""

from urbact_calls.domain.network_types import form, profile
from urbact_calls.domain.network_types.codes import EVERY_NETWORK
from urbact_calls.domain.network_types.criteria import grid
from urbact_calls.domain.network_types.kind import Field, FieldKind, NetworkKind, Section, Stage
from urbact_calls.domain.vocabulary import NetworkType, PartnerRole, PlanKind

STRATEGY = Section(
    code="strategy",
    label="Plan to act on",
    hint="The strategy or plan that this partner will carry out.",
    fields=(
        Field(
            "file", "The strategy or plan as a file", FieldKind.FILE, required=False, hint="Or give its address below."
        ),
        Field("address", "Its address on the internet", FieldKind.LINE, limit=300, required=False),
        Field("summary", "What it says, and which of its actions the partner will carry out", limit=1500),
    ),
)

KIND = NetworkKind(
    type=NetworkType("AN"),
    plans={PartnerRole.LEAD: PlanKind.IMPLEMENTED_ACTIONS, PartnerRole.PARTNER: PlanKind.IMPLEMENTED_ACTIONS},
    stages=(
        Stage(code="ignition", label="Ignition", months=6),
        Stage(code="action", label="Action", months=21),
        Stage(code="closing", label="Closing", months=3),
    ),
    sections=form.sections_with(form.CHALLENGE),
    partner_sections=(*profile.EVERY_PARTNER, STRATEGY),
    rules=EVERY_NETWORK,
    grid=grid(C1=20, C2=20, C3=30, C4=15, C5=15),
)
