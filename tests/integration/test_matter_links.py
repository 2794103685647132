"""The link of a matter is given once, to its resident alone, and opens that matter."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest

from bot.app import App
from bot.channels import Group, Inbound
from routing import register
from routing.errors import NoTicket
from tests.dialogue_phone import PhoneChannel

if TYPE_CHECKING:
    from pathlib import Path

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
