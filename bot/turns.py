"""One at a time, in the order of asking: two messages of one resident are kept and handled in the order in which they came.

This orders one process. Between processes on one PostgreSQL the lock of residents.conversations keeps them apart, not in order.
"""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """A first-come, first-served lock for each name; one that nobody holds or waits for is forgotten."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        """Count the names that somebody holds or waits for."""
        return len(self._locks)

    def of(self, name: str) -> asyncio.Lock:
        """Give the lock of this name."""
        return self._locks.setdefault(name, asyncio.Lock())
