"""`jieying patrol …`: what grid workers look at, which rounds are due, what was found or put right, who missed what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.acting import as_staff, as_viewer
from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, group, option, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.cli.invocation import Invocation

_item = option("--item", word="check_item", default="")
_place = option("--place", word="found_place", default="")
_since = option("--since", word="period_since", type=click.DateTime(["%Y-%m-%d"]), default=None)
_until = option("--until", word="period_until", type=click.DateTime(["%Y-%m-%d"]), default=None)


@group("patrol")
def patrol() -> None:
    """Look after patrols."""


@command("patrol sheets")
@as_json
@invoked
def sheets(invocation: Invocation, /, *, as_json: bool) -> None:
    """List the sheets."""
    found = invocation.call("patrol.sheets")
    rows = (
        [
            one["code"],
            one["name"],
            one["area_name"],
            text(f"rhythm_{one['rhythm']}"),
            text(f"days_{one['days']}"),
            one["hours"],
            "、".join(one["items"]),
        ]
        for one in found
        if one["active"]
    )
    _show(found, rows, ("code", "sheet", "area", "rhythm", "days", "hours", "items"), as_json=as_json)


@command("patrol due")
@as_viewer
@as_json
@invoked
def due(invocation: Invocation, /, *, actor: str, as_json: bool) -> None:
    """List the rounds that are due."""
    found = invocation.call("patrol.due", actor=actor)
    rows = (
        [one["round"], one["name"], one["grid_name"], one["worker_name"], one["hours"], one["due"], "、".join(one["items"])]
        for one in found
    )
    _show(found, rows, ("round", "sheet", "area", "worker", "hours", "due", "items"), as_json=as_json)


@command("patrol record")
@click.argument("round", type=int)
@option("--found", default="")
@option("--fixed", default="")
@_item
@_place
@as_staff
@as_json
@invoked
def record(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Record a round."""
    done = invocation.call("patrol.record", **arguments)
    if as_json:
        print_json(done)
        return
    click.echo(text("patrol_late" if done["late"] else "patrol_outside" if done["outside"] else "patrol_recorded", **done))
    say_tickets(done["tickets"])
    if done["fixed"]:
        click.echo(text("patrol_fixed"))


@command("patrol missed")
@_since
@_until
@as_viewer
@as_json
@invoked
def missed(invocation: Invocation, /, *, since: Any, until: Any, actor: str, as_json: bool) -> None:
    """List who missed which rounds."""
    found = invocation.call("patrol.missed", since=day_of(since), until=day_of(until), actor=actor)
    rows = (
        [
            one["day"],
            one["worker_name"],
            one["due"],
            one["missed"],
            one["late"],
            one["outside"],
            "、".join(each["name"] for each in one["rounds"]),
        ]
        for one in found
    )
    columns = ("day", "worker", "rounds_due", "rounds_missed", "rounds_late", "rounds_outside", "sheet")
    _show(found, rows, columns, as_json=as_json)


@command("patrol solve")
@click.argument("grid")
@option("--text", word="solved_text", required=True)
@_item
@_place
@as_staff
@as_json
@invoked
def solve(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Keep what was put right at once."""
    done = invocation.call("patrol.solve", **arguments)
    if as_json:
        print_json(done)
    else:
        click.echo(text("patrol_solved", **done))


@command("patrol solved")
@_since
@_until
@as_viewer
@as_json
@invoked
def solved(invocation: Invocation, /, *, since: Any, until: Any, actor: str, as_json: bool) -> None:
    """Count what was put right at once."""
    found = invocation.call("patrol.solved", since=day_of(since), until=day_of(until), actor=actor)
    rows = ([one["area_name"], one["worker_name"], one["count"]] for one in found)
    _show(found, rows, ("area", "worker", "solved"), as_json=as_json)


@command("patrol file")
@click.argument("grid")
@option("--text", word="filed_text", required=True)
@_place
@option("--phone", word="filed_phone", default="")
@as_staff
@as_json
@invoked
def file(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """File for a resident."""
    done = invocation.call("patrol.file", **arguments)
    if as_json:
        print_json(done)
        return
    say_tickets([done])
    click.echo(text("filed_told" if done["resident_told"] else "filed_untold"))


def say_tickets(tickets: Iterable[dict[str, Any]]) -> None:
    """Say which tickets were opened or joined."""
    for ticket in tickets:
        click.echo(text("found_joined" if ticket["joined"] else "found_opened", number=ticket["number"]))


def day_of(value: Any) -> str:
    """Give a day that was written, as ISO 8601; "" for none."""
    return value.date().isoformat() if value else ""


def _show(found: list[Any], rows: Iterable[list[object]], names: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    elif not found:
        click.echo(text("grid_work_none"))
    else:
        print_table([text(f"patrol_column_{name}") for name in names], rows)


for _one in (sheets, due, record, missed, solve, solved, file):
    patrol.add_command(_one)
