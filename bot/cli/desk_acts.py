"""`jieying tickets transfer|arbitrate|decline|raise|split|separate|merge|unmerge|verify|follow-up|publish|unpublish`: what desks and supervisors do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from bot.cli.acting import act, as_staff, number
from bot.cli.invocation import invoked
from bot.cli.wording import as_json, command, option
from routing.checking import Found
from routing.declining import load_routes

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_unit = option("--unit", word="to_unit", metavar="CODE", required=True)
_item = option("--item", metavar="CODE", default="")
_why = option("--text", word="act_reason", required=True)
_told = option("--text", word="told_reason", required=True)


@command("tickets transfer")
@number
@_unit
@_why
@_item
@as_staff
@as_json
@invoked
def transfer(invocation: Invocation, /, **arguments: Any) -> None:
    """Give a ticket to another unit without a return."""
    act(invocation, "transfer", **arguments)


@command("tickets arbitrate")
@number
@_unit
@_why
@_item
@as_staff
@as_json
@invoked
def arbitrate(invocation: Invocation, /, **arguments: Any) -> None:
    """Name the unit of a matter that two units returned."""
    act(invocation, "arbitrate", **arguments)


@command("tickets decline")
@number
@option("--route", type=click.Choice(tuple(load_routes())), required=True)
@_told
@as_staff
@as_json
@invoked
def decline(invocation: Invocation, /, **arguments: Any) -> None:
    """Tell the resident the statutory route."""
    act(invocation, "decline", **arguments)


@command("tickets raise")
@number
@_why
@as_staff
@as_json
@invoked
def raise_ticket(invocation: Invocation, /, **arguments: Any) -> None:
    """Give a ticket to the desk above."""
    act(invocation, "raise", **arguments)


@command("tickets split")
@number
@option("--part", "parts", multiple=True, required=True)
@option("--text", word="split_rest", required=True)
@as_staff
@as_json
@invoked
def split(invocation: Invocation, /, *, parts: tuple[str, ...], **arguments: Any) -> None:
    """Make several tickets of one message."""
    act(invocation, "split", parts=list(parts), **arguments)


@command("tickets separate")
@number
@option("--follower", type=click.IntRange(1), required=True)
@_why
@as_staff
@as_json
@invoked
def separate(invocation: Invocation, /, **arguments: Any) -> None:
    """Give a neighbour who was joined by mistake a ticket of their own."""
    act(invocation, "separate", **arguments)


@command("tickets merge")
@number
@option("--into", metavar="NUMBER", required=True)
@as_staff
@as_json
@invoked
def merge(invocation: Invocation, /, **arguments: Any) -> None:
    """Let a ticket go on as another."""
    act(invocation, "merge", **arguments)


@command("tickets unmerge")
@number
@as_staff
@as_json
@invoked
def unmerge(invocation: Invocation, /, **arguments: Any) -> None:
    """Take a merge back."""
    act(invocation, "unmerge", **arguments)


@command("tickets verify")
@number
@option("--found", word="verified", type=click.Choice(get_args(Found)), required=True)
@option("--text", word="ticket_text", default="")
@as_staff
@as_json
@invoked
def verify(invocation: Invocation, /, **arguments: Any) -> None:
    """Say what was found on the spot."""
    act(invocation, "verify", **arguments)


@command("tickets follow-up")
@number
@option("--solved", type=click.Choice(["yes", "partly", "no"]), required=True)
@option("--satisfied", type=click.Choice(["yes", "basic", "no"]), default=None)
@option("--contacted", type=click.Choice(["yes", "no"]), default=None)
@option("--text", word="ticket_text", default="")
@as_staff
@as_json
@invoked
def follow_up(invocation: Invocation, /, *, satisfied: str | None, contacted: str | None, **arguments: Any) -> None:
    """Write down what the resident says on the telephone."""
    act(invocation, "follow_up", satisfied=satisfied or "", contacted=contacted or "", **arguments)


@command("tickets publish")
@number
@option("--text", word="published_text", required=True)
@as_staff
@as_json
@invoked
def publish(invocation: Invocation, /, **arguments: Any) -> None:
    """Show a summary to everybody."""
    act(invocation, "publish", **arguments)


@command("tickets unpublish")
@number
@as_staff
@as_json
@invoked
def unpublish(invocation: Invocation, /, **arguments: Any) -> None:
    """Take the published summary back."""
    act(invocation, "unpublish", **arguments)


COMMANDS = (transfer, arbitrate, decline, raise_ticket, split, separate, merge, unmerge, verify, follow_up, publish, unpublish)
