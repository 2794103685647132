"""Whether the service is about to stop: what keeps a connection open (live updates) looks here and ends it by itself."""

from __future__ import annotations

import asyncio

from aiohttp import web

_LEAVING = web.AppKey("leaving", asyncio.Event)


def watch(application: web.Application) -> None:
    """Let an application know when it is about to stop."""
    application[_LEAVING] = asyncio.Event()

    async def leave(leaving: web.Application) -> None:
        leaving[_LEAVING].set()

    application.on_shutdown.append(leave)


def is_leaving(request: web.Request) -> bool:
    """Tell whether the service that answers this request is about to stop."""
    found = request.config_dict.get(_LEAVING)
    return found is not None and found.is_set()
