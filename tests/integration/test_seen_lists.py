"""`--as` where lists show words of tickets or count them: who may not see a ticket sees nothing of its notices, who does not lead the city no rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.app import App, make_channels
from bot.control import CommandRefused, carry_out
from bot.texts import fill
from tests.integration.test_result_commands import write

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

STATES = ("pending", "shown", "sent", "held", "unknown")


@pytest.fixture
def app(demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]) -> App:
    return App(demo_settings, demo_store, demo_city[1], make_channels(demo_settings, demo_store))


async def list_for(app: App, actor: str) -> list[dict[str, Any]]:
    return [
        send for state in STATES for send in await carry_out(app.store, app.city, "outbox.list", {"state": state, "actor": actor})
    ]


async def test_only_who_sees_a_ticket_sees_what_is_sent_about_it(app: App) -> None:
    lamp = await write(app, "安泰路12号路灯不亮")
    await write(app, "举报安泰花园的网格员郑育才收了装修队的红包")
    await write(app, "举报柳塘街道办事处的主任乱收费")

    everything = await list_for(app, "operator")
    desk = await list_for(app, "DK007")
    accused = await list_for(app, "GW001")
    stranger = await list_for(app, "nobody")

    assert any(lamp in send["text"] for send in everything)
    assert any(lamp in send["text"] for send in desk)
    assert {send["id"] for send in desk} < {send["id"] for send in everything}
    assert (accused, stranger) == ([], [])


async def test_a_limit_counts_what_is_seen(app: App) -> None:
    for text in ("举报安泰社区居委会乱收费", "安泰路12号路灯不亮", "文昌路10号路灯不亮"):
        await write(app, text)
    desk = [await carry_out(app.store, app.city, "outbox.list", {"state": state, "actor": "DK007", "limit": 1}) for state in STATES]

    assert [len(found) for found in desk] == [
        min(1, sum(send["state"] == state for send in await list_for(app, "DK007"))) for state in STATES
    ]


PERIOD = {"first": "2026-01-01", "last": "2026-12-31"}


@pytest.mark.parametrize("actor", ["GW001", "DK007", "nobody"])
async def test_the_rates_of_the_whole_city_are_for_who_leads_it(app: App, actor: str) -> None:
    with pytest.raises(CommandRefused) as refused:
        await carry_out(app.store, app.city, "report.figures", PERIOD | {"actor": actor})

    assert str(refused.value) == fill("cli", "error_report_not_yours")


@pytest.mark.parametrize("actor", ["operator", "DK003"])
async def test_the_operator_and_the_top_desk_read_the_rates(app: App, actor: str) -> None:
    found = await carry_out(app.store, app.city, "report.figures", PERIOD | {"actor": actor})

    assert [figure["count"] for figure in found["figures"] if figure["code"] == "received"] == [0]
