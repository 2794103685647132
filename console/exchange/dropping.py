"""热线文件交换: files of the hotline in a folder. What it puts into in/ becomes tickets, whole or not at all; what became of them lies in out/.

A file is there once its name ends in .csv: whoever writes it gives it that name last. One that was read lies in done/ afterwards, one with
bad rows in refused/, beside it the lines that are wrong. The same bytes under another name are the same file.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import structlog
from sqlalchemy import select

from console.exchange import partner_tickets
from console.exchange.announcing import RESULTS
from console.exchange.messages import RESULT_FIELDS, describe_result
from console.exchange.tables import DroppedFile, ExchangeCursor, PartnerTicket
from console.partner_asked import PartnerFile
from routing.errors import TicketError
from routing.history import read_facts
from routing.tables import Ticket, TicketEvent
from store import sheets
from store.clock import utcnow
from store.locks import hold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from console.peers import ExchangeSettings
    from console.surroundings import CityView
    from store.engine import Store

log = structlog.get_logger(__name__)

PARTNER = "hotline"
COLUMNS = ("id", "text", "place", "area", "kind", "requester", "confidential", "received_at")
"""What a row may say, under our names; [exchange.hotline] fields gives theirs."""
_NEEDED = ("id", "text")
_YES = frozenset({"1", "yes", "true", "y", "是"})
_CURSOR = "dropped"
_MOST = 1_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a line (the header is line 1): the column, and what was expected there."""

    line: int
    column: str
    expected: str


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file: how many tickets it opened, how many rows it repeats, what is wrong. With troubles nothing of it was taken."""

    opened: int = 0
    known: int = 0
    again: bool = False
    troubles: tuple[Trouble, ...] = ()


class FilesRefused(Exception):
    """Rows of this file cannot be taken: nothing of it is."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        super().__init__(self.__doc__)
        self.troubles = tuple(troubles)


def read_rows(
    content: bytes, *, names: Mapping[str, str], areas: Iterable[str]
) -> tuple[list[tuple[int, PartnerFile]], list[Trouble]]:
    """Read a file's rows with their lines; `names`: our column -> theirs. Every trouble is listed."""
    try:
        sheet = sheets.parse(content)
    except sheets.SheetError as error:
        return [], [Trouble(line=1, column="", expected=str(error))]
    theirs = {ours: names.get(ours, ours) for ours in COLUMNS}
    troubles = [
        Trouble(line=1, column=theirs[ours], expected="Expected this column")
        for ours in _NEEDED
        if theirs[ours] not in sheet.columns
    ]
    troubles += [Trouble(line=line, column="", expected="Expected no more cells than columns") for line in sheet.overlong]
    rows: list[tuple[int, PartnerFile]] = []
    known = frozenset(areas)
    lines: dict[str, int] = {}
    for row in sheet.rows if not troubles else ():
        cells = {ours: row.cells.get(name, "") for ours, name in theirs.items()}
        try:
            filed = _read_row(cells)
        except ValueError as error:  # msgspec.ValidationError is one
            troubles.append(_find_trouble(row.line, str(error), theirs))
            continue
        if filed.area and filed.area not in known:
            troubles.append(Trouble(line=row.line, column=theirs["area"], expected="Expected the code of an area"))
        if filed.id in lines:
            troubles.append(
                Trouble(line=row.line, column=theirs["id"], expected=f"Expected another id than that of line {lines[filed.id]}")
            )
        lines.setdefault(filed.id, row.line)
        rows.append((row.line, filed))
    return rows, troubles


def _read_row(cells: Mapping[str, str]) -> PartnerFile:
    values: dict[str, object] = {name: value for name, value in cells.items() if value and name != "confidential"}
    values["confidential"] = cells["confidential"].lower() in _YES
    filed = msgspec.convert(values, PartnerFile)
    if "\0" in "".join(cells.values()):
        raise ValueError("Expected no NUL character - at `$.text`")
    return filed


def _find_trouble(line: int, message: str, theirs: Mapping[str, str]) -> Trouble:
    """Read msgspec's message into the column and what is expected there."""
    expected, _, path = message.partition(" - at `$.")
    column = path.rstrip("`")
    if not column:
        column = next((name for name in COLUMNS if f"`{name}`" in expected), "")
    return Trouble(line=line, column=theirs.get(column, column), expected=expected)


def import_file(
    session: Session, name: str, content: bytes, *, city: CityView, settings: ExchangeSettings, now: datetime
) -> Imported:
    """Take a file of the hotline: all of it, or, with a row that cannot be taken, FilesRefused and nothing. The same bytes again change nothing."""
    mark = hashlib.sha256(content).hexdigest()
    hold(session, f"dropped:{mark}")
    before = session.get(DroppedFile, mark)
    if before is not None:
        return Imported(known=before.rows, again=True)
    context = city.context(now=now)
    rows, troubles = read_rows(content, names=settings.hotline.fields, areas=context.org.areas)
    opened = 0
    for line, row in rows if not troubles else ():
        report, utterance = city.read_report(row.text, place=row.place, area=row.area)
        report = msgspec.structs.replace(
            report,
            kind=row.kind,
            requester=row.requester,
            confidential=report.confidential or row.confidential or row.kind == "report",
            received_at=row.received_at and min(row.received_at, now),
        )
        try:
            sent = partner_tickets.take(
                session, PARTNER, row.id, report=report, utterance=utterance, line=PARTNER, now=now, context=context
            )
        except TicketError as error:
            troubles.append(Trouble(line=line, column=row.id, expected=city.refusal(error) or type(error).__name__))
            continue
        opened += sent.created
    if troubles:
        raise FilesRefused(troubles)
    session.add(DroppedFile(hash=mark, name=name, rows=len(rows), at=now))
    return Imported(opened=opened, known=len(rows) - opened)


def list_results(
    session: Session, *, city: CityView, settings: ExchangeSettings, now: datetime
) -> tuple[int, list[dict[str, str]]]:
    """List what became of the hotline's matters since the last time, in its columns, and the last event looked at. It is kept as looked at."""
    hold(session, "exchange:dropped")
    cursor = session.get(ExchangeCursor, _CURSOR) or ExchangeCursor(name=_CURSOR, event_id=0)
    session.add(cursor)
    statement = (
        select(TicketEvent, Ticket, PartnerTicket.their_id)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .join(PartnerTicket, PartnerTicket.ticket_id == Ticket.id)
        .where(PartnerTicket.partner == PARTNER, TicketEvent.id > cursor.event_id, TicketEvent.act.in_(sorted(RESULTS)))
        .order_by(TicketEvent.id)
        .limit(_MOST)
    )
    org = city.context(now=now).org
    names = {field: settings.hotline.fields.get(field, field) for field in RESULT_FIELDS}
    results = []
    for event, ticket, their_id in session.execute(statement):
        values = describe_result(read_facts(session, ticket, org=org), their_id, event)
        results.append({names[field]: _cell(values[field]) for field in RESULT_FIELDS})
        cursor.event_id = event.id
    return cursor.event_id, results


def _cell(value: object) -> str:
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


class FileDrop:
    """Reads and writes the folder, a round at a time; nothing where no folder is set."""

    def __init__(self, store: Store, city: CityView, settings: ExchangeSettings, *, clock: Callable[[], datetime] = utcnow) -> None:
        self._store = store
        self._city = city
        self._settings = settings
        self._clock = clock

    async def run_once(self) -> int:
        """Take every file that is there, then write what became of the hotline's matters; returns how many files were read."""
        if not self._settings.folder:
            return 0
        folder = Path(self._settings.folder)
        found = await asyncio.to_thread(lambda: list(_list_files(folder)))
        for path, content in found:
            await self._take(path, content)
        now = self._clock()
        last, results = await self._store.write(
            lambda session: list_results(session, city=self._city, settings=self._settings, now=now)
        )
        if results:
            await asyncio.to_thread(_write_results, folder / "out", f"results-{last:09d}.csv", results)
        return 0

    async def _take(self, path: Path, content: bytes) -> None:
        now = self._clock()
        try:
            imported = await self._store.write(
                lambda session: import_file(session, path.name, content, city=self._city, settings=self._settings, now=now)
            )
        except FilesRefused as error:
            log.warning("a file of the hotline was refused", action="drop_refused", troubles=len(error.troubles))
            await asyncio.to_thread(_refuse, path, error.troubles)
            return
        log.info("a file of the hotline was read", action="drop_read", opened=imported.opened, known=imported.known)
        await asyncio.to_thread(_move, path, path.parent.parent / "done")


def _list_files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for name in ("in", "out", "done", "refused"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for path in sorted((folder / "in").glob("*.csv")):
        yield path, path.read_bytes()


def _move(path: Path, folder: Path) -> Path:
    """Move a file into a folder, under a name that nothing there has."""
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}-{number}{path.suffix}"
    path.rename(target)
    return target


def _refuse(path: Path, troubles: Iterable[Trouble]) -> None:
    target = _move(path, path.parent.parent / "refused")
    rows = [{"line": str(one.line), "column": one.column, "expected": one.expected} for one in troubles]
    target.with_suffix(".errors.csv").write_text(_write(rows), encoding="utf-8-sig", newline="")


def _write_results(folder: Path, name: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Write a file so that it is whole as soon as its name is there."""
    unfinished = folder / f"{name}.part"
    unfinished.write_text(_write(rows), encoding="utf-8-sig", newline="")
    unfinished.rename(folder / name)


def _write(rows: Sequence[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
