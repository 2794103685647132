"""The worker's duties, each one round: find what is due, do it, say how much was done."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import func, select

from bot.channels import Media, SendError, SendNever
from bot.telling import Telling
from residents import attachments, conversations
from routing import supervision
from store import inbox, outbox
from store.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.channels import Channel
    from bot.city import City
    from bot.handling import Handler
    from bot.inbound import MessageReceiver
    from bot.sending import Sender
    from bot.settings import Settings
    from store.engine import Store

log = structlog.get_logger(__name__)

_LATE = timedelta(minutes=10)  # a message without an outcome this long is an operator's matter


class Duties:
    """What the worker does, round by round."""

    def __init__(
        self,
        *,
        store: Store,
        handler: Handler,
        receiver: MessageReceiver,
        sender: Sender,
        channels: Mapping[str, Channel],
        city: City,
        owner: str,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self.settings: Settings = city.settings
        self._store = store
        self._handler = handler
        self._receiver = receiver
        self._sender = sender
        self._channels = channels
        self._city = city
        self._owner = owner
        self._clock = clock

    async def take_over(self) -> None:
        """Take up what a dead process left: on SQLite there is no other process, so nothing has to be waited for."""
        if self._store.dialect == "sqlite":
            unknown = await self._store.write(lambda s: outbox.disown(s, owner=self._owner))
            if unknown:
                log.error("sends of a dead process are unknown", action="sends_unknown", count=unknown)
            await self._resume(self._clock())

    async def send(self) -> int:
        """Claim and send what is due."""
        return await self._sender.run_once()

    async def resume(self) -> int:
        """Handle messages that have no outcome, and send answers that no delivery fetched."""
        now = self._clock()
        worker = self.settings.worker
        resumed = await self._resume(now - timedelta(seconds=worker.resume_after_seconds))
        before = now - timedelta(seconds=worker.unsent_after_seconds)
        unsent = await self._store.read(lambda s: inbox.unsent(s, before=before))
        for message_id in unsent:
            await self._store.write(partial(self._handler.ways.send_unfetched, message_id=message_id, now=now))
        return resumed + len(unsent)

    async def time_out(self) -> int:
        """Settle conversations whose question nobody answered."""
        now = self._clock()
        due = await self._store.read(lambda s: conversations.timed_out(s, now=now))
        for conversation_id in due:
            await self._store.write(partial(self._handler.time_out, conversation_id=conversation_id, now=now))
        return len(due)

    async def fetch(self) -> int:
        """Fetch pictures, voices and videos while the platform still has them."""
        now = self._clock()
        taken = await self._store.write(lambda s: attachments.claim_expected(s, now=now))
        await asyncio.gather(*(self._fetch_one(one) for one in taken))
        return len(taken)

    async def supervise(self) -> int:
        """Warn of deadlines, repeat red alarms, close what was never rated."""
        now = self._clock()
        due = await self._store.read(lambda s: supervision.due(s, now=now))
        context = self._city.routing_context(tell=Telling(self._city, now=now))
        for ticket_id in due:
            await self._store.write(partial(supervision.warn, ticket_id=ticket_id, now=now, context=context))
        return len(due)

    async def reconcile(self) -> int:
        """Compare what should have happened with what did, and say what does not fit."""
        now = self._clock()
        unknown = await self._store.write(lambda s: outbox.expire_leases(s, now=now))
        if unknown:
            log.error("sends became unknown", action="sends_unknown", count=unknown)
        late = await self._store.read(lambda s: count_late(s, now=now))
        if late:
            log.error("messages without an outcome", action="messages_late", count=late)
        return 0

    async def refresh(self) -> int:
        """Take over what other processes changed in the city."""
        now = self._clock()
        await self._store.read(lambda s: self._city.refresh(s, now=now))
        return 0

    async def drain(self) -> None:
        """Wait for what is under way."""
        await self._sender.drain()
        await self._receiver.drain()

    async def _resume(self, before: datetime) -> int:
        ids = await self._store.read(lambda s: inbox.unfinished(s, before=before))
        tasks = [self._receiver.start(message_id) for message_id in ids]
        if tasks:
            log.warning("messages taken up again", action="messages_resumed", count=len(tasks))
            await asyncio.wait(tasks)
        return len(tasks)

    async def _fetch_one(self, one: tuple[int, str, str, str, str]) -> None:
        attachment_id, channel, kind, ref, form = one
        try:
            if channel not in self._channels:
                raise SendNever(f"channel {channel} is off")
            media = Media(kind=kind, ref=ref, format=form)  # type: ignore[arg-type]  # the row was written from a Media
            body = await self._channels[channel].fetch(media)
        except SendError as error:
            final = isinstance(error, SendNever)
            name = f"{type(error).__name__} {error.code}"
            log.warning("media not fetched", action="media_missed", attachment=attachment_id, error=name, final=final)
            await self._store.write(lambda s: attachments.miss(s, attachment_id, error=name, final=final))
        else:
            await self._store.write(lambda s: attachments.keep(s, attachment_id, body))


def count_late(session: Session, *, now: datetime) -> int:
    """Count the messages that have waited for their outcome too long."""
    row = inbox.InboxMessage
    return session.execute(select(func.count()).where(row.outcome.is_(None), row.received_at < now - _LATE)).scalar_one()
