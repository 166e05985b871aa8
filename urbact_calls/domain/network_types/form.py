"""The sections that the forms of several types share, and their vocabularies.

The official form is not public: sections, fields and limits are our defaults (`domain.md` 6.2).
"""

from urbact_calls.domain.network_types.kind import Choice, Field, FieldKind, Section

POLICY_OBJECTIVES = (
    Choice("PO1", "A more competitive and smarter Europe"),
    Choice("PO2", "A greener, low-carbon Europe"),
    Choice("PO3", "A more connected Europe"),
    Choice("PO4", "A more social and inclusive Europe"),
    Choice("PO5", "A Europe closer to citizens"),
)

THEMES = (
    Choice("climate", "Climate action and adaptation"),
    Choice("energy", "Energy transition"),
    Choice("mobility", "Mobility"),
    Choice("nature", "Biodiversity and green space"),
    Choice("circular", "Circular economy and waste"),
    Choice("food", "Food"),
    Choice("housing", "Housing"),
    Choice("inclusion", "Social inclusion and poverty"),
    Choice("gender", "Gender equality"),
    Choice("youth", "Youth and education"),
    Choice("health", "Health and ageing"),
    Choice("jobs", "Jobs and local economy"),
    Choice("digital", "Digital transition"),
    Choice("culture", "Culture and heritage"),
    Choice("tourism", "Tourism"),
    Choice("public_space", "Public space and regeneration"),
    Choice("participation", "Participation and governance"),
    Choice("safety", "Urban safety"),
    Choice("procurement", "Public procurement"),
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
        Field(code="theme", label="Main theme", kind=FieldKind.CHOICE, choices=THEMES),
        Field(
            code="policy_objectives",
            label="Policy Objectives",
            kind=FieldKind.CHOICES,
            choices=POLICY_OBJECTIVES,
            hint="At least one objective of the European Union's cohesion policy.",
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
            hint="Method, and a plan of meetings: when, where, what for.",
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
        Field(code="management", label="Work package 1: network management", limit=2000),
        Field(code="transnational", label="Work package 2: transnational exchange and learning", limit=2000),
        Field(code="local_level", label="Work package 3: local level", limit=2000),
        Field(code="communication", label="Work package 4: communication", limit=2000),
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
            label="Experience and team of the lead partner",
            limit=3000,
            hint="Coordinator, finance officer, communication officer, each with the share of working time.",
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
        Field(code="needs", label="Expertise needed", limit=2000, hint="Themes, methods and languages."),
        Field(
            code="lead_expert",
            label="Proposed lead expert",
            kind=FieldKind.LINE,
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
    ),
)
