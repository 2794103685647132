"""Labelled files for measuring and learning: CSV with the columns that are asked for, or a refusal that says which are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.refusals import refuse
from store.sheets import SheetError, read_sheet

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

Row = dict[str, str]


def read_samples(file: Path, columns: Sequence[str]) -> list[Row]:
    """Read the rows of a file that has at least these columns; a refusal if it is no table, lacks one of them or holds no row."""
    try:
        sheet = read_sheet(file)
    except SheetError as error:
        raise refuse("bad_samples", file=file.name, why=error) from error
    missing = [name for name in columns if name not in sheet.columns]
    if missing:
        raise refuse("samples_lack", file=file.name, missing="、".join(missing), needed=",".join(columns))
    if not sheet.rows:
        raise refuse("no_samples", file=file.name)
    return [row.cells for row in sheet.rows]


def check_labels(file: Path, column: str, labels: Iterable[str], known: Collection[str]) -> None:
    """Refuse a file whose column holds a label that is none of those known: a misspelt one would count as a mistake of the software."""
    bad = next((label for label in labels if label not in known), None)
    if bad is not None:
        raise refuse("bad_label", file=file.name, column=column, given=bad)
