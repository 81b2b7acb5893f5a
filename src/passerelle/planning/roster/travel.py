"""Estimate travel between a base and a site from their positions.

A coarse rule for when no road times are given: ten minutes to set out and park, city streets at
30 km/h for the first 15 km of road, fast roads at 80 km/h beyond; road length is 1.3 times the great
circle. All four figures are assumptions.
"""

from __future__ import annotations

from math import asin, ceil, cos, radians, sin, sqrt
from typing import Final

__all__ = ["distance_km", "travel_minutes"]

_EARTH_KM: Final = 6371.0
_DETOUR: Final = 1.3
_CITY_KM: Final = 15.0
_CITY_KMH: Final = 30.0
_FAST_KMH: Final = 80.0
_START_MIN: Final = 10.0


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the great-circle distance of two positions in degrees."""
    a, b = radians(lat), radians(other_lat)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(half))


def travel_minutes(lat: float, lon: float, other_lat: float, other_lon: float) -> int:
    """Return the minutes of one way by road, rounded up."""
    road = distance_km(lat, lon, other_lat, other_lon) * _DETOUR
    city, fast = min(road, _CITY_KM), max(0.0, road - _CITY_KM)
    return ceil(_START_MIN + city / _CITY_KMH * 60 + fast / _FAST_KMH * 60)
