"""`jieying drafts …` and `jieying paste`: what grid workers do with what their groups speak of, for whoever has no chat bound yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, group, option, text

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_draft = click.argument("draft", type=int)
_worker = option("--as", "actor", word="draft_as", metavar="STAFF", required=True)


@group("drafts")
def drafts() -> None:
    """Look at what groups speak of."""


@command("drafts list")
@_worker
@as_json
@invoked
def list_drafts(invocation: Invocation, /, *, actor: str, as_json: bool) -> None:
    """List what waits for a worker."""
    found = invocation.call("drafts.list", actor=actor)
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo(text("drafts_none"))
        return
    columns = [text(f"column_{name}") for name in ("draft", "group", "people", "text", "until")]
    print_table(columns, ([one["draft"], one["group"], str(one["people"]), one["lines"], one["due"]] for one in found))


@command("drafts show")
@_draft
@_worker
@as_json
@invoked
def show(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Show one draft whole."""
    found = invocation.call("drafts.show", **arguments)
    if as_json:
        print_json(found)
    else:
        click.echo(text("draft_shown", **found))


@command("drafts confirm")
@_draft
@_worker
@as_json
@invoked
def confirm(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Make a ticket of a draft."""
    done = invocation.call("drafts.confirm", **arguments)
    if as_json:
        print_json(done)
    else:
        click.echo(text("draft_joined" if done["joined"] else "draft_confirmed", **done))


@command("drafts drop")
@_draft
@_worker
@as_json
@invoked
def drop(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Let a draft go."""
    done = invocation.call("drafts.drop", **arguments)
    if as_json:
        print_json(done)
    else:
        click.echo(text("draft_dropped", **done))


@command("drafts bind")
@click.argument("staff")
@click.argument("channel")
@click.argument("sender")
@as_json
@invoked
def bind(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Let a chat speak for a member of staff."""
    done = invocation.call("drafts.bind", **arguments)
    if as_json:
        print_json(done)
    else:
        click.echo(text("staff_bound", **done))


@command("drafts unbind")
@click.argument("staff")
@click.argument("channel")
@as_json
@invoked
def unbind(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Let no chat speak for a member of staff any more."""
    done = invocation.call("drafts.unbind", **arguments)
    if as_json:
        print_json(done)
    else:
        click.echo(text("staff_unbound", **done))


@command("paste")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_worker
@option("--group", word="draft_group", metavar="ID", required=True)
@as_json
@invoked
def paste(invocation: Invocation, /, file: Path, *, actor: str, group: str, as_json: bool) -> None:
    """Read an excerpt of a group out of a file."""
    done = invocation.call("drafts.paste", text=file.read_text(encoding="utf-8-sig"), actor=actor, group=group)
    if as_json:
        print_json(done)
        return
    for ticket in done["tickets"]:
        click.echo(text("paste_danger", ticket=ticket))
    click.echo(text("paste_done", messages=done["messages"], drafts=len(done["drafts"])))
    for one in done["drafts"]:
        click.echo(text("paste_draft", **one))


for _one in (list_drafts, show, confirm, drop, bind, unbind):
    drafts.add_command(_one)
