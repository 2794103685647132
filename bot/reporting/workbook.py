"""The monthly pack as a workbook (XLSX), a sheet a section. Every text is written as text: no cell is ever a formula or a link."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import xlsxwriter

from bot.reporting.saying import say

if TYPE_CHECKING:
    from bot.reporting.pack import Pack, Section

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDEST, _NARROWEST, _SPARE = 60, 8, 3
_WIDE_FROM = 0x2E80
"""Characters from here on are as wide as two."""
_NAME_LENGTH = 31  # what the format allows


def write_workbook(pack: Pack) -> bytes:
    """Write a pack as an XLSX file; gives its bytes."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        book.set_properties({"title": pack.title, "comments": pack.made})
        head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "text_wrap": True, "valign": "top", "border": 1})
        title = book.add_format({"bold": True, "font_size": 14})
        cell = book.add_format({"text_wrap": True, "valign": "top"})
        for section in pack.sections:
            sheet = book.add_worksheet(section.title[:_NAME_LENGTH])
            sheet.write_string(0, 0, f"{section.title}  {pack.title}", title)
            sheet.write_string(1, 0, section.note)
            for column, name in enumerate(section.columns):
                sheet.write_string(2, column, name, head)
                sheet.set_column(column, column, _find_width(section, column))
            for line, row in enumerate(section.rows, start=3):
                for column, value in enumerate(row):
                    if isinstance(value, int):
                        sheet.write_number(line, column, value, cell)
                    else:
                        sheet.write_string(line, column, value, cell)
            if not section.rows:
                sheet.write_string(3, 0, say("nothing"))
            sheet.freeze_panes(3, 0)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
    return buffer.getvalue()


def _find_width(section: Section, column: int) -> int:
    """Find a width in characters that most cells of a column fit in."""
    texts = [section.columns[column], *(str(row[column]) for row in section.rows)]
    widest = max(sum(2 if ord(character) >= _WIDE_FROM else 1 for character in text) for text in texts)
    return max(_NARROWEST, min(_WIDEST, widest + _SPARE))
