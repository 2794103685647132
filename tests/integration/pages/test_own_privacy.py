"""What is kept of somebody: shown to their browser alone, stopped and erased when they say so, and only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from residents import consent, conversations
from residents.conversations import PERSON
from residents.erasing import Erasure
from residents.web_lines import CHANNEL, sender_of
from tests.page_resident import look, meet

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.page_door import Pages

PHONE = "13900001234"


async def read_requests(pages: Pages) -> list[tuple[str, int | None]]:
    return [(row.receipt, row.resident_id) for row in await pages.api.store.read(lambda s: list(s.scalars(select(Erasure))))]


async def test_the_notice_says_who_handles_it_and_for_how_long(pages: Pages) -> None:
    told = pages.api.city.describe_keeping()

    seen = await pages.visit("", "/privacy")

    assert seen.status == 200
    for word in (told["handler"], f"tel:{told['contact']}", f"留 {told['message_days']} 天", f"再留 {told['ticket_days']} 天"):
        assert (word, word in seen.text) == (word, True)


async def test_somebody_sees_what_is_kept_of_them_and_nothing_of_others(pages: Pages) -> None:
    me, other = await meet(pages), await meet(pages)
    opened, foreign = await me.open(), await other.open("小区停水两天了")

    def keep_phone(session: Session) -> None:
        speaker = conversations.open_for(session, channel=CHANNEL, sender=sender_of(me.cookie), place=PERSON, now=pages.api.clock())
        conversations.keep_identity(session, speaker, kind="phone", value=PHONE, now=pages.api.clock())

    await pages.api.store.write(keep_phone)
    seen, nobody = await me.visit("/me"), await pages.visit("", "/me")

    assert ("139****1234" in seen.text, PHONE in seen.text) == (True, False)
    assert (opened.ticket.number in seen.text, foreign.ticket.number in seen.text) == (True, False)
    assert (nobody.status, "这个浏览器里没有您的信息" in nobody.text, "****" in nobody.text) == (200, True, False)


async def test_notices_stop_and_come_again(pages: Pages) -> None:
    me = await meet(pages)

    async def refuses() -> bool:
        return await pages.api.store.read(lambda s: consent.refuses(s, resident_id=me.id, kind="broadcast"))

    for stop, expected in (("yes", True), ("no", False)):
        assert (await me.visit("/me/notices", {"stop": stop})).location == "/me"
        assert await refuses() is expected
    assert (await pages.visit("", "/me/notices", form={"stop": "yes"})).status == 404


@pytest.mark.parametrize("by_link", [False, True])
async def test_who_says_so_is_erased_and_gets_a_receipt(pages: Pages, by_link: bool) -> None:
    me = await meet(pages)
    opened = await me.open()
    path = f"/t/{opened.token}/erase" if by_link else "/me/erase"

    asked = await me.visit(path)
    done = await me.visit(path, {"sure": "yes"})

    assert (asked.status, "所有的事都算" in asked.text, "还有 1 件事没办完" in asked.text) == (200, True, True)
    [(receipt, resident)] = await read_requests(pages)
    assert (done.status, done.location, resident) == (303, f"/erased?receipt={receipt}", me.id)
    assert 'jieying_me=""' in str(done.headers)
    assert receipt in (await pages.visit("", done.location)).text


async def test_nobody_is_erased_who_did_not_say_that_they_mean_it(pages: Pages) -> None:
    me = await meet(pages)
    opened = await me.open()

    for path in ("/me/erase", f"/t/{opened.token}/erase"):
        seen = await me.visit(path, {})
        assert (seen.status, "要删的话，请先勾上。" in seen.text) == (422, True)
    assert (await pages.visit("", "/me/erase")).location == "/me"
    assert (await pages.visit("", "/t/nothing/erase")).status == 404
    for path in ("/me/erase", "/t/nothing/erase"):
        assert (await pages.visit("", path, form={"sure": "yes"})).status == 404
    assert await read_requests(pages) == []
    assert (await look(pages, opened.ticket.number)).ticket.is_open


async def test_a_receipt_that_was_made_up_is_not_shown(pages: Pages) -> None:
    seen = await pages.visit("", "/erased?receipt=<b>E-1</b>")

    assert (seen.status, "凭证号" in seen.text) == (200, False)
