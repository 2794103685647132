"""What happens by itself: sends leave, forgotten messages are taken up again, questions time out, deadlines are watched.

Each duty is a loop of its own that looks for what is due in the database, so nothing is lost by a restart. A loop that fails says so, waits
and goes on; it never stops the others.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.duties import Duties

log = structlog.get_logger(__name__)

_PAUSE_AFTER_FAILURE = 1.0  # seconds; a database that is away comes back within a few of them


class Worker:
    """Runs the duties until it is stopped."""

    def __init__(self, duties: Duties) -> None:
        self._duties = duties
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take up what a dead process left behind, then start every loop."""
        await self._duties.take_over()
        settings = self._duties.settings
        loops: list[tuple[str, Callable[[], Awaitable[int]], float]] = [
            ("send", self._duties.send, settings.outbox.poll_seconds),
            ("deliver", self._duties.deliver, settings.exchange.poll_seconds),
            ("files", self._duties.exchange_files, settings.worker.reconcile_seconds),
            ("resume", self._duties.resume, settings.worker.resume_seconds),
            ("time_out", self._duties.time_out, settings.worker.resume_seconds),
            ("seats", self._duties.look_after_seats, settings.worker.resume_seconds),
            ("erase", self._duties.erase, settings.worker.resume_seconds),
            ("clean_up", self._duties.clean_up, settings.worker.reconcile_seconds),
            ("bursts", self._duties.put_bursts_together, settings.worker.resume_seconds),
            ("drafts", self._duties.look_at_drafts, settings.worker.resume_seconds),
            ("fetch", self._duties.fetch, settings.outbox.poll_seconds),
            ("pictures", self._duties.make_pictures, settings.outbox.poll_seconds),
            ("supervise", self._duties.supervise, settings.worker.reconcile_seconds / 4),
            ("incidents", self._duties.gather_incidents, settings.worker.reconcile_seconds / 4),
            ("grids", self._duties.look_after_grids, settings.worker.reconcile_seconds),
            ("warnings", self._duties.warn_early, settings.worker.reconcile_seconds),
            ("figures", self._duties.sum_up_figures, settings.worker.reconcile_seconds),
            ("propose", self._duties.propose, settings.worker.reconcile_seconds),
            ("reconcile", self._duties.reconcile, settings.worker.reconcile_seconds),
            ("refresh", self._duties.refresh, settings.worker.knowledge_seconds),
        ]
        self._tasks = [asyncio.create_task(self._repeat(name, duty, pause), name=f"worker-{name}") for name, duty, pause in loops]

    async def stop(self) -> None:
        """Let every loop finish its round, then wait for what is in flight."""
        self._stop.set()
        self._duties.leave_off()
        await asyncio.gather(*self._tasks)
        await self._duties.drain()

    async def _repeat(self, name: str, duty: Callable[[], Awaitable[int]], pause: float) -> None:
        while not self._stop.is_set():
            try:
                worked = await duty()
            except Exception:
                log.exception("duty failed", action="duty_failed", duty=name)
                await self._rest(_PAUSE_AFTER_FAILURE)
                continue
            if not worked:
                await self._rest(pause)

    async def _rest(self, seconds: float) -> None:
        """Wait, but not past the end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
