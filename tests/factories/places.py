"""Places of the gazetteer, with the other names under which people look for them."""

from __future__ import annotations

from urbact_calls.database import transaction
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.places.models import EuropeanPlace, PlaceName


def place(number: int, name: str, country: str, admin1: str, *others: str, people: int = 0) -> None:
    """A place of a country and a division; `others` are other names in use."""
    with transaction() as session:
        session.add(
            EuropeanPlace(
                id=number,
                name=name,
                folded=fold(name),
                country=country,
                admin1=admin1,
                latitude=50.5,
                longitude=20.25,
                people=people,
            )
        )
        session.flush()
        session.add_all(PlaceName(place_id=number, folded=fold(other)) for other in others)
