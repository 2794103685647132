"""`jieying seed`: the made-up city, to try things out with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, text

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation


@command("seed")
@as_json
@invoked
def seed(invocation: Invocation, *, as_json: bool) -> None:
    """Put the made-up city into the database; twice is once."""
    counts: dict[str, dict[str, Any]] = invocation.call("seed")
    if as_json:
        print_json(counts)
        return
    columns = [text(f"column_{name}") for name in ("table", "created", "changed", "unchanged")]
    rows = (
        [text(f"table_{table.replace('-', '_')}"), *(done.get(name, 0) for name in ("created", "changed", "unchanged"))]
        for table, done in counts.items()
    )
    print_table(columns, rows)
    click.echo(text("seeded"))
