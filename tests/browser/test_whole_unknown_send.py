"""The line breaks while something is sent, and nobody knows whether it arrived: nothing is sent again until an operator decides, either way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from bot.simulator.api import CUSTOM
from bot.simulator.faults import Fault
from bot.simulator.pushes import make_text
from store.outbox import OutboxMessage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.browser.conftest import Meet
    from tests.browser.site import Site
    from tests.browser.visitor import Visitor

TOLD = "给您答复"
"""What the message says that nobody knows of: who has the matter, and until when."""
PATIENCE = 20.0
"""Seconds within which a busy machine has sent something."""


async def break_a_send(site: Site, openid: str, matter: str) -> int:
    """Have somebody report on WeChat and the line break off while they are told who has it; gives the number of the send."""
    before = await site.store.read(list_unknown)
    site.simulator.faults.inject(CUSTOM, Fault(drop=True))
    await site.simulator.push(openid, make_text(matter))
    async with asyncio.timeout(PATIENCE):
        while not (found := await site.store.read(list_unknown) - before):
            await site.app.duties.send()
    [send] = found
    return send


def list_unknown(session: Session) -> set[int]:
    unknown = OutboxMessage.state == "unknown", OutboxMessage.channel == "wechat_mp"
    return set(session.scalars(select(OutboxMessage.id).where(*unknown)))


def count_told(site: Site, openid: str) -> int:
    """Count how often somebody was told: by the platform's own record."""
    return sum(TOLD in text for text in site.simulator.ledger.seen(openid))


async def read_state(site: Site, send: int) -> str:
    return await site.store.read(lambda s: s.get_one(OutboxMessage, send).state)


async def open_unknown(operator: Visitor, send: int) -> None:
    """Go from the first page of the system to the send."""
    await operator.open("/staff/system")
    await operator.page.get_by_role("link", name="条不知是否送达").click()
    await operator.page.get_by_role("link", name=str(send), exact=True).click()
    await expect(operator.page.get_by_role("main")).to_contain_text("不知是否送达")


@pytest.mark.parametrize(("device", "scripts"), [("desktop", True), ("phone", True), ("desktop", False)])
async def test_what_arrived_is_left_as_it_is(meet: Meet, site: Site, device: str, *, scripts: bool) -> None:
    openid = f"oLeft{device}{scripts}"
    send = await break_a_send(site, openid, f"文昌路{11 + 2 * scripts + 4 * (device == 'phone')}号门口的路灯不亮三天了")
    operator = await meet(device, post="OP001", scripts=scripts)
    operator.page.on("dialog", lambda dialog: dialog.accept())
    await open_unknown(operator, send)

    await operator.page.get_by_role("button", name="送到了").click()

    await expect(operator.page.get_by_text("已记为送到。")).to_be_visible()
    await site.app.duties.send()
    assert (await read_state(site, send), count_told(site, openid)) == ("sent", 1)


async def test_what_is_sent_again_goes_out_once_more_and_no_sooner(meet: Meet, site: Site) -> None:
    openid = "oAgain"
    send = await break_a_send(site, openid, "文昌路31号门口的路灯不亮三天了")
    operator = await meet("desktop", post="OP001")
    operator.page.on("dialog", lambda dialog: dialog.accept())
    await open_unknown(operator, send)
    await operator.look_and_judge("story-unknown")
    await site.app.duties.send()
    assert (await read_state(site, send), count_told(site, openid)) == ("unknown", 1)

    await operator.page.get_by_role("button", name="再发一次").click()

    await expect(operator.page.get_by_role("status")).to_be_visible()
    async with asyncio.timeout(PATIENCE):
        while count_told(site, openid) == 1:
            await site.app.duties.send()
    assert count_told(site, openid) == 2
    await operator.open("/staff/system/audit?actor=OP001")
    await expect(operator.page.get_by_role("row").filter(has_text=f"发送 {send}")).to_contain_text("再发一次")


async def test_who_thinks_better_of_it_decides_nothing(meet: Meet, site: Site) -> None:
    openid = "oThought"
    send = await break_a_send(site, openid, "文昌路41号门口的路灯不亮三天了")
    operator = await meet("desktop", post="OP001")
    operator.page.on("dialog", lambda dialog: dialog.dismiss())
    await open_unknown(operator, send)

    for name in ("送到了", "再发一次"):
        await operator.page.get_by_role("button", name=name).click()

    await site.app.duties.send()
    assert (await read_state(site, send), count_told(site, openid)) == ("unknown", 1)
