"""`jieying codes …`: codes on doors, buildings and contact cards, made, listed, revoked and put on a sheet to print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from bot.cli.invocation import invoked
from bot.cli.printing import check_folder, print_json, print_table
from bot.cli.wording import as_json, command, flag, group, option, text
from routing.codes import CodeKind
from routing.history import OPERATOR

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_KINDS = click.Choice(get_args(CodeKind))
_actor = option("--as", "actor", word="actor", metavar="STAFF", default=OPERATOR)
_area = option("--area", word="code_area", metavar="CODE", default="")
_kind = option("--kind", word="code_kind", type=_KINDS, default=None, callback=lambda _context, _option, kind: kind or "")
_words = option("--words", word="code_words", default="")


@group("codes")
def codes() -> None:
    """Look after codes."""


@command("codes make")
@option("--area", word="code_make_area", metavar="CODE", default="")
@option("--kind", word="code_make_kind", type=_KINDS, default="building")
@option("--name", word="code_name", default="")
@option("--building", word="code_building", default="")
@option("--door", "doors", word="code_door", multiple=True)
@option("--worker", word="code_worker", metavar="STAFF", default="")
@option("--note", word="code_note", default="")
@_actor
@as_json
@invoked
def make(invocation: Invocation, /, *, doors: tuple[str, ...], as_json: bool, **arguments: Any) -> None:
    """Make codes."""
    result = invocation.call("codes.make", doors=list(doors), **arguments)
    if as_json:
        print_json(result)
        return
    _show(result["made"])
    click.echo(text("codes_made", made=len(result["made"]), standing=result["standing"]))


@command("codes list")
@_area
@_kind
@_words
@flag("--revoked", word="code_revoked")
@option("--limit", word="code_limit", type=click.IntRange(1, 10_000), default=100)
@as_json
@invoked
def list_codes(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """List codes."""
    rows = invocation.call("codes.list", **arguments)
    if as_json:
        print_json(rows)
    else:
        _show(rows)


@command("codes revoke")
@click.argument("code", type=int, metavar="ID")
@_actor
@as_json
@invoked
def revoke(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Revoke a code."""
    row = invocation.call("codes.revoke", **arguments)
    if as_json:
        print_json(row)
    else:
        click.echo(text("code_revoked", **row))


@command("codes print")
@option("--out", word="code_out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), required=True)
@_area
@_kind
@_words
@flag("--unprinted", word="code_unprinted")
@_actor
@invoked
def print_codes(invocation: Invocation, /, *, out: Path, **arguments: Any) -> None:
    """Put codes on a sheet to print."""
    check_folder(out)
    result = invocation.call("codes.print", **arguments)
    out.write_text(result["html"], encoding="utf-8")
    click.echo(text("codes_printed", count=result["count"], file=out))


def _show(rows: list[dict[str, Any]]) -> None:
    columns = [
        text(f"column_{name}") for name in ("code", "code_kind", "code_place", "code_area", "state", "scans", "lately", "note")
    ]
    print_table(columns, (_cells(row) for row in rows))


def _cells(row: dict[str, Any]) -> list[object]:
    kind, state = text(f"code_kind_{row['kind']}"), text(f"code_state_{row['state']}")
    place = row["worker_name"] or row["worker"] or row["place"]
    return [row["id"], kind, place, row["area"], state, row["scans"], row["lately"], row["note"]]


for _one in (make, list_codes, revoke, print_codes):
    codes.add_command(_one)
