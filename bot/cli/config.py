"""`jieying config`: the values in force, secrets hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from bot.cli.invocation import invoked
from bot.cli.printing import print_json
from bot.cli.wording import as_json, command, text
from bot.settings import effective

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.cli.invocation import Invocation


@command("config")
@as_json
@invoked
def config(invocation: Invocation, *, as_json: bool) -> None:
    """Print every section as config.toml would hold it."""
    sections = effective(invocation.settings)
    if as_json:
        print_json({"path": invocation.settings.path, "settings": sections})
        return
    click.echo(text("config_source", path=invocation.settings.path))
    for name, values in sections.items():
        for line in _list_lines(name, values):
            click.echo(line)


def _list_lines(name: str, values: dict[str, Any]) -> Iterator[str]:
    """List a section's lines in TOML, nested sections after its own keys."""
    yield f"\n[{name}]"
    for key, value in values.items():
        if not isinstance(value, dict):
            yield f"{key} = {msgspec.json.encode(value).decode()}"
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _list_lines(f"{name}.{key}", value)
