"""`jieying tickets ask-more|apply|grant|refuse|resume`: what holds a ticket up, and what lets it go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from bot.cli.invocation import invoked
from bot.cli.printing import print_json
from bot.cli.wording import as_json, command, option, text
from routing.applying import Applied
from routing.history import OPERATOR

if TYPE_CHECKING:
    from datetime import datetime

    from bot.cli.invocation import Invocation

_number = click.argument("number")
_actor = option("--as", "actor", word="actor", metavar="STAFF", default=OPERATOR)
_told = option("--text", word="told_reason", required=True)


@command("tickets ask-more")
@_number
@option("--text", word="asked_text", required=True)
@_actor
@as_json
@invoked
def ask_more(invocation: Invocation, /, **arguments: Any) -> None:
    """Ask the resident for what is missing."""
    _act(invocation, "ask_more", **arguments)


@command("tickets apply")
@_number
@option("--kind", word="applied", type=click.Choice(get_args(Applied)), required=True)
@option("--until", word="applied_until", type=click.DateTime(["%Y-%m-%d"]), required=True)
@_told
@_actor
@as_json
@invoked
def apply(invocation: Invocation, /, *, kind: str, until: datetime, **arguments: Any) -> None:
    """Apply for more time, or to be held up."""
    _act(invocation, "apply", act=f"ask_{kind}", kind=kind, until=until.date().isoformat(), **arguments)


@command("tickets grant")
@_number
@option("--text", word="ticket_text", default="")
@_actor
@as_json
@invoked
def grant(invocation: Invocation, /, **arguments: Any) -> None:
    """Grant what a unit applied for."""
    _act(invocation, "grant", **arguments)


@command("tickets refuse")
@_number
@option("--text", word="refused_reason", required=True)
@_actor
@as_json
@invoked
def refuse(invocation: Invocation, /, **arguments: Any) -> None:
    """Refuse what a unit applied for."""
    _act(invocation, "refuse", **arguments)


@command("tickets resume")
@_number
@_actor
@as_json
@invoked
def resume(invocation: Invocation, /, **arguments: Any) -> None:
    """End a pause before its day."""
    _act(invocation, "resume", **arguments)


def _act(invocation: Invocation, name: str, *, as_json: bool, act: str = "", **arguments: Any) -> None:
    """Have one act done and print the ticket as it stands then."""
    ticket = invocation.call(f"tickets.{name}", **arguments)
    if as_json:
        print_json(ticket)
        return
    acted = "ticket_out_of_sight" if ticket.get("out_of_sight") else "ticket_acted"
    click.echo(text(acted, act=text(f"act_{act or name}"), **ticket))


COMMANDS = (ask_more, apply, grant, refuse, resume)
