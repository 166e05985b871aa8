"""The people of the demonstration: one account per role, all with one published password."""

from __future__ import annotations

from dataclasses import dataclass

from urbact_calls.domain.vocabulary import Role

PASSWORD = "seven herons on the harbour wall"  # noqa: S105 -- published on purpose: it opens made-up accounts only


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account to be made. `works_for` is a made-up city; who is on the panel assesses, or is its chair."""

    email: str
    name: str
    role: Role | None = None
    country: str | None = None
    works_for: str | None = None
    says: str = ""
    is_on_panel: bool = False
    is_chair: bool = False

    @property
    def part(self) -> str:
        """What this person is, in words."""
        return self.role.label if self.role is not None else f"{self.says}, {self.works_for}"

    def __str__(self) -> str:
        """The line that is printed for the newcomer."""
        return f"{self.email:<34}{self.name:<22}{self.part}"


# In the order of the story.
PEOPLE = (
    Person(email="lead@example.org", name="Lara Lead", works_for="Demo Vila Exemplo", says="Lead applicant"),
    Person(email="partner@example.org", name="Piotr Partner", works_for="Demo Przykładowo", says="Partner editor"),
    Person(email="assessor1@example.org", name="Anna Assessor", role=Role.ASSESSOR, country="AT", is_on_panel=True),
    Person(email="assessor2@example.org", name="Aron Assessor", role=Role.ASSESSOR, country="SE", is_on_panel=True),
    Person(
        email="chair@example.org",
        name="Chiara Chair",
        role=Role.PANEL_CHAIR,
        country="IT",
        is_on_panel=True,
        is_chair=True,
    ),
    Person(email="officer1@example.org", name="Olga Officer", role=Role.PROGRAMME_OFFICER),
    Person(email="officer2@example.org", name="Otto Officer", role=Role.PROGRAMME_OFFICER),
    Person(email="manager@example.org", name="Mara Manager", role=Role.PROGRAMME_MANAGER),
    Person(email="committee@example.org", name="Carlo Committee", role=Role.COMMITTEE),
    Person(email="expert@example.org", name="Eva Expert", role=Role.EXPERT),
    Person(email="auditor@example.org", name="Aude Auditor", role=Role.AUDITOR),
    Person(email="administrator@example.org", name="Adam Administrator", role=Role.ADMINISTRATOR),
    Person(email="managing-authority@example.org", name="Mona Authority", role=Role.MANAGING_AUTHORITY),
    Person(email="national-point@example.org", name="Nora Point", role=Role.NATIONAL_POINT, country="PT"),
)
