"""A resident's own door, said with an ordinary matter: on no way out, and open to the unit that has to go there, for a reason that is kept."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.channels import Group
from bot.commands import outbox as sends
from bot.control import carry_out
from residents.unsealing import ReasonMissing
from routing import desk, following, register, secrecy
from routing.duplicates import Near
from routing.errors import NotYours
from routing.following import join
from routing.tables import Ticket
from store.audit import AuditEntry
from store.base import Base
from store.outbox import OutboxMessage
from tests.writer import NOW, Writer

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NEIGHBOUR = 77
OPENS = "门牌已遮住，要上门请写明理由查看：jieying tickets original {number} --reason 理由。"

MATTERS = (
    ("我家安泰花园5栋2单元302停电", "302", "还是没有电，302一直黑着"),
    ("我住安泰花园3号楼五零七，楼道灯不亮", "五零七", "五零七门口那盏灯也不亮"),
    ("安泰花园5-2-1203天天漏水", "1203", "我家1203的墙都湿了"),
    ("安泰花园2单元１１０４室没有暖气", "１１０４", "１１０４还是冷"),
    ("安泰花园十二楼一二零六太吵了", "一二零六", "一二零六昨晚又吵"),
    ("安泰花园3号楼906房的下水道堵了，906的水排不出去", "906", "906又堵了"),
)
"""A matter, the door in it as it was written, and what is added later."""


class Town(Writer):
    """The demo city with residents' phones, and its commands."""

    async def do(self, name: str, **arguments: Any) -> Any:
        return await carry_out(self.store, self.city, f"tickets.{name}", arguments)

    def worker_of(self, unit: str) -> str:
        """Name somebody who works at a unit."""
        return self.city.org.staff_of(unit=unit)[0].code


@pytest.fixture
def town(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings) -> Town:
    return Town(demo_settings, demo_store, demo_city[1])


def list_tickets(session: Session) -> list[Ticket]:
    return list(session.execute(select(Ticket).order_by(Ticket.id)).scalars())


def read_plain(session: Session) -> str:
    """Read every value that is not sealed, of every table but the city's own and the knowledge."""
    city = {"area", "unit", "staff", "place", "resident_group", "duty_item", "roster_shift", "emergency_contact", "kb_entry"}
    tables = [one for one in Base.metadata.sorted_tables if one.name not in city and not one.name.startswith("knowledge")]
    rows = (row for table in tables for row in session.execute(select(table)))
    return "\n".join(
        json.dumps(value, ensure_ascii=False, default=str) for row in rows for value in row if isinstance(value, str | list | dict)
    )


def alone(door: str) -> re.Pattern[str]:
    """Find a door where it is not a part of a longer number, such as one of a clock or a key."""
    return re.compile(rf"(?<![0-9a-zA-Z.:+\-]){door}(?![0-9a-zA-Z])")


def hear(session: Session, town: Town) -> str:
    """Read all that is sent to anybody but the resident who wrote."""
    rows = session.execute(select(OutboxMessage).order_by(OutboxMessage.id)).scalars().all()
    return "\n".join(sends._words_of(session, town.city, row) for row in rows if (row.audience, row.target) != ("resident", "1"))


@pytest.mark.parametrize(("words", "door", "more"), MATTERS, ids=[door for _, door, _ in MATTERS])
async def test_no_way_out_shows_the_door(town: Town, words: str, door: str, more: str) -> None:
    await town.say(words, "m:1")
    tickets = await town.store.read(list_tickets)
    assert tickets
    for number in [ticket.number for ticket in tickets]:
        await live(town, number, door=door, more=more)

    ways = {
        "rows": await town.store.read(read_plain),
        "notices": await town.store.read(lambda s: hear(s, town)),
        "sends": str(await town.store.read(lambda s: sends.list_sends(s, town.city, now=NOW, state="pending"))),
        "list": str(await town.do("list")),
        "export": str(await town.do("export")),
        "shown": "".join([str(await town.do("show", number=ticket.number)) for ticket in tickets]),
        "found": str((await town.do("search", word=door))["tickets"]),
        "neighbour": str(await town.store.read(lambda s: register.progress(s, NEIGHBOUR, org=town.city.org, now=NOW))),
    }
    assert ways["found"] == "[]"
    assert {way for way, text in ways.items() if alone(door).search(text)} == set()
    assert "〔门牌〕" in ways["notices"]
    assert "安泰花园" in ways["list"]
    assert "安泰花园" in ways["neighbour"]


async def live(town: Town, number: str, *, door: str, more: str) -> None:
    """Let a matter live: joined by a neighbour, added to, urged, sent to a unit, returned, answered with the door in the answer."""
    common: dict[str, Any] = {"now": NOW, "context": town.context}
    ticket = await town.store.read(lambda s: s.execute(select(Ticket).where(Ticket.number == number)).scalar_one())
    near = Near(ticket_id=ticket.id, own=False, score=1.0, because="place_and_item")

    def act(session: Session) -> None:
        join(session, near, resident_id=NEIGHBOUR, text="我家也是", inbox_id=None, **common)
        following.add(session, number, resident_id=1, text=more, **common)
        following.urge(session, number, resident_id=1, text=more, **common)
        if ticket.unit != ticket.desk:
            desk.return_ticket(session, number, reason="remit", text=f"{door}不归本单位", actor="operator", **common)
        desk.dispatch(session, number, unit="LT-SZYH", item="SZ-001", actor="operator", **common)
        desk.reply(session, number, text=f"{door}已经看过，有事打61007777", actor="operator", **common)

    await town.store.write(act)


async def test_the_writer_reads_an_answer_as_it_was_written_and_a_neighbour_without_the_door(town: Town) -> None:
    number = (await town.say("我家安泰花园5栋2单元302停电", "m:1")).ticket
    await live(town, number, door="302", more="还没来电")

    def heard(session: Session, who: int) -> list[str]:
        rows = session.execute(select(OutboxMessage).where(OutboxMessage.notice == "replied", OutboxMessage.target == str(who)))
        return [sends._words_of(session, town.city, row).split("\n")[1] for row in rows.scalars()]

    assert await town.store.read(lambda s: heard(s, 1)) == ["302已经看过，有事打61007777"]
    assert await town.store.read(lambda s: heard(s, NEIGHBOUR)) == ["〔门牌〕已经看过，有事打61007777"]


async def test_a_notice_says_how_to_open_the_door_only_where_one_was_masked(town: Town) -> None:
    with_door = (await town.say("我家安泰花园5栋2单元302停电", "m:1")).ticket
    without = (await town.say("安泰路12号门口路灯不亮", "m:2")).ticket

    def told(session: Session, number: str) -> list[str]:
        rows = session.execute(select(OutboxMessage).where(OutboxMessage.audience == "unit").order_by(OutboxMessage.id)).scalars()
        return [
            text for row in rows if number in (text := sends._words_of(session, town.city, row)) and row.notice == "unit_dispatched"
        ]

    masked = await town.store.read(lambda s: told(s, with_door))
    plain = await town.store.read(lambda s: told(s, without))
    assert [text.split("\n")[-1] for text in masked] == [OPENS.format(number=with_door)]
    assert ["门牌" in text for text in plain] == [False]


async def test_the_unit_that_has_it_opens_the_door_and_nobody_else(town: Town) -> None:
    number = (await town.say("我家安泰花园5栋2单元302停电，我叫钱有余，电话13900001234", "m:1")).ticket
    ticket = await town.store.read(lambda s: s.execute(select(Ticket).where(Ticket.number == number)).scalar_one())
    if ticket.unit == ticket.desk:
        await town.do("dispatch", number=number, unit="LT-SZYH", item="SZ-001", actor="operator")
        ticket = await town.store.read(lambda s: s.execute(select(Ticket).where(Ticket.number == number)).scalar_one())
    having = town.worker_of(ticket.unit)
    desks = {one.code for one in town.city.org.ways_up(town.city.org.units[ticket.desk])}
    others = [one.code for one in town.city.org.staff.values() if one.unit not in desks | {ticket.unit}]
    assert len(others) > 10

    def open_it(session: Session, actor: str, reason: str = "上门查线路") -> secrecy.Original:
        return secrecy.open_original(session, number, reason=reason, actor=actor, now=NOW, context=town.context)

    for code in others:
        with pytest.raises(NotYours):
            await town.store.write(lambda s, code=code: open_it(s, code))
    with pytest.raises(ReasonMissing):
        await town.store.write(lambda s: open_it(s, having, " "))
    opened = await town.store.write(lambda s: open_it(s, having))
    assert opened.text == "我家安泰花园5栋2单元302停电，我叫〔姓名〕，电话〔电话〕"
    rows = await town.store.read(lambda s: s.execute(select(AuditEntry).where(AuditEntry.action == "unseal")).scalars().all())
    assert [(row.actor, row.subject, row.facts) for row in rows] == [
        (having, f"ticket:{number}", {"kind": "original", "reason": "上门查线路"})
    ]

    await town.do("return", number=number, reason="remit", text="不归我们", actor="operator")
    with pytest.raises(NotYours):
        await town.store.write(lambda s: open_it(s, having))


async def test_the_unit_never_opens_a_confidential_matter(town: Town) -> None:
    number = (await town.say("我住安泰花园3号楼501，举报楼上天天卖假酒，别说是我", "m:1")).ticket
    await town.do(
        "summary.edit", number=number, text="安泰花园有人反映个人在住宅内销售假冒酒类。希望核实处理，并答复结果。", actor="operator"
    )
    await town.do("summary.approve", number=number, actor="operator")
    await town.do("dispatch", number=number, unit="DL-SCJG", actor="operator")

    with pytest.raises(NotYours):
        await town.store.write(
            lambda s: secrecy.open_original(
                s, number, reason="上门", actor=town.worker_of("DL-SCJG"), now=NOW + timedelta(hours=1), context=town.context
            )
        )


async def test_a_group_hears_nothing_of_a_door(town: Town) -> None:
    group = Group(id="wrLT01G1", consent=True, mentions_bot=True, can_reply=False)
    reply = await town.say("安泰花园5栋2单元302停电", "g:1", group=group)
    assert (reply.text, reply.suggested) == (None, "已收到，请点公众号私聊办理")
