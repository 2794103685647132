"""热线文件交换: files of the hotline in a folder. What it puts into in/ becomes tickets, whole or not at all; what became of them lies in out/.

A file is there once its name ends in .csv: whoever writes it gives it that name last. One that was read lies in done/ afterwards, one with
bad rows in refused/, beside it the lines that are wrong. The same bytes under another name are the same file. Results are there at least
once: how far they go is kept first, then the file is written, then they count as told, so that after a crash the same file comes again.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import structlog
from sqlalchemy import func, select

from console.exchange import folder, partner_tickets
from console.exchange.announcing import RESULTS
from console.exchange.concerned import ENDS, find_concerned
from console.exchange.dropped_rows import MOST_ROWS, Trouble, read_rows
from console.exchange.messages import RESULT_FIELDS, describe_result
from console.exchange.settling import find_unsettled
from console.exchange.tables import DroppedFile, ExchangeCursor, PartnerTicket
from routing.errors import TicketError
from routing.history import read_facts
from routing.tables import Ticket, TicketEvent
from store.base import insert_once
from store.clock import utcnow
from store.locks import hold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from console.exchange.dropped_rows import Row
    from console.partner_asked import PartnerFile
    from console.peers import ExchangeSettings
    from console.surroundings import CityView
    from knowledge_base.text import Utterance
    from routing.terms import Report
    from store.engine import Store

log = structlog.get_logger(__name__)

PARTNER = "hotline"
_TOLD, _PLANNED = "dropped", "dropping"
"""The cursors: how far the results were told, and how far those go that are being written."""
_MOST = 1_000
_TOGETHER = 10
"""Rows that are taken in one transaction: about a tenth of a second, for which a resident's message may have to wait."""
_MEGABYTE = 1024 * 1024


class FileRefused(Exception):
    """Rows of this file cannot be taken: nothing of it is."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        super().__init__(self.__doc__)
        self.troubles = tuple(troubles)


def is_known(session: Session, mark: str) -> bool:
    """Tell whether a file was read before, by the hash of its bytes."""
    return session.get(DroppedFile, mark) is not None


def find_refused(session: Session, rows: Iterable[Row], *, city: CityView, now: datetime) -> list[Trouble]:
    """List the rows that cannot be taken as their tickets stand: more words for what is over."""
    troubles = []
    for line, row in rows:
        report, _ = _read_report(row, city, now=now)
        try:
            partner_tickets.check(session, PARTNER, row.id, report=report)
        except TicketError as error:
            troubles.append(Trouble(line=line, column=row.id, wrong="refused", error=error))
    return troubles


def take_rows(session: Session, rows: Iterable[Row], *, city: CityView, now: datetime) -> int:
    """Open tickets for rows, those that are known left out; returns how many were opened. FileRefused for one that is over since it was looked at."""
    context = city.context(now=now)
    opened = 0
    for line, row in rows:
        report, utterance = _read_report(row, city, now=now)
        try:
            sent = partner_tickets.take(
                session, PARTNER, row.id, report=report, utterance=utterance, line=PARTNER, now=now, context=context
            )
        except TicketError as error:
            raise FileRefused((Trouble(line=line, column=row.id, wrong="refused", error=error),)) from error
        opened += sent.created
    return opened


def _read_report(row: PartnerFile, city: CityView, *, now: datetime) -> tuple[Report, Utterance]:
    report, utterance = city.read_report(row.text, place=row.place, area=row.area)
    report = msgspec.structs.replace(
        report,
        kind=row.kind,
        requester=row.requester,
        confidential=report.confidential or row.confidential or row.kind == "report",
        received_at=row.received_at and min(row.received_at, now),
    )
    return report, utterance


def describe_troubles(troubles: Iterable[Trouble], city: CityView) -> list[dict[str, str]]:
    """Say what is wrong with a file, in the words of whoever put it there: line, column, what is expected."""
    line, column, expected = (city.say(f"drop_{name}") for name in ("line", "column", "expected"))
    return [{line: str(one.line), column: one.column, expected: _explain(one, city)} for one in troubles]


def _explain(trouble: Trouble, city: CityView) -> str:
    if trouble.error is not None:
        return city.refusal(trouble.error) or type(trouble.error).__name__
    return city.say(f"drop_{trouble.wrong}", line=trouble.other, rows=MOST_ROWS, megabytes=folder.LARGEST // _MEGABYTE)


def plan_results(session: Session, *, now: datetime) -> int | None:
    """Settle how far the next results go, and keep it until they are told: the last event; None while there is nothing to tell."""
    hold(session, "exchange:dropped")
    planned = _read_cursor(session, _PLANNED)
    told = _read_cursor(session, _TOLD)
    if planned.event_id <= told.event_id:
        unsettled = find_unsettled(session, after=told.event_id, now=now)
        events = _find_events(told.event_id, unsettled).with_only_columns(TicketEvent.id).limit(_MOST).subquery()
        planned.event_id = session.execute(select(func.max(events.c.id))).scalar_one() or told.event_id
    return planned.event_id if planned.event_id > told.event_id else None


def list_results(session: Session, last: int, *, city: CityView, settings: ExchangeSettings, now: datetime) -> list[dict[str, str]]:
    """List what became of the hotline's matters since what was told, up to an event, in its columns: as it may be said at this moment."""
    told = session.get(ExchangeCursor, _TOLD)
    events = session.scalars(_find_events(told.event_id if told is not None else 0, last + 1)).all()
    numbers = select(Ticket.id, Ticket.number).where(Ticket.id.in_({event.ticket_id for event in events}))
    ended = {event.ticket_id for event in events if event.act in ENDS}
    concerned = find_concerned(session, {row.id: row.number for row in session.execute(numbers)}, ended=ended)
    every = {one.id for each in concerned.values() for one in each}
    mine = select(PartnerTicket).where(PartnerTicket.partner == PARTNER, PartnerTicket.ticket_id.in_(every))
    ids: dict[int, list[str]] = {}
    for row in session.scalars(mine.order_by(PartnerTicket.id)):
        ids.setdefault(row.ticket_id, []).append(row.their_id)
    org = city.context(now=now).org
    names = {field: settings.hotline.fields.get(field, field) for field in RESULT_FIELDS}
    results = []
    for event in events:
        for one in concerned[event.ticket_id]:
            if one.id not in ids or not one.hears(event.act):
                continue
            facts = read_facts(session, session.get_one(Ticket, one.id), org=org)
            for their_id in ids[one.id]:
                values = describe_result(facts, their_id, event, zone=city.zone)
                line = {names[field]: _write_cell(values[field]) for field in RESULT_FIELDS}
                results.append({"event": f"event-{event.id}", **line})
    return results


def note_told(session: Session, last: int) -> None:
    """Note that results are told up to an event: their file is there."""
    hold(session, "exchange:dropped")
    told = _read_cursor(session, _TOLD)
    told.event_id = max(told.event_id, last)


def _read_cursor(session: Session, name: str) -> ExchangeCursor:
    found = session.get(ExchangeCursor, name)
    if found is None:
        found = ExchangeCursor(name=name, event_id=0)
        session.add(found)
    return found


def _find_events(after: int, before: int | None) -> Select[TicketEvent]:
    """Select what became of tickets behind an event, and before another if one is named, the earliest first."""
    statement = select(TicketEvent).where(TicketEvent.id > after, TicketEvent.act.in_(sorted(RESULTS))).order_by(TicketEvent.id)
    return statement if before is None else statement.where(TicketEvent.id < before)


def _write_cell(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


class FileDrop:
    """Reads and writes the folder, a round at a time; nothing where no folder is set."""

    def __init__(self, store: Store, city: CityView, settings: ExchangeSettings, *, clock: Callable[[], datetime] = utcnow) -> None:
        self._store = store
        self._city = city
        self._settings = settings
        self._clock = clock
        self._left: dict[str, str] = {}
        """Files that stay in in/, and why: said once, not every minute."""

    async def run_once(self) -> int:
        """Take every file that is there, then write what became of the hotline's matters; returns how many files left in/ (read or refused).

        A file that cannot be read or moved stays and stops no other; a folder that cannot be reached is looked for again the next time.
        """
        if not self._settings.folder:
            return 0
        place = Path(self._settings.folder)
        try:
            paths = await asyncio.to_thread(folder.list_waiting, place)
            before = self._clock() - timedelta(days=self._settings.keep_days)
            await asyncio.to_thread(folder.forget_old, place, before=before)
            self._left = {name: why for name, why in self._left.items() if name in {path.name for path in paths}}
            taken = sum([await self._take(path) for path in paths])
            while await self._tell(place / "out"):
                pass
        except OSError:
            log.exception("the hotline's folder cannot be used", action="drop_unreachable")
            return 0
        return taken

    async def _take(self, path: Path) -> bool:
        """Take one file; False if it stays where it is, which the log says."""
        try:
            await self._import(await asyncio.to_thread(folder.read, path, now=self._clock()))
            await asyncio.to_thread(folder.move, path, "done")
        except folder.TooLarge:
            return await self._refuse(path, (Trouble(line=1, column="", wrong="too_large"),))
        except FileRefused as error:
            return await self._refuse(path, error.troubles)
        except (folder.LeftAlone, OSError) as error:
            return self._leave(path, str(error) if isinstance(error, folder.LeftAlone) else type(error).__name__)
        except Exception as error:
            log.exception("a file of the hotline cannot be taken", action="drop_failed")
            return self._leave(path, type(error).__name__)
        return True

    async def _import(self, waiting: folder.Waiting) -> None:
        """Take a file, a few rows at a time, so that residents' messages come in between. FileRefused before the first of them, if at all.

        After a crash in between it is read again: its rows are known by their ids. Nothing of a file that was read before.
        """
        mark = hashlib.sha256(waiting.content).hexdigest()
        if await self._store.read(lambda session: is_known(session, mark)):
            return
        areas = self._city.context(now=self._clock()).org.areas
        names, zone = self._settings.hotline.fields, self._city.zone
        rows, troubles = await asyncio.to_thread(read_rows, waiting.content, names=names, areas=areas, zone=zone)
        parts = [rows[first : first + _TOGETHER] for first in range(0, len(rows), _TOGETHER)] if not troubles else []
        for part in parts:
            troubles += await self._store.read(partial(find_refused, rows=part, city=self._city, now=self._clock()))
        if troubles:
            raise FileRefused(troubles)
        opened = 0
        for part in parts:
            opened += await self._store.write(partial(take_rows, rows=part, city=self._city, now=self._clock()))
        values = {"hash": mark, "name": waiting.path.name, "rows": len(rows), "at": self._clock()}
        await self._store.write(lambda session: insert_once(session, DroppedFile, values, index=["hash"]))
        log.info("a file of the hotline was read", action="drop_read", opened=opened, known=len(rows) - opened)

    async def _refuse(self, path: Path, troubles: Sequence[Trouble]) -> bool:
        log.warning("a file of the hotline was refused", action="drop_refused", troubles=len(troubles))
        try:
            await asyncio.to_thread(folder.refuse, path, describe_troubles(troubles, self._city))
        except OSError as error:
            return self._leave(path, type(error).__name__)
        return True

    def _leave(self, path: Path, why: str) -> bool:
        if self._left.get(path.name) != why:
            log.warning("a file of the hotline is left where it is", action="drop_left", why=why)
        self._left[path.name] = why
        return False

    async def _tell(self, out: Path) -> bool:
        """Write the next of what became of the hotline's matters; False if there is nothing (left) to tell.

        First how far it goes is kept, last that it was told.
        """
        now = self._clock()
        last = await self._store.write(lambda session: plan_results(session, now=now))
        if last is None:
            return False
        rows = await self._store.read(
            lambda session: list_results(session, last, city=self._city, settings=self._settings, now=now)
        )
        if rows:
            await asyncio.to_thread(folder.write, out / f"results-{last:09d}.csv", rows)
        await self._store.write(lambda session: note_told(session, last))
        return True
