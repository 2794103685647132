"""`jieying seat …`: a person at the desk takes over a conversation and gives it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, group, option, text

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_talk = click.argument("talk", type=int)
_actor = option("--as", "actor", word="seat_as", metavar="STAFF", required=True)


@group("seat")
def seat() -> None:
    """Be the person in a conversation."""


@command("seat list")
@_actor
@as_json
@invoked
def list_talks(invocation: Invocation, /, *, actor: str, as_json: bool) -> None:
    """List who waits."""
    talks = invocation.call("seat.list", actor=actor)
    if as_json:
        print_json(talks)
        return
    if not talks:
        click.echo(text("seats_none"))
        return
    columns = [text(f"column_{name}") for name in ("talk", "status", "desk", "waited")]
    print_table(columns, ([one["talk"], _name_state(one), one["desk_name"], _name_span(one["waited_seconds"])] for one in talks))


@command("seat claim")
@_talk
@_actor
@as_json
@invoked
def claim(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Take somebody out of the queue."""
    talk = invocation.call("seat.claim", **arguments)
    if as_json:
        print_json(talk)
        return
    click.echo(text("seat_claimed", **talk))
    _print_talk(talk)


@command("seat show")
@_talk
@option("--reason", word="seat_reason", default="")
@_actor
@as_json
@invoked
def show(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Show what was said."""
    talk = invocation.call("seat.show", **arguments)
    if as_json:
        print_json(talk)
    else:
        _print_talk(talk)


@command("seat say")
@_talk
@option("--text", word="seat_text", required=True)
@_actor
@as_json
@invoked
def say(invocation: Invocation, /, **arguments: Any) -> None:
    """Speak as the desk."""
    _act(invocation, "say", "seat_said", **arguments)


@command("seat answer")
@_talk
@click.argument("entry")
@_actor
@as_json
@invoked
def answer(invocation: Invocation, /, **arguments: Any) -> None:
    """Answer from the knowledge base."""
    _act(invocation, "answer", "seat_said", **arguments)


@command("seat ticket")
@_talk
@option("--text", word="seat_matter", required=True)
@_actor
@as_json
@invoked
def ticket(invocation: Invocation, /, **arguments: Any) -> None:
    """Open a ticket from the talk."""
    _act(invocation, "ticket", "seat_ticket_opened", **arguments)


@command("seat hand-back")
@_talk
@_actor
@as_json
@invoked
def hand_back(invocation: Invocation, /, **arguments: Any) -> None:
    """Give the conversation back to the bot."""
    _act(invocation, "hand-back", "seat_hand_back_done", **arguments)


@command("seat close")
@_talk
@_actor
@as_json
@invoked
def close(invocation: Invocation, /, **arguments: Any) -> None:
    """Finish a talk."""
    _act(invocation, "close", "seat_close_done", **arguments)


@command("seat figures")
@option("--days", type=click.IntRange(1, 366), default=7)
@as_json
@invoked
def figures(invocation: Invocation, /, *, days: int, as_json: bool) -> None:
    """Say how many were answered in time."""
    counted = invocation.call("seat.figures", days=days)
    if as_json:
        print_json(counted)
    else:
        click.echo(text("seat_figures", **counted))


def _act(invocation: Invocation, name: str, said: str, *, as_json: bool, **arguments: Any) -> None:
    result = invocation.call(f"seat.{name}", **arguments)
    if as_json:
        print_json(result)
    else:
        click.echo(text(said, **result))


def _print_talk(talk: dict[str, Any]) -> None:
    """Print a talk for a person to read."""
    click.echo(text("seat_head", **talk))
    if talk["tickets"]:
        click.echo(text("seat_tickets", tickets="、".join(f"{one['number']} {one['title']}".strip() for one in talk["tickets"])))
    for line in talk["lines"]:
        kind = "" if line["kind"] == "text" else text("seat_kind", kind=text(f"seat_kind_{line['kind']}"))
        unread = line["state"] not in ("", "sent")
        state = text("seat_unread", state=text(f"state_{line['state']}")) if unread else ""
        who = text(f"seat_who_{line['who']}")
        click.echo(text("seat_line", moment=line["moment"], who=who, text=kind + line["text"], state=state))


def _name_state(talk: dict[str, Any]) -> str:
    if talk["state"] == "waiting":
        return text("seat_state_waiting")
    return text("seat_state_unanswered" if talk["unanswered"] else "seat_state_claimed", who=talk["claimed_by"])


def _name_span(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return text("waited", minutes=minutes, seconds=rest)


for _one in (list_talks, claim, show, say, answer, ticket, hand_back, close, figures):
    seat.add_command(_one)
