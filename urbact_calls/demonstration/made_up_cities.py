"""Made-up cities of the demonstration: no real city may look as if it had applied for something."""

from __future__ import annotations

from dataclasses import dataclass

MADE_UP = "made up for the demonstration; the place does not exist"


@dataclass(frozen=True, slots=True)
class MadeUpCity:
    """A city that does not exist, in a region that does: rules need the region, the map needs a point in it."""

    name: str
    country: str
    nuts2: str
    latitude: float
    longitude: float


LEAD_CITY = MadeUpCity("Demo Vila Exemplo", "PT", "PT11", 41.62, -7.55)
PARTNER_CITIES = (
    MadeUpCity("Demo Przykładowo", "PL", "PL84", 53.32, 22.65),
    MadeUpCity("Demo Mintaváros", "HU", "HU33", 46.55, 20.05),
    MadeUpCity("Demo Exemplești", "RO", "RO21", 46.85, 27.15),
    MadeUpCity("Demo Paraugpils", "LV", "LV00", 56.85, 25.65),
    MadeUpCity("Demo Ejemplar del Río", "ES", "ES61", 37.35, -4.05),
    MadeUpCity("Demo Primjergrad", "HR", "HR03", 44.05, 16.35),
    MadeUpCity("Demo Exempelstad", "SE", "SE32", 63.15, 15.95),
)
CITIES = (LEAD_CITY, *PARTNER_CITIES)
