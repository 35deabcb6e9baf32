"""Boxes on the map, to look only near by."""

from __future__ import annotations

import math
from typing import NamedTuple

from service.reference.places import MEAN_EARTH_RADIUS_KM

_ROUNDING_KM = 0.1
"""Distances are compared rounded to a tenth: the box is that much larger, so that it never leaves anybody out."""


class Box(NamedTuple):
    """Degrees (WGS 84)."""

    south: float
    north: float
    west: float
    east: float


def around(latitude: float, longitude: float, km: float) -> Box:
    """The smallest box that holds every place within `km` of this one, as the crow flies. Not meant for the poles."""
    angle = (km + _ROUNDING_KM) / MEAN_EARTH_RADIUS_KM
    high = math.degrees(angle)
    wide = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(latitude))))
    return Box(latitude - high, latitude + high, longitude - wide, longitude + wide)
