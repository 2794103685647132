"""`jieying erase …`: what was erased and the proof of it, what is over its time, and erasing again after a backup was restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, flag, group, option, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.cli.invocation import Invocation

_UNSOUND = 1


@group("erase")
def erase() -> None:
    """Look at erasures, and do what is due."""


@command("erase list")
@option("--limit", type=click.IntRange(1, 1000), default=50)
@as_json
@invoked
def list_erasures(invocation: Invocation, *, limit: int, as_json: bool) -> None:
    """List receipts."""
    rows = invocation.call("erase.list", limit=limit)
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo(text("erasures_none"))
        return
    columns = [text(f"column_{name}") for name in ("receipt", "why_erased", "erased_at", "erased")]
    kinds = {kind: text(f"erased_{kind}") for kind in ("asked", "due")}
    print_table(columns, ([row["receipt"], kinds[row["kind"]], row["done"], _say_counts(row["counts"])] for row in rows))


@command("erase due")
@flag("--dry-run", "dry_run")
@as_json
@invoked
def erase_due(invocation: Invocation, *, dry_run: bool, as_json: bool) -> None:
    """Take away what is over its time, or only count it."""
    counts: dict[str, int] = invocation.call("erase.count") if dry_run else {}
    receipt = "" if dry_run else _run(invocation, counts)
    if as_json:
        print_json({"receipt": receipt, "counts": counts})
        return
    click.echo(
        text("due_counted" if dry_run else "due_erased", receipt=receipt, counts=_say_counts(counts) or text("erased_nothing"))
    )


def _run(invocation: Invocation, counts: dict[str, int]) -> str:
    """Take away chunk by chunk, each in a transaction of its own, then have the sum signed; gives the receipt."""
    while any((chunk := invocation.call("erase.run")).values()):
        for name, count in chunk.items():
            counts[name] = counts.get(name, 0) + count
    receipt: str = invocation.call("erase.sign", counts=counts)
    return receipt


@command("erase verify")
@as_json
@invoked
@click.pass_context
def verify(context: click.Context, invocation: Invocation, *, as_json: bool) -> None:
    """Check the proof."""
    proof = invocation.call("erase.verify")
    if as_json:
        print_json(proof)
    else:
        click.echo(text("proof_counted", receipts=proof["receipts"], lines=proof["lines"]))
        for name in ("changed_receipts", "broken_lines", "not_erased"):
            if proof[name]:
                click.echo(text(f"proof_{name}", found="、".join(map(str, proof[name]))))
        if proof["sound"]:
            click.echo(text("proof_sound"))
    if not proof["sound"]:
        context.exit(_UNSOUND)


@command("erase replay")
@as_json
@invoked
def replay(invocation: Invocation, *, as_json: bool) -> None:
    """Erase again what the list says was erased."""
    counts = invocation.call("erase.replay")
    if as_json:
        print_json(counts)
        return
    click.echo(text("erased_again", counts=_say_counts(counts) or text("erased_nothing")))


def _say_counts(counts: Mapping[str, int]) -> str:
    return "、".join(text(f"erased_{name}", count=count) for name, count in counts.items() if count)


for _each in (list_erasures, erase_due, verify, replay):
    erase.add_command(_each)
