"""`jieying exchange …` and `jieying partner hook…`: other systems, what goes to them, and how both sides' books agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from bot.cli.acting import as_staff, number, print_acted
from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, group, option, text
from console.peers import Peer

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_STATES = frozenset({"waiting", "sent", "acknowledged", "refused", "closed", "failed"})
_peer = click.Choice(get_args(Peer))


@group("exchange")
def exchange() -> None:
    """Exchange matters with other systems."""


@command("exchange send")
@number
@option("--to", "peer", word="exchange_to", type=_peer, required=True)
@option("--text", word="exchange_text", required=True)
@as_staff
@as_json
@invoked
def send(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Hand a ticket to another system."""
    print_acted(invocation.call("exchange.send", **arguments), "hand_over", as_json=as_json)


@command("exchange again")
@click.argument("message", type=int)
@as_staff
@as_json
@invoked
def send_again(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Let what was not taken go once more."""
    result = invocation.call("exchange.again", **arguments)
    if as_json:
        print_json(result)
    else:
        click.echo(text("outbox_again", number=result["id"]))


@command("exchange report")
@option("--day", word="exchange_day", type=click.DateTime(["%Y-%m-%d"]), required=True)
@option("--with", "peer", word="exchange_with", type=_peer, required=True)
@option("--theirs", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None)
@as_json
@invoked
def report(invocation: Invocation, /, *, day: Any, peer: str, theirs: Path | None, as_json: bool) -> None:
    """Compare a day with another system's list."""
    balance = invocation.call("exchange.report", day=f"{day:%Y-%m-%d}", peer=peer, theirs=_read_theirs(theirs))
    if as_json:
        print_json(balance)
        return
    click.echo(text("exchange_balance", differing=len(balance["lines"]), **balance))
    if balance["lines"]:
        columns = [text(f"column_{name}") for name in ("difference", "direction", "number", "their_id", "ours", "theirs")]
        print_table(columns, (_cells(line) for line in balance["lines"]))


@command("partner hook")
@click.argument("name")
@option("--token", word="hook_token", type=int, required=True)
@option("--url", word="hook_url", required=True)
@option("--secret-file", word="hook_secret", required=True)
@option("--event", "events", word="hook_event", multiple=True, required=True)
@option("--fields", word="partner_fields", default="")
@as_staff
@as_json
@invoked
def make_hook(invocation: Invocation, /, *, events: tuple[str, ...], fields: str, as_json: bool, **arguments: Any) -> None:
    """Have an address called when something happens."""
    listed = [field.strip() for field in fields.split(",") if field.strip()]
    made = invocation.call("exchange.hook", events=list(events), fields=listed, **arguments)
    if as_json:
        print_json(made)
    else:
        click.echo(text("hook_made", **made))


@command("partner hooks")
@as_json
@invoked
def list_hooks(invocation: Invocation, /, *, as_json: bool) -> None:
    """List the addresses that are called."""
    rows = invocation.call("exchange.hooks")
    if as_json:
        print_json(rows)
        return
    columns = [text(f"column_{name}") for name in ("id", "owner", "url", "events", "fields", "state")]
    print_table(columns, (_describe(row) for row in rows))


@command("partner unhook")
@click.argument("hook", type=int, metavar="ID")
@as_staff
@as_json
@invoked
def drop_hook(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Call an address no more."""
    row = invocation.call("exchange.unhook", **arguments)
    if as_json:
        print_json(row)
    else:
        click.echo(text("hook_off", **row))


def _describe(row: dict[str, Any]) -> list[object]:
    state = text("hook_on") if row["state"] == "on" else text(f"hook_off_{row['reason']}")
    return [row["id"], row["owner"], row["url"], "、".join(row["events"]), "、".join(row["fields"]), state]


def _cells(line: dict[str, str]) -> list[object]:
    states = [_name_state(line[side]) for side in ("ours", "theirs")]
    difference, direction = text(f"difference_{line['difference']}"), text(f"direction_{line['direction']}")
    return [difference, direction, line["number"], line["their_id"], *states]


def _name_state(state: str) -> str:
    """Name a state; one that only the other side knows stays as it is."""
    return text(f"transfer_{state}") if state in _STATES else state


def _read_theirs(path: Path | None) -> list[dict[str, str]] | None:
    """Read the other side's list: columns number, id, state."""
    from store.sheets import read_sheet  # noqa: PLC0415 - see invocation

    if path is None:
        return None
    return [{name: row.cells.get(name, "") for name in ("number", "id", "state")} for row in read_sheet(path).rows]


for _one in (send, report, send_again):
    exchange.add_command(_one)
PARTNER_COMMANDS = (make_hook, list_hooks, drop_hook)
