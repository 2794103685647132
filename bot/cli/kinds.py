"""`jieying tickets kind`: say what kind of request a matter is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from bot.cli.invocation import invoked
from bot.cli.printing import print_json
from bot.cli.wording import as_json, command, option, text
from intents.actions import RequestKind
from routing.history import OPERATOR

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation


@command("tickets kind")
@click.argument("number")
@click.argument("kind", type=click.Choice(get_args(RequestKind)))
@option("--as", "actor", word="actor", metavar="STAFF", default=OPERATOR)
@as_json
@invoked
def change_kind(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Change the kind of request."""
    ticket = invocation.call("tickets.kind", **arguments)
    if as_json:
        print_json(ticket)
    else:
        acted = "ticket_out_of_sight" if ticket.get("out_of_sight") else "ticket_acted"
        click.echo(text(acted, act=text("act_kind"), **ticket))


COMMANDS = (change_kind,)
