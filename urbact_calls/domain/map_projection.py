"""Map projection of Europe: where a place lies, by Lambert's azimuthal equal-area projection around 52° N, 10° E."""

from math import cos, radians, sin, sqrt

WIDTH, HEIGHT = 1000, 900
_CENTRE_LAT, _CENTRE_LON = radians(52), radians(10)
_EARTH_KM = 6371.0
_KM_PER_UNIT = 4.3
_LEFT_KM, _TOP_KM = -1800.0, 2030.0


def project(lat: float, lon: float) -> tuple[float, float]:
    """x and y on a picture of WIDTH by HEIGHT, y downwards; a place outside the frame lies outside those limits."""
    east_km, north_km = _laea(radians(lat), radians(lon) - _CENTRE_LON)
    return (east_km - _LEFT_KM) / _KM_PER_UNIT, (_TOP_KM - north_km) / _KM_PER_UNIT


def is_in_frame(lat: float, lon: float) -> bool:
    """Whether the map shows the place; islands outside (Azores, Canaries, Madeira) are listed under it instead."""
    x, y = project(lat, lon)
    return 0 <= x <= WIDTH and 0 <= y <= HEIGHT


def _laea(lat: float, lon_from_centre: float) -> tuple[float, float]:
    facing = 1 + sin(_CENTRE_LAT) * sin(lat) + cos(_CENTRE_LAT) * cos(lat) * cos(lon_from_centre)
    # The point opposite the centre has no place on the plane; it is put far outside every frame.
    factor = sqrt(2 / max(facing, 1e-9))
    east = factor * cos(lat) * sin(lon_from_centre)
    north = factor * (cos(_CENTRE_LAT) * sin(lat) - sin(_CENTRE_LAT) * cos(lat) * cos(lon_from_centre))
    return east * _EARTH_KM, north * _EARTH_KM
