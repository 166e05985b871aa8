"""What differs between the journeys of the three types: the call, the cities that meet its rules, and the words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody who opens an account. Name, address and password occur nowhere else."""

    name: str
    email: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city that nobody has entered yet."""

    name: str
    country: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One application: who leads it with whom, and what is written in it."""

    call: str
    acronym: str
    lead: Newcomer
    city: City
    # What the lead partner holds and the others take over; none where nothing is transferred.
    practice: str = ""
    partners: tuple[str, ...]
    plan_of_lead: str
    plan_of_partner: str
    # Begins every answer, and is found nowhere else.
    word: str

    @property
    def text(self) -> str:
        return f"{self.word}: the partners of this demonstration work together on one challenge of their cities."

    @property
    def words_of_the_partner(self) -> str:
        """What a partner writes who is not the lead partner."""
        return f"{self.word[:-1]}plover: our city joins because its streets are loud as well."

    @property
    def remark(self) -> str:
        """What an assessor writes."""
        return f"{self.word[:-1]}wren: the text says clearly what the partners want and why they need each other."

    @property
    def note(self) -> str:
        """What an officer writes beside a finding."""
        return f"{self.word[:-1]}finch: seen in the dossier and in the letter."

    @property
    def internal(self) -> str:
        """What an officer writes for colleagues only."""
        return f"{self.word[:-1]}shrike: ask the colleague who knows this city."

    @property
    def reasons(self) -> str:
        """What the committee says of its decision."""
        return f"{self.word[:-1]}crane: a clear challenge and a partnership that fits it."

    @property
    def contact(self) -> str:
        """The address of somebody at the lead partner: neither the other partners nor the panel may have it."""
        return f"{self.word[:-1]}dipper@example.org"

    @property
    def answers(self) -> dict[str, str]:
        """Answers to what is published, or must be true; by the name of the field."""
        public = "A demonstration: cities learn from each other how streets become quiet after school."
        title = f"Quiet streets of {self.acronym.title()}"
        return {"title": title, "acronym": self.acronym, "abstract": public, "practice": self.practice}

    @property
    def slug(self) -> str:
        return self.acronym.lower()


APN = Plot(
    call="APN-DEMO",
    acronym="JOURNEYA",
    lead=Newcomer(
        name="Claire Quillwort", email="fernowl.claire@example.org", password="nine lanterns along the old canal"
    ),
    city=City(name="Poitiers", country="FR", region="FRI3"),
    partners=("Isernia", "Serres", "Fót", "Pombal", "Jumilla", "Škofja Loka", "Tønder"),
    plan_of_lead="Integrated Action Plan",
    plan_of_partner="Integrated Action Plan",
    word="Larkspurapn",
)
TN = Plot(
    call="TN-DEMO",
    acronym="JOURNEYT",
    lead=Newcomer(
        name="Tiago Saltbush", email="mossowl.tiago@example.org", password="forty paper boats under the bridge"
    ),
    # Holds the Good Practice label of 2024.
    city=City(name="Baião", country="PT", region="PT11"),
    practice="Sustainable tourism destination",
    partners=("Isernia", "Serres", "Fót", "Jumilla", "Tønder", "Demo Przykładowo"),
    plan_of_lead="Improvement Plan",
    plan_of_partner="Transfer Plan",
    word="Larkspurtnn",
)
ITN = Plot(
    call="ITN-DEMO",
    acronym="JOURNEYI",
    lead=Newcomer(
        name="Ilze Butterbur", email="reedowl.ilze@example.org", password="a copper kettle full of rainwater"
    ),
    # Has carried out a project of Urban Innovative Actions.
    city=City(name="Ventspils", country="LV", region="LV00"),
    practice="NextGen Microcities",
    partners=("Isernia", "Serres", "Fót", "Jumilla"),
    plan_of_lead="Continuity Plan",
    plan_of_partner="Investment Plan",
    word="Larkspuritn",
)
PLOTS = (APN, TN, ITN)

EXPERT = Newcomer(
    name="Ewa Nightjarska", email="nightowl.ewa@example.org", password="thirty umbrellas in the empty theatre"
)
SKILLS = "Nightjarskills: twelve networks in ten years."
CV = "Nightjarvitae: for the Joint Secretariat only."
MOTIVATION = "Nightjarmotive: these cities ask what others have answered."

# Sits on the panel and is asked in the place of a colleague who has a conflict of interest.
SUBSTITUTE = Newcomer(
    name="Sven Corncrake", email="corncrake.sven@example.org", password="sixteen thimbles for the lighthouse"
)
# Was invited to write for a partner, and has not answered.
INVITED = "wagtail.ines@example.org"

NEWCOMERS = {**{plot.call: plot.lead for plot in PLOTS}, "newcomer": EXPERT, "substitute": SUBSTITUTE}
"""Those who are not people of the demonstration: whoever leads the application in a call, and later an expert and an
assessor."""
