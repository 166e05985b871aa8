"""The sections that the forms of several types share.

The official form is not public: sections, fields and limits are our defaults (`domain.md` 6.2).
"""

from urbact_calls.domain.network_types.fields import Field, FieldKind, Register, Section
from urbact_calls.domain.network_types.vocabularies import (
    LANGUAGES,
    POLICY_OBJECTIVES,
    SKILLS,
    SPECIFIC_OBJECTIVES,
    TEAM_ROLES,
    THEMES,
)

IDENTITY = Section(
    code="identity",
    label="Project identity",
    hint="What the network is called and what it is about. The abstract is published if the network is approved.",
    criterion="C1",
    fields=(
        Field(code="title", label="Title of the network", kind=FieldKind.LINE, limit=150),
        Field(
            code="acronym",
            label="Acronym",
            kind=FieldKind.LINE,
            limit=20,
            hint="A short name, not used by another application of this call.",
        ),
        Field(
            code="abstract",
            label="Abstract",
            limit=2000,
            hint="For the public: the challenge, the cities, what they will do and what changes.",
        ),
        Field(
            code="keywords",
            label="Keywords",
            kind=FieldKind.LINE,
            limit=150,
            required=False,
            hint="Three to five words by which others find the network.",
        ),
        Field(code="theme", label="Main theme", kind=FieldKind.CHOICE, choices=THEMES),
        Field(
            code="secondary_themes",
            label="Secondary themes",
            kind=FieldKind.CHOICES,
            choices=THEMES,
            most=2,
            required=False,
            hint="At most two.",
        ),
        Field(
            code="policy_objectives",
            label="Policy Objectives",
            kind=FieldKind.CHOICES,
            choices=POLICY_OBJECTIVES,
            hint="At least one objective of the European Union's cohesion policy.",
        ),
        Field(
            code="specific_objective",
            label="Specific objective",
            kind=FieldKind.CHOICE,
            choices=SPECIFIC_OBJECTIVES,
            hint="The one that fits best, within a Policy Objective that you have chosen.",
        ),
    ),
)

CHALLENGE = Section(
    code="challenge",
    label="Policy challenge",
    hint="The challenge that all partners share, with figures that a reader from another country understands.",
    criterion="C1",
    fields=(Field(code="challenge", label="Common policy challenge", limit=6000),),
)

EU_CONTEXT = Section(
    code="eu_context",
    label="European context",
    hint="How the network helps what Europe has agreed to do for its cities.",
    criterion="C1",
    fields=(
        Field(
            code="eu_context",
            label="Links to European urban policy",
            limit=3000,
            hint="For example the Urban Agenda, the New Leipzig Charter, the Sustainable Development Goals.",
        ),
    ),
)

CROSS_CUTTING = Section(
    code="cross_cutting",
    label="Cross-cutting themes",
    hint="Three angles that every network looks at.",
    criterion="C1",
    fields=(
        Field(code="green", label="Green transition", limit=1500),
        Field(code="digital", label="Digital transition", limit=1500),
        Field(code="gender", label="Gender equality", limit=1500),
    ),
)

EXPECTED_RESULTS = Section(
    code="expected_results",
    label="Expected results",
    hint="What will be different at the end, and why cities need each other for it.",
    criterion="C1",
    fields=(Field(code="results", label="Expected results and added value of working together", limit=3000),),
)

RATIONALE = Section(
    code="rationale",
    label="Rationale of the partnership",
    hint="Why these cities: what each needs, what each brings.",
    criterion="C2",
    fields=(Field(code="rationale", label="Rationale and coherence of the partnership", limit=4000),),
)

METHODOLOGY = Section(
    code="methodology",
    label="Methodology",
    hint="How partners learn from each other, and how that reaches people at home.",
    criterion="C3",
    fields=(
        Field(
            code="exchange",
            label="Exchange and learning between cities",
            limit=5000,
            hint="By which methods the partners learn from each other.",
        ),
        Field(
            code="meetings",
            label="Transnational meetings",
            kind=FieldKind.TABLE,
            row_word="Meeting",
            rows_max=20,
            hint="The meetings that you plan so far.",
            columns=(
                Field(code="date", label="When", kind=FieldKind.LINE, limit=40, hint="For example May 2028."),
                Field(code="place", label="Where", kind=FieldKind.LINE, limit=80),
                Field(code="aim", label="Aim", kind=FieldKind.LINE, limit=300),
            ),
        ),
        Field(
            code="local",
            label="Work at local level",
            limit=3000,
            hint="The Local Groups, testing actions, the way to the plans.",
        ),
    ),
)

WORK_PLAN = Section(
    code="work_plan",
    label="Work plan",
    hint="Who does what and when, in the four work packages, and how the network speaks about it.",
    criterion="C3",
    fields=(
        Field(
            code="work_packages",
            label="Work packages",
            kind=FieldKind.TABLE,
            rows_min=4,
            rows_max=4,
            # The four of the pilot of the Innovation Transfer Mechanism and of URBACT III (`domain.md` 2.3).
            row_labels=(
                "WP1 Network management",
                "WP2 Transnational exchange and learning",
                "WP3 Local level",
                "WP4 Communication",
            ),
            hint="Months count from the start of the network. The timetable is drawn from them.",
            columns=(
                Field(code="objective", label="Objective", limit=500),
                Field(code="activities", label="Activities", limit=1000),
                Field(code="deliverables", label="Deliverables", limit=500),
                Field(code="responsible", label="Responsible partner", kind=FieldKind.LINE, limit=150),
                Field(code="start", label="Start month", kind=FieldKind.NUMBER, lowest=1, highest=60),
                Field(code="end", label="End month", kind=FieldKind.NUMBER, lowest=1, highest=60, not_below="start"),
                Field(code="cost", label="Planned cost", kind=FieldKind.MONEY, required=False),
            ),
        ),
        Field(code="communication", label="Communication and dissemination", limit=2000),
    ),
)

LEADERSHIP = Section(
    code="leadership",
    label="Leadership",
    hint="Who leads, with which people and which experience.",
    criterion="C4",
    fields=(
        Field(
            code="capacity",
            label="Experience and capacity of the lead partner",
            limit=3000,
        ),
        Field(
            code="team",
            label="Team of the lead partner",
            kind=FieldKind.TABLE,
            row_word="Person",
            rows_max=15,
            hint="Coordinator, finance officer and communication officer, each with the share of working time.",
            columns=(
                Field(code="role", label="Role", kind=FieldKind.CHOICE, choices=TEAM_ROLES),
                Field(code="person", label="Name or function", kind=FieldKind.LINE, limit=100),
                Field(
                    code="fte",
                    label="Full-time equivalent",
                    kind=FieldKind.NUMBER,
                    decimals=2,
                    highest=20,
                    hint="1 is full time, 0.5 half time.",
                ),
            ),
        ),
        Field(code="management", label="Management, decisions and risks", limit=2500),
    ),
)

EXPERTISE = Section(
    code="expertise",
    label="Expertise needs",
    hint="Experts are paid by the programme, outside the budget of the network.",
    criterion="C4",
    fields=(
        Field(code="themes", label="Themes of the expertise", kind=FieldKind.CHOICES, choices=THEMES),
        Field(code="skills", label="Skills", kind=FieldKind.CHOICES, choices=SKILLS),
        Field(
            code="languages",
            label="Languages",
            kind=FieldKind.CHOICES,
            choices=LANGUAGES,
            hint="In which experts must be able to work with you.",
        ),
        Field(code="needs", label="Expertise needed", limit=2000, hint="What experts are to do for the network."),
        Field(
            code="lead_expert",
            label="Proposed lead expert",
            kind=FieldKind.REFERENCE,
            register=Register.EXPERTS,
            limit=150,
            required=False,
            hint="A name from the pool of validated experts, if you have one in mind.",
        ),
    ),
)

BUDGET_JUSTIFICATION = Section(
    code="budget_justification",
    label="Budget justification",
    hint="Why the amounts of the budget grid are needed.",
    criterion="C5",
    fields=(Field(code="justification", label="Justification of the budget", limit=2000),),
)

DECLARATIONS = Section(
    code="declarations",
    label="Declarations",
    hint="Given by the legal representative of the lead partner, for the whole partnership.",
    fields=(
        Field(
            code="accuracy",
            label="The information in this application is true and complete.",
            kind=FieldKind.TICK,
        ),
        Field(
            code="no_exclusion",
            label="No partner is in a situation of exclusion from European Union funds.",
            kind=FieldKind.TICK,
        ),
        Field(
            code="no_double_funding",
            label="No cost of this network is paid twice from public funds.",
            kind=FieldKind.TICK,
        ),
        Field(
            code="data_protection",
            label="The people named here have read the data protection notice.",
            kind=FieldKind.TICK,
        ),
        Field(
            code="self_check",
            label="We have looked at the rules of the call that the program shows beside this form.",
            kind=FieldKind.TICK,
        ),
    ),
)


def sections_with(topic: Section) -> tuple[Section, ...]:
    """The form of a network type in its order: all ask the same but for the section that says what it is about."""
    before = (IDENTITY, topic, EU_CONTEXT, CROSS_CUTTING, EXPECTED_RESULTS, RATIONALE, METHODOLOGY, WORK_PLAN)
    return (*before, LEADERSHIP, EXPERTISE, BUDGET_JUSTIFICATION, DECLARATIONS)
