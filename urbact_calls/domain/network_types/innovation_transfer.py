"""Innovation Transfer Networks: a completed Urban Innovative Actions project goes to other cities (`domain.md` 2.3)."""

from urbact_calls.domain.network_types import form, profile
from urbact_calls.domain.network_types.codes import EVERY_NETWORK, TRANSFER
from urbact_calls.domain.network_types.criteria import grid
from urbact_calls.domain.network_types.kind import Field, FieldKind, NetworkKind, Register, Section, Stage
from urbact_calls.domain.vocabulary import Confidence, NetworkType, PartnerRole, PlanKind

PRACTICE = Section(
    code="practice",
    label="Innovative project",
    hint="The Urban Innovative Actions project of the lead partner that the others adapt.",
    criterion="C1",
    fields=(
        Field(
            "practice",
            "Project to be transferred",
            FieldKind.REFERENCE,
            register=Register.UIA_PROJECTS,
            limit=200,
            hint="Its acronym. If the list does not offer it, type it.",
        ),
        Field("components", "Its main components, and why they are worth transferring", limit=4000),
    ),
)

KIND = NetworkKind(
    type=NetworkType("ITN"),
    plans={PartnerRole.LEAD: PlanKind.CONTINUITY_PLAN, PartnerRole.PARTNER: PlanKind.INVESTMENT_PLAN},
    stages=(
        Stage(code="understand", label="Understand", months=6, confidence=Confidence.SEEN),
        Stage(code="adapt", label="Adapt", months=12, confidence=Confidence.SEEN),
        Stage(code="preparing_reuse", label="Preparing for re-use", months=6, confidence=Confidence.SEEN),
    ),
    sections=form.sections_with(PRACTICE),
    partner_sections=profile.EVERY_PARTNER,
    rules=(*EVERY_NETWORK, *TRANSFER),
    grid=grid(C1=20, C2=20, C3=30, C4=15, C5=15),
)
