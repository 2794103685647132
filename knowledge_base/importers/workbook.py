"""Entries from a workbook (XLSX): the first sheet that has anything in it, read like a CSV table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from knowledge_base.entry_rows import preview_rows
from knowledge_base.importers import ImporterSpec, Preview, Problem
from knowledge_base.reading_apart import read_workbook
from knowledge_base.taking import take
from store.sheets import SheetError

if TYPE_CHECKING:
    from pathlib import Path


def preview(path: Path, **options: Any) -> Preview:
    """Read a workbook: the entries it holds and every problem with its line; nothing is written. The options are those of PreviewFile."""
    try:
        sheet = read_workbook(path)
    except (SheetError, OSError) as error:
        return Preview(problems=(Problem(0, "unreadable", {"error": str(error)}),))
    return preview_rows(sheet, **options)


IMPORTER = ImporterSpec(name="workbook", suffixes=(".xlsx",), preview=preview, apply=take)
