"""The running service with another system beside it that hangs: a danger is answered at once all the same; and the commands of exchange."""

from __future__ import annotations

import asyncio
import copy
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from bot.app import App, make_channels
from bot.channels import Inbound
from bot.control import CommandRefused, carry_out
from bot.texts import fill
from store.clock import utcnow
from tests.exchange_house import settings_for
from tests.other_side import SECRET, OtherSide, open_other_side

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

AT = datetime(2026, 6, 1, 2, tzinfo=UTC)
LAMP = "安泰路12号路灯不亮"
FIRE = "救命，安泰路3号楼着火了，有人困在里面"


@pytest.fixture
async def side() -> AsyncIterator[OtherSide]:
    async with open_other_side() as opened:
        yield opened


@pytest.fixture
async def app(
    side: OtherSide, demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City], tmp_path: Path
) -> AsyncIterator[App]:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    settings = msgspec.structs.replace(demo_settings, exchange=settings_for(side, str(secret)))
    city = copy.copy(demo_city[1])  # the demo city itself is every test's
    city.settings = settings
    made = App(settings, demo_store, city, make_channels(settings, demo_store))
    yield made
    await made.duties.drain()


async def write(app: App, text: str, *, sender: str = "甲") -> Any:
    inbound = Inbound(channel="terminal", key=f"{sender}:{text}:{AT}", sender=sender, kind="text", sent_at=AT, text=text)
    return await app.receiver.receive(inbound)


async def do(app: App, command: str, **arguments: Any) -> Any:
    return await carry_out(app.store, app.city, command, arguments)


async def refused(app: App, command: str, **arguments: Any) -> str:
    with pytest.raises(CommandRefused) as why:
        await do(app, command, **arguments)
    return str(why.value)


async def test_a_system_that_hangs_delays_no_danger_and_nobodys_message(app: App, side: OtherSide) -> None:
    number = (await write(app, LAMP)).ticket
    await do(app, "exchange.send", number=number, peer="police", text="请出警查看", actor="operator")
    side.hangs = True
    calling = asyncio.create_task(app.duties.deliver())
    while not side.got:
        await asyncio.sleep(0.01)
    began = time.monotonic()
    reply = await write(app, FIRE, sender="乙")
    await app.duties.send()
    seconds = time.monotonic() - began

    assert not calling.done()
    assert seconds < 1.5  # the other side is waited for two seconds
    assert reply.text.index("119") < 60
    assert reply.outcome == "emergency"
    side.freed.set()
    await calling
    await app.duties.drain()


async def test_a_matter_is_handed_over_and_the_day_is_reconciled(app: App, side: OtherSide) -> None:
    number = (await write(app, LAMP)).ticket
    handed = await do(app, "exchange.send", number=number, peer="hotline", text="请协助核实", actor="operator")
    side.answers = [(200, {"id": "GD-7", "state": "acknowledged"})]
    while await app.duties.deliver():
        pass
    day = utcnow().astimezone(app.city.zone).date().isoformat()
    agreeing = await do(app, "exchange.report", peer="hotline", day=day, theirs=[{"number": number, "id": "", "state": ""}])
    empty = await do(app, "exchange.report", peer="hotline", day=day, theirs=[])
    other = await do(app, "exchange.report", peer="police", day=day, theirs=None)

    assert handed["number"] == number
    assert (agreeing["sent"], agreeing["agreeing"], agreeing["lines"]) == (1, 1, ())
    assert [(line["difference"], line["number"], line["their_id"]) for line in empty["lines"]] == [
        ("missing_there", number, "GD-7")
    ]
    assert (other["sent"], other["lines"]) == (0, ())


async def test_what_was_not_taken_is_listed_without_words_and_goes_once_more(app: App, side: OtherSide) -> None:
    number = (await write(app, LAMP)).ticket
    await do(app, "exchange.send", number=number, peer="police", text="请出警查看", actor="operator")
    side.answers = [(404, {})]
    while await app.duties.deliver():
        pass
    [failed] = await do(app, "outbox.list", state="failed")
    await do(app, "exchange.again", message=failed["id"], actor="operator")
    while await app.duties.deliver():
        pass

    assert (failed["audience"], failed["text"]) == ("partner", f"transfer {number}")
    assert len(side.got) == 2
    assert await do(app, "outbox.list", state="failed") == []
    assert await refused(app, "exchange.again", message=failed["id"], actor="operator") == fill(
        "cli", "error_not_failed", {"number": failed["id"]}
    )


async def test_an_address_is_registered_listed_and_taken_away(app: App, side: OtherSide) -> None:
    token = await do(
        app,
        "tokens.partner",
        name="Partner",
        unit="LT-01-JWH",
        scopes=["events.read"],
        fields=["status"],
        days=30,
        actor="operator",
    )
    given = {
        "name": "Partner",
        "token": token["id"],
        "url": f"{side.url}/hook",
        "secret_file": app.settings.exchange.police.secret_file,
        "events": ["conclude"],
        "fields": ["status"],
        "actor": "operator",
    }
    made = await do(app, "exchange.hook", **given)
    [listed] = await do(app, "exchange.hooks")
    dropped = await do(app, "exchange.unhook", hook=made["id"], actor="operator")

    assert (listed["url"], listed["events"], listed["state"]) == (given["url"], ["conclude"], "on")
    assert SECRET not in str(listed)
    assert (dropped["state"], dropped["reason"]) == ("off", "operator")
    assert await refused(app, "exchange.hook", **{**given, "events": ["explode"]}) == fill(
        "cli", "error_unknown_act", {"error": "explode"}
    )
    assert await refused(app, "exchange.hook", **{**given, "name": "Other"}) == fill("cli", "error_no_partner_token")
    assert "https" in await refused(app, "exchange.hook", **{**given, "url": "http://example.org/"})
    assert await refused(app, "exchange.unhook", hook=99, actor="operator") == fill("cli", "error_no_hook")


async def test_without_an_address_nothing_is_handed_over(
    demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]
) -> None:
    app = App(demo_settings, demo_store, demo_city[1], make_channels(demo_settings, demo_store))
    number = (await write(app, LAMP)).ticket

    said = await refused(app, "exchange.send", number=number, peer="police", text="请出警查看", actor="operator")
    assert said == fill("cli", "error_no_peer_address")


async def test_a_summary_is_published_and_taken_back_and_each_refusal_says_why(app: App) -> None:
    number = (await write(app, LAMP)).ticket
    few = await refused(app, "tickets.publish", number=number, text="路灯故障，正在处理。", actor="operator")
    for sender in ("乙", "丙"):
        await write(app, LAMP, sender=sender)
    shown = await do(app, "tickets.publish", number=number, text="这一片路灯故障，正在处理。", actor="operator")
    too_much = await refused(app, "tickets.publish", number=number, text="住户张先生 13800138000", actor="operator")
    gone = await do(app, "tickets.unpublish", number=number, actor="operator")

    assert fill("cli", "bar_few") in few
    assert "13800138000" not in shown["title"]
    assert "电话" in too_much
    assert gone["number"] == shown["number"] == number
