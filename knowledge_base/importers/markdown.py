"""Entries from a Markdown file: each heading is a question, what stands below it the answer, and lines like 『来源：…』 right below it are fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from knowledge_base.columns import FIELDS
from knowledge_base.entry_rows import preview_rows
from knowledge_base.importers import ImporterSpec, Preview, Problem
from knowledge_base.taking import take
from store.sheets import Sheet, SheetError, SheetRow, decode

if TYPE_CHECKING:
    from pathlib import Path

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*\s*")
_FIELD = re.compile(r"\s*[-*]?\s*\**([^：:*]{1,20})\**[：:]\s*(.+)")
_FENCE = re.compile(r"\s*(```|~~~)")
_NAMES = {column: name for name, field in FIELDS.items() for column in field.columns}
_COLUMNS = tuple(FIELDS)


class NoHeadings(SheetError):
    """This file has no heading with text below it: write each question as a heading (# …) and its answer below."""


def preview(path: Path, **options: Any) -> Preview:
    """Read a Markdown file: the entries it holds and every problem with its line; nothing is written. The options are those of PreviewFile."""
    try:
        sheet = read_headings(path.read_bytes())
    except (SheetError, OSError) as error:
        return Preview(problems=(Problem(0, "unreadable", {"error": str(error)}),))
    return preview_rows(sheet, **({"key_columns": ("question",)} | {name: value for name, value in options.items() if value}))


def read_headings(data: bytes) -> Sheet:
    """Read a file's bytes as a table of the fields of entries, a row for each heading with text below; SheetError if there is none."""
    rows: list[SheetRow] = []
    line, cells, text = 0, dict[str, str](), list[str]()
    fenced = False
    for number, written in enumerate([*decode(data).splitlines(), "# end"], start=1):
        fenced ^= bool(_FENCE.match(written))
        heading = None if fenced else _HEADING.fullmatch(written)
        if heading:
            rows += _close(line, cells, text)
            line, cells, text = number, {"question": heading[2]}, []
        elif not text and (field := _FIELD.fullmatch(written)) and field[1].strip().lower() in _NAMES:
            cells[_NAMES[field[1].strip().lower()]] = field[2].strip()
        elif text or written.strip():
            text.append(written)
    if not rows:
        raise NoHeadings
    return Sheet(tuple(name for name in _COLUMNS if any(row.cells[name] for row in rows) or name == "code"), tuple(rows))


def _close(line: int, cells: dict[str, str], text: list[str]) -> list[SheetRow]:
    """Make the row of a heading; one that has nothing below it is a chapter, and no question."""
    below = "\n".join(text).strip()
    if not line or not (below or len(cells) > 1):
        return []
    return [SheetRow(line, dict.fromkeys(_COLUMNS, "") | cells | ({"answer": below} if below else {}))]


IMPORTER = ImporterSpec(name="markdown", suffixes=(".md", ".markdown"), preview=preview, apply=take)
