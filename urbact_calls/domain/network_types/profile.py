"""The sections that every partner fills in about itself (`domain.md` 6.2, 3.2).

`{plan}` in a label stands for what the partner produces: `NetworkKind.sections_of` puts it in.
"""

from urbact_calls.domain.network_types.fields import Field, Section
from urbact_calls.domain.network_types.fields import FieldKind as K
from urbact_calls.domain.network_types.vocabularies import LEGAL_STATUSES

ORGANISATION = Section(
    code="organisation",
    label="Organisation and contacts",
    hint="Who the partner is, and whom the network and the Joint Secretariat can ask. E-mail addresses and telephone "
    "numbers are seen by the lead partner, by the people of this partner and by the Joint Secretariat.",
    fields=(
        Field("name_en", "Name in English", K.LINE, limit=200, is_name=True),
        Field("legal_status", "Legal status", K.CHOICE, choices=LEGAL_STATUSES),
        Field(
            "registration",
            "Registration number",
            K.LINE,
            limit=60,
            hint="The national number of the organisation, for example its tax number.",
        ),
        Field("address", "Address", limit=300),
        Field(
            "lau",
            "Code of the local administrative unit (LAU)",
            K.LINE,
            limit=20,
            required=False,
            hint="If you know it.",
        ),
        Field("population", "Population", K.NUMBER, highest=50_000_000),
        Field(
            "contacts",
            "Contacts",
            K.TABLE,
            rows_min=4,
            rows_max=4,
            row_labels=("Legal representative", "Coordinator", "Finance", "Communication"),
            columns=(
                Field("name", "Name", K.LINE, limit=100, is_name=True),
                Field("function", "Function", K.LINE, limit=100),
                Field("email", "E-mail", K.LINE, limit=120, is_private=True),
                Field("telephone", "Telephone", K.LINE, limit=40, required=False, is_private=True),
            ),
        ),
    ),
)

SITUATION = Section(
    code="situation",
    label="Local situation and plan",
    hint="What this partner faces, what it wants from the network, and what it will produce.",
    fields=(
        Field("challenge", "Local challenge", limit=2000),
        Field("context", "Policy context, and strategies in place", limit=2000),
        Field("motivation", "Motivation, expected benefit, and what the partner brings", limit=1500),
        Field(
            "local_group",
            "Local Group",
            limit=1500,
            hint="Intended members, its coordinator, and groups that exist already.",
        ),
        Field("output", "{plan}: what is intended, and how it is to be funded", limit=1500),
        Field("experience", "Experience with URBACT and other European projects", limit=800),
        Field("newcomer", "This partner has never taken part in URBACT.", K.TICK, required=False),
        Field("managing_authority", "Contact with the managing authority", limit=600),
    ),
)

EVERY_PARTNER = (ORGANISATION, SITUATION)
