"""`jieying org …`: grids split and merge, workers move, units retire; each says first what would follow where."""

from __future__ import annotations

import base64
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.acting import as_staff
from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, group, option, text

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_SHOWN = 10  # rows named in one line; --json has all

_dry_run = option("--dry-run/--yes", "dry_run", word="plan_only", default=True)


@group("org")
def organisation() -> None:
    """Change the organisation."""


@command("org split-grid")
@click.argument("grid")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_dry_run
@as_staff
@as_json
@invoked
def split_grid(invocation: Invocation, /, *, file: Path, as_json: bool, **arguments: Any) -> int:
    """Split a grid."""
    content = base64.b64encode(file.read_bytes()).decode()
    return _say(invocation.call("org.split_grid", name=file.name, content=content, **arguments), as_json=as_json)


@command("org merge-grids")
@click.argument("into")
@click.argument("others", nargs=-1, required=True)
@option("--name", word="merged_name", default="")
@_dry_run
@as_staff
@as_json
@invoked
def merge_grids(invocation: Invocation, /, *, others: tuple[str, ...], as_json: bool, **arguments: Any) -> int:
    """Merge grids."""
    return _say(invocation.call("org.merge_grids", others=list(others), **arguments), as_json=as_json)


@command("org move-worker")
@click.argument("worker")
@click.argument("grid")
@option("--unit", word="new_unit", default="")
@option("--successor", word="grid_successor", metavar="STAFF", default="")
@_dry_run
@as_staff
@as_json
@invoked
def move_worker(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> int:
    """Move a worker."""
    return _say(invocation.call("org.move_worker", **arguments), as_json=as_json)


@command("org retire-unit")
@click.argument("unit")
@click.argument("successor")
@_dry_run
@as_staff
@as_json
@invoked
def retire_unit(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> int:
    """Retire a unit."""
    return _say(invocation.call("org.retire_unit", **arguments), as_json=as_json)


def _say(plan: dict[str, Any], *, as_json: bool) -> int:
    """Print a plan, and whether it was carried out; exit code 1 if it cannot be."""
    refused = int(bool(plan["troubles"]))
    if as_json:
        print_json(plan)
        return refused
    for trouble in plan["troubles"]:
        click.echo(trouble)
    for one in plan["retired"]:
        click.echo(text("org_retired", **one))
    for area in plan["areas"]:
        click.echo(text("org_area", **area))
    _print_moves(plan["moves"])
    ending = "refused" if refused else "nothing" if plan["empty"] else "done" if plan["applied"] else "planned"
    click.echo(text(f"org_{ending}"))
    return refused


def _print_moves(moves: list[dict[str, Any]]) -> None:
    """Print how many rows of what go where, and which of them by default."""
    if not moves:
        return
    counts = Counter((move["table_name"], move["from"], move["to_name"]) for move in moves)
    defaults = Counter((move["table_name"], move["from"], move["to_name"]) for move in moves if move["by_default"])
    columns = [text(f"column_{name}") for name in ("moved_what", "moved_from", "moved_to", "moved_count", "moved_default")]
    print_table(columns, ([*key, count, defaults[key] or ""] for key, count in counts.items()))
    names = [move["name"] for move in moves if move["by_default"] and move["table"] == "ticket"]
    if names:
        named = "、".join(names[:_SHOWN]) + ("…" if len(names) > _SHOWN else "")
        click.echo(text("org_by_default", count=len(names), names=named))


for _one in (split_grid, merge_grids, move_worker, retire_unit):
    organisation.add_command(_one)
