"""Fair turns under load: one group's storm is let in a few messages at a time, so that it stands behind nobody but itself.

What waits in a lane has not been stored yet and nobody has been told that it was. Lanes keep the order of asking.
"""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.channels import Inbound

AT_ONCE = 4
"""Messages of one group under way at once: enough to fill a shared commit, few enough that others wait for milliseconds."""


class Lanes:
    """Lets so many in at once per name; a name that nobody uses is forgotten."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._lanes: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def __len__(self) -> int:
        """Count the names in use."""
        return len(self._lanes)

    def of(self, inbound: Inbound) -> AbstractAsyncContextManager[None]:
        """Give the lane of a message: its group's; somebody who writes alone has their own turn and needs none."""
        if inbound.scope != "group" or inbound.group is None:
            return nullcontext()
        name = f"{inbound.channel}\0{inbound.group.id}"
        return self._lanes.setdefault(name, asyncio.Semaphore(self._at_once))


def source_of(inbound: Inbound) -> str:
    """Name whose queue a message stands in when what was left behind is taken up again: its group's, or its sender's."""
    return inbound.group.id if inbound.scope == "group" and inbound.group else inbound.sender
