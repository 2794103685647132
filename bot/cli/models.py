"""`jieying models …`: the city's own learned models: their versions, which of them serves, and the way back."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.acting import as_staff
from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, group, text

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation


@group("models")
def models() -> None:
    """Look after learned models."""


@command("models list")
@as_json
@invoked
def list_models(invocation: Invocation, *, as_json: bool) -> None:
    """List the versions."""
    versions = invocation.call("models.list")
    if as_json:
        print_json(versions)
    elif not versions:
        click.echo(text("models_none"))
    else:
        columns = [text(f"column_{name}") for name in ("version", "serving", "made_at", "made_by", "learned", "held_out")]
        print_table(columns, ([one["version"], *_describe(one)] for one in versions))


@command("models keep")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_staff
@as_json
@invoked
def keep(invocation: Invocation, *, file: Path, actor: str, as_json: bool) -> None:
    """Keep a model that was learned into a file."""
    content = base64.b64encode(file.read_bytes()).decode()
    kept = invocation.call("models.keep", content=content, figures={}, serve=False, actor=actor)
    _say(kept, "models_kept", as_json=as_json)


@command("models use")
@click.argument("version", type=int)
@as_staff
@as_json
@invoked
def use(invocation: Invocation, *, version: int, actor: str, as_json: bool) -> None:
    """Put a version into service."""
    _say(invocation.call("models.use", version=version, actor=actor), "models_used", as_json=as_json)


@command("models back")
@as_staff
@as_json
@invoked
def back(invocation: Invocation, *, actor: str, as_json: bool) -> None:
    """Go back to the version that served before."""
    result = invocation.call("models.back", actor=actor)
    _say(result, "models_used" if result["version"] else "models_shipped", as_json=as_json)


def _say(result: dict[str, object], key: str, *, as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        click.echo(text(key, **result))


def _describe(one: dict[str, object]) -> list[object]:
    figures = one["figures"]
    held_out = f"{figures['new']:.1%} / {figures['running']:.1%}" if isinstance(figures, dict) and "new" in figures else ""
    learned = figures.get("samples", "") if isinstance(figures, dict) else ""
    return [text("yes") if one["serving"] else "", one["made_at"], one["made_by"], learned, held_out]


for _one in (list_models, keep, use, back):
    models.add_command(_one)
