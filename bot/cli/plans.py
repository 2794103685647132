"""`jieying plans …`: seasonal plans, the tasks they give before the season, and what was not done in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.acting import as_staff, as_viewer
from bot.cli.invocation import invoked
from bot.cli.patrol import say_tickets
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, group, option, text

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation


@group("plans")
def plans() -> None:
    """Look after seasonal plans."""


@command("plans list")
@as_json
@invoked
def list_plans(invocation: Invocation, /, *, as_json: bool) -> None:
    """List the plans."""
    found = invocation.call("plans.list")
    if as_json:
        print_json(found)
        return
    rows = (
        [
            one["code"],
            one["name"],
            one["starts"],
            one["ends"],
            one["lead_days"],
            "、".join(one["area_names"]),
            "、".join(one["items"]),
        ]
        for one in found
        if one["active"]
    )
    _print(found, ("code", "name", "starts", "ends", "lead_days", "areas", "items"), rows)


@command("plans tasks")
@as_viewer
@as_json
@invoked
def tasks(invocation: Invocation, /, *, actor: str, as_json: bool) -> None:
    """List the tasks."""
    _show(invocation.call("plans.tasks", actor=actor), as_json=as_json)


@command("plans undone")
@as_viewer
@as_json
@invoked
def undone(invocation: Invocation, /, *, actor: str, as_json: bool) -> None:
    """List what was not done in time."""
    _show(invocation.call("plans.undone", actor=actor), as_json=as_json)


@command("plans record")
@click.argument("task", type=int)
@option("--item", "items", word="plan_item", multiple=True)
@option("--found", default="")
@option("--place", word="found_place", default="")
@as_staff
@as_json
@invoked
def record(invocation: Invocation, /, *, items: tuple[str, ...], as_json: bool, **arguments: Any) -> None:
    """Tick items off."""
    done = invocation.call("plans.record", items=list(items), **arguments)
    if as_json:
        print_json(done)
        return
    click.echo(text("plan_done", **done) if done["done"] else text("plan_left", left="、".join(done["left"])))
    say_tickets(done["tickets"])


def _show(found: list[Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    rows = ([one["task"], one["name"], one["grid_name"], one["worker_name"], one["due"], "、".join(one["left"])] for one in found)
    _print(found, ("task", "name", "grid", "worker", "due", "left"), rows)


def _print(found: list[Any], names: tuple[str, ...], rows: Any) -> None:
    if found:
        print_table([text(f"plan_column_{name}") for name in names], rows)
    else:
        click.echo(text("grid_work_none"))


for _one in (list_plans, tasks, undone, record):
    plans.add_command(_one)
