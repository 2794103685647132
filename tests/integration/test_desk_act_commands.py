"""The acts of desks and supervisors as commands: each does what it says, and each refusal says in Chinese what to do."""

from __future__ import annotations

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

AT = datetime(2026, 6, 1, 2, tzinfo=UTC)
LAMP = "安泰路12号路灯不亮"


@pytest.fixture
def app(demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]) -> App:
    return App(demo_settings, demo_store, demo_city[1], make_channels(demo_settings, demo_store))


async def write(app: App, text: str, *, sender: str = "甲") -> str:
    """Let a resident write; gives the number of the ticket it became or was about."""
    inbound = Inbound(channel="terminal", key=f"{sender}:{text}:{AT}", sender=sender, kind="text", sent_at=AT, text=text)
    return (await app.receiver.receive(inbound)).ticket


async def do(app: App, act: str, **arguments: Any) -> dict[str, Any]:
    result: dict[str, Any] = await carry_out(app.store, app.city, f"tickets.{act}", arguments)
    return result


async def refused(app: App, act: str, **arguments: Any) -> str:
    with pytest.raises(CommandRefused) as why:
        await do(app, act, **arguments)
    return str(why.value)


async def test_twice_returned_it_is_decided_whose_it_is(app: App) -> None:
    number = await write(app, LAMP)
    unit = (await do(app, "show", number=number))["unit"]
    await do(app, "return", number=number, reason="remit", text="不归我们", actor="operator")
    await do(app, "dispatch", number=number, unit=unit, actor="operator")
    waiting = await do(app, "return", number=number, reason="area", text="不在我们这里", article="第九条", actor="operator")
    wrong = await refused(app, "decide", number=number, decision="carry", reason="等等", actor="operator")
    decided = await do(app, "arbitrate", number=number, unit=unit, text="就归你们", actor="operator")
    again = await refused(app, "return", number=number, reason="area", text="还是不归", actor="operator")

    assert (waiting["status_name"], decided["unit"], decided["status"]) == ("待裁定", unit, "dispatched")
    assert wrong == fill("cli", "error_other_decision_dispute")
    assert again == fill("cli", "error_barred")


async def test_what_may_not_go_to_a_level_is_refused_with_the_article(app: App) -> None:
    number = await write(app, LAMP)
    await do(app, "raise", number=number, text="先收回来", actor="operator")
    said = await refused(app, "dispatch", number=number, unit="LT-01-JWH", actor="operator")

    assert "不能派到社区" in said
    assert "依据" in said


async def test_a_ticket_is_moved_merged_parted_and_declined(app: App) -> None:
    first, second = await write(app, LAMP), await write(app, "福宁路3号路灯不亮", sender="乙")
    same = await refused(app, "merge", number=first, into=first, actor="operator")
    merged = await do(app, "merge", number=second, into=first, actor="operator")
    parted = await do(app, "unmerge", number=second, actor="operator")
    nowhere = await refused(app, "decline", number=second, route="nowhere", text="不归", actor="operator")
    declined = await do(app, "decline", number=second, route="petition", text="信访在办", actor="operator")

    assert (merged["status_name"], parted["status"], declined["status_name"]) == ("已并单", "accepted", "不予受理")
    assert same == fill("cli", "error_not_together_same")
    assert nowhere.startswith("没有这条途径：请写 litigation、")


async def test_one_message_is_split_and_a_follow_up_sends_it_back(app: App) -> None:
    number = await write(app, LAMP)
    await do(app, "raise", number=number, text="几件事混在一起", actor="operator")
    parted = await do(app, "split", number=number, parts=["安泰路12号门口摆摊占道"], text="安泰路12号路灯不亮", actor="operator")
    none = await refused(app, "split", number=number, parts=[" "], text="路灯", actor="operator")
    await do(app, "conclude", number=number, text="已换灯泡", actor="operator")
    called = await do(app, "follow_up", number=number, solved="no", text="没亮", actor="operator")

    assert len(parted["parts"]) == 1
    assert none == fill("cli", "error_not_parted")
    assert (called["became"], called["status"]) == ("redo", "accepted")
