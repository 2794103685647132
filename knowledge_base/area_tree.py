"""The tree of areas as places and matching need it: who lies in whom, and what several areas have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable


class AreaRow(Protocol):
    """One area: grid, community, street, district or city (routing.terms.Area is one). `parent` is the next wider one's code."""

    @property
    def code(self) -> str:
        """Code, unique in the city."""

    @property
    def name(self) -> str:
        """Name as people say it."""

    @property
    def level(self) -> str:
        """One of grid, community, street, district, city."""

    @property
    def parent(self) -> str:
        """Code of the area this one lies in, "" for the root."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names."""


class AreaTree:
    """Areas by code. A parent that is not among the rows ends the chain; a circle is refused when it is built."""

    def __init__(self, rows: Iterable[AreaRow]) -> None:
        self.rows = {row.code: row for row in rows}
        self._chains = {code: self._climb(code) for code in self.rows}
        parents = {row.parent for row in self.rows.values()}
        self._leaves = [code for code in self.rows if code not in parents]

    def chain(self, area: str) -> tuple[str, ...]:
        """Give the areas from this one up to the root; empty for a code that is not known."""
        return self._chains.get(area, ())

    def within(self, area: str, ancestor: str) -> bool:
        """Tell whether an area is this ancestor or lies in it."""
        return ancestor in self.chain(area)

    def leaves(self, area: str) -> tuple[str, ...]:
        """Give the smallest areas within this one (itself, if nothing lies in it)."""
        return tuple(leaf for leaf in self._leaves if self.within(leaf, area))

    def common(self, areas: Iterable[str]) -> str:
        """Give the smallest area that all of these lie in; "" if there is none."""
        chains = [self.chain(area) for area in areas]
        if not chains:
            return ""
        return next((code for code in chains[0] if all(code in chain for chain in chains)), "")

    def _climb(self, code: str) -> tuple[str, ...]:
        chain: list[str] = []
        while code in self.rows:
            if code in chain:
                raise ValueError(f"area {code} lies within itself: {' > '.join(chain)}")
            chain.append(code)
            code = self.rows[code].parent
        return tuple(chain)
