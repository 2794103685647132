"""The notice: with the first answer, once for each version, never instead of help, never where others read along."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import select

from bot.app import App
from bot.channels import Group, Inbound
from bot.texts import fill
from residents.consent import Consent
from tests.dialogue_phone import make_phones

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
THANKS = "不客气，应该的。还有事随时说。"


class House:
    """A service whose privacy settings a test may change while it runs."""

    def __init__(self, settings: Settings, store: Store, city: City) -> None:
        self.store, self.city = store, city
        self.app = App(settings, store, city, make_phones(), clock=lambda: NOW)
        self._key = 0

    def change(self, **privacy: Any) -> None:
        settings = self.city.settings
        self.city.settings = msgspec.structs.replace(settings, privacy=msgspec.structs.replace(settings.privacy, **privacy))

    async def say(self, words: str, **given: Any) -> str:
        self._key += 1
        fields = {"channel": "wechat_mp", "sender": "oA", "kind": "text", "sent_at": NOW, "text": words} | given
        reply = await self.app.receiver.receive(Inbound(key=f"m:{self._key}", **fields))
        return reply.text or ""

    async def versions(self) -> list[tuple[str, str, datetime]]:
        rows = await self.store.read(lambda s: s.execute(select(Consent).order_by(Consent.id)).scalars().all())
        return [(row.kind, row.version, row.at) for row in rows]


@pytest.fixture
def house(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings) -> Iterator[House]:
    city = demo_city[1]
    before = city.settings
    yield House(demo_settings, demo_store, city)
    city.settings = before


def notice(**given: object) -> str:
    return fill("privacy", "notice", {"handler": "接应", "contact": "12345", "message_days": 180, "ticket_days": 730} | given)


async def test_the_first_answer_brings_the_notice_and_no_later_one(house: House) -> None:
    assert await house.say("谢谢") == f"{THANKS}\n{notice()}"
    assert await house.say("谢谢") == THANKS
    assert await house.versions() == [("notice", "1", NOW)]


async def test_a_new_version_is_shown_once_more_and_both_are_kept(house: House) -> None:
    await house.say("谢谢")
    house.change(notice_version="2", handler="东篱区社会治理中心", contact="0900-6100777", message_days=90)
    changed = notice(handler="东篱区社会治理中心", contact="0900-6100777", message_days=90)
    assert await house.say("谢谢") == f"{THANKS}\n{changed}"
    assert await house.say("谢谢") == THANKS
    assert await house.versions() == [("notice", "1", NOW), ("notice", "2", NOW)]


async def test_a_city_that_informs_elsewhere_shows_none(house: House) -> None:
    house.change(notice_version="")
    assert await house.say("谢谢") == THANKS
    assert await house.versions() == []


async def test_in_an_emergency_help_comes_alone_and_the_notice_waits(house: House) -> None:
    assert "〔告知〕" not in await house.say("安泰花园3号楼着火了")
    assert await house.versions() == []
    assert notice() in await house.say("谢谢")


async def test_a_group_never_hears_it(house: House) -> None:
    group = Group(id="wrLT01G1", consent=True, mentions_bot=True, can_reply=True)
    assert await house.say("安泰路12号路灯不亮", channel="gateway", scope="group", group=group) == "已收到，请点公众号私聊办理"
    assert await house.versions() == []


async def test_the_staff_are_not_asked_to_read_it(house: House) -> None:
    assert await house.say("谢谢", channel="gateway", role="grid_worker") == THANKS


async def test_identity_numbers_are_declined_once_whatever_they_are_in(house: House) -> None:
    await house.say("谢谢")
    asked = fill("privacy", "no_numbers")
    assert asked in await house.say("我的身份证号是一一零一零一19380101００１０")
    assert asked not in await house.say("我的卡号6222 0000 0000 0000 000")
    assert await house.versions() == [("notice", "1", NOW), ("numbers", "", NOW)]


async def test_what_stays_here_is_said_of_what_was_really_written(house: House) -> None:
    await house.say("谢谢")
    assert "只留在我们这里" not in await house.say("安泰路12号门口路灯不亮")
    said = await house.say("文昌路10号垃圾好几天没人收了，我叫钱有余，微信邮箱a@b.com，电话１３９００００１２３４")
    assert fill("privacy", "stays_here", {"details": "姓名、电话、邮箱"}) in said
