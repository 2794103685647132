"""`jieying tickets decide|progress|evaluate`: what comes after a result that was not good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from bot.cli.acting import as_staff, number, print_acted
from bot.cli.invocation import invoked
from bot.cli.printing import print_json
from bot.cli.wording import as_json, command, option, text
from bot.commands.results import Decision

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_day = click.DateTime(["%Y-%m-%d"])
_ACTS = {"other-lead": "reassign", "carry": "carry", "close": "explain"}


@command("tickets decide")
@number
@click.argument("decision", type=click.Choice(get_args(Decision)))
@option("--reason", word="decide_reason", required=True)
@option("--unit", word="to_unit", metavar="CODE", default="")
@option("--item", metavar="CODE", default="")
@as_staff
@as_json
@invoked
def decide(invocation: Invocation, /, *, decision: str, as_json: bool, **arguments: Any) -> None:
    """Decide on a matter that was twice not well done."""
    ticket = invocation.call("tickets.decide", decision=decision, **arguments)
    print_acted(ticket, _ACTS[decision], as_json=as_json)


@command("tickets progress")
@number
@option("--text", word="ticket_text", required=True)
@as_staff
@as_json
@invoked
def progress(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Say how far a carried matter is."""
    print_acted(invocation.call("tickets.progress", **arguments), "progress", as_json=as_json)


@command("tickets evaluate")
@number
@option("--solved", type=click.Choice(["yes", "partly", "no"]), required=True)
@option("--satisfied", type=click.Choice(["yes", "basic", "no"]), default=None)
@option("--contacted", type=click.Choice(["yes", "no"]), default=None)
@option("--text", word="ticket_text", default="")
@option("--as", "actor", word="reporter", metavar="STAFF", required=True)
@as_json
@invoked
def evaluate(invocation: Invocation, /, *, satisfied: str | None, contacted: str | None, as_json: bool, **arguments: Any) -> None:
    """Say of a matter one has reported whether it is solved."""
    result = invocation.call("tickets.evaluate", satisfied=satisfied or "", contacted=contacted or "", **arguments)
    if as_json:
        print_json(result)
    else:
        click.echo(text("evaluated_to_desk" if result["to_desk"] else "evaluated", **result))


COMMANDS = (decide, progress, evaluate)
