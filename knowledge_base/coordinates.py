"""Where a place is on a map: 『经度,纬度』 in degrees, longitude first, as map programs of China copy it."""

from __future__ import annotations

import re

_PAIR = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，、;；\s]\s*(-?\d{1,2}(?:\.\d+)?)\s*")
_EAST, _NORTH = 180.0, 90.0
_DIGITS = 6
"""A tenth of a metre: more is noise of the program it was copied from."""


def read_coordinates(text: str) -> str:
    """Read a place as it is kept, 『120.153,30.287』; ValueError for what is none, as a latitude that is written first."""
    found = _PAIR.fullmatch(text)
    if found is None:
        raise ValueError(text)
    longitude, latitude = (round(float(number), _DIGITS) for number in found.groups())
    if abs(longitude) > _EAST or abs(latitude) > _NORTH:
        raise ValueError(text)
    return f"{_write(longitude)},{_write(latitude)}"


def _write(degrees: float) -> str:
    return f"{degrees:.{_DIGITS}f}".rstrip("0").rstrip(".")
