"""`jieying migrate`: bring the database to this version's schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bot.cli.invocation import invoked
from bot.cli.wording import command, text
from bot.service import migrate_database

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation


@command("migrate")
@invoked
def migrate(invocation: Invocation) -> None:
    """Migrate; the service has to be stopped on SQLite."""
    click.echo(text("migrated", version=migrate_database(invocation.settings)))
