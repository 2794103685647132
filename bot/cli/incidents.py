"""`jieying incidents …`: what several residents tell of, as the service put it together, and as people merge and split it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.acting import as_staff, as_viewer
from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, group, option, text

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_incident = click.argument("incident", type=int)


@group("incidents")
def incidents() -> None:
    """Look at what several residents tell of."""


@command("incidents list")
@option("--limit", type=click.IntRange(1, 1000), default=50)
@as_viewer
@as_json
@invoked
def list_incidents(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """List incidents of several residents."""
    found = invocation.call("incidents.list", **arguments)
    if as_json:
        print_json(found)
    elif not found:
        click.echo(text("incidents_none"))
    else:
        names = ("incident", "item", "area", "residents", "tickets", "opened", "last", "raised")
        keys = ("incident", "item_name", "area_name", "residents", "count", "opened", "last")
        rows = ([*(one[key] for key in keys), _say_raised(one)] for one in found)
        print_table([text(f"incident_{name}") for name in names], rows)


@command("incidents show")
@_incident
@as_viewer
@as_json
@invoked
def show(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Show an incident with its tickets."""
    found = invocation.call("incidents.show", **arguments)
    if as_json:
        print_json(found)
        return
    click.echo(text("incident_head", raised=_say_raised(found), **found))
    columns = [text(f"column_{name}") for name in ("number", "status", "opened", "title", "place", "summary")]
    keys = ("number", "status_name", "opened", "title", "place", "summary")
    print_table(columns, ([ticket[key] for key in keys] for ticket in found["tickets"]))


@command("incidents merge")
@_incident
@click.argument("other", type=int)
@as_staff
@as_json
@invoked
def merge(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Make one incident of two."""
    _say(invocation.call("incidents.merge", **arguments), "incidents_merged", as_json=as_json)


@command("incidents split")
@_incident
@click.argument("tickets", nargs=-1, required=True)
@as_staff
@as_json
@invoked
def split(invocation: Invocation, /, *, tickets: tuple[str, ...], as_json: bool, **arguments: Any) -> None:
    """Make an incident of its own of some tickets."""
    _say(invocation.call("incidents.split", tickets=list(tickets), **arguments), "incidents_split", as_json=as_json)


def _say(result: dict[str, object], key: str, *, as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        click.echo(text(key, **result))


def _say_raised(incident: dict[str, object]) -> str:
    """Say what was told of an incident to a supervisor; "" if nothing was."""
    return "、".join(text(f"incident_{kind}") for kind in ("burst", "slow_burn") if incident[kind])


for _one in (list_incidents, show, merge, split):
    incidents.add_command(_one)
