"""The hotline's files, on both databases: all of a file or nothing, the same one once, bad rows with their lines, results in a file of ours."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from console.exchange.dropping import FileDrop
from console.peers import ExchangeSettings, HotlineSettings
from routing import desk
from routing.tables import Ticket
from store.clock import utcnow
from tests.api_door import GRID, PeopledCity

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City
    from store.engine import Store

HEAD = "工单号,诉求内容,地点,区域,类型,受理时间\n"
NAMES = {"id": "工单号", "text": "诉求内容", "place": "地点", "area": "区域", "kind": "类型", "received_at": "受理时间"}
ROWS = f"GD-1,路口井盖不见了,,{GRID},help,2026-03-01T09:00:00+08:00\nGD-2,公园长椅坏了没法坐,,{GRID},suggestion,\n"


class Drop:
    """The folder, and who reads it."""

    def __init__(self, store: Store, city: City, folder: Path, names: dict[str, str]) -> None:
        self.store = store
        self.city = PeopledCity(city)
        self.folder = folder
        settings = ExchangeSettings(folder=str(folder), hotline=HotlineSettings(fields=names))
        self.files = FileDrop(store, self.city, settings)

    async def put(self, name: str, text: str, *, encoding: str = "utf-8") -> None:
        (self.folder / "in").mkdir(parents=True, exist_ok=True)
        (self.folder / "in" / name).write_bytes(text.encode(encoding))
        await self.files.run_once()

    def names(self, where: str) -> list[str]:
        return sorted(path.name for path in (self.folder / where).iterdir())

    def read(self, where: str, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO((self.folder / where / name).read_text(encoding="utf-8-sig"))))

    async def count(self) -> int:
        return await self.store.read(lambda s: s.scalar(select(func.count()).select_from(Ticket)) or 0)


@pytest.fixture
def drop(demo_store: Store, demo_city: tuple[Path, City], tmp_path: Path) -> Drop:
    return Drop(demo_store, demo_city[1], tmp_path / "exchange", NAMES)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_file_becomes_tickets_and_lies_in_done(drop: Drop, encoding: str) -> None:
    await drop.put("one.csv", HEAD + ROWS, encoding=encoding)

    assert (drop.names("in"), drop.names("done"), drop.names("refused")) == ([], ["one.csv"], [])
    found = await drop.store.read(
        lambda s: s.execute(select(Ticket.origin_line, Ticket.kind, Ticket.opened_at).order_by(Ticket.id)).all()
    )
    assert [(row[0], row[1]) for row in found] == [("hotline", "help"), ("hotline", "suggestion")]
    assert found[0][2].isoformat() == "2026-03-01T01:00:00+00:00"  # the resident's time runs from the hotline's receipt


async def test_the_same_file_twice_is_one_import_and_a_row_that_is_known_opens_nothing(drop: Drop) -> None:
    await drop.put("one.csv", HEAD + ROWS)
    await drop.put("again.csv", HEAD + ROWS)
    await drop.put("one.csv", HEAD + ROWS + f"GD-3,有流浪狗追小孩,,{GRID},help,\n")

    assert await drop.count() == 3
    assert drop.names("done") == ["again.csv", "one-2.csv", "one.csv"]


async def test_of_a_file_with_bad_rows_nothing_is_taken_and_every_line_is_named(drop: Drop) -> None:
    bad = "GD-9,,,,help,\nGD-8,灯坏了,,NO-SUCH,help,\nGD-7,灯坏了,,,wish,\nGD-1,灯坏了,,,help,\nGD-6,灯坏了,,,help,yesterday\n"
    await drop.put("bad.csv", HEAD + ROWS + bad)

    assert await drop.count() == 0
    assert (drop.names("done"), drop.names("refused")) == ([], ["bad.csv", "bad.errors.csv"])
    assert [(one["line"], one["column"]) for one in drop.read("refused", "bad.errors.csv")] == [
        ("4", "诉求内容"),
        ("5", "区域"),
        ("6", "类型"),
        ("7", "工单号"),
        ("8", "受理时间"),
    ]


@pytest.mark.parametrize("text", ["", "编号,内容\n1,灯坏了\n", '工单号,诉求内容\n"1,灯坏了\n', "工单号,诉求内容\n1,灯坏了,多\n"])
async def test_what_is_no_table_of_ours_is_refused_whole(drop: Drop, text: str) -> None:
    await drop.put("odd.csv", text)

    assert await drop.count() == 0
    assert drop.names("refused") == ["odd.csv", "odd.errors.csv"]


async def test_a_file_that_is_still_written_is_left_alone(drop: Drop) -> None:
    await drop.put("one.csv.part", HEAD + ROWS)

    assert (await drop.count(), drop.names("in")) == (0, ["one.csv.part"])


async def test_what_became_of_them_is_written_once(drop: Drop) -> None:
    await drop.put("one.csv", HEAD + ROWS)
    number = await drop.store.read(lambda s: s.scalars(select(Ticket.number).order_by(Ticket.id)).first())
    context, now = drop.city.context(now=utcnow()), utcnow() + timedelta(seconds=1)
    assert number is not None
    await drop.store.write(
        lambda s: desk.conclude(s, number, text="=已补上 13800138000", actor="operator", now=now, context=context)
    )
    await drop.files.run_once()
    await drop.files.run_once()

    [name] = drop.names("out")
    [line] = drop.read("out", name)
    assert (line["their_id"], line["number"], line["act"], line["status"]) == ("GD-1", number, "conclude", "concluded")
    assert line["reply"].startswith("'=")
    assert "13800138000" not in line["reply"]


async def test_without_a_folder_nothing_is_read(demo_store: Store, demo_city: tuple[Path, City]) -> None:
    assert await FileDrop(demo_store, PeopledCity(demo_city[1]), ExchangeSettings()).run_once() == 0
