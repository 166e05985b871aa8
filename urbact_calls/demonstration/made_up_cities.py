"""Made-up cities of the demonstration: no real city may look as if it had applied for something.

Each lies in a region that exists: rules need the region, the map needs a point in it.
"""

from __future__ import annotations

from urbact_calls.domain.vocabulary import OrganisationCategory
from urbact_calls.organisations.commands import NewOrganisation

MADE_UP = "made up for the demonstration; the place does not exist"


def _city(name: str, country: str, nuts2: str, latitude: float, longitude: float) -> NewOrganisation:
    return NewOrganisation(
        name=name,
        seat_city=name,
        country=country,
        category=OrganisationCategory.CITY_MUNICIPALITY,
        nuts2=nuts2,
        latitude=latitude,
        longitude=longitude,
    )


LEAD_CITY = _city("Demo Vila Exemplo", "PT", "PT11", 41.62, -7.55)
PARTNER_CITIES = (
    _city("Demo Przykładowo", "PL", "PL84", 53.32, 22.65),
    _city("Demo Mintaváros", "HU", "HU33", 46.55, 20.05),
    _city("Demo Exemplești", "RO", "RO21", 46.85, 27.15),
    _city("Demo Paraugpils", "LV", "LV00", 56.85, 25.65),
    _city("Demo Ejemplar del Río", "ES", "ES61", 37.35, -4.05),
    _city("Demo Primjergrad", "HR", "HR03", 44.05, 16.35),
    _city("Demo Exempelstad", "SE", "SE32", 63.15, 15.95),
)
CITIES = (LEAD_CITY, *PARTNER_CITIES)
