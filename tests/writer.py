"""Somebody who writes to the demo city at one moment, in private or in a group, and the city that answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.app import App
from bot.channels import Group, Inbound
from bot.telling import Telling
from tests.dialogue_phone import make_phones

if TYPE_CHECKING:
    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class Writer:
    """One person, with a phone of their own and in groups."""

    def __init__(self, settings: Settings, store: Store, city: City) -> None:
        self.store, self.city = store, city
        self.app = App(settings, store, city, make_phones(), clock=lambda: NOW)
        self.context = city.routing_context(tell=Telling(city, now=NOW))

    async def say(self, words: str, key: str, *, group: Group | None = None) -> Any:
        """Write something, as the platform would hand it in under a key; gives the answer."""
        inbound = Inbound(
            channel="gateway" if group else "wechat_mp",
            key=key,
            sender="oWriter",
            kind="text",
            sent_at=NOW,
            text=words,
            scope="group" if group else "person",
            group=group,
        )
        return await self.app.receiver.receive(inbound)
