"""Results as commands: what a supervisor, a unit and a grid worker do with them, and what the figures make of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import App, make_channels
from bot.channels import Inbound
from bot.control import CommandRefused, carry_out
from bot.texts import fill
from tests.dialogue_results import act_on_result

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

AT = datetime(2026, 6, 1, 2, tzinfo=UTC)


@pytest.fixture
def app(demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]) -> App:
    return App(demo_settings, demo_store, demo_city[1], make_channels(demo_settings, demo_store))


async def write(app: App, text: str) -> str:
    """Let a resident write; gives the number of the ticket it became or was about."""
    inbound = Inbound(channel="terminal", key=f"{len(text)}:{text}:{AT}", sender="甲", kind="text", sent_at=AT, text=text)
    return (await app.receiver.receive(inbound)).ticket


async def do(app: App, act: str, **arguments: Any) -> dict[str, Any]:
    result: dict[str, Any] = await carry_out(app.store, app.city, f"tickets.{act}", arguments)
    return result


async def bring_to_review(app: App) -> str:
    """Have a resident find the same matter badly done twice."""
    number = await write(app, "安泰路12号路灯不亮")
    for words in ("没解决，还是黑的", "还是没解决，又白修了"):
        await do(app, "conclude", number=number, text="已换灯泡", actor="operator")
        await write(app, words)
    return number


async def test_a_supervisor_decides_and_nobody_else(app: App) -> None:
    number = await bring_to_review(app)
    waiting = await do(app, "list", status="review")
    assert [line["number"] for line in waiting["tickets"]] == [number]

    for actor in ("DK003", "SV003"):
        with pytest.raises(CommandRefused):
            await do(app, "decide", number=number, decision="close", reason="不办了", actor=actor)
    with pytest.raises(CommandRefused) as same:
        await do(app, "decide", number=number, decision="other-lead", unit="DL-LDZM", reason="再试", actor="SV001")
    carried = await do(app, "decide", number=number, decision="carry", reason="要换线路", actor="SV001")
    told = await do(app, "progress", number=number, text="已立项", actor="operator")

    assert str(same.value) == fill("cli", "error_same_unit")
    assert (carried["status"], carried["unit"], told["reply"]) == ("carried", "DL-LDZM", "已立项")


async def test_an_explained_close_stays_unsatisfied_in_the_rates(app: App) -> None:
    number = await bring_to_review(app)
    closed = await do(app, "decide", number=number, decision="close", reason="亮度达标", actor="SV002")
    asked = {"first": "2026-01-01", "last": "2099-12-31"}
    assert await carry_out(app.store, app.city, "report.refresh", {})
    figures = (await carry_out(app.store, app.city, "report.figures", asked))["figures"]
    shares = {figure["code"]: (figure["count"], figure["of"]) for figure in figures}

    assert (closed["status"], closed["rating"]) == ("closed", "unsolved")
    assert shares["unrated_rate"] == (0, 1)
    assert shares["satisfied_rate"] == (0, 1)
    assert shares["resolved_rate"] == (0, 1)
    assert shares["contact_rate"] == (0, 0)


async def test_a_worker_evaluates_only_what_they_reported(app: App) -> None:
    def report(session: Any) -> str:
        filed = {"ticket": "", "act": "报事", "target": "安泰路12号", "words": "路灯不亮好几天了"}
        return act_on_result(session, app.city, who="GW001", now=AT, **filed)

    number = await app.store.write(report)
    await do(app, "conclude", number=number, text="已换灯泡", actor="operator")
    with pytest.raises(CommandRefused) as stranger:
        await do(app, "evaluate", number=number, solved="no", actor="GW002")
    evaluated = await do(app, "evaluate", number=number, solved="no", text="还黑着", actor="GW001")

    assert str(stranger.value) == fill("cli", "error_not_yours")
    assert evaluated == {"number": number, "to_desk": True}
