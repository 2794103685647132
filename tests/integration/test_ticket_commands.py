"""The desk's acts as commands: what desks and units do one after the other, and that nothing they print leads to a person."""

from __future__ import annotations

import base64
from copy import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import App, make_channels
from bot.channels import Inbound
from bot.control import CommandRefused, carry_out
from bot.texts import fill

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

PHONE = "13812345678"


@pytest.fixture
def app(demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]) -> App:
    return App(demo_settings, demo_store, demo_city[1], make_channels(demo_settings, demo_store))


async def write(app: App, text: str) -> str:
    """Let a resident write; gives the number of the ticket it became."""
    reply = await app.receiver.receive(
        Inbound(channel="terminal", key=text, sender="甲", kind="text", sent_at=datetime(2026, 6, 1, tzinfo=UTC), text=text)
    )
    return reply.ticket


async def do(app: App, act: str, number: str, *, actor: str = "operator", **arguments: Any) -> dict[str, Any]:
    result: dict[str, Any] = await carry_out(app.store, app.city, f"tickets.{act}", {"number": number, "actor": actor, **arguments})
    return result


async def show(app: App, number: str) -> dict[str, Any]:
    shown: dict[str, Any] = await carry_out(app.store, app.city, "tickets.show", {"number": number})
    return shown


async def test_a_matter_goes_from_the_desk_to_a_unit_and_back_and_to_its_end(app: App) -> None:
    number = await write(app, f"我想找人工，电话{PHONE}")

    with pytest.raises(CommandRefused) as unknown:
        await do(app, "dispatch", number, unit="NOBODY")
    dispatched = await do(app, "dispatch", number, unit="LT-SZYH")
    returned = await do(app, "return", number, reason="remit", text="不归我们", suggested="LT-HJWS")
    again = await do(app, "dispatch", number, unit="LT-HJWS")
    replied = await do(app, "reply", number, text=f"已联系，联系人{PHONE}")
    concluded = await do(app, "conclude", number)
    noted = await do(app, "note", number, text="已核实")
    closed = await do(app, "close", number)

    assert str(unknown.value) == fill("cli", "error_unknown_unit")
    steps = [dispatched, returned, again, replied, concluded, noted, closed]
    assert [(step["status"], step["unit"]) for step in steps] == [
        ("dispatched", "LT-SZYH"),
        ("accepted", returned["desk"]),
        ("dispatched", "LT-HJWS"),
        ("replied", "LT-HJWS"),
        ("concluded", "LT-HJWS"),
        ("concluded", "LT-HJWS"),
        ("closed", "LT-HJWS"),
    ]
    shown = await show(app, number)
    assert [event["act"] for event in shown["events"]] == [
        "accept",
        "dispatch",
        "return",
        "dispatch",
        "reply",
        "conclude",
        "note",
        "close",
    ]
    assert shown["reply"] == "已联系，联系人〔电话〕"
    assert PHONE not in str([*steps, shown])


async def test_staff_act_only_on_what_is_theirs(app: App) -> None:
    number = await write(app, "安泰路15号门口路灯不亮")
    holder = (await show(app, number))["unit"]
    own = next(person.code for person in app.city.org.staff_of(unit=holder))
    stranger = next(person.code for person in app.city.org.staff_of(unit="LA-GS"))

    with pytest.raises(CommandRefused) as refused:
        await do(app, "sign", number, actor=stranger)
    signed = await do(app, "sign", number, actor=own)

    assert str(refused.value) == fill("cli", "error_not_yours")
    assert signed["status"] == "signed"


async def test_an_alarm_is_taken_up(app: App) -> None:
    number = await write(app, "和平里3栋着火了，楼上有人困住")

    acknowledged = await do(app, "acknowledge", number)

    assert (acknowledged["tier"], acknowledged["status"]) == ("red", "accepted")
    assert [event["act"] for event in (await show(app, number))["events"]] == ["accept", "alarm", "acknowledge"]


async def test_lists_are_filtered_and_go_on_page_by_page(app: App) -> None:
    lamp = await write(app, "安泰路15号门口路灯不亮")
    waste = await write(app, "和平里小区的垃圾桶满了没人清运")

    first = await carry_out(app.store, app.city, "tickets.list", {"limit": 1})
    second = await carry_out(app.store, app.city, "tickets.list", {"limit": 1, "after": first["after"]})
    lamps = await carry_out(app.store, app.city, "tickets.list", {"unit": "DL-LDZM", "status": "dispatched"})
    none = await carry_out(app.store, app.city, "tickets.list", {"overdue": True})

    assert [line["number"] for page in (first, second) for line in page["tickets"]] == [waste, lamp]
    assert second["after"] is None
    assert [line["number"] for line in lamps["tickets"]] == [lamp]
    assert none == {"tickets": [], "after": None}


async def test_a_calendar_that_is_imported_moves_the_due_times_of_what_is_open(
    demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]
) -> None:
    app = App(demo_settings, demo_store, copy(demo_city[1]), make_channels(demo_settings, demo_store))
    number = await write(app, "安泰路12号路灯不亮")
    before = await show(app, number)
    day = datetime.fromisoformat(before["due_at"]).astimezone(app.city.zone).date()
    content = base64.b64encode(f"date,kind,name\n{day},holiday,建城节\n".encode()).decode()
    imported = await carry_out(
        app.store,
        app.city,
        "import.table",
        {"table": "calendar", "name": "days.csv", "content": content, "actor": "operator"},
    )
    assert imported["applied"]

    await app.duties.refresh()
    await app.duties.supervise()

    after = await show(app, number)
    assert [(clock["clock_name"], clock["round"], clock["result_name"]) for clock in after["clocks"]] == [
        ("派单时限", 1, "按时"),
        ("答复居民的时限", 1, "还在走"),
        ("办理时限", 1, "还在走"),
    ]
    assert after["clocks"][2]["basis"] == after["due_basis"]
    assert after["due_at"] > before["due_at"]
    assert [event["act"] for event in after["events"]][-1] == "recount"
