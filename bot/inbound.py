"""The way in: T1 keeps a message, T2 handles it, and the edge is told what to answer within its budget.

    receive ─ T1 (inbox) ─┬─ T2 within the budget ─▶ passive reply
                          └─ budget over ─▶ reply_via = active, `success`; T2 (or what it left) writes the active send

A second delivery of the same message waits for the same T2 and gets the same words. What T2 cannot handle is quarantined: the resident
hears that a person takes it over, an operator is alarmed. Trouble of the store itself is not the message's fault: it stays for the resumer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from bot.channels import BodyDiffers, Inbound, Reply
from store import inbox
from store.clock import utcnow
from store.engine import StoreError
from store.failpoints import failpoint

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.handling import Handler
    from store.engine import Store
    from store.inbox import Answer

log = structlog.get_logger(__name__)

STORE_TROUBLE = (OperationalError, InterfaceError, StoreError, OSError)


class MessageReceiver:
    """The Receiver that channels are handed (bot.channels.Receiver)."""

    def __init__(self, *, store: Store, handler: Handler, budget_seconds: float, clock: Callable[[], datetime] = utcnow) -> None:
        self._store = store
        self._handler = handler
        self._budget = budget_seconds
        self._clock = clock
        self._running: dict[int, asyncio.Task[Answer]] = {}
        self._waiting: dict[int, int] = {}

    async def receive(self, inbound: Inbound) -> Reply:
        """Keep the message, then answer within the budget or leave the answer to an active send."""
        body = msgspec.json.encode(inbound)
        now = self._clock()
        failpoint("inbound.parsed")
        if inbound.scope == "group" and self._handler.ignores(inbound):
            kept = await self._store.write(lambda s: inbox.ignore(s, channel=inbound.channel, key=inbound.key, body=body, now=now))
            return self._ignored(kept)
        kept = await self._store.write(lambda s: inbox.remember(s, channel=inbound.channel, key=inbound.key, body=body, now=now))
        if not kept.same_body:
            raise BodyDiffers
        failpoint("inbound.remembered")
        if kept.outcome is None:
            answer = await self._await(kept.id, inbound)
        else:
            answer = await self._store.read(lambda s: inbox.answer_of(s, kept.id))
        if answer is None or answer.reply_via == "open":
            answer = await self._store.write(lambda s: self._handler.ways.decide(s, kept.id))
        text = answer.text if answer.reply_via == "passive" else None
        return Reply(
            text=text, duplicate=not kept.new, outcome=answer.outcome or "", ticket=answer.ticket, suggested=answer.suggested
        )

    async def _await(self, message_id: int, inbound: Inbound) -> Answer | None:
        """Wait for T2 as long as the budget allows; None if it takes longer or the store is in trouble."""
        self._waiting[message_id] = self._waiting.get(message_id, 0) + 1
        task = self.start(message_id, inbound)
        try:
            await asyncio.wait({task}, timeout=self._budget)
        finally:
            self._stop_waiting(message_id)
        return task.result() if task.done() and task.exception() is None else None

    async def quarantine(self, channel: str, raw: bytes, reason: str) -> None:
        """Keep what was validly signed and cannot be read, and alarm an operator."""
        now = self._clock()

        def work(session: Session) -> None:
            message_id = inbox.quarantine_raw(session, channel=channel, raw=raw, reason=reason, now=now)
            self._handler.alarm(session, message_id, reason, now=now)

        await self._store.write(work)

    async def recall(self, channel: str, key: str) -> bool:
        """Forget a message its writer took back: its words, its answer, its pictures, and the draft it left."""
        return await self._store.write(lambda s: self._handler.recall(s, channel=channel, key=key, now=self._clock()))

    def start(self, message_id: int, inbound: Inbound | None = None) -> asyncio.Task[Answer]:
        """Start T2 of a message unless it is under way in this process."""
        task = self._running.get(message_id)
        if task is None:
            task = asyncio.create_task(self._settle(message_id, inbound), name=f"message-{message_id}")
            self._running[message_id] = task
            task.add_done_callback(lambda done: self._forget(message_id, done))
        return task

    async def drain(self) -> None:
        """Wait for what is under way."""
        if self._running:
            await asyncio.wait(set(self._running.values()))

    async def _settle(self, message_id: int, inbound: Inbound | None) -> Answer:
        now = self._clock()
        try:
            if inbound is None:
                inbound = await self._store.read(lambda s: self._handler.reread(s, message_id))
            understanding = self._handler.understand(inbound)
            failpoint("inbound.understood")
            answer = await self._store.write(
                lambda s: self._handler.handle(
                    s, message_id, inbound, understanding, edge_waits=message_id in self._waiting, now=now
                )
            )
        except STORE_TROUBLE:
            raise
        except Exception as error:
            log.exception("message quarantined", action="message_quarantined", message=message_id)
            reason = type(error).__name__
            answer = await self._store.write(
                lambda s: self._handler.give_up(s, message_id, reason, edge_waits=message_id in self._waiting, now=now)
            )
        failpoint("inbound.settled")
        return answer

    def _stop_waiting(self, message_id: int) -> None:
        self._waiting[message_id] -= 1
        if not self._waiting[message_id]:
            del self._waiting[message_id]

    def _forget(self, message_id: int, task: asyncio.Task[Answer]) -> None:
        self._running.pop(message_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("message left for the resumer", action="message_deferred", message=message_id, error=type(error).__name__)

    @staticmethod
    def _ignored(kept: inbox.Remembered) -> Reply:
        if not kept.same_body:
            raise BodyDiffers
        return Reply(text=None, duplicate=not kept.new, outcome=kept.outcome or "")
