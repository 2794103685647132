"""`jieying import …`: tables of a real city, each previewed first; one command per importer."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from bot.cli.acting import as_staff
from bot.cli.invocation import invoked
from bot.cli.printing import print_json
from bot.cli.wording import as_json, command, flag, group, option, text
from bot.refusals import refuse
from knowledge_base.entry import Kind
from routing.importers import discover

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation
    from bot.cli.wording import Command

_SHOWN = 20  # problems printed; --json has all

_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_preview = flag("--preview", "only_preview")


@group("import")
def imports() -> None:
    """Import tables."""


@command("import knowledge")
@_file
@option("--kind", type=click.Choice(get_args(Kind)), default="question")
@option("--map", "mapping", metavar="FIELD=COLUMN", multiple=True)
@option("--key", "key", metavar="COLUMN,COLUMN", default="")
@option("--source", default="")
@option("--source-date", type=click.DateTime(["%Y-%m-%d"]), default=None)
@option("--unit", word="entry_unit", default="")
@option("--area", metavar="CODE", default="")
@flag("--skip-bad")
@_preview
@as_staff
@as_json
@invoked
def knowledge(
    invocation: Invocation, /, *, file: Path, mapping: tuple[str, ...], key: str, source_date: Any, as_json: bool, **options: Any
) -> int:
    """Import entries of the knowledge base."""
    return _import(
        invocation,
        "import.knowledge",
        file,
        as_json=as_json,
        column_map=_read_map(mapping),
        key_columns=[column.strip() for column in key.split(",") if column.strip()],
        source_date=source_date.date().isoformat() if source_date else "",
        **options,
    )


def _make(table: str) -> Command:
    """Make the command of one of routing's importers."""

    @command(f"import {table}")
    @_file
    @_preview
    @as_staff
    @as_json
    @invoked
    def run(invocation: Invocation, /, *, file: Path, as_json: bool, **options: Any) -> int:
        return _import(invocation, "import.table", file, as_json=as_json, table=table, **options)

    return run


def _import(invocation: Invocation, name: str, file: Path, *, as_json: bool, **arguments: Any) -> int:
    """Have a file imported and print what became of it; exit code 1 if it was refused."""
    content = base64.b64encode(file.read_bytes()).decode()
    result = invocation.call(name, name=file.name, content=content, **arguments)
    refused = not result["applied"] and not arguments["only_preview"]
    if as_json:
        print_json(result)
        return int(refused)
    for problem in result["problems"][:_SHOWN]:
        click.echo(problem)
    if len(result["problems"]) > _SHOWN:
        click.echo(text("import_more_problems", count=len(result["problems"]) - _SHOWN))
    if result["unused"]:
        click.echo(text("import_unused", columns="、".join(result["unused"])))
    for remark in result.get("remarks", ()):
        click.echo(remark)
    if result["applied"]:
        click.echo(text("imported", **{"refused": 0, "removed": 0} | result["counts"]))
    else:
        click.echo(text("import_refused" if refused else "import_previewed", rows=result["rows"]))
    return int(refused)


def _read_map(mapping: tuple[str, ...]) -> dict[str, str]:
    """Read FIELD=COLUMN, once or several times."""
    pairs = [one.partition("=") for one in mapping]
    for field, equals, column in pairs:
        if not (field and equals and column):
            raise refuse("bad_map", given=f"{field}{equals}{column}")
    return {field: column for field, _, column in pairs}


imports.add_command(knowledge)
for _table in discover():
    imports.add_command(_make(_table))
