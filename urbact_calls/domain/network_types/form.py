"""The sections that the forms of several types share.

The official form is not public: sections, fields and limits are our defaults (`domain.md` 6.2).
"""

from urbact_calls.domain.network_types.fields import Field, Register, Section
from urbact_calls.domain.network_types.fields import FieldKind as K
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
        Field("title", "Title of the network", K.LINE, limit=150),
        Field("acronym", "Acronym", K.LINE, limit=20, hint="A short name for the network."),
        Field(
            "abstract",
            "Abstract",
            limit=2000,
            hint="For the public: the challenge, the cities, what they will do and what changes.",
        ),
        Field(
            "keywords",
            "Keywords",
            K.LINE,
            limit=150,
            required=False,
            hint="Three to five words by which others find the network.",
        ),
        Field("theme", "Main theme", K.CHOICE, choices=THEMES),
        Field(
            "secondary_themes",
            "Secondary themes",
            K.CHOICES,
            choices=THEMES,
            most=2,
            required=False,
            hint="At most two.",
        ),
        Field(
            "policy_objectives",
            "Policy Objectives",
            K.CHOICES,
            choices=POLICY_OBJECTIVES,
            hint="At least one objective of the European Union's cohesion policy.",
        ),
        Field(
            "specific_objective",
            "Specific objective",
            K.CHOICE,
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
    fields=(Field("challenge", "Common policy challenge", limit=6000),),
)

EU_CONTEXT = Section(
    code="eu_context",
    label="European context",
    hint="How the network helps what Europe has agreed to do for its cities.",
    criterion="C1",
    fields=(
        Field(
            "eu_context",
            "Links to European urban policy",
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
        Field("green", "Green transition", limit=1500),
        Field("digital", "Digital transition", limit=1500),
        Field("gender", "Gender equality", limit=1500),
    ),
)

EXPECTED_RESULTS = Section(
    code="expected_results",
    label="Expected results",
    hint="What will be different at the end, and why cities need each other for it.",
    criterion="C1",
    fields=(Field("results", "Expected results and added value of working together", limit=3000),),
)

RATIONALE = Section(
    code="rationale",
    label="Rationale of the partnership",
    hint="Why these cities: what each needs, what each brings.",
    criterion="C2",
    fields=(Field("rationale", "Rationale and coherence of the partnership", limit=4000),),
)

METHODOLOGY = Section(
    code="methodology",
    label="Methodology",
    hint="How partners learn from each other, and how that reaches people at home.",
    criterion="C3",
    fields=(
        Field(
            "exchange",
            "Exchange and learning between cities",
            limit=5000,
            hint="By which methods the partners learn from each other.",
        ),
        Field(
            "meetings",
            "Transnational meetings",
            K.TABLE,
            row_word="Meeting",
            rows_max=20,
            hint="The meetings that you plan so far.",
            columns=(
                Field("date", "When", K.LINE, limit=40, hint="For example May 2028."),
                Field("place", "Where", K.LINE, limit=80, is_name=True),
                Field("aim", "Aim", K.LINE, limit=300),
            ),
        ),
        Field(
            "local", "Work at local level", limit=3000, hint="The Local Groups, testing actions, the way to the plans."
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
            "work_packages",
            "Work packages",
            K.TABLE,
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
                Field("objective", "Objective", limit=500),
                Field("activities", "Activities", limit=1000),
                Field("deliverables", "Deliverables", limit=500),
                Field("responsible", "Responsible partner", K.LINE, limit=150, is_name=True),
                Field("start", "Start month", K.NUMBER, lowest=1, highest=60),
                Field("end", "End month", K.NUMBER, lowest=1, highest=60, not_below="start"),
                Field("cost", "Planned cost", K.MONEY, required=False),
            ),
        ),
        Field("communication", "Communication and dissemination", limit=2000),
    ),
)

LEADERSHIP = Section(
    code="leadership",
    label="Leadership",
    hint="Who leads, with which people and which experience.",
    criterion="C4",
    fields=(
        Field("capacity", "Experience and capacity of the lead partner", limit=3000),
        Field(
            "team",
            "Team of the lead partner",
            K.TABLE,
            row_word="Person",
            rows_max=15,
            hint="Coordinator, finance officer and communication officer, each with the share of working time.",
            columns=(
                Field("role", "Role", K.CHOICE, choices=TEAM_ROLES),
                Field("person", "Name or function", K.LINE, limit=100, is_name=True),
                Field(
                    "fte",
                    "Full-time equivalent",
                    K.NUMBER,
                    decimals=2,
                    highest=20,
                    hint="1 is full time, 0.5 half time.",
                ),
            ),
        ),
        Field("management", "Management, decisions and risks", limit=2500),
    ),
)

EXPERTISE = Section(
    code="expertise",
    label="Expertise needs",
    hint="Experts are paid by the programme, outside the budget of the network.",
    criterion="C4",
    fields=(
        Field("themes", "Themes of the expertise", K.CHOICES, choices=THEMES),
        Field("skills", "Skills", K.CHOICES, choices=SKILLS),
        Field(
            "languages",
            "Languages",
            K.CHOICES,
            choices=LANGUAGES,
            hint="In which experts must be able to work with you.",
        ),
        Field("needs", "Expertise needed", limit=2000, hint="What experts are to do for the network."),
        Field(
            "lead_expert",
            "Proposed lead expert",
            K.REFERENCE,
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
    fields=(Field("justification", "Justification of the budget", limit=2000),),
)

DECLARATIONS = Section(
    code="declarations",
    label="Declarations",
    hint="Given by the legal representative of the lead partner, for the whole partnership.",
    fields=(
        Field("accuracy", "The information in this application is true and complete.", K.TICK),
        Field("no_exclusion", "No partner is in a situation of exclusion from European Union funds.", K.TICK),
        Field("no_double_funding", "No cost of this network is paid twice from public funds.", K.TICK),
        Field("data_protection", "The people named here have read the data protection notice.", K.TICK),
        Field(
            "self_check",
            "We have looked at the rules of the call, on the page of this application.",
            K.TICK,
        ),
    ),
)


def sections_with(topic: Section) -> tuple[Section, ...]:
    """The form of a network type in its order: all ask the same but for the section that says what it is about."""
    before = (IDENTITY, topic, EU_CONTEXT, CROSS_CUTTING, EXPECTED_RESULTS, RATIONALE, METHODOLOGY, WORK_PLAN)
    return (*before, LEADERSHIP, EXPERTISE, BUDGET_JUSTIFICATION, DECLARATIONS)
