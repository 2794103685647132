"""The way in: T1 keeps a message, T2 handles it, and the edge is told what to answer within its budget.

    receive ─ T1 (inbox) ─┬─ T2 within the budget ─▶ passive reply
                          └─ budget over ─▶ reply_via = active, `success`; T2 (or what it left) writes the active send

A second delivery of the same message waits for the same T2 and gets the same words. One sender's messages are kept and handled in the order
in which they came, and one group's storm is let in a few messages at a time (bot.flood). What T2 cannot handle is quarantined: the resident
hears that a person takes it over, an operator is alarmed. Trouble of the store itself is not the message's fault: it stays for the resumer.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from bot.channels import BodyDiffers, Inbound, Reply
from bot.flood import Lanes, source_of
from bot.overhearing import overhear
from bot.turns import Turns
from store import inbox
from store.clock import utcnow
from store.failpoints import failpoint
from store.trouble import is_store_trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.handling import Handler
    from store.engine import Store
    from store.inbox import Answer, Remembered

log = structlog.get_logger(__name__)


class MessageReceiver:
    """The Receiver that channels are handed (bot.channels.Receiver)."""

    def __init__(self, *, store: Store, handler: Handler, budget_seconds: float, clock: Callable[[], datetime] = utcnow) -> None:
        self._store = store
        self._handler = handler
        self._budget = budget_seconds
        self._clock = clock
        self._keeping = Turns()
        self._handling = Turns()
        self._keeping_lanes = Lanes()
        self._handling_lanes = Lanes()
        self._running: dict[int, asyncio.Task[Answer]] = {}
        self._waiting: dict[int, int] = {}

    async def receive(self, inbound: Inbound) -> Reply:
        """Keep the message, then answer within the budget or leave the answer to an active send."""
        body = msgspec.json.encode(inbound)
        failpoint("inbound.parsed")
        if inbound.scope == "group":
            async with self._keeping_lanes.of(inbound):
                now = self._clock()
                heard = self._handler.listener.overhear(inbound, now=now)
                if heard is not None:
                    ignored = await self._store.write(
                        partial(overhear, city=self._handler.city, inbound=inbound, heard=heard, body=body, now=now)
                    )
                    return self._ignored(ignored)
        kept, task = await self._keep(inbound, body)
        answer: Answer | None
        if task is None:
            answer = await self._store.read(lambda s: inbox.answer_of(s, kept.id))
        else:
            answer = await self._wait(kept.id, task)
        if answer is None or answer.reply_via == "open":
            comes_again, now = inbound.comes_again, self._clock()
            answer = await self._store.write(lambda s: self._handler.ways.decide(s, kept.id, comes_again=comes_again, now=now))
        text = answer.text if answer.reply_via == "passive" else None
        return Reply(
            text=None if text is None else self._handler.ways.first_part(inbound.channel, text),
            duplicate=not kept.new,
            outcome=answer.outcome or "",
            ticket=answer.ticket,
            suggested=answer.suggested,
        )

    async def quarantine(self, channel: str, raw: bytes, reason: str) -> None:
        """Keep what was validly signed and cannot be read, and alarm an operator."""
        now = self._clock()

        def work(session: Session) -> None:
            message_id = inbox.quarantine_raw(session, channel=channel, raw=raw, reason=reason, now=now)
            self._handler.alarm(session, message_id, reason, now=now)

        await self._store.write(work)

    async def recall(self, channel: str, key: str) -> bool:
        """Forget a message its writer took back: its words, its answer, its pictures, and the draft it left."""
        known = await self._store.write(lambda s: self._handler.recall(s, channel=channel, key=key, now=self._clock()))
        if known:
            await self._store.truncate_log()
        return known

    async def resume(self, message_ids: Iterable[int]) -> int:
        """Handle messages that have no outcome, the oldest first; returns how many have one now."""
        tasks = [await self._take_up(message_id) for message_id in message_ids if message_id not in self._running]
        if tasks:
            await asyncio.wait(tasks)
        return sum(not task.cancelled() and task.exception() is None for task in tasks)

    async def drain(self) -> None:
        """Wait for what is under way."""
        while self._running:
            await asyncio.wait(set(self._running.values()))

    async def _keep(self, inbound: Inbound, body: bytes) -> tuple[Remembered, asyncio.Task[Answer] | None]:
        """T1, and the start of T2 unless the message has its outcome."""
        async with self._keeping.of(_name(inbound)), self._keeping_lanes.of(inbound):
            now, source = self._clock(), source_of(inbound)
            kept = await self._store.write(
                lambda s: inbox.remember(s, channel=inbound.channel, key=inbound.key, body=body, source=source, now=now)
            )
            if not kept.same_body:
                raise BodyDiffers
            failpoint("inbound.remembered")
            return kept, self._start(kept.id, inbound) if kept.outcome is None else None

    async def _wait(self, message_id: int, task: asyncio.Task[Answer]) -> Answer | None:
        """Wait for T2 as long as the budget allows; None if it takes longer or the store is in trouble."""
        self._waiting[message_id] = self._waiting.get(message_id, 0) + 1
        try:
            await asyncio.wait({task}, timeout=self._budget)
        finally:
            self._waiting[message_id] -= 1
            if not self._waiting[message_id]:
                del self._waiting[message_id]
        return task.result() if task.done() and not task.cancelled() and task.exception() is None else None

    async def _take_up(self, message_id: int) -> asyncio.Task[Answer]:
        """Start T2 of a message that was kept before; what cannot be read any more is quarantined."""
        try:
            inbound = await self._store.read(partial(self._handler.reread, message_id=message_id))
        except Exception as error:
            if is_store_trouble(error):
                raise
            return self._run(message_id, self._give_up(message_id, None, error))
        return self._start(message_id, inbound)

    def _start(self, message_id: int, inbound: Inbound) -> asyncio.Task[Answer]:
        """Start T2 of a message unless it is under way in this process."""
        return self._running.get(message_id) or self._run(message_id, self._settle(message_id, inbound))

    def _run(self, message_id: int, work: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
        task = asyncio.create_task(work, name=f"message-{message_id}")
        self._running[message_id] = task
        task.add_done_callback(partial(self._forget, message_id))
        return task

    async def _settle(self, message_id: int, inbound: Inbound) -> Answer:
        async with self._handling.of(_name(inbound)), self._handling_lanes.of(inbound):
            now = self._clock()
            try:
                understanding = self._handler.understand(inbound)
                failpoint("inbound.understood")
                answer = await self._store.write(
                    lambda s: self._handler.handle(
                        s, message_id, inbound, understanding, edge_waits=message_id in self._waiting, now=now
                    )
                )
            except Exception as error:
                if is_store_trouble(error):
                    raise
                answer = await self._give_up(message_id, inbound, error)
            failpoint("inbound.settled")
            return answer

    async def _give_up(self, message_id: int, inbound: Inbound | None, error: Exception) -> Answer:
        """Quarantine a message; if even its sender cannot be told, then without a word."""
        log.error("message not handled", action="message_failed", message=message_id, exc_info=error)
        reason, now = type(error).__name__, self._clock()

        def work(session: Session, known: Inbound | None) -> Answer:
            waits = message_id in self._waiting
            return self._handler.give_up(session, message_id, known, reason=reason, edge_waits=waits, now=now)

        try:
            return await self._store.write(partial(work, known=inbound))
        except Exception as second:
            if inbound is None or is_store_trouble(second):
                raise
            log.exception("sender not told", action="sender_not_told", message=message_id)
        return await self._store.write(partial(work, known=None))

    def _forget(self, message_id: int, task: asyncio.Task[Answer]) -> None:
        self._running.pop(message_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("message left for the resumer", action="message_deferred", message=message_id, error=type(error).__name__)

    @staticmethod
    def _ignored(kept: Remembered) -> Reply:
        if not kept.same_body:
            raise BodyDiffers
        return Reply(text=None, duplicate=not kept.new, outcome=kept.outcome or "")


def _name(inbound: Inbound) -> str:
    """Name whose messages keep their order."""
    return f"{inbound.channel}\0{inbound.sender}"
