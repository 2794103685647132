"""Talks that are open in a browser just now, and the waking of those in which something was said.

Nothing is remembered here but who looks: what is shown is read from the table each time. Whoever writes in this process wakes at once; what
other processes wrote is found by one small question to the table, however many browsers are open, and by nobody where none is.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from residents.web_lines import find_told_since
from store.trouble import is_store_trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from store.engine import Store

log = structlog.get_logger(__name__)

_LOOK_BACK = timedelta(seconds=30)
"""How far back the question goes: longer than any transaction that writes a line."""


class Listener:
    """One open browser: the id of whose it is, the resident behind it once known (0), and what wakes it."""

    def __init__(self, sender: str) -> None:
        self.sender = sender
        self.resident_id = 0
        self.woken = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Wait until something was said, at most so long; False if nothing was."""
        try:
            async with asyncio.timeout(seconds):
                await self.woken.wait()
        except TimeoutError:
            return False
        return True


class Live:
    """The open browsers of this process."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime], poll_seconds: float) -> None:
        self._store = store
        self._clock = clock
        self._pause = poll_seconds
        self._listeners: set[Listener] = set()
        self._looking: asyncio.Task[None] | None = None

    def is_full(self, sender: str, *, most: int, each: int) -> bool:
        """Tell whether so many listen already, or so many of one person."""
        return len(self._listeners) >= most or sum(one.sender == sender for one in self._listeners) >= each

    @contextmanager
    def listen(self, sender: str) -> Iterator[Listener]:
        """Listen to one talk while inside."""
        listener = Listener(sender)
        self._listeners.add(listener)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="web-live")
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def wake(self, sender: str) -> None:
        """Wake the browsers of one person."""
        for listener in self._listeners:
            if listener.sender == sender:
                listener.woken.set()

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look(self) -> None:
        """Look what was said, as long as anybody listens."""
        seen: dict[int, int] = {}
        while self._listeners:
            await asyncio.sleep(self._pause)
            try:
                since = self._clock() - _LOOK_BACK
                told = await self._store.read(lambda s, since=since: find_told_since(s, since))  # type: ignore[misc]  # a default
            except Exception as error:
                if not is_store_trouble(error):
                    raise
                log.warning("not looked what was said", action="web_not_looked", error=type(error).__name__)
                continue
            new = {resident for resident, number in told.items() if number > seen.get(resident, 0)}
            seen = told
            for listener in self._listeners:
                if new and listener.resident_id in {0, *new}:
                    listener.woken.set()
