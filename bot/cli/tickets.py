"""`jieying tickets …`: look at tickets and do with them what desks and units do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from bot.cli.acting import act, as_staff, as_viewer, number
from bot.cli.beside import COMMANDS as BESIDE
from bot.cli.desk_acts import COMMANDS as DESK_ACTS
from bot.cli.held_up import COMMANDS as HELD_UP
from bot.cli.invocation import invoked
from bot.cli.kinds import COMMANDS as KINDS
from bot.cli.printing import print_json, print_table, write_table
from bot.cli.results import COMMANDS as RESULTS
from bot.cli.secrecy import COMMANDS as SECRECY
from bot.cli.wording import as_json, command, flag, group, option, text
from routing.terms import ReturnReason, Status

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_EXPORTED = ("number", "status", "title", "place", "summary", "unit", "desk", "kind", "tier", "opened", "due", "exported_by")

_words = option("--text", word="ticket_text", required=True)
_more_words = option("--text", word="ticket_text", default="")


@group("tickets")
def tickets() -> None:
    """Work with tickets."""


@command("tickets list")
@option("--status", type=click.Choice([status.value for status in Status]), default=None)
@option("--unit", metavar="CODE", default="")
@option("--desk", metavar="CODE", default="")
@flag("--overdue")
@option("--limit", type=click.IntRange(1, 1000), default=50)
@option("--after", type=int, default=None)
@as_viewer
@as_json
@invoked
def list_tickets(invocation: Invocation, /, *, status: str | None, as_json: bool, **filters: Any) -> None:
    """List tickets, newest first."""
    _print_page(invocation.call("tickets.list", status=status or "", **filters), as_json=as_json)


@command("tickets search")
@click.argument("word")
@option("--limit", type=click.IntRange(1, 1000), default=50)
@option("--after", type=int, default=None)
@as_viewer
@as_json
@invoked
def search(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Find tickets by a word."""
    _print_page(invocation.call("tickets.search", **arguments), as_json=as_json)


@command("tickets export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@as_viewer
@invoked
def export(invocation: Invocation, /, *, file: Path, actor: str) -> None:
    """Write tickets into a table."""
    result = invocation.call("tickets.export", actor=actor)
    write_table(file, {name: text(f"column_{name}") for name in _EXPORTED}, result["rows"])
    click.echo(text("tickets_exported" if not result["more"] else "tickets_exported_first", count=len(result["rows"]), file=file))


def _print_page(page: dict[str, Any], *, as_json: bool) -> None:
    """Print a page of tickets; of a confidential one there is only its number, its desk and when it is due."""
    if as_json:
        print_json(page)
        return
    if not page["tickets"]:
        click.echo(text("tickets_none"))
        return
    columns = [text(f"column_{name}") for name in ("number", "status", "title", "place", "unit", "due")]
    print_table(
        columns,
        (
            [
                line["number"],
                line["status_name"],
                text("ticket_confidential") if line["confidential"] else line["title"],
                line["place"],
                line["unit_name"] or line["desk_name"],
                text("due_overdue", due=line["due"]) if line["overdue"] else line["due"],
            ]
            for line in page["tickets"]
        ),
    )
    if page["after"] is not None:
        click.echo(text("tickets_more", after=page["after"]))


@command("tickets show")
@number
@as_viewer
@as_json
@invoked
def show(invocation: Invocation, /, number: str, *, actor: str, as_json: bool) -> None:
    """Show one ticket."""
    ticket = invocation.call("tickets.show", number=number, actor=actor)
    if as_json:
        print_json(ticket)
        return
    _print_ticket(ticket)
    for clock in ticket["clocks"]:
        click.echo(text("ticket_clock", **clock | {"basis": "；".join(clock["basis"])}))
    for event in ticket["events"]:
        click.echo(text("ticket_event", **event))


@command("tickets dispatch")
@number
@option("--unit", word="to_unit", metavar="CODE", required=True)
@option("--item", metavar="CODE", default="")
@as_staff
@as_json
@invoked
def dispatch(invocation: Invocation, /, **arguments: Any) -> None:
    """Give a ticket to a unit."""
    act(invocation, "dispatch", **arguments)


@command("tickets sign")
@number
@as_staff
@as_json
@invoked
def sign(invocation: Invocation, /, **arguments: Any) -> None:
    """Note that the unit has seen it."""
    act(invocation, "sign", **arguments)


@command("tickets return")
@number
@option("--reason", word="return_reason", type=click.Choice(get_args(ReturnReason)), required=True)
@_words
@option("--article", default="")
@option("--suggested", metavar="CODE", default="")
@as_staff
@as_json
@invoked
def return_ticket(invocation: Invocation, /, **arguments: Any) -> None:
    """Give a ticket back to the desk."""
    act(invocation, "return", **arguments)


@command("tickets reply")
@number
@_words
@as_staff
@as_json
@invoked
def reply(invocation: Invocation, /, **arguments: Any) -> None:
    """Tell the resident what was found or done."""
    act(invocation, "reply", **arguments)


@command("tickets conclude")
@number
@_more_words
@as_staff
@as_json
@invoked
def conclude(invocation: Invocation, /, **arguments: Any) -> None:
    """Declare it done."""
    act(invocation, "conclude", **arguments)


@command("tickets close")
@number
@_more_words
@as_staff
@as_json
@invoked
def close(invocation: Invocation, /, **arguments: Any) -> None:
    """End it after the follow-up."""
    act(invocation, "close", **arguments)


@command("tickets note")
@number
@_words
@as_staff
@as_json
@invoked
def note(invocation: Invocation, /, **arguments: Any) -> None:
    """Write something down for the staff."""
    act(invocation, "note", **arguments)


@command("tickets acknowledge")
@number
@as_staff
@as_json
@invoked
def acknowledge(invocation: Invocation, /, **arguments: Any) -> None:
    """Take up a red alarm."""
    act(invocation, "acknowledge", **arguments)


def _print_ticket(ticket: dict[str, Any]) -> None:
    """Print a ticket for a person to read."""
    click.echo(text("ticket_head", **ticket))
    lines = [
        ("summary", ticket["summary"]),
        ("handover", ticket["handover"]),
        ("place", ticket["place"]),
        ("unit", ticket["unit_name"]),
        ("item", f"{ticket['item']} {ticket['item_name']}".strip()),
        ("candidates", "、".join(f"{code} {name}" for code, name in ticket["candidates"].items())),
        ("due", ticket["due"]),
        ("due_basis", "；".join(ticket["due_basis"])),
        ("why", "；".join(ticket["why"])),
        ("reply", ticket["reply"]),
        ("followers", str(ticket["followers"] or "")),
        ("redo_count", str(ticket["redo_count"] or "")),
    ]
    for name, value in lines:
        if value:
            click.echo(text("field", name=text(f"column_{name}"), value=value))


for _one in (
    list_tickets,
    search,
    export,
    show,
    dispatch,
    sign,
    return_ticket,
    reply,
    conclude,
    close,
    note,
    acknowledge,
    *DESK_ACTS,
    *HELD_UP,
    *BESIDE,
    *KINDS,
    *SECRECY,
    *RESULTS,
):
    tickets.add_command(_one)
