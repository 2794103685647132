"""The hotline's files, on both databases: all of a file or nothing, the same one once, bad rows with their lines, results in a file of ours."""

from __future__ import annotations

import asyncio
import csv
import io
import os
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from bot.texts import fill
from console.exchange.dropped_rows import MOST_ROWS
from console.exchange.dropping import FileDrop
from console.exchange.folder import LARGEST
from console.exchange.tables import PartnerTicket
from console.peers import ExchangeSettings, HotlineSettings
from routing import desk, merging, secrecy
from routing.tables import Ticket, TicketEvent
from store.clock import utcnow
from tests.api_door import GRID, PeopledCity

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

HEAD = "工单号,诉求内容,地点,区域,类型,受理时间\n"
NAMES = {"id": "工单号", "text": "诉求内容", "place": "地点", "area": "区域", "kind": "类型", "received_at": "受理时间"}
ROWS = f"GD-1,路口井盖不见了,,{GRID},help,2026-03-01T09:00:00+08:00\nGD-2,公园长椅坏了没法坐,,{GRID},suggestion,\n"


@dataclass
class Clock:
    """The wall clock, and what has been put on top of it."""

    more: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return utcnow() + self.more


class DyingStore:
    """A store whose process dies at one of its writes: from then on nothing of it happens any more."""

    def __init__(self, store: Store, *, writes: int) -> None:
        self._store = store
        self._left = writes
        self.dialect = store.dialect

    async def write(self, fn: Callable[[Any], Any]) -> Any:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return await self._store.write(fn)

    async def read(self, fn: Callable[[Any], Any]) -> Any:
        return await self._store.read(fn)


class Drop:
    """The folder, and who reads it."""

    def __init__(self, store: Store, city: City, folder: Path, names: dict[str, str]) -> None:
        self.store = store
        self.city = PeopledCity(city)
        self.folder = folder
        self.clock = Clock()
        self.settings = ExchangeSettings(folder=str(folder), hotline=HotlineSettings(fields=names))
        self.files = FileDrop(store, self.city, self.settings, clock=self.clock)

    def lay(self, name: str, content: bytes, *, seconds_ago: float = 60) -> Path:
        """Lay a file into in/ that was last written to so long ago."""
        (self.folder / "in").mkdir(parents=True, exist_ok=True)
        path = self.folder / "in" / name
        path.write_bytes(content)
        at = self.clock().timestamp() - seconds_ago
        os.utime(path, (at, at))
        return path

    async def put(self, name: str, text: str, *, encoding: str = "utf-8") -> int:
        self.lay(name, text.encode(encoding))
        return await self.files.run_once()

    async def settle(self) -> int:
        """Let what happened be old enough that nothing can come before it, then look."""
        self.clock.more += timedelta(minutes=2)
        return await self.files.run_once()

    def names(self, where: str) -> list[str]:
        return sorted(path.name for path in (self.folder / where).iterdir())

    def read(self, where: str, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO((self.folder / where / name).read_text(encoding="utf-8-sig"))))

    async def count(self) -> int:
        return await self.store.read(lambda s: s.scalar(select(func.count()).select_from(Ticket)) or 0)

    async def numbers(self) -> list[str]:
        return await self.store.read(lambda s: list(s.scalars(select(Ticket.number).order_by(Ticket.id))))

    async def conclude(self, number: str, text: str = "已补上") -> None:
        now = self.clock() + timedelta(seconds=1)
        context = self.city.context(now=now)
        await self.store.write(lambda s: desk.conclude(s, number, text=text, actor="operator", now=now, context=context))


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
    assert [(one["行"], one["列"], one["应当怎样"]) for one in drop.read("refused", "bad.errors.csv")] == [
        ("4", "诉求内容", "诉求内容，1 到 4000 个字，不能空"),
        ("5", "区域", "我方的区域编码，没有就空着"),
        ("6", "类型", fill("api", "drop_kind")),
        ("7", "工单号", "这个编号和第 2 行的一样：一件事一个编号"),
        ("8", "受理时间", fill("api", "drop_received_at")),
    ]


@pytest.mark.parametrize(
    ("content", "line", "expected"),
    [
        (b"", "1", "这个文件第一行没有列名。"),
        ("编号,内容\n1,灯坏了\n".encode(), "1", "表头里要有这一列"),
        ("工单号,诉求内容\n1,灯坏了,多\n".encode(), "2", fill("api", "drop_overlong")),
        (b"PK\x03\x04\x00a workbook", "1", fill("cli", "error_not_text")),
    ],
)
async def test_what_is_no_table_of_ours_is_refused_whole_in_words_for_the_citys_staff(
    drop: Drop, content: bytes, line: str, expected: str
) -> None:
    drop.lay("odd.csv", content)
    await drop.files.run_once()

    assert await drop.count() == 0
    assert drop.names("refused") == ["odd.csv", "odd.errors.csv"]
    first = drop.read("refused", "odd.errors.csv")[0]
    assert (first["行"], first["应当怎样"]) == (line, expected)


async def test_a_quote_that_never_closes_refuses_the_file(drop: Drop) -> None:
    await drop.put("odd.csv", '工单号,诉求内容\n"1,灯坏了\n')

    [trouble] = drop.read("refused", "odd.errors.csv")
    assert trouble["应当怎样"].startswith("这个文件不成表格")


async def test_more_words_for_what_is_over_refuse_the_file_in_words_for_the_citys_staff(drop: Drop) -> None:
    await drop.put("one.csv", HEAD + ROWS)
    await drop.store.write(lambda s: s.execute(update(Ticket).values(status="closed")))
    await drop.put("more.csv", HEAD + f"GD-1,路口井盖又不见了,,{GRID},help,\n")

    [trouble] = drop.read("refused", "more.errors.csv")
    assert (trouble["行"], trouble["列"]) == ("2", "GD-1")
    assert "已结案" in trouble["应当怎样"]


async def test_a_file_that_is_still_written_is_left_alone(drop: Drop) -> None:
    await drop.put("one.csv.part", HEAD + ROWS)

    assert (await drop.count(), drop.names("in")) == (0, ["one.csv.part"])


async def test_what_became_of_them_is_written_once(drop: Drop) -> None:
    await drop.put("one.csv", HEAD + ROWS)
    [number, _] = await drop.numbers()
    await drop.conclude(number, "=已补上 13800138000")
    await drop.settle()
    await drop.settle()

    [name] = drop.names("out")
    [line] = drop.read("out", name)
    assert list(line) == ["event", "number", "their_id", "act", "status", "reply", "at"]
    assert (line["their_id"], line["number"], line["act"], line["status"]) == ("GD-1", number, "conclude", "concluded")
    assert name == f"results-{int(line['event'].removeprefix('event-')):09d}.csv"
    assert line["reply"].startswith("'=")
    assert "13800138000" not in line["reply"]


@pytest.mark.parametrize("writes", [0, 1])
async def test_results_are_there_after_a_death_at_any_point_under_the_same_name(drop: Drop, writes: int) -> None:
    await drop.put("one.csv", HEAD + ROWS)
    first, second = await drop.numbers()
    await drop.conclude(first)
    drop.clock.more += timedelta(minutes=2)
    with pytest.raises(KeyboardInterrupt):  # before it is settled how far they go, or after the file, before they count as told
        await FileDrop(DyingStore(drop.store, writes=writes), drop.city, drop.settings, clock=drop.clock).run_once()  # type: ignore[arg-type]
    died_with = drop.names("out")
    await drop.conclude(second)
    await drop.settle()

    told = [(name, [line["their_id"] for line in drop.read("out", name)]) for name in drop.names("out")]
    if writes:
        assert [name for name, _ in told][:1] == died_with
        assert [ids for _, ids in told] == [["GD-1"], ["GD-2"]]
    else:
        assert died_with == []
        assert [ids for _, ids in told] == [["GD-1", "GD-2"]]
    assert await drop.settle() == 0
    assert len(drop.names("out")) == len(told)


async def test_results_that_cannot_be_written_are_written_later(drop: Drop) -> None:
    await drop.put("one.csv", HEAD + ROWS)
    [number, _] = await drop.numbers()
    await drop.conclude(number)
    (drop.folder / "out").rmdir()
    (drop.folder / "out").write_text("a file where the folder should be")
    assert await drop.settle() == 0
    (drop.folder / "out").unlink()
    await drop.settle()

    [name] = drop.names("out")
    assert [line["number"] for line in drop.read("out", name)] == [number]


@pytest.mark.parametrize("demo_url", ["postgresql"], indirect=True)
async def test_a_result_that_is_committed_late_is_told_all_the_same(drop: Drop) -> None:
    await drop.put("one.csv", HEAD + ROWS)
    first, second = await drop.numbers()
    await drop.conclude(first)
    await drop.conclude(second)
    slow, quick = await drop.store.read(
        lambda s: s.scalars(select(TicketEvent.id).where(TicketEvent.act == "conclude").order_by(TicketEvent.id)).all()
    )
    hide = update(TicketEvent).where(TicketEvent.id == slow)
    await drop.store.write(lambda s: s.execute(hide.values(act="note")))  # it has its number, and is not there yet
    await drop.files.run_once()
    assert drop.names("out") == []
    await drop.store.write(lambda s: s.execute(hide.values(act="conclude")))
    await drop.settle()

    [name] = drop.names("out")
    assert [line["event"] for line in drop.read("out", name)] == [f"event-{slow}", f"event-{quick}"]


async def test_what_was_merged_into_another_is_told_with_the_end_of_that_one(drop: Drop) -> None:
    await drop.put("one.csv", HEAD + ROWS)
    first, second = await drop.numbers()
    now = drop.clock()
    context = drop.city.context(now=now)
    await drop.store.write(lambda s: merging.merge(s, second, into=first, actor="operator", now=now, context=context))
    await drop.conclude(first)
    await drop.settle()

    [name] = drop.names("out")
    assert [(one["their_id"], one["act"], one["reply"]) for one in drop.read("out", name)] == [
        ("GD-2", "merge", ""),
        ("GD-1", "conclude", "已补上"),
        ("GD-2", "conclude", ""),
    ]


async def test_of_a_confidential_matter_only_how_far_it_is_and_on_which_day_is_told(drop: Drop) -> None:
    await drop.put("one.csv", HEAD + ROWS)
    [number, _] = await drop.numbers()
    now = drop.clock() + timedelta(seconds=1)
    context = drop.city.context(now=now)
    await drop.store.write(lambda s: secrecy.keep_secret(s, number, actor="operator", now=now, context=context))
    await drop.conclude(number, "已和张三谈过")
    await drop.settle()

    [name] = drop.names("out")
    [line] = drop.read("out", name)
    assert (line["act"], line["reply"]) == ("conclude", "")
    assert line["at"].endswith("T16:00:00+00:00")  # midnight of the city


async def test_what_cannot_be_read_stays_and_stops_no_other(drop: Drop) -> None:
    (drop.folder / "in" / "a-folder.csv").mkdir(parents=True)
    (drop.folder / "in" / "b-nowhere.csv").symlink_to(drop.folder / "not-there")
    drop.lay("c-half.csv", (HEAD + ROWS)[:-9].encode(), seconds_ago=1)
    drop.lay("d-huge.csv", b"")
    os.truncate(drop.folder / "in" / "d-huge.csv", LARGEST + 1)
    os.utime(drop.folder / "in" / "d-huge.csv", (0, 0))
    read = await drop.put("e-good.csv", HEAD + ROWS)

    assert read == 2
    assert (await drop.count(), drop.names("done")) == (2, ["e-good.csv"])
    assert drop.names("in") == ["a-folder.csv", "b-nowhere.csv", "c-half.csv"]
    assert drop.names("refused") == ["d-huge.csv", "d-huge.errors.csv"]
    [trouble] = drop.read("refused", "d-huge.errors.csv")
    assert trouble["应当怎样"] == fill("api", "drop_too_large", {"megabytes": 16})
    assert await drop.files.run_once() == 0  # it does not go round and round


async def test_a_file_that_one_after_another_finds_broken_in_us_stops_no_other(drop: Drop) -> None:
    class Broken(PeopledCity):
        def read_report(self, text: str, *, place: str, area: str) -> Any:
            if "井盖" in text:
                raise RuntimeError("a fault of the program")
            return super().read_report(text, place=place, area=area)

    drop.lay("a.csv", (HEAD + ROWS).encode())
    drop.lay("b.csv", (HEAD + f"GD-5,有流浪狗追小孩,,{GRID},help,\n").encode())
    broken = FileDrop(drop.store, Broken(drop.city._city), drop.settings, clock=drop.clock)

    assert await broken.run_once() == 1
    assert (drop.names("in"), drop.names("done"), await drop.count()) == (["a.csv"], ["b.csv"], 1)
    assert await drop.files.run_once() == 1
    assert (drop.names("in"), await drop.count()) == ([], 3)


async def test_a_folder_that_cannot_be_reached_is_looked_for_again(drop: Drop) -> None:
    drop.folder.write_text("no folder")
    assert await drop.files.run_once() == 0
    drop.folder.unlink()

    assert await drop.put("one.csv", HEAD + ROWS) == 1


async def test_what_was_read_or_refused_goes_after_its_days_and_results_stay(drop: Drop) -> None:
    await drop.put("one.csv", HEAD + ROWS)
    await drop.put("bad.csv", HEAD + "GD-9,,,,help,\n")
    [number, _] = await drop.numbers()
    await drop.conclude(number)
    drop.clock.more += timedelta(days=29)
    await drop.files.run_once()
    assert (drop.names("done"), drop.names("refused")) == (["one.csv"], ["bad.csv", "bad.errors.csv"])
    drop.clock.more += timedelta(days=2)
    await drop.files.run_once()

    assert (drop.names("done"), drop.names("refused")) == ([], [])
    assert len(drop.names("out")) == 1


async def test_a_long_file_lets_residents_messages_in_between(drop: Drop) -> None:
    rows = "".join(f"GD-{number},第{number}号路灯坏了三天没人修,,{GRID},help,\n" for number in range(60))
    drop.lay("long.csv", (HEAD + rows).encode())
    reading = asyncio.create_task(drop.files.run_once())
    between = 0
    while not reading.done():
        await drop.store.write(lambda s: s.scalar(select(func.count()).select_from(Ticket)))
        between += not reading.done()
        await asyncio.sleep(0.01)

    assert await reading == 1
    assert between >= 5
    assert await drop.store.read(lambda s: s.scalar(select(func.count()).select_from(PartnerTicket))) == 60


async def test_a_file_at_whose_reading_the_process_died_is_read_to_its_end(drop: Drop) -> None:
    rows = "".join(f"GD-{number},第{number}号路灯坏了三天没人修,,{GRID},help,\n" for number in range(25))
    drop.lay("long.csv", (HEAD + rows).encode())
    with pytest.raises(KeyboardInterrupt):
        await FileDrop(DyingStore(drop.store, writes=2), drop.city, drop.settings, clock=drop.clock).run_once()  # type: ignore[arg-type]
    assert drop.names("in") == ["long.csv"]
    assert await drop.store.read(lambda s: s.scalar(select(func.count()).select_from(PartnerTicket))) == 20
    assert await drop.files.run_once() == 1

    assert drop.names("done") == ["long.csv"]
    ids = await drop.store.read(lambda s: list(s.scalars(select(PartnerTicket.their_id).order_by(PartnerTicket.id))))
    assert ids == [f"GD-{number}" for number in range(25)]


async def test_a_file_of_too_many_rows_is_to_be_divided(drop: Drop) -> None:
    rows = "".join(f"GD-{number},路灯坏了,,{GRID},help,\n" for number in range(MOST_ROWS + 1))
    await drop.put("long.csv", HEAD + rows)

    [trouble] = drop.read("refused", "long.errors.csv")
    assert (trouble["行"], trouble["应当怎样"]) == (str(MOST_ROWS + 2), fill("api", "drop_too_many", {"rows": MOST_ROWS}))
    assert await drop.count() == 0


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        ("2026-03-01T09:00:00+08:00", "2026-03-01T01:00:00+00:00"),
        ("2026-03-01 09:00", "2026-03-01T01:00:00+00:00"),
        ("2026/3/1 9:00", "2026-03-01T01:00:00+00:00"),
        ("2026/3/1 9:00:30", "2026-03-01T01:00:30+00:00"),
    ],
)
async def test_a_moment_without_a_zone_is_the_citys(drop: Drop, moment: str, opened: str) -> None:
    await drop.put("one.csv", HEAD + f"GD-1,路口井盖不见了,,{GRID},help,{moment}\n")

    assert await drop.store.read(lambda s: [one.isoformat() for one in s.scalars(select(Ticket.opened_at))]) == [opened]


async def test_without_a_folder_nothing_is_read(demo_store: Store, demo_city: tuple[Path, City]) -> None:
    assert await FileDrop(demo_store, PeopledCity(demo_city[1]), ExchangeSettings()).run_once() == 0
