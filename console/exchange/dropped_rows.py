"""The rows of a file of the hotline: what each says, or what is wrong with it. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from console.partner_asked import PartnerFile
from store import sheets

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import tzinfo

COLUMNS = ("id", "text", "place", "area", "kind", "requester", "confidential", "received_at")
"""What a row may say, under our names; [exchange.hotline] fields gives theirs."""
MOST_ROWS = 5_000
"""Rows of one file: those of some days of a large city."""
_NEEDED = ("id", "text")
_YES = frozenset({"1", "yes", "true", "y", "是"})
_MOMENTS = ("%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S")
"""As a spreadsheet writes moments; ISO 8601 is read too."""

Row = tuple[int, PartnerFile]


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a line (the header is line 1): the column, and by its text (drop_<wrong> of the API's texts) what is expected there.

    `other` is another line that the text speaks of, `error` what went wrong where a table cannot be read or a row not be taken.
    """

    line: int
    column: str
    wrong: str
    other: int = 0
    error: Exception | None = None


def read_rows(content: bytes, *, names: Mapping[str, str], areas: Collection[str], zone: tzinfo) -> tuple[list[Row], list[Trouble]]:
    """Read a file's rows with their lines; `names`: our column -> theirs, `zone` that of moments without one. Every trouble is listed."""
    try:
        sheet = sheets.parse(content)
    except sheets.SheetError as error:
        return [], [Trouble(line=1, column="", wrong="refused", error=error)]
    theirs = {ours: names.get(ours, ours) for ours in COLUMNS}
    troubles = _look_at_table(sheet, theirs)
    rows: list[Row] = []
    lines: dict[str, int] = {}
    for row in sheet.rows if not troubles else ():
        cells = {ours: row.cells.get(name, "") for ours, name in theirs.items()}
        try:
            filed = _read_row(cells, zone)
        except msgspec.ValidationError as error:
            column = _find_column(str(error))
            troubles.append(Trouble(line=row.line, column=theirs[column], wrong=column))
            continue
        if filed.area and filed.area not in areas:
            troubles.append(Trouble(line=row.line, column=theirs["area"], wrong="area"))
        if filed.id in lines:
            troubles.append(Trouble(line=row.line, column=theirs["id"], wrong="twice", other=lines[filed.id]))
        lines.setdefault(filed.id, row.line)
        rows.append((row.line, filed))
    return rows, troubles


def _look_at_table(sheet: sheets.Sheet, theirs: Mapping[str, str]) -> list[Trouble]:
    """List what is wrong with a table before any row is read."""
    troubles = [Trouble(line=1, column=theirs[ours], wrong="no_column") for ours in _NEEDED if theirs[ours] not in sheet.columns]
    troubles += [Trouble(line=line, column="", wrong="overlong") for line in sheet.overlong]
    if len(sheet.rows) > MOST_ROWS:
        troubles.append(Trouble(line=sheet.rows[MOST_ROWS].line, column="", wrong="too_many"))
    return troubles


def _read_row(cells: Mapping[str, str], zone: tzinfo) -> PartnerFile:
    """Read a row; ValidationError if it does not fit."""
    values: dict[str, object] = {name: value for name, value in cells.items() if value}
    values["confidential"] = cells["confidential"].lower() in _YES
    if received := cells["received_at"]:
        values["received_at"] = _read_moment(received, zone) or received
    return msgspec.convert(values, PartnerFile)


def _read_moment(words: str, zone: tzinfo) -> datetime | None:
    """Read a moment; one without a zone is in the city's. None if it is none."""
    for read in (datetime.fromisoformat, *(lambda text, form=form: datetime.strptime(text, form) for form in _MOMENTS)):  # noqa: DTZ007 - the zone is the city's
        try:
            moment: datetime = read(words)
        except ValueError:
            continue
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return None


def _find_column(message: str) -> str:
    """Find in msgspec's message which of our columns does not fit."""
    expected, _, path = message.partition(" - at `$.")
    column = path.rstrip("`")
    return column if column in COLUMNS else next((name for name in COLUMNS if f"`{name}`" in expected), "id")
