"""`jieying worker`: the worker alone, beside the services on one PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click
from sqlalchemy import make_url

from bot.cli.invocation import invoked
from bot.cli.wording import command, text
from bot.logs import set_up_logs
from bot.refusals import refuse
from bot.service import catch_signals, run_worker
from bot.settings import list_secrets

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation
    from bot.settings import Settings


@command("worker")
@invoked
def worker(invocation: Invocation) -> None:
    """Work until SIGTERM or Ctrl-C; refused on SQLite."""
    settings = invocation.settings
    if make_url(settings.database_url).get_backend_name() == "sqlite":
        raise refuse("worker_on_sqlite")
    set_up_logs(settings.log, secrets=list_secrets(settings))
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    with catch_signals() as stopped:
        async with run_worker(settings):
            click.echo(text("working"))
            await stopped.wait()
            click.echo(text("stopping"))
