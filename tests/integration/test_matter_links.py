"""The link of a matter is given once, to its resident alone, and opens that matter."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import select

from bot.app import App
from bot.channels import Group, Inbound
from bot.commands.outbox import read_words
from bot.telling import Telling
from routing import register, splitting
from routing.errors import NoTicket
from store.keys import open_key
from store.outbox import OutboxMessage
from tests.dialogue_phone import PhoneChannel

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.channels import Reply
    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
URL = "https://city.example"
_LINK = re.compile(rf"{URL}/t/([A-Za-z0-9_-]{{22}}) ")


async def say(
    settings: Settings, store: Store, city: City, text: str, *, url: str = URL, sender: str = "oA", group: Group | None = None
) -> Reply:
    """Write to a service that residents reach under an address."""
    server = msgspec.structs.replace(settings.server, public_url=url)
    reached = msgspec.structs.replace(settings, server=server)
    city.settings, kept = reached, city.settings
    channels = {name: PhoneChannel(name, reply_limit=0, windows={}) for name in ("wechat_mp", "gateway")}
    try:
        app = App(reached, store, city, channels, clock=lambda: NOW)
        channel, scope = ("gateway", "group") if group else ("wechat_mp", "person")
        return await app.receiver.receive(
            Inbound(channel=channel, key=f"m:{text}", sender=sender, kind="text", sent_at=NOW, text=text, scope=scope, group=group)  # type: ignore[arg-type]
        )
    finally:
        city.settings = kept


async def test_who_reports_something_gets_its_link(
    demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]
) -> None:
    city = demo_city[1]

    reply = await say(demo_settings, demo_store, city, "安泰路18号门口路灯坏了三天")

    [token] = _LINK.findall(reply.text)
    shown = await demo_store.read(lambda s: register.show_own(s, token, org=city.org))
    assert shown.ticket.number == reply.ticket
    with pytest.raises(NoTicket):
        await demo_store.read(lambda s: register.show_own(s, token[::-1], org=city.org))


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("安泰路18号门口路灯坏了三天", ""),
        ("我要举报社区主任收红包，请保密", URL),
        ("居住证怎么办", URL),
        ("你好", URL),
    ],
)
async def test_nobody_gets_a_link_without_pages_or_without_a_matter_that_may_be_shown(
    demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City], text: str, url: str
) -> None:
    reply = await say(demo_settings, demo_store, demo_city[1], text, url=url)

    assert "/t/" not in reply.text


async def test_a_neighbour_who_joins_gets_no_link_of_the_first(
    demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]
) -> None:
    text = "安泰路18号门口路灯坏了三天"
    first = await say(demo_settings, demo_store, demo_city[1], text)
    second = await say(demo_settings, demo_store, demo_city[1], f"{text}了", sender="oB")

    assert (second.ticket, len(_LINK.findall(first.text)), "/t/" in second.text) == (first.ticket, 1, False)


async def test_no_link_is_said_in_a_group(demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]) -> None:
    city = demo_city[1]
    group = Group(id=next(iter(city.groups)), mentions_bot=True, can_reply=True)

    reply = await say(demo_settings, demo_store, city, "安泰路18号门口路灯坏了三天", group=group)

    assert "/t/" not in (reply.text or "")


@pytest.mark.parametrize(("text", "linked"), [("安泰花园里面路灯不亮", 2), ("我要举报安泰路18号的面馆往下水道倒油，请保密", 0)])
async def test_each_part_of_a_split_has_a_link_of_its_own_that_only_its_resident_reads(
    demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City], text: str, linked: int
) -> None:
    city = demo_city[1]
    number = (await say(demo_settings, demo_store, city, text)).ticket
    server = msgspec.structs.replace(demo_settings.server, public_url=URL)
    city.settings = msgspec.structs.replace(demo_settings, server=server)
    context = city.routing_context(tell=Telling(city, now=NOW))
    parts = {"parts": ["安泰路20号井盖破了", "安泰路22号垃圾没人清"], "text": text, "actor": "operator"}

    opened = (await demo_store.write(lambda s: splitting.split(s, number, **parts, now=NOW, context=context))).opened  # type: ignore[arg-type]

    def read(session: Session) -> tuple[str, str, str]:
        row = session.execute(select(OutboxMessage).where(OutboxMessage.notice == "split")).scalar_one()
        assert row.key_id is not None
        sealed = open_key(session, row.key_id).open(row.words).decode() if row.words is not None else "{}"
        sent = city.words.notify(row.notice, row.facts | msgspec.json.decode(sealed))
        return sent, read_words(session, city, row), str(row.facts)

    sent, listed, kept = await demo_store.read(read)
    links = re.findall(rf"^(\d{{8}}-\d{{4}}) {URL}/t/([A-Za-z0-9_-]{{22}})$", sent, re.MULTILINE)
    assert [number for number, _ in links] == [each.ticket.number for each in opened][:linked]
    shown = [await demo_store.read(lambda s, t=token: register.show_own(s, t, org=city.org)) for _, token in links]
    assert [each.ticket.number for each in shown] == [number for number, _ in links]
    assert ("/t/" in listed, any(token in kept for _, token in links)) == (False, False)
