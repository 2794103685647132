"""[maps]: whose map lies under ours, and with which program somebody finds the way. Empty: the outlines of the areas alone, and no way."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import msgspec

if TYPE_CHECKING:
    from typing import Final

TILE_FIELDS: Final = ("{x}", "{y}", "{z}")
LINK_FIELDS: Final = ("{longitude}", "{latitude}")


class MapSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The maps on pages. All coordinates of a city are of one datum, that of these tiles; nothing is converted."""

    tiles: str = ""
    """Address of a picture, with {x}, {y} and {z}."""
    credit: str = ""
    """Whose map it is, as its owner wants it said."""
    link: str = ""
    """Address that opens a place in a map program, with {longitude}, {latitude}, and {name} if it takes one."""

    @property
    def host(self) -> str:
        """From where the pictures come, as a content policy says it; "" for nowhere."""
        parts = urlsplit(self.tiles)
        return f"{parts.scheme}://{parts.netloc}" if self.tiles else ""

    def open_place(self, coordinates: str, name: str) -> str:
        """Give the address that opens a place in a map program; "" where there is none."""
        if not self.link or not coordinates:
            return ""
        longitude, latitude = coordinates.split(",")
        said = {"{longitude}": longitude, "{latitude}": latitude, "{name}": quote(name, safe="")}
        link = self.link
        for field, value in said.items():
            link = link.replace(field, value)
        return link
