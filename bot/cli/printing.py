"""How results are printed: tables and progress where a person looks on, tab-separated lines or JSON where a program reads."""

from __future__ import annotations

import csv
import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.texts import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With what a cell begins that a spreadsheet program would work out."""


def print_json(value: Any) -> None:
    """Print a value for a program."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows: a table on a terminal, else one line per row with tabs between, the names of the columns first."""
    lines = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for line in [list(columns), *lines]:
            click.echo("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in line))
        return
    table = Table(show_lines=False, header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)
    for line in lines:
        table.add_row(*(cell.replace("[", r"\[") for cell in line))
    Console().print(table)


def check_folder(path: Path | None) -> None:
    """Refuse a file in a folder that is not there or that nothing can be written into, before anything is made for it."""
    if path is not None and not os.access(path.parent, os.W_OK | os.X_OK):
        raise click.BadParameter(fill("cli", "error_out_folder", {"folder": path.parent}))


def write_table(path: Path, columns: Mapping[str, str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows into a CSV file that spreadsheet programs open as it is; `columns`: key -> heading. No cell can be a formula there."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns.values())
        for row in rows:
            cells = (str(row[key]) for key in columns)
            writer.writerow("'" + cell if cell.startswith(_FORMULA) else cell for cell in cells)


@contextmanager
def show_progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how far something has come; gives the function to be told how much more is done. Silent where nobody looks on."""
    if not sys.stderr.isatty():
        yield lambda _more: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda more: progress.advance(task, more)
