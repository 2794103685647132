"""`jieying tickets kind`: say what kind of request a matter is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from bot.cli.acting import as_staff, number, print_acted
from bot.cli.invocation import invoked
from bot.cli.wording import as_json, command
from intents.actions import RequestKind

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation


@command("tickets kind")
@number
@click.argument("kind", type=click.Choice(get_args(RequestKind)))
@as_staff
@as_json
@invoked
def change_kind(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Change the kind of request."""
    print_acted(invocation.call("tickets.kind", **arguments), "kind", as_json=as_json)


COMMANDS = (change_kind,)
