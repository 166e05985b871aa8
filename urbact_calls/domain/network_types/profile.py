"""The sections that every partner fills in about itself (`domain.md` 6.2, 3.2).

`{plan}` in a label stands for what the partner produces: `NetworkKind.sections_of` puts it in.
"""

from urbact_calls.domain.network_types.fields import Field, FieldKind, Section
from urbact_calls.domain.network_types.vocabularies import LEGAL_STATUSES

ORGANISATION = Section(
    code="organisation",
    label="Organisation and contacts",
    hint="Who the partner is, and whom the network and the Joint Secretariat can ask. E-mail addresses and telephone "
    "numbers are seen by the lead partner, by the people of this partner and by the Joint Secretariat.",
    fields=(
        Field(code="name_en", label="Name in English", kind=FieldKind.LINE, limit=200),
        Field(code="legal_status", label="Legal status", kind=FieldKind.CHOICE, choices=LEGAL_STATUSES),
        Field(
            code="registration",
            label="Registration number",
            kind=FieldKind.LINE,
            limit=60,
            hint="The national number of the organisation, for example its tax number.",
        ),
        Field(code="address", label="Address", limit=300),
        Field(
            code="lau",
            label="Code of the local administrative unit (LAU)",
            kind=FieldKind.LINE,
            limit=20,
            required=False,
            hint="If you know it.",
        ),
        Field(code="population", label="Population", kind=FieldKind.NUMBER, highest=50_000_000),
        Field(
            code="contacts",
            label="Contacts",
            kind=FieldKind.TABLE,
            rows_min=4,
            rows_max=4,
            row_labels=("Legal representative", "Coordinator", "Finance", "Communication"),
            columns=(
                Field(code="name", label="Name", kind=FieldKind.LINE, limit=100),
                Field(code="function", label="Function", kind=FieldKind.LINE, limit=100),
                Field(code="email", label="E-mail", kind=FieldKind.LINE, limit=120, is_private=True),
                Field(
                    code="telephone",
                    label="Telephone",
                    kind=FieldKind.LINE,
                    limit=40,
                    required=False,
                    is_private=True,
                ),
            ),
        ),
    ),
)

SITUATION = Section(
    code="situation",
    label="Local situation and plan",
    hint="What this partner faces, what it wants from the network, and what it will produce.",
    fields=(
        Field(code="challenge", label="Local challenge", limit=2000),
        Field(code="context", label="Policy context, and strategies in place", limit=2000),
        Field(code="motivation", label="Motivation, expected benefit, and what the partner brings", limit=1500),
        Field(
            code="local_group",
            label="Local Group",
            limit=1500,
            hint="Intended members, its coordinator, and groups that exist already.",
        ),
        Field(code="output", label="{plan}: what is intended, and how it is to be funded", limit=1500),
        Field(code="experience", label="Experience with URBACT and other European projects", limit=800),
        Field(
            code="newcomer",
            label="This partner has never taken part in URBACT.",
            kind=FieldKind.TICK,
            required=False,
        ),
        Field(code="managing_authority", label="Contact with the managing authority", limit=600),
    ),
)

EVERY_PARTNER = (ORGANISATION, SITUATION)
