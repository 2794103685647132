"""Reads one file that somebody else made, in a process of its own that may take little: run as a program, never imported by the service.

    python -IB file_reader.py xlsx|docx|pdf PATH

It writes one JSON object: {"rows": [[cell, …], …]} of a workbook, {"parts": [[line, heading level, text], …]} of a document, or {"error": word}.
Before any library sees the file, this process gives up time and memory beyond the limits below, and looks at what a packed file would
unpack to. It knows no module of ours: nothing that it could be made to do reaches the database.
"""

from __future__ import annotations

import json
import resource
import sys
import zipfile
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CPU_SECONDS = 15
MEMORY_BYTES = 768 * 1024 * 1024
UNPACKED_BYTES = 100 * 1024 * 1024
MEMBERS = 2000
ROWS = 50_000
COLUMNS = 100
PAGES = 300
CHARACTERS = 4_000_000
"""What is read of a file at most: a city's whole knowledge base is a tenth of it."""


class Refused(Exception):
    """This file is not read; the word says why."""


def check_packed(path: str) -> None:
    """Refuse a packed file that would unpack to more than it may."""
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refused("broken") from error
    if len(members) > MEMBERS or sum(member.file_size for member in members) > UNPACKED_BYTES:
        raise Refused("too_large")


def read_xlsx(path: str) -> dict[str, Any]:
    """Read the first sheet of a workbook that has anything in it."""
    check_packed(path)
    from openpyxl import load_workbook  # noqa: PLC0415 - only after the limits stand

    book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a file says of its size need not be so
        rows = [[say(cell) for cell in row[:COLUMNS]] for row in islice(sheet.iter_rows(values_only=True), ROWS + 1)]
        if len(rows) > ROWS:
            raise Refused("too_large")
        if any(any(row) for row in rows):
            return {"rows": rows}
    return {"rows": []}


def say(cell: object) -> str:
    """Say a cell as people read it: a whole number without a point, a day without its midnight."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat()).removesuffix("T00:00:00")
    return str(cell)


def read_docx(path: str) -> dict[str, Any]:
    """Read the paragraphs and the tables of a document in their order; a row of a table is one line."""
    check_packed(path)
    from docx import Document  # noqa: PLC0415 - only after the limits stand

    return {"parts": list(list_parts(Document(path)))}


def list_parts(document: Any) -> Iterator[tuple[int, int, str]]:
    """List each paragraph with its number and the level of its heading, 0 for text."""
    for number, block in enumerate(document.iter_inner_content(), start=1):
        if hasattr(block, "rows"):
            for row in block.rows:
                yield number, 0, " | ".join(dict.fromkeys(cell.text.strip() for cell in row.cells))
            continue
        style = (block.style.name if block.style is not None else "") or ""
        level = style.removeprefix("Heading ") if style.startswith("Heading ") else "1" if style == "Title" else ""
        yield number, int(level) if level.isdecimal() else 0, block.text.strip()


def read_pdf(path: str) -> dict[str, Any]:
    """Read the text of a document page by page."""
    from pypdf import PdfReader  # noqa: PLC0415 - only after the limits stand

    reader = PdfReader(path)
    if reader.is_encrypted:
        raise Refused("locked")
    if len(reader.pages) > PAGES:
        raise Refused("too_large")
    parts = []
    for number, page in enumerate(reader.pages, start=1):
        parts += [(number, 0, line.strip()) for line in (page.extract_text() or "").splitlines()]
    if not any(text for _, _, text in parts):
        raise Refused("no_text")
    return {"parts": parts}


READERS: dict[str, Callable[[str], dict[str, Any]]] = {"xlsx": read_xlsx, "docx": read_docx, "pdf": read_pdf}


def limit() -> None:
    """Give up what this process must not take: time, memory, files to write, processes to start."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(kind: str, path: str) -> str:
    """Read a file and give the JSON that says what is in it, or why it was not read."""
    try:
        found = json.dumps(READERS[kind](path), ensure_ascii=True)
    except Refused as refused:
        return json.dumps({"error": str(refused)})
    except MemoryError:
        return json.dumps({"error": "too_large"})
    except Exception:  # noqa: BLE001 - whatever a library trips over, the file is not one that we read
        return json.dumps({"error": "broken"})
    return found if len(found) <= 6 * CHARACTERS else json.dumps({"error": "too_large"})


if __name__ == "__main__":
    limit()
    sys.stdout.write(main(sys.argv[1], sys.argv[2]))
