"""`jieying tickets transfer|arbitrate|decline|raise|split|separate|merge|unmerge|verify|follow-up|publish|unpublish`: what desks and supervisors do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from bot.cli.invocation import invoked
from bot.cli.printing import print_json
from bot.cli.wording import as_json, command, option, text
from routing.checking import Found
from routing.declining import load_routes
from routing.history import OPERATOR

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_number = click.argument("number")
_actor = option("--as", "actor", word="actor", metavar="STAFF", default=OPERATOR)
_unit = option("--unit", word="to_unit", metavar="CODE", required=True)
_item = option("--item", metavar="CODE", default="")
_why = option("--text", word="act_reason", required=True)
_told = option("--text", word="told_reason", required=True)


@command("tickets transfer")
@_number
@_unit
@_why
@_item
@_actor
@as_json
@invoked
def transfer(invocation: Invocation, /, **arguments: Any) -> None:
    """Give a ticket to another unit without a return."""
    _act(invocation, "transfer", **arguments)


@command("tickets arbitrate")
@_number
@_unit
@_why
@_item
@_actor
@as_json
@invoked
def arbitrate(invocation: Invocation, /, **arguments: Any) -> None:
    """Name the unit of a matter that two units returned."""
    _act(invocation, "arbitrate", **arguments)


@command("tickets decline")
@_number
@option("--route", type=click.Choice(tuple(load_routes())), required=True)
@_told
@_actor
@as_json
@invoked
def decline(invocation: Invocation, /, **arguments: Any) -> None:
    """Tell the resident the statutory route."""
    _act(invocation, "decline", **arguments)


@command("tickets raise")
@_number
@_why
@_actor
@as_json
@invoked
def raise_ticket(invocation: Invocation, /, **arguments: Any) -> None:
    """Give a ticket to the desk above."""
    _act(invocation, "raise", **arguments)


@command("tickets split")
@_number
@option("--part", "parts", multiple=True, required=True)
@option("--text", word="split_rest", required=True)
@_actor
@as_json
@invoked
def split(invocation: Invocation, /, *, parts: tuple[str, ...], **arguments: Any) -> None:
    """Make several tickets of one message."""
    _act(invocation, "split", parts=list(parts), **arguments)


@command("tickets separate")
@_number
@option("--follower", type=click.IntRange(1), required=True)
@_why
@_actor
@as_json
@invoked
def separate(invocation: Invocation, /, **arguments: Any) -> None:
    """Give a neighbour who was joined by mistake a ticket of their own."""
    _act(invocation, "separate", **arguments)


@command("tickets merge")
@_number
@option("--into", metavar="NUMBER", required=True)
@_actor
@as_json
@invoked
def merge(invocation: Invocation, /, **arguments: Any) -> None:
    """Let a ticket go on as another."""
    _act(invocation, "merge", **arguments)


@command("tickets unmerge")
@_number
@_actor
@as_json
@invoked
def unmerge(invocation: Invocation, /, **arguments: Any) -> None:
    """Take a merge back."""
    _act(invocation, "unmerge", **arguments)


@command("tickets verify")
@_number
@option("--found", word="verified", type=click.Choice(get_args(Found)), required=True)
@option("--text", word="ticket_text", default="")
@_actor
@as_json
@invoked
def verify(invocation: Invocation, /, **arguments: Any) -> None:
    """Say what was found on the spot."""
    _act(invocation, "verify", **arguments)


@command("tickets follow-up")
@_number
@option("--solved", type=click.Choice(["yes", "partly", "no"]), required=True)
@option("--satisfied", type=click.Choice(["yes", "basic", "no"]), default=None)
@option("--contacted", type=click.Choice(["yes", "no"]), default=None)
@option("--text", word="ticket_text", default="")
@_actor
@as_json
@invoked
def follow_up(invocation: Invocation, /, *, satisfied: str | None, contacted: str | None, **arguments: Any) -> None:
    """Write down what the resident says on the telephone."""
    _act(invocation, "follow_up", satisfied=satisfied or "", contacted=contacted or "", **arguments)


@command("tickets publish")
@_number
@option("--text", word="published_text", required=True)
@_actor
@as_json
@invoked
def publish(invocation: Invocation, /, **arguments: Any) -> None:
    """Show a summary to everybody."""
    _act(invocation, "publish", **arguments)


@command("tickets unpublish")
@_number
@_actor
@as_json
@invoked
def unpublish(invocation: Invocation, /, **arguments: Any) -> None:
    """Take the published summary back."""
    _act(invocation, "unpublish", **arguments)


def _act(invocation: Invocation, name: str, *, as_json: bool, **arguments: Any) -> None:
    """Have one act done and print the ticket as it stands then; of a split also the parts."""
    ticket = invocation.call(f"tickets.{name}", **arguments)
    if as_json:
        print_json(ticket)
        return
    acted = "ticket_out_of_sight" if ticket.get("out_of_sight") else "ticket_acted"
    click.echo(text(acted, act=text(f"act_{name}"), **ticket))
    if ticket.get("parts"):
        click.echo(text("ticket_parts", parts="、".join(ticket["parts"])))


COMMANDS = (transfer, arbitrate, decline, raise_ticket, split, separate, merge, unmerge, verify, follow_up, publish, unpublish)
