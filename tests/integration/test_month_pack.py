"""The monthly pack: what it names, what it keeps silent about, what it carries on, and that its files are only what they show."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import msgspec
import pytest
from sqlalchemy import insert

from bot.control import CommandRefused, carry_out
from bot.reporting.pack import Pack
from bot.reporting.page import write_page
from bot.reporting.workbook import write_workbook
from bot.texts import fill
from knowledge_base.uses import record_use
from routing.tables import Ticket, TicketEvent
from store.audit import AuditEntry
from store.keys import new_key

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

FORMULA = '=HYPERLINK("http://bad.example","点我")'
DAY = timedelta(days=1)
MARCH, APRIL = datetime(2026, 3, 3, 2, tzinfo=UTC), datetime(2026, 4, 3, 2, tzinfo=UTC)


class Writer:
    """Writes tickets as routing leaves them, with their events."""

    def __init__(self, session: Session, city: City) -> None:
        self.session = session
        self.key = new_key(session)
        self.city = city
        self.count = 0

    def add(self, at: datetime, *, place: str, title: str = "路灯不亮", resident: int = 1, item: str = "", **changes: Any) -> int:
        self.count += 1
        values = {
            "number": f"M{self.count:03}", "token_hash": f"M{self.count:03}", "resident_id": resident, "channel": "terminal", "kind": "help",
            "title": title, "summary": title, "key_id": self.key.id, "text": self.key.seal(b""), "public_space": True, "version": 1,
            "confidential": False, "tier": "none", "status": "dispatched", "unit": "DL-LDZM", "desk": "SZ-ZHS", "automatic": True,
            "due_at": at + 5 * DAY, "opened_at": at, "public_place": place, "item": item, "area": self.area, "resident_due_at": at + 5 * DAY,
        } | changes  # fmt: skip
        ticket: int = self.session.execute(insert(Ticket).values(**values).returning(Ticket.id)).scalar_one()
        due = (at + 5 * DAY).isoformat()
        self.put(ticket, at, "accept", "accepted", "SZ-ZHS", clocks=[["resident", 1, "start", due]])
        self.put(ticket, at, "dispatch", "dispatched", "DL-LDZM")
        return ticket

    @property
    def area(self) -> str:
        return next(area.code for area in self.city.org.areas.values() if area.level == "community")

    def put(self, ticket: int, at: datetime, act: str, after: str, unit: str, *, text: str = "", **facts: Any) -> None:
        values = {"ticket_id": ticket, "at": at, "act": act, "actor": "system", "after": after, "unit": unit, "facts": facts}
        values |= {"before": "", "item": "", "how": "", "text": self.key.seal(text.encode()) if text else None}
        self.session.execute(insert(TicketEvent).values(**values))

    def conclude(self, ticket: int, at: datetime, *, solved: str = "yes", text: str = "已更换灯泡，复查已亮") -> None:
        self.put(ticket, at, "conclude", "concluded", "DL-LDZM", text=text, level="district")
        self.put(ticket, at, "close", "closed", "DL-LDZM", contacted="yes", solved=solved, satisfied="", level="district")
        rating = "solved" if solved == "yes" else "unsolved"
        row = self.session.get_one(Ticket, ticket)
        row.status, row.rating, row.resident_due_at = "closed", rating, None


def write_months(session: Session, city: City) -> None:
    """A quiet March; in April a road with many lamps out, a house that only one neighbour tells of, and what went wrong."""
    writer = Writer(session, city)
    writer.conclude(writer.add(MARCH, place="安泰路3号"), MARCH + DAY)
    for number in range(4):
        ticket = writer.add(APRIL + number * DAY, place="安泰路12号", resident=10 + number)
        writer.conclude(ticket, APRIL + number * DAY + timedelta(hours=3), solved="no" if number == 0 else "yes")
    for _ in range(2):
        writer.add(APRIL, place="福寿巷1号", title="楼道堆物", resident=77)
    writer.add(APRIL, place="北门街9号", resident=78)
    writer.add(APRIL, place="南门街2号", title="举报某店", resident=79, confidential=True, summary="")
    hollow = writer.add(APRIL, place="西门街4号", resident=80)
    writer.conclude(hollow, APRIL + timedelta(minutes=5), text="已处理")
    for resident in (1, 2, 3):
        record_use(session, kind="missed", question="充电桩怎么申请安装", resident_id=resident, now=APRIL)
    record_use(session, kind="missed", question="龙舟竞渡报名", resident_id=4, now=APRIL)


@pytest.fixture
async def town(demo_store: Store, demo_city: tuple[Path, City]) -> tuple[Store, City]:
    await demo_store.write(lambda s: write_months(s, demo_city[1]))
    return demo_store, demo_city[1]


async def make(town: tuple[Store, City], month: str = "2026-04", **asked: str) -> dict[str, Any]:
    """Make a pack; gives its sections by their keys."""
    assert await carry_out(*town, "report.refresh", {})
    found: Pack = msgspec.convert(await carry_out(*town, "report.month", {"month": month} | asked), Pack)
    return {section.key: section for section in found.sections} | {"pack": found}


async def make_with_formula(town: tuple[Store, City]) -> Pack:
    """Make a pack in which somebody wrote a formula."""
    await carry_out(*town, "report.decide", {"month": "2026-03", "what": FORMULA, "actor": "operator"})
    pack: Pack = (await make(town))["pack"]
    return pack


async def test_the_pack_says_what_came_what_grew_and_what_went_wrong(town: tuple[Store, City]) -> None:
    pack = await make(town)

    assert pack["volumes"].rows[0] == ("受理", 9, 1, "+8")
    assert pack["figures"].rows[2][:3] == ("办结率", "5/9 = 55.56 %", "1/1 = 100.00 %")
    assert [row[0] for row in pack["overdue"].rows] == ["M006", "M007", "M008"]
    assert [row[0] for row in pack["unhappy"].rows] == ["M002"]
    assert {row[0]: row[3] for row in pack["problems"].rows} == {"M006": "超期", "M007": "超期", "M008": "超期", "M002": "没解决"}
    assert ("没见动作就办结", "M010", "办结的话说不清办了什么") in [(row[0], row[1], row[4]) for row in pack["signs"].rows]
    days = [series.values for series in pack["volumes"].plot.series]
    assert [(len(values), sum(values)) for values in days] == [(30, 9), (31, 1)]
    assert pack["volumes"].plot.labels[-1] == "31"


async def test_places_and_words_of_few_people_are_not_said(town: tuple[Store, City]) -> None:
    pack = await make(town)
    everything = write_page(pack["pack"])

    assert [(row[0], row[2], row[3]) for row in pack["places"].rows] == [("安泰路12号", 4, 4), ("（人少，不写到点）", 2, 1)]
    assert [row[1] for row in pack["inspect"].rows] == ["安泰路12号"]
    assert "灯不亮" in [row[0] for row in pack["words"].rows]
    assert "堆物" not in [row[0] for row in pack["words"].rows]
    assert ("没有答上的问题", 4) in pack["misses"].rows
    assert "充电" in everything
    assert "龙舟" not in everything


async def test_what_is_confidential_is_counted_and_named_nowhere(town: tuple[Store, City]) -> None:
    pack = await make(town)
    page = write_page(pack["pack"])

    assert pack["volumes"].rows[0][1] == 9
    assert [word for word in ("举报某店", "南门街", "M009") if word in page] == []


async def test_where_one_person_wrote_from_is_not_said(town: tuple[Store, City]) -> None:
    page = write_page((await make(town))["pack"])

    assert "安泰路12号" in page
    assert [place for place in ("福寿巷", "北门街", "西门街") if place in page] == []


async def test_units_stand_beside_their_kind_by_name(town: tuple[Store, City]) -> None:
    units = (await make(town))["units"]

    assert [(row[1], row[2]) for row in units.rows] == [(town[1].org.units["DL-LDZM"].name, 9)]
    assert units.columns[0] == "类别"


async def test_a_decision_is_carried_until_something_became_of_it(town: tuple[Store, City]) -> None:
    made = await carry_out(
        *town, "report.decide", {"month": "2026-03", "what": "换掉安泰路的灯，打 13812345678", "actor": "operator"}
    )
    carried = (await make(town))["decisions"]
    await carry_out(*town, "report.settle", {"decision": made["id"], "result": "换了 12 盏", "actor": "operator"})
    settled = (await make(town))["decisions"]

    assert "13812345678" not in made["what"]
    assert [(row[0], row[1], row[5]) for row in carried.rows] == [(made["id"], "2026-03", "在办")]
    assert [row[5:] for row in settled.rows] == [("办成了", "换了 12 盏")]
    assert (await make(town, "2026-03"))["decisions"].rows == ()
    with pytest.raises(CommandRefused) as twice:
        await carry_out(*town, "report.settle", {"decision": made["id"], "result": "再来", "actor": "operator"})
    assert str(twice.value) == fill("cli", "error_decision_settled", {"number": made["id"]})
    written = await town[0].read(lambda s: [row.action for row in s.query(AuditEntry).all() if row.action.startswith("month.")])
    assert written == ["month.decide", "month.settle"]


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ({"month": "2026-13"}, "error_no_month"),
        ({"month": "2026-04", "area": "NOWHERE"}, "error_no_area"),
        ({"month": "2026-04", "actor": "GW001"}, "error_report_not_yours"),
    ],
)
async def test_what_cannot_be_made_is_refused(town: tuple[Store, City], asked: dict[str, str], key: str) -> None:
    with pytest.raises(CommandRefused) as refused:
        await carry_out(*town, "report.month", asked)

    assert str(refused.value) == fill("cli", key, asked | {"area": asked.get("area", "")})


async def test_a_pack_is_not_made_of_sums_that_lag_behind(town: tuple[Store, City]) -> None:
    with pytest.raises(CommandRefused) as refused:
        await carry_out(*town, "report.month", {"month": "2026-04"})
    behind = await carry_out(*town, "report.figures", {"first": "2026-04-01", "last": "2026-04-30"})

    assert str(refused.value) == fill("cli", "error_report_not_ready")
    assert not behind["fresh"]


async def test_an_area_is_its_own_tickets_alone(town: tuple[Store, City]) -> None:
    org = town[1].org
    community = next(area.code for area in org.areas.values() if area.level == "community")
    other = [area.code for area in org.areas.values() if area.level == "community"][1]

    assert (await make(town, area=community))["volumes"].rows[0][1] == 9
    assert (await make(town, area=other))["volumes"].rows[0][1] == 0


async def test_the_workbook_holds_text_and_numbers_alone(town: tuple[Store, City]) -> None:
    pack = await make_with_formula(town)
    with ZipFile(BytesIO(write_workbook(pack))) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        names = book.namelist()
        shared = book.read("xl/sharedStrings.xml").decode()

    assert len(sheets) == len(pack.sections)
    assert [sheet for sheet in sheets if "<f>" in sheet or "<hyperlink" in sheet] == []
    assert [name for name in names if "external" in name.lower() or "vba" in name.lower()] == []
    assert "=HYPERLINK" in shared


async def test_the_page_is_whole_in_itself(town: tuple[Store, City]) -> None:
    page = write_page(await make_with_formula(town))

    assert re.findall(r"<script|javascript:|\bon\w+=|src=|@import|url\(https?", page) == []
    assert set(re.findall(r"https?://[^\s\"<]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://bad.example&quot;,&quot;点我&quot;)",
    }
    assert page.count("<svg") >= 3
    assert "=HYPERLINK(&quot;" in page
