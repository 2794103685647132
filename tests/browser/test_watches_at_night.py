"""An operator looks at night: what is unknown is decided, a message that could not be handled is handled once more, an auditor reads what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from playwright.async_api import expect
from sqlalchemy import select

from bot.channels import Inbound
from routing.tables import GroupRow
from store import inbox, outbox
from store.clock import utcnow
from store.inbox import InboxMessage
from store.outbox import OutboxMessage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.browser.conftest import Meet
    from tests.browser.site import Site

CAUSE, KEY = "story:night", "story-night"


def trouble(session: Session) -> tuple[int, int]:
    """Leave a send of which nobody knows, and a message that could not be handled; gives their numbers."""
    given = {"audience": "unit", "target": "LT-01-JWH", "channel": "webhook", "notice": "unit_urged"}
    outbox.put(session, cause=CAUSE, now=utcnow(), facts={"number": "19990101-0001"}, **given)
    row = session.scalars(select(OutboxMessage).where(OutboxMessage.cause == CAUSE)).one()
    row.state, row.error, row.attempt = "unknown", "SendUnknown 0: timed out", 1
    inbound = Inbound(channel="terminal", key=KEY, sender="story-night", kind="text", sent_at=utcnow(), text="谢谢你们")
    kept = inbox.remember(session, channel="terminal", key=KEY, body=msgspec.json.encode(inbound), now=utcnow())
    inbox.quarantine(session, kept.id, reason="KeyError", now=utcnow())
    return row.id, kept.id


async def test_a_night_is_looked_after(meet: Meet, site: Site) -> None:
    send, message = await site.store.write(trouble)
    operator = await meet("desktop", post="OP001")
    operator.page.on("dialog", lambda dialog: dialog.accept())
    await operator.open("/staff/system")
    await expect(operator.page.get_by_role("heading", name="要人处理")).to_be_visible()
    await operator.look_and_judge("system-restless")

    await operator.page.get_by_role("link", name="条不知是否送达").click()
    await operator.page.get_by_role("link", name=str(send), exact=True).click()
    await operator.look_and_judge("system-send")
    await operator.page.get_by_role("button", name="送到了").click()
    await expect(operator.page.get_by_text("已记为送到。")).to_be_visible()

    await operator.open(f"/staff/system/quarantine/{message}")
    await operator.page.get_by_label("为什么要看内容").fill("居民来电问")
    await operator.page.get_by_role("button", name="看内容").click()
    await expect(operator.page.get_by_text("谢谢你们")).to_be_visible()
    await operator.look_and_judge("system-message")
    await operator.page.get_by_role("button", name="再办一次").click()
    await expect(operator.page.get_by_text("马上再办一次")).to_be_visible()
    await site.app.duties.resume()
    assert await site.store.read(lambda s: s.get_one(InboxMessage, message).outcome) != "quarantined"

    phone = await meet("phone", post="OP001")
    for path, name in (
        (f"/staff/system/outbox/{send}", "system-send"),
        ("/staff/system/rows/groups/" + await site.store.read(_first_group), "system-row"),
        ("/staff/system/audit?actor=OP001", "system-audit"),
    ):
        assert await phone.open(path) == 200
        await phone.look_and_judge(name)


def _first_group(session: Session) -> str:
    code: str = session.scalars(select(GroupRow.code).order_by(GroupRow.code)).first() or ""
    return code
