"""`jieying serve`: the service, in the foreground until it is told to stop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from bot.cli.accounts import say_first_link
from bot.cli.invocation import invoked
from bot.cli.wording import command, flag, text
from bot.control import carry_out
from bot.logs import set_up_logs
from bot.service import catch_signals, migrate_database, run_service
from bot.settings import list_secrets

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation
    from bot.settings import Settings


@command("serve")
@flag("--migrate")
@invoked
def serve(invocation: Invocation, *, migrate: bool) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = invocation.settings
    set_up_logs(settings.log, secrets=list_secrets(settings))
    if migrate:
        migrate_database(settings)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    with catch_signals() as stopped:
        async with run_service(settings) as service:
            click.echo(text("serving", address=service.address))
            if settings.server.rehearsal:
                click.echo(text("serving_rehearsal"))
            first = await carry_out(service.app.store, service.app.city, "accounts.first", {})
            if first is not None:
                say_first_link(first, address=settings.server.public_url.rstrip("/") or service.address)
            await stopped.wait()
            click.echo(text("stopping"))
