"""The composition root: settings in, a running service out. Reads like a table of contents."""

from __future__ import annotations

import os
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from bot.channels import discover, wechat_mp
from bot.channels.web import NAME, REFUSAL_PAGE
from bot.city import City, load_city
from bot.city_view import CityView
from bot.duties import Duties
from bot.handling import Handler
from bot.inbound import MessageReceiver
from bot.keyring import load_vault
from bot.sending import Sender
from bot.worker import Worker
from console import leaving
from console.door import mount
from console.exchange.delivering import Deliverer
from console.exchange.dropping import FileDrop
from console.open311 import serving as open311
from console.pages import chat, live
from console.pages import door as pages
from console.pages.catalogue import PAGES
from console.pages.signing_in import SignInPages
from console.pages.wechat_entering import WechatPages
from store.clock import utcnow
from store.engine import open_store
from store.migrate import require_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from bot.channels import Channel
    from bot.settings import Settings
    from store.engine import Store

_CLIENT_MAX = 256 * 1024  # bytes of a request; channels cap theirs lower


class App:
    """Everything that runs, put together once."""

    def __init__(
        self, settings: Settings, store: Store, city: City, channels: dict[str, Channel], *, clock: Callable[[], datetime] = utcnow
    ) -> None:
        self.settings = settings
        self.store = store
        self.city = city
        self.channels = channels
        self._clock = clock
        self.owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.handler = Handler(city=city, channels=channels)
        self.receiver = MessageReceiver(
            store=store, handler=self.handler, budget_seconds=settings.server.reply_budget_seconds, clock=clock
        )
        sender = Sender(
            store=store,
            channels=channels,
            words=lambda: city.words,
            settings=settings.outbox,
            owner=self.owner,
            notices=settings.notices,
            zone=city.zone,
            clock=clock,
        )
        view = CityView(city)
        self.duties = Duties(
            store=store,
            handler=self.handler,
            receiver=self.receiver,
            sender=sender,
            channels=channels,
            city=city,
            owner=self.owner,
            deliverer=Deliverer(store, view, settings.exchange, owner=self.owner, clock=clock),
            files=FileDrop(store, view, settings.exchange, clock=clock),
            clock=clock,
        )
        self.worker = Worker(self.duties)

    def application(self) -> web.Application:
        """Build the HTTP side: the routes of every channel that is on, the API, and the health page."""
        application = web.Application(client_max_size=_CLIENT_MAX)
        application.router.add_get("/healthz", self._health)
        for channel in self.channels.values():
            application.router.add_routes(channel.routes(self.receiver))
        city = CityView(self.city)
        mount(application, self.store, city, clock=self._clock)
        open311.mount(application, self.store, city, self.settings.open311, clock=self._clock)
        forwarded = self.settings.server.forwarded
        door = pages.mount(application, self.store, city, PAGES, clock=self._clock, forwarded=forwarded)
        SignInPages(door, self.settings.sign_in).serve(application)
        live.mount(door, application)
        account = self.channels.get(wechat_mp.NAME)
        login = account.login() if isinstance(account, wechat_mp.WechatMp) else None
        if login is not None and city.public_url:
            WechatPages(door, login, public_url=city.public_url).serve()
        if NAME in self.channels:
            application[REFUSAL_PAGE] = chat.mount(door, days=self.settings.privacy.message_days).show_refused
        leaving.watch(application)
        return application

    async def _health(self, _request: web.Request) -> web.Response:
        await self.store.read(require_schema)
        return web.json_response({"ok": True, "rehearsal": self.settings.server.rehearsal})


@asynccontextmanager
async def open_app(settings: Settings) -> AsyncIterator[App]:
    """Open the store, refuse a wrong schema, load the city, make the channels; close all of it afterwards."""
    store = open_store(settings.database_url, load_vault(settings))
    try:
        await store.read(require_schema)
        city = await store.read(lambda session: load_city(session, settings, now=utcnow()))
        channels = make_channels(settings, store)
        try:
            yield App(settings, store, city, channels)
        finally:
            for channel in channels.values():
                await channel.close()
    finally:
        await store.close()


def make_channels(settings: Settings, store: Store) -> dict[str, Channel]:
    """Make the channels whose settings turn them on."""
    return {
        name: spec.make(settings=settings.channels[name], store=store)
        for name, spec in discover().items()
        if spec.is_on(settings.channels[name])
    }
