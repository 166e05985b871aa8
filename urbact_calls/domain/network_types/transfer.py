"""Transfer Networks: a city passes its labelled Good Practice on to others (`domain.md` 2.2)."""

from urbact_calls.domain.network_types import form, profile
from urbact_calls.domain.network_types.codes import EVERY_NETWORK, TRANSFER
from urbact_calls.domain.network_types.criteria import grid
from urbact_calls.domain.network_types.kind import Field, FieldKind, NetworkKind, Register, Section, Stage
from urbact_calls.domain.vocabulary import NetworkType, PartnerRole, PlanKind

PRACTICE = Section(
    code="practice",
    label="Good Practice",
    hint="The labelled Good Practice of the lead partner that the others adapt.",
    criterion="C1",
    fields=(
        Field(
            "practice",
            "Good Practice to be transferred",
            FieldKind.REFERENCE,
            register=Register.GOOD_PRACTICES,
            limit=200,
            hint="Its title. If the list does not offer it, type it as it stands on the label.",
        ),
        Field("why", "Why it is worth transferring", limit=4000),
    ),
)

KIND = NetworkKind(
    type=NetworkType("TN"),
    plans={PartnerRole.LEAD: PlanKind.IMPROVEMENT_PLAN, PartnerRole.PARTNER: PlanKind.TRANSFER_PLAN},
    stages=(
        Stage(code="understand", label="Understand", months=6),
        Stage(code="adapt", label="Adapt", months=18),
        Stage(code="reuse", label="Re-use", months=6),
    ),
    sections=form.sections_with(PRACTICE),
    partner_sections=profile.EVERY_PARTNER,
    rules=(*EVERY_NETWORK, *TRANSFER),
    grid=grid(C1=20, C2=20, C3=30, C4=15, C5=15),
)
