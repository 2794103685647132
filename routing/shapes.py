"""Where areas lie on a map: their outlines, as the city's GIS draws them. A picture beside the tree of areas; nothing is routed by it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

_Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
_Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
_Ring = Annotated[list[tuple[_Longitude, _Latitude]], msgspec.Meta(min_length=4)]
"""Longitude and latitude of each corner, the first one again at the end."""
_Polygon = Annotated[list[_Ring], msgspec.Meta(min_length=1)]
"""An outline, and what is cut out of it."""
Outline = list[list[list[list[float]]]]
"""Polygons of rings of corners, as read: [longitude, latitude]."""

_DIGITS = 5
"""A metre: no screen shows less of a grid."""
_WKT = re.compile(r"\s*(MULTI)?POLYGON\s*(?:Z|M|ZM)?\s*(\(.*\))\s*", re.IGNORECASE | re.DOTALL)
_NUMBER = r"-?\d+(?:\.\d+)?"
_CORNER = re.compile(rf"({_NUMBER})\s+({_NUMBER})(?:\s+{_NUMBER}){{0,2}}")


class AreaShape(Base):
    """The outline of an area, by its code."""

    __tablename__ = "area_shape"

    code: Mapped[str] = mapped_column(primary_key=True)
    outline: Mapped[list[Any]]


def read_wkt(text: str) -> Outline:
    """Read an outline as GIS programs write it (OGC well-known text): POLYGON or MULTIPOLYGON, longitude first; ValueError for anything else."""
    found = _WKT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    written = _CORNER.sub(r"[\1,\2]", found[2]).replace("(", "[").replace(")", "]")
    read = msgspec.json.decode(written if found[1] else f"[{written}]", type=Annotated[list[_Polygon], msgspec.Meta(min_length=1)])
    rounded = [[[[round(x, _DIGITS), round(y, _DIGITS)] for x, y in ring] for ring in polygon] for polygon in read]
    if any(ring[0] != ring[-1] for polygon in rounded for ring in polygon):
        raise ValueError(text)
    return rounded


def read_outlines(session: Session, codes: Iterable[str]) -> dict[str, Outline]:
    """Give the outlines of those of these areas that have one."""
    rows = session.execute(select(AreaShape.code, AreaShape.outline).where(AreaShape.code.in_(list(codes))))
    return dict(rows.all())
