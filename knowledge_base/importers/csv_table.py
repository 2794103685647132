"""Entries from a CSV table: columns found by name or by a map, rows known again by their code or by the columns of a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from knowledge_base.entry_rows import preview_rows
from knowledge_base.importers import ImporterSpec, Preview, Problem
from knowledge_base.taking import take
from store.sheets import SheetError, read_sheet

if TYPE_CHECKING:
    from pathlib import Path


def preview(path: Path, **options: Any) -> Preview:
    """Read a CSV file: the entries it holds and every problem with its line; nothing is written. The options are those of PreviewFile."""
    try:
        sheet = read_sheet(path)
    except (SheetError, OSError) as error:
        return Preview(problems=(Problem(0, "unreadable", {"error": str(error)}),))
    return preview_rows(sheet, **options)


IMPORTER = ImporterSpec(name="csv_table", suffixes=(".csv", ".tsv", ".txt"), preview=preview, apply=take)
