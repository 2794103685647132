"""`jieying tickets seal|about|summary|original`: keep a matter secret, keep it from whom it is about, and what of it may leave the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.acting import as_staff, number, print_acted
from bot.cli.invocation import invoked
from bot.cli.printing import print_json
from bot.cli.wording import as_json, command, flag, group, option, text

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation


@command("tickets seal")
@number
@as_staff
@as_json
@invoked
def seal(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Make a matter confidential."""
    print_acted(invocation.call("tickets.seal", **arguments), "seal", as_json=as_json)


@command("tickets about")
@number
@option("--unit", "units", word="about_unit", metavar="CODE", multiple=True)
@option("--staff", word="about_staff", metavar="CODE", multiple=True)
@option("--name", "names", word="about_name", metavar="NAME", multiple=True)
@as_staff
@as_json
@invoked
def about(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Keep a matter from whom it is about."""
    if not (arguments["units"] or arguments["staff"] or arguments["names"]):
        raise click.UsageError(text("about_nobody"))
    print_acted(invocation.call("tickets.about", **arguments), "keep_from", as_json=as_json)


@command("tickets original")
@number
@option("--reason", word="original_reason", default="")
@as_staff
@as_json
@invoked
def original(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Open what the resident wrote."""
    opened = invocation.call("tickets.original", **arguments)
    if as_json:
        print_json(opened)
        return
    click.echo(text("original_head", **opened))
    for line in opened["added"]:
        click.echo(text("original_added", **line))


@group("tickets summary")
def summary() -> None:
    """Work with the summary that a confidential matter leaves the desk with."""


@command("tickets summary show")
@number
@as_staff
@as_json
@invoked
def show(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Show it."""
    _print_summary(invocation.call("tickets.summary.show", **arguments), as_json=as_json)


@command("tickets summary edit")
@number
@option("--text", word="summary_text", required=True)
@as_staff
@as_json
@invoked
def edit(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Write it anew."""
    _print_summary(invocation.call("tickets.summary.edit", **arguments), as_json=as_json)


@command("tickets summary approve")
@number
@flag("--talked")
@as_staff
@as_json
@invoked
def approve(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Approve it."""
    _print_summary(invocation.call("tickets.summary.approve", **arguments), as_json=as_json)


def _print_summary(shown: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(shown)
        return
    click.echo(text("summary_shown", number=shown["number"], text=shown["text"], state=text(f"handover_{shown['state']}")))
    for fault in shown["faults"]:
        click.echo(text("summary_fault", fault=text(f"fault_{fault['kind']}", words=fault["words"])))


for _one in (show, edit, approve):
    summary.add_command(_one)

COMMANDS = (seal, about, original, summary)
