"""Makes the pictures that residents sent safe to look at, in rounds of the worker, and tells who sent one that cannot be shown.

Their message was taken long before: a picture that is refused costs nothing but itself. One message's pictures are told of once.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.texts import fill
from console.media.making import AT_ONCE, Maker, Unmade
from residents import conversations, made_pictures
from residents.conversations import PERSON
from store.keys import open_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.ways import Ways
    from store.engine import Store

log = structlog.get_logger(__name__)

_TOLD = timedelta(days=2)
"""Who sent a picture longer ago does not wait for anything to be said of it; a version before this one left such pictures."""
_SENTENCES = {"heic": "picture_heic", "too_large": "picture_too_large", "wrong_type": "picture_wrong_type"}


class PictureMaking:
    """One round: take what is due, have it drawn anew, keep it or say that it could not be."""

    def __init__(self, *, store: Store, ways: Ways, clock: Callable[[], datetime], maker: Maker | None = None) -> None:
        self._store = store
        self._ways = ways
        self._clock = clock
        self._maker = maker or Maker()

    async def run(self) -> int:
        """Do one round; gives how many pictures were taken up. No more are in memory than are opened at once."""
        now = self._clock()
        taken = await self._store.write(lambda s: made_pictures.claim(s, now=now, limit=AT_ONCE))
        await asyncio.gather(*(self._make_one(one) for one in taken))
        return len(taken)

    async def _make_one(self, attachment_id: int) -> None:
        body = await self._store.read(lambda s: made_pictures.read_received(s, attachment_id))
        if body is None:
            await self._store.write(lambda s: made_pictures.forget(s, attachment_id))
            return
        try:
            made = await self._maker.make(body)
        except OSError:
            log.exception("no process for a picture", action="picture_waits", attachment=attachment_id)
            return  # it is due again
        if isinstance(made, Unmade):
            log.warning("picture not made", action="picture_unmade", attachment=attachment_id, error=made.reason)
            await self._store.write(lambda s: self._refuse(s, attachment_id, made))
            return
        size = (made.width, made.height)
        await self._store.write(
            lambda s: made_pictures.keep_made(s, attachment_id, view=made.view, thumbnail=made.thumbnail, size=size)
        )

    def _refuse(self, session: Session, attachment_id: int, unmade: Unmade) -> None:
        """Note it, and tell who sent it, where nobody else reads along."""
        now = self._clock()
        sent = made_pictures.refuse(session, attachment_id, reason=unmade.reason, passing=unmade.passing, now=now)
        if sent is None or sent.conversation_id is None or sent.received_at < now - _TOLD:
            return
        conversation = conversations.find(session, sent.conversation_id)
        if conversation.place != PERSON:
            return
        text = fill("say", _SENTENCES.get(unmade.reason, "picture_unopened"))
        self._ways.say(session, conversation, f"picture:{sent.inbox_id}", text, key=open_key(session, sent.key_id), now=now)
