"""`jieying outbox …`: sends that may or may not have arrived, and what a person decides about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import click

from bot.cli.acting import as_staff, as_viewer
from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, group, option, text
from store.outbox import SendState

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_TEXT_LENGTH = 40  # characters of a text in the table; --json has it whole


@group("outbox")
def outbox() -> None:
    """Look at what is to be sent."""


@command("outbox list")
@option("--state", type=click.Choice(get_args(SendState)), default="unknown")
@option("--limit", type=click.IntRange(1, 1000), default=50)
@as_viewer
@as_json
@invoked
def list_sends(invocation: Invocation, *, state: str, limit: int, actor: str, as_json: bool) -> None:
    """List sends in a state."""
    sends = invocation.call("outbox.list", state=state, limit=limit, actor=actor)
    if as_json:
        print_json(sends)
        return
    if not sends:
        click.echo(text("outbox_none", state=text(f"state_{state}")))
        return
    columns = [text(f"column_{name}") for name in ("id", "created_at", "audience", "target", "channel", "text", "error")]
    rows = (
        [
            send["id"],
            send["created"],
            text(f"audience_{send['audience']}"),
            send["target"],
            send["channel"],
            send["text"][:_TEXT_LENGTH],
            send["error"],
        ]
        for send in sends
    )
    print_table(columns, rows)
    if state == "unknown":
        click.echo(text("outbox_how_on"))


@command("outbox decide")
@click.argument("message", type=int)
@click.argument("decision", type=click.Choice(["sent", "again"]))
@as_staff
@as_json
@invoked
def decide(invocation: Invocation, *, message: int, decision: str, actor: str, as_json: bool) -> None:
    """Say what became of an unknown send."""
    result = invocation.call("outbox.decide", message=message, again=decision == "again", actor=actor)
    if as_json:
        print_json(result)
    else:
        click.echo(text(f"outbox_{decision}", number=message))


outbox.add_command(list_sends)
outbox.add_command(decide)
